"""The command `forbundsbok`, which gathers the commands and turns what goes wrong into messages.

forbundsbok show resultat --year 2024 --unit RT
"""

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from forbundsbok import version
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.language import tr
from forbundsbok.plugins.ledger_text import visible
from forbundsbok.plugins.loading import LedgerError
from forbundsbok.queries.layout import LayoutError
from forbundsbok.queries.statements import StatementError
from forbundsbok.queries.trace import TraceError
from forbundsbok.scripts.commands.attest import attest
from forbundsbok.scripts.commands.audit_pack import pack_for_audit
from forbundsbok.scripts.commands.check import check
from forbundsbok.scripts.commands.compare import compare_figures
from forbundsbok.scripts.commands.contradictions import contradictions_of
from forbundsbok.scripts.commands.export import export
from forbundsbok.scripts.commands.find import find
from forbundsbok.scripts.commands.import_documents import import_documents
from forbundsbok.scripts.commands.init import init
from forbundsbok.scripts.commands.language import choose_for, language_option, parts_of
from forbundsbok.scripts.commands.lock import lock, unlock
from forbundsbok.scripts.commands.open_items import open_items
from forbundsbok.scripts.commands.open_year import open_year
from forbundsbok.scripts.commands.options import tell
from forbundsbok.scripts.commands.pay import pay
from forbundsbok.scripts.commands.rule import rule
from forbundsbok.scripts.commands.seal import anchor, seal, unseal
from forbundsbok.scripts.commands.serve import serve
from forbundsbok.scripts.commands.show import show
from forbundsbok.scripts.commands.sie import sie
from forbundsbok.scripts.commands.trace import trace
from forbundsbok.scripts.commands.user import user
from forbundsbok.scripts.render.csv import CsvError
from forbundsbok.scripts.store import StoreError


class _Group(click.Group):
    """Commands whose users' mistakes end in a message and exit status 1, never in a traceback."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        words = sys.argv[1:] if args is None else args
        choose_for(self, words)
        return super().main(words, *more, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        # https://no-color.org; click leaves out colour by itself where the output is no terminal.
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return self._told(ctx)
        except click.ClickException as error:  # what is wrong may be told in the words of books and documents
            error.message = visible(error.message)  # type: ignore[misc]
            raise

    def _told(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.MissingParameter as error:
            hint = error.param_hint or (error.param and error.param.get_error_hint(error.ctx or ctx))
            raise click.UsageError(tr("{what} is missing.", what=hint), error.ctx) from None
        except LedgerError as error:
            for message in error.messages:
                tell(message)
            raise click.ClickException(tr("the ledger has errors: {count}", count=len(error.messages))) from None
        except DocumentError as error:
            for message in error.messages:
                tell(message)
            raise click.ClickException(tr("nothing was written")) from None
        except (StatementError, LayoutError, TraceError, CsvError, StoreError) as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader, such as `head`, has seen enough: click ends quietly
                raise
            what = error.filename or tr("writing")
            raise click.ClickException(f"{what}: {tr(error.strerror or str(error))}") from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), "--version", prog_name="forbundsbok", message="%(prog)s %(version)s")
def main() -> None:
    """Annual accounts of a municipal federation, computed from the vouchers of its Beancount ledger."""


COMMANDS = (
    init,
    show,
    export,
    trace,
    find,
    serve,
    user,
    open_items,
    compare_figures,
    contradictions_of,
    check,
    rule,
    import_documents,
    attest,
    pay,
    open_year,
    sie,
    seal,
    unseal,
    anchor,
    pack_for_audit,
    lock,
    unlock,
)
for command in COMMANDS:
    main.add_command(command)
for part in list(parts_of(main)):
    if isinstance(part, click.Command):
        language_option(part)

if __name__ == "__main__":
    main()
