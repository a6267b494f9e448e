"""Shows the books in the browser, through Fava, to be read: `python -m forbundsbok.web.serve ledger/main.bean`.

Nothing that is asked of it changes a file. Whoever uses this computer can read the books there: there is no password.
"""

import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import click
from beancount.parser.options import OPTIONS_DEFAULTS
from cheroot.wsgi import Server
from fava import core
from fava.application import create_app
from fava.context import g
from fava.core.documents import is_document_or_import_file
from flask import Flask, abort, jsonify, request
from werkzeug import Response

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import visible
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.places import NOWHERE
from forbundsbok.scripts.commands.language import choose_for
from forbundsbok.web.gate import Gate, QueryError, Reader

HOST = "127.0.0.1"
# A browser runs what it finds in a document, as part of the books' own pages; these it only draws.
DRAWN = ("application/pdf", "image/png", "image/jpeg")


class _Told(NamedTuple):
    """An error as the pages show it: in the reader's language, of characters that can be seen."""

    source: Any
    message: str
    entry: Any


def _load(path: str, *, is_encrypted: bool) -> tuple[list[Any], list[Any], Any]:
    """Load the books as every command does: Fava's own way ends the program where the parser crashes, as for `1/0`."""
    try:
        entries, errors, options = load_ledger(Path(path))
    except OSError as error:  # an editor that writes the file anew
        entries, errors, options = [], [_Told(NOWHERE, f"{path}: {error.strerror}", None)], {**OPTIONS_DEFAULTS}
    return entries, [_Told(each.source, visible(in_words(each)), each.entry) for each in errors], options


def reading_app(ledger: Path, port: int) -> Flask:
    """Fava with these books, behind the gate."""
    core.load_uncached = _load  # type: ignore[attr-defined, assignment]
    app = create_app([ledger.resolve()], load=True, read_only=True)
    for _, books in app.config["LEDGERS"].items():
        books.query_shell.shell = Reader(books)

    @app.before_request
    def documents_alone() -> None:
        # Fava reads any file of the computer for who names an importer.
        if request.endpoint == "json_api.get_extract" and not is_document_or_import_file(
            request.args.get("filename", ""), g.ledger
        ):
            abort(HTTPStatus.NOT_FOUND)

    @app.after_request
    def documents_without_scripts(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.endpoint in {"document", "statement"} and response.mimetype not in DRAWN:
            response.headers["Content-Security-Policy"] = "sandbox"
        return response

    @app.errorhandler(QueryError)
    def query_error(error: QueryError) -> Response:
        return Response(error.message, error.status, mimetype="text/plain")

    @app.errorhandler(HTTPStatus.UNAUTHORIZED)
    def only_read(_: Exception) -> tuple[Response, HTTPStatus]:
        # Fava's pages show what stands below `error`, where a button of theirs would write.
        text = N_("The books are only read here: nothing is saved. Take documents in by   forbundsbok import FILE")
        return jsonify(error=tr(text)), HTTPStatus.UNAUTHORIZED

    app.wsgi_app = Gate(app.wsgi_app, port)  # type: ignore[method-assign]
    return app


class _Spoken(click.Command):
    """A command that speaks the reader's language, also in click's own words."""

    def main(self, *args: Any, **extra: Any) -> Any:
        choose_for(self, sys.argv[1:])
        return super().main(*args, **extra)


@click.command(cls=_Spoken, help=N_("Show the books in the browser, to be read."))
@click.argument("ledger", metavar=N_("FILE"), type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
def main(ledger: Path, port: int) -> None:
    server = Server((HOST, port), reading_app(ledger, port))
    try:
        server.prepare()
    except OSError as error:
        raise click.ClickException(tr("Port {port} is taken. Choose another by --port.", port=port)) from error
    text = N_("{address} shows {file}. Ctrl-C ends it.")
    click.echo(tr(text, address=f"http://{HOST}:{port}", file=ledger))
    try:
        server.serve()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
