"""`forbundsbok close`: what a year-end or the end of a month still lacks, step by step, and written on a yes.

forbundsbok close 2025 --accrued "RT 7450=52000" --attest EK
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import click
from beancount.core import data

from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.journal import LOCKED, read_journal
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.loading import refuse_errors
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.numbers import in_order
from forbundsbok.plugins.places import from_here
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.sigill import is_sealed
from forbundsbok.plugins.templates import templates_of
from forbundsbok.queries.statement import Period
from forbundsbok.queries.voucher_forms import FormError, VoucherForm, accounts_like
from forbundsbok.queries.year_closing import ACCRUALS, ClosingStep, closing_balances, closing_steps, signed
from forbundsbok.scripts.commands.options import PeriodType, ledger_option, say, tell, to_be_written
from forbundsbok.scripts.store.closing import asked, bokslut_of, closing_changes, proposed_closing
from forbundsbok.scripts.store.ledger import LockedLedger, writing
from forbundsbok.scripts.store.locking import lock_month


@click.command()
@click.argument("period", metavar=N_("PERIOD"), type=PeriodType())
@click.option(
    "--accrued",
    metavar=N_('"UNIT ACCOUNT=AMOUNT"'),
    multiple=True,
    help="A cost of the period that is not invoiced yet; it comes back the next day.",
)
@click.option(
    "--prepaid",
    metavar=N_('"UNIT ACCOUNT=AMOUNT"'),
    multiple=True,
    help="A cost that is paid for a later time; it comes back the next day.",
)
@click.option("--attest", metavar=N_("SIGN"), default="", help="Who approves the vouchers; without it they wait (!).")
@click.option("--lock", "locks", is_flag=True, help="Lock the months of the period too, when all is written.")
@click.option("--by", metavar=N_("NAME"), default="", help="Who locks; kept in the journal.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, checked with the whole ledger.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@ledger_option
def close(
    period: Period,
    accrued: Sequence[str],
    prepaid: Sequence[str],
    attest: str,
    locks: bool,
    by: str,
    dry_run: bool,
    yes: bool,
    ledger: Path,
) -> None:
    """Close a year or a month: what it still lacks, in order, with amounts and the vouchers to write.

    Depreciation, accruals of the invoices whose texts name a month, quarter or year on the other side, and what the
    rules ask of a complete year (provisions, surpluses) is proposed. What no book knows is held against last year's and
    told with its amount then: other accruals, debts for holidays and pensions, internal interest. All is checked, and
    written on a yes in a file of its own; a year gets its bokslut when nothing stands in the way. What accrues within
    the year comes back the next day, that of a year-end when the next year is opened.

    \b
    forbundsbok close 2025 --dry-run
    forbundsbok close 2025-08 --accrued "RT 7450=52000" --attest EK --lock
    """
    until = Month(period.year, period.last_month)
    with writing(ledger, tell=tell) as locked:
        refuse_errors(locked.errors)
        books = Books(locked.entries, locked.options)
        if not any(entry.date.year == until.year for entry in books.vouchers):
            raise click.ClickException(tr(N_("nothing is booked in {year}"), year=until.year))
        bokslut = books.written_boksluts.get(until.year)
        if bokslut is not None:
            waiting, *_ = closing_steps(books, until)
            _show([waiting] if waiting.reasons else [], "")
            _tell_complete(until.year, sealed=is_sealed(bokslut))
            return
        steps = closing_steps(books, until)
        proposed = [each for step in steps for each in step.directives]
        own = _accruals(
            Books([*books.entries, *proposed], books.options),
            [("upplupen", accrued), ("forutbetald", prepaid)],
            until,
            attest,
        )
        steps = [_with_accruals(step, own) for step in steps]
        if locks:
            _refuse_waiting(books, steps, until, attest)
        if until.number == 12:  # December
            written = _closed_year(locked, steps, until.year, attest, dry_run=dry_run, asked_first=not yes)
        else:
            written = _closed_month(locked, steps, str(until), attest, dry_run=dry_run, asked_first=not yes)
        open_months = _open_months(locked.entries, until)
    if written and locks:
        for month in open_months:
            say(lock_month(ledger, month, date.today(), by, tell).split("\n")[0])
    elif written and open_months and until.number < 12:  # a year is closed by its seal
        text = N_("The months are still open: {months}   forbundsbok lock {first}")
        say(tr(text, months=", ".join(open_months), first=open_months[0]))


def _refuse_waiting(books: Books, steps: Sequence[ClosingStep], until: Month, attest: str) -> None:
    """Raise ClickException where months are to be locked in which something waits, or would: nothing is written."""
    new = signed((each for step in steps for each in step.directives), attest)
    waits = [
        each
        for each in (*books.vouchers, *new)
        if isinstance(each, data.Transaction)
        and each.flag == WAITS
        and each.date.year == until.year
        and Month.of(each.date) <= until
    ]
    if waits:
        text = N_("a month in which something waits is not locked: {vouchers}. Approve them first, or leave --lock out")
        names = in_order(waits)
        shown = ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
        raise click.ClickException(tr(text, vouchers=shown))


_SHOWN = 10
"""How many vouchers are named that wait."""


def _tell_complete(year: int, *, sealed: bool) -> None:
    if sealed:
        say(tr(N_("{year} is complete and sealed: nothing is lacking."), year=year))
    else:
        say(tr(N_("{year} is complete: nothing is lacking. Review it, then   forbundsbok seal {year}"), year=year))


def _accruals(
    books: Books, written: Sequence[tuple[str, Sequence[str]]], until: Month, attest: str
) -> list[data.Directive]:
    """Return the vouchers of accruals that somebody has named, `RT 7450=52000`, with what takes them back."""
    found: list[data.Directive] = []
    for kind, each in ((kind, each) for kind, own in written for each in own):
        template = templates_of(books)[kind]
        place, equals, amount = each.rpartition("=")
        unit, _, account = place.strip().partition(" ")
        if not (equals and account):
            raise FormError(N_('"{row}" is no accrual: write RT 7450=52000'), row=each)
        own = accounts_like(account, [name for name in books.opens if unit_of(name) == unit.upper()])
        name = parse_account(own[0]) if len(own) == 1 else None
        text = f"{template.label} {(name.name if name else account).replace('-', ' ').lower()} {until}"
        values = {"enhet": unit, "belopp": amount, "kostnad": account, "datum": str(until.last_day), "attest": attest}
        vouchers = VoucherForm(books, template, {**values, "text": text}).vouchers()
        # Their numbers follow each other: each is of the books with those before it.
        books = Books([*books.entries, *vouchers], books.options)
        found += vouchers
    return found


def _with_accruals(step: ClosingStep, own: Sequence[data.Directive]) -> ClosingStep:
    if step.title != ACCRUALS or not own:
        return step
    named = [each for each in own if isinstance(each, data.Transaction)]
    proposed = {frozenset(_moves(each)): each for each in step.directives if isinstance(each, data.Transaction)}
    for each in named:
        if same := proposed.get(frozenset(_moves(each))):
            text = N_("{text}: {voucher} that is proposed is the same; leave the option out, else it stands twice")
            raise FormError(text, text=each.narration, voucher=str(same.meta.get("ver")))
    costs = {row.account for each in named for row in each.postings}
    left = [each for each in step.reasons if each.values["account"] not in costs]
    return ClosingStep(step.title, [*step.directives, *own], left)


def _moves(entry: data.Transaction) -> list[tuple[str, Decimal]]:
    return [(row.account, number_of(row)) for row in entry.postings]


def _closed_month(
    locked: LockedLedger, steps: Sequence[ClosingStep], period: str, attest: str, *, dry_run: bool, asked_first: bool
) -> bool:
    _show(steps, attest)
    directives = [each for step in steps for each in signed(step.directives, attest)]
    if not directives:
        say(tr(N_("There is nothing to write for {period}."), period=period))
        return not dry_run
    return _write(locked, period, directives, dry_run=dry_run, asked_first=asked_first)


def _closed_year(
    locked: LockedLedger, steps: Sequence[ClosingStep], year: int, attest: str, *, dry_run: bool, asked_first: bool
) -> bool:
    """Show what a year lacks, and write it with its bokslut, where nothing stands in the way."""
    own = [each for step in steps for each in signed(step.directives, attest)]
    closing = proposed_closing(locked, year, own, attest)
    new = closing.directives
    would_be = Books(closing.would_be.entries, closing.would_be.options)
    provisions = [each for each in new if _is_provision(each, would_be.roles)]
    last = [closing_balances(would_be, year), ClosingStep(N_("Bokslut"), [bokslut_of(year)])]
    steps = [
        *steps,
        ClosingStep(N_("Provisions"), provisions),
        ClosingStep(N_("Surpluses"), [each for each in new if each not in provisions]),
        *last,
    ]
    _show(steps, attest)
    if closing.left:
        for message in closing.left:
            tell(message)
        raise click.ClickException(tr(N_("{year} is not closed: this must be put right first"), year=year))
    directives = [*own, *new]
    if closing.waits:
        say(tr(N_("The balances and the bokslut come when nothing waits: close {year} again then."), year=year))
        if not directives:
            return False
    else:
        directives += [each for step in last for each in step.directives]
    written = _write(locked, str(year), directives, dry_run=dry_run, asked_first=asked_first)
    if written and not closing.waits:
        _tell_complete(year, sealed=False)
    if written and any(entry.date.year == year + 1 for entry in locked.entries if isinstance(entry, data.Transaction)):
        text = N_("What is accrued comes back in {next}, which is begun:   forbundsbok open-year {next}")
        say(tr(text, next=year + 1))
    return written


def _is_provision(entry: data.Directive, roles: Roles) -> bool:
    return isinstance(entry, data.Transaction) and any(
        roles.has(row.account, Role.PROVISIONS) for row in entry.postings
    )


def _show(steps: Sequence[ClosingStep], attest: str) -> None:
    for number, step in enumerate(steps, 1):
        done = "" if not step.is_done else tr(N_(": done"))
        say(f"{number}. {tr(step.title)}{done}")
        for reason in step.reasons:
            say(f"   - {reason}")
        if step.directives:
            text = directives_text(signed(step.directives, attest))
            say("\n".join(f"   {line}".rstrip() for line in text.split("\n")))
    if steps:
        say("")


def _write(
    locked: LockedLedger, period: str, directives: Sequence[data.Directive], *, dry_run: bool, asked_first: bool
) -> bool:
    """Check the ledger with directives, and write them on a yes; tell whether they are written."""
    changes = closing_changes(locked, period, directives)
    refuse_errors(asked(locked, changes).errors)
    if not to_be_written(tr(N_("Write this?")), dry_run=dry_run, asked=asked_first):
        return False
    locked.write(changes)
    for change in changes:
        say(tr(N_("written: {file}"), file=from_here(str(change.path))))
    return True


def _open_months(entries: Sequence[object], until: Month) -> list[str]:
    """Return the months of the year up to one that are not locked."""
    closed = read_journal(entries).closed(LOCKED)  # type: ignore[arg-type]
    months = [str(Month(until.year, number)) for number in range(1, until.number + 1)]
    return [month for month in months if month not in closed]
