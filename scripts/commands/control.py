"""`forbundsbok control`: the plan of internal control, the sample of an item with its protocol, and what came of it.

forbundsbok control 2b --period 2025-01--06 --out protokoll.pdf
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import click
from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.internal_control import (
    CONTROL,
    OUTCOME,
    REMARK,
    SOUND,
    Control,
    Interval,
    outcomes,
    plan_of,
    sum_of,
    vouchers_of,
)
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import cleaned_text, custom_of, directive_text
from forbundsbok.plugins.loading import LoadedLedger, load_ledger, refuse_errors
from forbundsbok.plugins.places import from_here, place
from forbundsbok.plugins.rights import signs_in
from forbundsbok.queries.internal_control import Protocol, plan_in, protocol_number, protocol_of
from forbundsbok.queries.statement import Period
from forbundsbok.scripts.commands.options import (
    DayType,
    OutType,
    PeriodType,
    ledger_option,
    say,
    tell,
    to_be_written,
    working,
    write_files,
)
from forbundsbok.scripts.render.internal_control import (
    plan_csv,
    plan_markdown,
    plan_pdf,
    plan_text,
    protocol_text,
    protocols_pdf,
)
from forbundsbok.scripts.store.ledger import FileChange, writing


@click.command()
@click.argument("item", metavar=N_("[ITEM]"), default="")
@click.option(
    "--period",
    metavar=N_("PERIOD"),
    type=PeriodType(),
    help="With an item: one of its periods, 2025-01--06; the first that has ended and is not controlled without it. "
    "Alone: the year.",
)
@click.option("--out", metavar=N_("FILE"), type=OutType(), help="Write it: .pdf or .txt; the plan also as .csv or .md.")
@click.option("--record", is_flag=True, help="Enter what came of the item into the books, on a yes.")
@click.option("--by", metavar=N_("SIGNATURE"), default="", help="With --record: who controlled, several with commas.")
@click.option("--protocol", "number", metavar=N_("NUMBER"), default="", help="With --record: the protocol's number.")
@click.option(
    "--vouchers",
    metavar=N_('"L 12, L 40"'),
    default="",
    help="With --record: the vouchers of the protocol, where vouchers have come to the period since it was drawn.",
)
@click.option("--remark", metavar=N_("TEXT"), default="", help="With --record: what was found; without it nothing was.")
@click.option("--note", metavar=N_("TEXT"), default="", help="With --record: what else there is to say.")
@click.option(
    "--date", "day", metavar=N_("YYYY-MM-DD"), type=DayType(), help="The day of the control; today without it."
)
@click.option("--dry-run", is_flag=True, help="With --record: show what would be written, checked with all the books.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@ledger_option
def control(
    item: str,
    period: Period | None,
    out: Path | None,
    record: bool,
    by: str,
    number: str,
    vouchers: str,
    remark: str,
    note: str,
    day: date | None,
    dry_run: bool,
    yes: bool,
    ledger: Path,
) -> None:
    """Show the plan of internal control with what came of it; or draw the sample of an item, or enter its outcome.

    The sample follows from the books, the item and the period: whoever draws it again gets the same vouchers. The
    protocol has each with its document and boxes to tick; 2 is all of 2a, 2b and 2c. With --record what was found
    is written below the plan: who, when, and which vouchers as they were. The protocol's number tells whether they are
    as they were when it was printed.

    \b
    forbundsbok control --period 2025 --out internkontroll-2025.pdf
    forbundsbok control 2 --period 2025-01--06 --out protokoll.pdf
    forbundsbok control 2b --period 2025-01--06 --record --by CTR --protocol 5c1d88a2
    """
    if record and (not item or not by.strip() or out):
        raise click.UsageError(tr(N_("Name the item and who controlled it: forbundsbok control 2b --record --by CTR")))
    if not record and (by or number or vouchers or remark or note or day or dry_run):
        text = N_("--by, --protocol, --vouchers, --remark, --note, --date and --dry-run go with --record.")
        raise click.UsageError(tr(text))
    if remark and note:
        raise click.UsageError(
            tr(N_("--remark says what was found, --note what there is to say of a control without remark."))
        )
    if record:
        _record(ledger, item, period, by, number, vouchers, (remark, note), day or date.today(), dry_run, yes)
        return
    with working(tr(N_("Reading {file}"), file=ledger)):
        loaded = load_ledger(ledger)
        refuse_errors(loaded.errors)
        books = Books(loaded.entries, loaded.options)
    federation = cleaned_text(str(loaded.options.get("title") or ""))
    if item:
        protocols = _protocols(books, loaded, item, period)
        folder = ledger.parent
        _give(
            {
                ".txt": lambda: "\n".join(protocol_text(each, folder) for each in protocols),
                ".pdf": lambda: protocols_pdf(federation, protocols, folder),
            },
            out,
            asked=not yes,
        )
        return
    year = period.year if period else _year(books)
    if period and not period.whole_year:
        raise click.UsageError(tr(N_("The plan is shown for a year: --period {year}"), year=year))
    plan = plan_in(books, lambda: loaded.warnings, year)
    if not plan:
        text = N_('there is no plan of internal control for {year}: it is written by custom "{kind}"')
        raise click.ClickException(tr(text, year=year, kind=CONTROL.type))
    title = tr(N_("Internal control {year}"), year=year)
    _give(
        {
            ".txt": lambda: plan_text(f"{title}, {federation}", plan),
            ".pdf": lambda: plan_pdf(title, federation, plan, date(year, 12, 31)),
            ".csv": lambda: plan_csv(plan),
            ".md": lambda: plan_markdown(f"{title}, {federation}", plan),
        },
        out,
        asked=not yes,
    )


def _give(forms: Mapping[str, Callable[[], str | bytes]], out: Path | None, *, asked: bool) -> None:
    """Print the first of some forms, or write the one that a file is named after."""
    if out is None:
        click.echo(forms[".txt"](), nl=False)
        return
    if out.suffix.lower() not in forms:
        text = N_("{file} is written as {forms}: end its name so")
        raise click.UsageError(tr(text, file=out.name, forms=", ".join(forms)))
    content = forms[out.suffix.lower()]()
    write_files({out: click.unstyle(content) if isinstance(content, str) else content}, asked=asked)
    say(tr(N_("written: {file}"), file=out))


def _year(books: Books) -> int:
    """Return the year that the books are in; where nothing is booked yet, that of the plan's first item."""
    years = [each.since.year for each in plan_of(books)]
    return max([books.last_booked.year, *years[:1]]) if books.vouchers else min(years, default=date.today().year)


