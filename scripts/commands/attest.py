"""`forbundsbok attest`: what waits for whom, and a person's yes to it."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import click
from beancount.core import data

from forbundsbok.plugins.findings import counted, phrase
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.rights import ATTEST, signatures_of
from forbundsbok.queries.approvals import WaitingVoucher, waiting
from forbundsbok.queries.search import FoundVoucher
from forbundsbok.scripts.commands.options import DayType, confirmed, ledger_option, say, tell, working
from forbundsbok.scripts.render.vouchers import vouchers_text
from forbundsbok.scripts.store.ledger import writing
from forbundsbok.scripts.store.vouchers import with_approvals

SPAN = re.compile(r"(?P<series>[^\W\d_]+) ?(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?")


@click.command()
@click.argument("numbers", metavar=N_("[NUMBER]..."), nargs=-1)
@click.option("--by", "sign", metavar=N_("SIGNATURE"), help="Who approves: you, as the ledger's rights name you.")
@click.option("--received-by", metavar=N_("SIGNATURE"), default="", help="Who has received what was bought.")
@click.option(
    "--date", "day", metavar=N_("YYYY-MM-DD"), type=DayType(), help="The day of the approval; today without it."
)
@click.option("--dry-run", is_flag=True, help="Show what would be approved, and write nothing.")
@ledger_option
def attest(
    numbers: tuple[str, ...], sign: str | None, received_by: str, day: date | None, dry_run: bool, ledger: Path
) -> None:
    """List what waits for whom; or say yes to vouchers, by their numbers.

    A voucher that waits has an exclamation mark. It is shown before each question; on a yes, who approved and the day
    are written below it, and when every unit that it charges has somebody who may, it waits no longer. What the rules
    forbid is refused, and nothing is written. No option says yes in somebody's place.

    \b
    forbundsbok attest
    forbundsbok attest --by VC-RT
    forbundsbok attest "L 14" --by VC-RT --received-by HL-RT
    forbundsbok attest "P 2-8" --by FD
    """
    with working(tr(N_("Reading {file}"), file=ledger)):
        loaded = load_ledger(ledger)
        refuse_errors(loaded.errors)
        waits = waiting(loaded.entries, loaded.options)
    if not numbers:
        _list([each for each in waits if sign is None or each.sign_of(sign)], ledger)
        return
    if sign is None:
        raise click.UsageError(tr(N_("Say who approves: --by SIGNATURE.")))
    day = day or date.today()
    approved: list[tuple[WaitingVoucher, WaitingVoucher]] = []
    for voucher in _numbered(numbers, waits, loaded.entries):
        done = voucher.approved(sign, day, received_by)
        _show(voucher, ledger)
        if not dry_run and confirmed(tr(N_("Approve as {sign}?"), sign=sign)):
            approved.append((voucher, done))
    if not approved:
        say(tr(N_("Nothing has been written.")))
        return
    for change in with_approvals(approved):  # file by file: one rename makes a change count
        with writing(ledger, tell=tell) as locked:
            locked.write([change])
        for voucher, done in approved:
            if Path(str(voucher.entry.meta["filename"])) == change.path:
                _tell_done(voucher, done, sign, day)


def _tell_done(voucher: WaitingVoucher, done: WaitingVoucher, sign: str, day: date) -> None:
    for unit, able in done.lacks.items():
        text = N_("It still waits for {unit}: {able}")
        tell(tr(text, unit=unit, able=", ".join(able) or tr(N_("nobody"))))
    text = N_("{number} is approved by {sign} {day}.")
    say(tr(text, number=read_ver(voucher.entry), sign=voucher.sign_of(sign), day=day))


def _show(voucher: WaitingVoucher, ledger: Path) -> None:
    click.echo(vouchers_text([FoundVoucher(voucher.entry)], ledger.parent, counted_at_end=False), nl=False)


def _list(waits: Sequence[WaitingVoucher], ledger: Path) -> None:
    for voucher in waits:
        _show(voucher, ledger)
        for unit, able in voucher.lacks.items():
            text = N_("{unit}, {amount} kr: {able}")
            names = ", ".join(able) or tr(N_("nobody"))
            say("  " + tr(text, unit=unit, amount=amount_text(voucher.parts[unit], language()), able=names))
        if not voucher.parts:
            say("  " + tr(N_("brings in, and needs no approval: read it, and write * for !")))
        say("")
    if not waits:
        say(tr(N_("Nothing waits.")))
    else:
        say(counted(len(waits), N_("1 voucher waits."), N_("{count} vouchers wait.")))


def _numbered(
    numbers: Iterable[str], waits: Sequence[WaitingVoucher], entries: data.Directives
) -> list[WaitingVoucher]:
    """Return what waits by numbers, `L 14`, and by the first and last of several, `P 2-8`."""
    named: dict[int, WaitingVoucher] = {}
    for number in numbers:
        written = SPAN.fullmatch(number.strip().upper())
        first, last = (int(written["first"]), int(written["last"] or written["first"])) if written else (0, 0)
        series = written["series"] if written else ""
        own = [each for each in waits if _is_between(each.entry, series, first, last)]
        if not own:
            booked = (each for each in reversed(entries) if isinstance(each, data.Transaction))
            done = next((each for each in booked if _is_between(each, series, first, last)), None)
            if done and (signs := signatures_of(done, ATTEST)):
                text = N_("no voucher {number} waits: {voucher} is approved already, by {signs}")
                raise click.ClickException(str(phrase(text, number=number, voucher=done, signs=list(signs))))
            raise click.ClickException(tr(N_("no voucher {number} waits"), number=number))
        if len({each.entry.date.year for each in own}) > 1:
            raise click.ClickException(tr(N_("{number} waits in more than one year"), number=number))
        named |= {id(each): each for each in own}
    return list(named.values())


def _is_between(entry: data.Transaction, series: str, first: int, last: int) -> bool:
    ver = read_ver(entry)
    return ver is not None and ver.series == series and first <= ver.number <= last
