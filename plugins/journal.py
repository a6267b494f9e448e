"""The journal of what has been closed and opened again: the trace that a seal leaves, beside the seal itself.

    2025-04-10 custom "sigilljournal" 1 "forseglat" "2024" "d77e75320d80...86"
    2025-05-02 custom "sigilljournal" 2 "oppnat" "2024" "d77e75320d80...86"
      skal: "Periodisering av statsbidrag rättad efter revisionens granskning"
      av: "Anna Andersson"

Every closing and opening is a line of it, numbered from 1, dated the day that it is made and so in an open year, by
whose seal it is sealed in turn. `forbundsbok seal` and `unseal` write it, `lock` and `unlock` for months. A seal that
is taken away by hand leaves its line, a line that is taken away leaves its seal or a gap; and one line is one row, so
that the history of a file tells which there have been. `kedja`, which each new line has, covers all that the
lines up to it say, reasons and names too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.canonical import SIGILL, canonical
from forbundsbok.plugins.directives import Field, Kind, one_of, text, whole_number, word, wrong
from forbundsbok.plugins.findings import Finding, Message, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of, directives_text
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.rulebook import EVERY, rule, unreadable
from forbundsbok.plugins.sigill import NONE_BEFORE, digest_of, held_by_years, is_sealed
from forbundsbok.plugins.years import BOKSLUT, last_day_of_year

TYPE = "sigilljournal"
SEALED, OPENED = "forseglat", "oppnat"
LOCKED, UNLOCKED = "last", "upplast"
REASON, BY, SUMS = "skal", "av", "summor"
PAPERS = "underlagen"
"""The metadata of how many documents a lock covers, and the digest of their list."""
COPY = "kopia"
"""The metadata of where the sealed copy is kept that was written with the line."""

CHAIN = "kedja"
"""The metadata of the digest of a line, chained to that of the line before."""

CHAIN_FORM = "forbundsbok journal 1"
"""The first line of what is digested of a line of the journal."""

CLOSING = {SEALED: OPENED, LOCKED: UNLOCKED}
"""The acts that close a year and a month, each with the one that opens it again."""

_ACTS = (SEALED, OPENED, LOCKED, UNLOCKED)


@dataclass(frozen=True)
class JournalLine:
    """A line of the journal: what was done to a period, and the sigill that it then got or had.

    A period is a year, `2024`, or a month, `2025-01`, which has its check sums too.
    """

    entry: data.Custom
    number: int
    act: str
    period: str
    sigill: str

    @property
    def closes(self) -> bool:
        return self.act in CLOSING

    @property
    def papers(self) -> str:
        """The line that covers the documents of a month; "" where it covers none."""
        return str(self.entry.meta.get(PAPERS) or "")

    @property
    def told(self) -> tuple[int, str, str, str]:
        """What its row says."""
        return self.number, self.act, self.period, self.sigill


def month_of(period: str) -> Month:
    """Return the month that a period such as `2025-01` is."""
    return Month(int(period[:4]), int(period[5:]))


def last_day_of(period: str) -> date:
    """Return the last day of a year or a month."""
    return month_of(period).last_day if len(period) > len("2024") else last_day_of_year(int(period))


def _line(entry: data.Custom, given: Mapping[str, Any]) -> JournalLine:
    return JournalLine(entry, given["number"], given["what was done"], given["period"], given["sigill"])


def _can_be(entry: data.Custom, given: Mapping[str, Any]) -> None:
    act, period = given["what was done"], given["period"]
    if (len(period) == len("2024")) != (act in (SEALED, OPENED)):
        raise wrong(N_("years are sealed and months are locked, but it says {act} of {period}"), act=act, period=period)
    if act not in CLOSING and not given.get(REASON, "").strip():
        raise wrong(N_("it lacks {key}"), key=REASON)
    if entry.date <= last_day_of(period):
        raise wrong(N_("it is dated {day}, before {period} was over"), day=entry.date, period=period)


JOURNAL = Kind(
    TYPE,
    values=(
        Field(N_("number"), whole_number(1, 999_999)),
        Field(N_("what was done"), one_of(*_ACTS)),
        Field(N_("period"), word(r"(?!0000)\d{4}(-(0[1-9]|1[0-2]))?", N_("a year or a month, as 2024 or 2025-01"))),
        Field(SIGILL, word("[0-9a-f]{64}", N_("64 digits (0-9, a-f)"))),
    ),
    meta=tuple(Field(key, text, required=False) for key in (BY, REASON, SUMS, PAPERS, COPY, CHAIN)),
    make=_line,
    check=_can_be,
    about="journal",
    example=f'2025-04-10 custom "{TYPE}" 1 "{SEALED}" "2024" "{"0123456789abcdef" * 4}"',
)

PATTERN = re.compile(rf'\d{{4}}-\d\d-\d\d custom "{TYPE}" (\d{{1,6}}) "(\w+)" "([\d-]{{4,7}})" "([0-9a-f]{{64}})"')
"""How a line stands in a file."""


@dataclass(frozen=True)
class SealJournal:
    """The lines of a ledger's journal, by their numbers."""

    lines: tuple[JournalLine, ...]

    def last(self, period: str) -> JournalLine | None:
        """Return what was done last to a period."""
        return next((line for line in reversed(self.lines) if line.period == period), None)

    def closed(self, act: str) -> dict[str, JournalLine]:
        """Return the periods that are sealed, or locked, as the journal says, each with the line that says so."""
        last = {line.period: line for line in self.lines if line.act in (act, CLOSING[act])}
        return {period: line for period, line in sorted(last.items()) if line.act == act}

    def reopened(self, period: str) -> list[JournalLine]:
        """Return what has been done to a period since it was closed first: each opening, and each closing after it."""
        return [line for line in self.lines if line.period == period][1:]

    def next_line(
        self, day: date, act: str, period: str, sigill: str, meta: Mapping[str, str] | None = None
    ) -> data.Custom:
        """Return the directive, to write, of what is done now."""
        number = self.lines[-1].number + 1 if self.lines else 1
        given = {key: value for key, value in (meta or {}).items() if value}
        entry = custom_of(TYPE, day, [Decimal(number), act, period, sigill], given)
        *_, before = [NONE_BEFORE, *self.chain()]
        return custom_of(TYPE, day, [Decimal(number), act, period, sigill], {**given, CHAIN: _linked(before, entry)})

    def chain(self) -> Iterator[str]:
        """Yield what each line gives after those before it, whether it says so (`kedja`) or is of the older form."""
        before = NONE_BEFORE
        for line in self.lines:
            before = _linked(before, line.entry)
            yield before