# The sample


def _protocols(books: Books, loaded: LoadedLedger, item: str, period: Period | None) -> list[Protocol]:
    """Return the protocols of an item's controls, 2 for all of 2a, 2b, in a period that has ended."""
    named = _named(books, item)
    found = [_interval(books, each, period) for each in named]
    if any(_is_booked_by_part(books, control, interval) for control, interval in found):
        tell(tr(N_("The books go to {day}: what comes later is not in the sample."), day=books.last_booked))
    return [protocol_of(books, lambda: loaded.warnings, control, interval) for control, interval in found]


def _is_booked_by_part(books: Books, control: Control, interval: Interval) -> bool:
    """Tell whether nothing is booked yet in the last month of an interval that is drawn from."""
    return control.rows is not None and books.last_booked < interval.last.first_day


def _named(books: Books, item: str) -> list[Control]:
    plan = plan_of(books)
    found = [each for each in plan if item.strip().lower() in (each.name, each.item)]
    if not plan:
        text = N_('there is no plan of internal control: it is written by custom "{kind}"')
        raise click.ClickException(tr(text, kind=CONTROL.type))
    if not found:
        text = N_("there is no {item} in the plan; it has {items}")
        raise click.ClickException(tr(text, item=item, items=", ".join(each.name for each in plan)))
    return found


def _interval(books: Books, control: Control, period: Period | None) -> tuple[Control, Interval]:
    """Return the interval of a control that is asked for, or the first that has ended and is not controlled."""
    today = date.today()
    if period is None:
        done = outcomes(books)
        years = range(control.states[0].since.year, today.year + 1)
        open_years = (year for year in years if not books.is_sealed(date(year, 1, 1)))
        intervals = [each for year in open_years for each in control.intervals(year) if each[1].last_day < today]
        left = [each for each in intervals if (control.name, str(each[1])) not in done]
        if not (left or intervals):
            text = N_("{item}: no period of the plan has ended yet")
            raise click.ClickException(tr(text, item=control.name))
        return (left or intervals[-1:])[0]
    found = list(control.intervals(period.year))
    named = next((each for each in found if str(each[1]) == str(period)), None)
    if named is None:
        text = (
            N_("{item} is not controlled for {period}, but for {periods}")
            if found
            else N_("{item} is not in the plan of {year}")
        )
        periods = ", ".join(str(interval) for _, interval in found)
        raise click.ClickException(tr(text, item=control.name, period=period, periods=periods, year=period.year))
    if named[1].last_day >= today:
        text = N_("{period} ends {day}: the sample is drawn when all of it is booked")
        raise click.ClickException(tr(text, period=period, day=named[1].last_day))
    return named


# What came of it


