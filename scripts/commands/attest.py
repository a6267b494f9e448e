"""`forbundsbok attest`: what waits for whom, and a person's yes to it."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import click

from forbundsbok.plugins.findings import Finding, Replace, Subject, counted
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.places import place
from forbundsbok.queries.approvals import WaitingVoucher, waiting
from forbundsbok.queries.search import FoundVoucher
from forbundsbok.scripts.commands.options import DayType, confirmed, ledger_option, say, tell, working
from forbundsbok.scripts.render.vouchers import vouchers_text
from forbundsbok.scripts.store.fixes import edited
from forbundsbok.scripts.store.ledger import FileChange, writing

APPROVES = N_("approval")
SPAN = re.compile(r"(?P<series>[^\W\d_]+) (?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?")


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
    forbid is refused, and nothing is written.

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
        _list([each for each in waits if sign is None or _may(each, sign)], ledger)
        return
    if sign is None:
        raise click.UsageError(tr(N_("Say who approves: --by SIGNATURE.")))
    day = day or date.today()
    approved: list[tuple[WaitingVoucher, WaitingVoucher]] = []
    for voucher in _numbered(numbers, waits):
        if not _may(voucher, sign):
            _refuse(voucher, sign)
        if folded(received_by) == folded(sign):
            text = N_("who approves has not received what was bought: another than {sign} receives")
            raise click.ClickException(tr(text, sign=sign))
        _show(voucher, ledger)
        if not dry_run and confirmed(tr(N_("Approve as {sign}?"), sign=sign)):
            approved.append((voucher, voucher.approved(_as_registered(voucher, sign), day, received_by)))
    if not approved:
        say(tr(N_("Nothing has been written.")))
        return
    _write(ledger, approved)
    for voucher, done in approved:
        for unit, able in done.lacks.items():
            text = N_("It still waits for {unit}: {able}")
            tell(tr(text, unit=unit, able=", ".join(able) or tr(N_("nobody"))))
        text = N_("{number} is approved by {sign} {day}.")
        say(tr(text, number=read_ver(voucher.entry), sign=_as_registered(voucher, sign), day=day))


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


def _numbered(numbers: Iterable[str], waits: Sequence[WaitingVoucher]) -> list[WaitingVoucher]:
    """Return what waits by numbers, `L 14`, and by the first and last of several, `P 2-8`."""
    named: dict[int, WaitingVoucher] = {}
    for number in numbers:
        written = SPAN.fullmatch(number.strip().upper())
        first, last = (int(written["first"]), int(written["last"] or written["first"])) if written else (0, 0)
        own = [each for each in waits if written and _is_between(each, written["series"], first, last)]
        if not own:
            raise click.ClickException(tr(N_("no voucher {number} waits"), number=number))
        if len({each.entry.date.year for each in own}) > 1:
            raise click.ClickException(tr(N_("{number} waits in more than one year"), number=number))
        named |= {id(each): each for each in own}
    return list(named.values())


def _is_between(voucher: WaitingVoucher, series: str, first: int, last: int) -> bool:
    ver = read_ver(voucher.entry)
    return ver is not None and ver.series == series and first <= ver.number <= last


def _may(voucher: WaitingVoucher, sign: str) -> bool:
    return any(folded(sign) == folded(each) for able in voucher.lacks.values() for each in able)


def _refuse(voucher: WaitingVoucher, sign: str) -> None:
    """Raise ClickException with who may approve instead."""
    able = sorted({each for able in voucher.lacks.values() for each in able})
    text = N_("{number} does not wait for {sign}; it waits for {able}")
    names = ", ".join(able) or tr(N_("nobody"))
    raise click.ClickException(tr(text, number=read_ver(voucher.entry), sign=sign, able=names))


def _as_registered(voucher: WaitingVoucher, sign: str) -> str:
    """Return a signature as the ledger's rights write it."""
    return next(each for able in voucher.lacks.values() for each in able if folded(each) == folded(sign))


def _write(ledger: Path, approved: Sequence[tuple[WaitingVoucher, WaitingVoucher]]) -> None:
    """Write all that is approved at once: each file is edited as it was read."""
    findings = [
        Finding(each.entry, Subject("voucher", place(each.entry)), APPROVES, fix=[Replace(each.entry, [done.entry])])
        for each, done in approved
    ]
    before = {path: path.read_bytes() for path in {Path(str(each.entry.meta["filename"])) for each, _ in approved}}
    with writing(ledger, tell=tell) as locked:
        texts, _, refused = edited(findings, lambda path: before[path].decode("utf-8", "surrogateescape"))
        if refused:
            raise click.ClickException(refused[0])
        changes = [(path, text.encode("utf-8", "surrogateescape")) for path, text in texts.items()]
        locked.write([FileChange(path, before[path], text) for path, text in changes])