def _linked(before: str, entry: data.Custom) -> str:
    """Return the digest of a line, chained to that of the line before."""
    bare = entry._replace(meta={key: value for key, value in entry.meta.items() if key != CHAIN})
    return digest_of([CHAIN_FORM, before, canonical(bare, "")], ())


def journal_of(books: Books) -> SealJournal:
    """Return the journal of some books."""
    return _sorted(books.declared(JOURNAL))


def read_journal(entries: Iterable[data.Directive]) -> SealJournal:
    """Return the journal of a ledger."""
    return _sorted(JOURNAL.read_all(entries))


def _sorted(lines: Iterable[JournalLine]) -> SealJournal:
    return SealJournal(tuple(sorted(lines, key=lambda line: line.number)))


unreadable(
    "L811",
    JOURNAL,
    title=N_("A line of the journal is what `forbundsbok seal`, `unseal`, `lock` and `unlock` write."),
    why=N_("The journal is the trace of every closing and opening; a line that cannot be read is none."),
)


@rule(
    "L812",
    title=N_(
        "The lines of the journal run from 1 without gap, and what is closed is opened before it is closed again."
    ),
    why=N_("A line that is gone hides that a year was opened, and what was then changed in it."),
    mend=N_("Write the line back as it was: from a copy of the books, or with what the auditor has kept."),
)
def journal_is_whole(books: Books) -> Iterator[Finding]:
    if books.unread(JOURNAL):
        return
    last: dict[str, JournalLine] = {}
    before: JournalLine | None = None
    for line in journal_of(books).lines:
        expected = before.number + 1 if before else 1
        message, values = _broken(line, expected, before, last.get(line.period))
        if message:
            values |= {"number": line.number, "act": line.act, "period": line.period}
            yield Finding(line.entry, _WHOLE, message, values)
            return
        last[line.period] = before = line