def _record(
    ledger: Path,
    item: str,
    period: Period | None,
    by: str,
    number: str,
    vouchers: str,
    said: tuple[str, str],
    day: date,
    dry_run: bool,
    yes: bool,
) -> None:
    with writing(ledger, tell=tell) as locked:
        refuse_errors(locked.errors)
        books = Books(locked.entries, locked.options)
        controls = _named(books, item)
        if len(controls) > 1:
            text = N_("{item} has several controls, each with its own outcome: {items}")
            raise click.ClickException(tr(text, item=item, items=", ".join(each.name for each in controls)))
        state, interval = _interval(books, controls[0], period)
        if _is_booked_by_part(books, state, interval):
            text = N_("the books go to {day}, and {period} is not booked whole: draw the sample when it is")
            raise click.ClickException(tr(text, day=books.last_booked, period=interval))
        protocol = protocol_of(books, tuple, state, interval)
        entry = _outcome(books, protocol, by, _named_vouchers(books, protocol, vouchers), said, day)
        if (before := protocol.outcome) and _says_the_same(before.entry, entry):
            say(tr(N_("It is in the books already, at {place}."), place=place(before.entry)))
            return
        _refuse_another(protocol, entry, number, named=bool(vouchers.strip()))
        say(directive_text(entry))
        say("")
        path = Path(str(state.entry.meta["filename"])) if state.entry else locked.path
        content = path.read_bytes()
        gap = b"\n" if content.endswith(b"\n") else b"\n\n"
        change = FileChange(path, content, b"".join([content, gap, directive_text(entry).encode(), b"\n"]))

        def checked(would_be: LoadedLedger) -> None:
            refuse_errors(would_be.errors)

        locked.write([change], checked, dry_run=True)
        question = tr(N_("Write this into {file}?"), file=from_here(str(path)))
        if to_be_written(question, dry_run=dry_run, asked=not yes):
            locked.write([change])
            say(tr(N_("written: {file}"), file=from_here(str(path))))


def _named_vouchers(books: Books, protocol: Protocol, vouchers: str) -> dict[str, data.Transaction]:
    """Return the vouchers that were read: those that are named, else the sample."""
    if not vouchers.strip():
        return {each.number: each.candidate.entry for each in protocol.sample}
    values = [protocol.control.name, str(protocol.interval), SOUND]
    written = {"av": "-", "verifikationer": vouchers.upper()}
    read = OUTCOME.read(custom_of(OUTCOME.type, protocol.interval.last_day, values, written))
    found = vouchers_of(books, read)
    if lacking := [number for number, entry in found.items() if entry is None]:
        text = N_("{numbers}: not in the books of {year}")
        raise click.ClickException(tr(text, numbers=", ".join(lacking), year=protocol.interval.year))
    return {number: entry for number, entry in found.items() if entry}


def _outcome(
    books: Books,
    protocol: Protocol,
    by: str,
    vouchers: Mapping[str, data.Transaction],
    said: tuple[str, str],
    day: date,
) -> data.Custom:
    """Return the directive to write."""
    remark, note = (each.strip() for each in said)
    meta = {"av": ", ".join(signs_in(by))}
    if vouchers:
        meta["verifikationer"] = ", ".join(vouchers)
        meta["kontrollsummor"] = " ".join(sum_of(entry, books) for entry in vouchers.values())
    if remark or note:
        meta["text"] = remark or note
    values = [protocol.control.name, str(protocol.interval), REMARK if remark else SOUND]
    return custom_of(OUTCOME.type, day, values, meta)


def _says_the_same(before: data.Custom, new: data.Custom) -> bool:
    keys = ("av", "verifikationer", "kontrollsummor", "text")
    same = all(before.meta.get(key) == new.meta.get(key) for key in keys)
    return same and [each.value for each in before.values] == [each.value for each in new.values]


def _refuse_another(protocol: Protocol, entry: data.Custom, number: str, *, named: bool) -> None:
    """Raise ClickException where the vouchers are not those of the protocol, as they were when it was printed."""
    if "verifikationer" not in entry.meta:
        return
    numbers = entry.meta["verifikationer"].split(", ")
    sums = entry.meta["kontrollsummor"].split()
    is_of = protocol_number(protocol.control, protocol.interval, zip(numbers, sums, strict=True))
    if not number.strip():
        text = N_("say which protocol was filled in: --protocol, with the number that stands at its head")
        raise click.ClickException(tr(text))
    if number.strip().lower() != is_of:
        listed = "\n".join(f"  {each}  {own}" for each, own in zip(numbers, sums, strict=True))
        text = N_(
            "protocol {number} is not of these vouchers as they are now:\n{listed}\n"
            "Where a check sum is another than on paper, the voucher has been changed: draw and read it anew. Where "
            "other vouchers stand on paper, vouchers have come to the period since: name those by --vouchers."
        )
        if named:
            text = N_(
                "protocol {number} is not of these vouchers as they are now:\n{listed}\n"
                "Where a check sum is another than on paper, the voucher has been changed: draw and read it anew."
            )
        raise click.ClickException(tr(text, number=number, listed=listed))