_WHOLE = Subject("journal", "")


def _broken(
    line: JournalLine, expected: int, before: JournalLine | None, last: JournalLine | None
) -> tuple[str, dict[str, Any]]:
    """Return what is wrong with a line after the one before it, and the last of the same period; "" when nothing is."""
    if line.number != expected:
        text = N_(
            "This line of the journal has number {number}, where {expected} comes: a line has been taken away, doubled "
            "or written by hand. Write the journal back as it was."
        )
        return text, {"expected": expected}
    if before and line.entry.date < before.entry.date:
        text = N_(
            "Line {number} of the journal is dated {day}, before line {before} of {earlier}. Write the days back."
        )
        return text, {"day": line.entry.date, "before": before.number, "earlier": before.entry.date}
    if last and last.closes == line.closes:
        text = N_(
            "Line {number} of the journal says {act} of {period}, and so does line {before}: what stood between them "
            "has been taken away."
        )
        return text, {"before": last.number}
    if last and last.closes and last.sigill != line.sigill:
        text = N_("Line {number} of the journal opens {period} with another sigill than line {before} closed it with.")
        return text, {"before": last.number}
    return "", {}


@rule(
    "L813",
    title=N_("A year that the journal says is sealed has its seal."),
    why=N_("A seal is opened by `forbundsbok unseal`, which keeps the reason; taken away by hand, it hides a change."),
    mend=N_(
        "`forbundsbok seal` writes the seal back when nothing in the year has changed; else hold the year against "
        "the anchor that the auditor keeps before it is unsealed, which keeps the reason, and sealed again."
    ),
    after=["L804", "L805", "L809", "L812"],
    sees=EVERY,
)
def sealed_as_the_journal_says(books: Books) -> Iterator[Finding]:
    if books.unread(JOURNAL):
        return
    for period, line in journal_of(books).closed(SEALED).items():
        bokslut = books.written_boksluts.get(int(period))
        sigill = bokslut.meta.get(SIGILL) if bokslut else None
        if bokslut is None:
            message = N_(
                "{year} was sealed {day}, but its bokslut is gone. Write it back:\n{text}\nThis writes the "
                "seal back when nothing in the year has changed since:\n{seal}\n{anew}"
            )
        elif not is_sealed(bokslut):
            message = N_(
                "{year} was sealed {day}, but its seal is gone. This writes it back when nothing in the year has "
                "changed since:\n{seal}\n{anew}"
            )
        elif sigill != line.sigill and isinstance(sigill, str):
            message = N_(
                "{year} was sealed {day} with another sigill than the one that stands below its bokslut: it has been "
                "sealed anew by hand. Write the seal back as it was, {sigill}. {anew}"
            )
            if not _gives(books, int(period), line.sigill):
                message = N_(
                    "{year} does not give the sigill of its last line in the journal, {day}, and another stands below "
                    "its bokslut: lines of the journal are gone, or the year has been changed and sealed by hand. "
                    "Write back what is gone, from a copy of the books or their history; the old sigill would be "
                    "wrong. {anew}"
                )
        else:
            continue
        year = int(period)
        values = {
            "year": year,
            "day": line.entry.date,
            "sigill": line.sigill,
            "text": as_written(directives_text([custom_of(BOKSLUT, last_day_of_year(year), [year])])),
            "seal": as_written(f"  forbundsbok seal {year}"),
            "anew": sealing_anew(year, [f'  forbundsbok unseal {year} --reason "..."', f"  forbundsbok seal {year}"]),
        }
        yield Finding(bokslut or line.entry, Subject("year", period, year), message, values, also=[_WHOLE])


def sealing_anew(year: int, commands: Sequence[str] = ()) -> Message:
    """Return what comes before a year is sealed anew when nothing in the books tells whether it has changed."""
    message = N_(
        "A new seal accepts what stands in {year} now, changed or not: hold it first against the anchor that the "
        "auditor keeps\n{commands}"
    )
    lines = ["  forbundsbok check --anchor ankare.txt", *commands]
    return Message(message, {"year": year, "commands": as_written("\n".join(lines))})


def _gives(books: Books, year: int, sigill: str) -> bool:
    """Tell whether a year gives a sigill, after the seals of the years before and with its own lines."""
    boksluts = {each: entry for each, entry in books.written_boksluts.items() if each <= year}
    *before, own = held_by_years(books.entries, books.options, boksluts)
    last = before[-1].seal if before else None
    return own.seal is not None and own.sigill(last.sigill if last else NONE_BEFORE, own.seal.lines) == sigill


@rule(
    "L815",
    title=N_("What a line of the journal says is what it said when it was written: reason, name and check sums too."),
    why=N_("Who opened a year, and why, is what the auditor asks; a reason that is written anew answers nothing."),
    mend=N_("Write the line back as it was, from a copy of the books, or with what the auditor has kept."),
    after=["L811", "L812", "L821"],
)
def journal_says_what_it_said(books: Books) -> Iterator[Finding]:
    if books.unread(JOURNAL):
        return
    journal, chained = journal_of(books), 0
    for line, digest in zip(journal.lines, journal.chain(), strict=True):
        written = line.entry.meta.get(CHAIN)
        values = {"number": line.number, "key": CHAIN, "before": chained}
        if written is None and chained:
            message = N_("Line {number} of the journal lacks {key}, which line {before} has: write it back as it was.")
        elif written is not None and written != digest:
            message = N_(
                "Line {number} of the journal has another {key} than the lines up to it give: what one of them says, "
                "of reason, name or check sums, has been changed. Write it back as it was."
            )
            if chained:
                message = N_(
                    "Line {number} of the journal has another {key} than the lines up to it give: what it says, or one "
                    "after line {before}, of reason, name or check sums, has been changed. Write it back as it was."
                )
        else:
            chained = line.number if written else chained
            continue
        # What a month no longer is tells what of its line has changed.
        yield Finding(line.entry, _WHOLE, message, values, also=[Subject("month", line.period)])
        return


@rule(
    "L814",
    title=N_("A sealed year stands in the journal."),
    why=N_("As L813: a seal whose line has been taken away could be taken away itself without a trace."),
    mend=N_(
        "Write the line back as it was, from a copy of the books. Who unseals the year and seals it again accepts what "
        "stands in it now: compare it first with an anchor that is kept outside the books, and give as reason why the "
        "line is gone."
    ),
    after=["L804", "L812"],
)
def seals_stand_in_the_journal(books: Books) -> Iterator[Finding]:
    if books.unread(JOURNAL):
        return
    closed = journal_of(books).closed(SEALED)
    for year, bokslut in books.written_boksluts.items():
        if is_sealed(bokslut) and str(year) not in closed:
            message = N_(
                "{year} is sealed, but the journal does not say so: its line has been taken away, or the seal written "
                "by hand. Write the line back as it was, from a copy of the books or their history. {anew}"
            )
            subject = Subject("year", str(year), year)
            yield Finding(bokslut, subject, message, {"year": year, "anew": sealing_anew(year)}, also=[_WHOLE])
