"""Acknowledgements (kvittenser): the answer to a warning, after which it does not come again.

Below what the warning blames, with the warning's code and why it is as it should be:

    2025-03-12 * "Leverantör 012 El" "Elnät mars" ^L-2025-0031
      ver: "L 31"
      kvittens: "R911 Två fakturor på samma belopp: två anläggningar"

or, where that cannot be written any more, in a directive of its own that names what the warning is about:

    2025-04-30 custom "kvittens" "R911" "L 31 2025" "Två fakturor på samma belopp: två anläggningar"

An error is not acknowledged; it is put right.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.decisions import is_decision, no_day
from forbundsbok.plugins.directives import Field, Kind, text, word
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.open_items import DUE
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import put_right
from forbundsbok.plugins.rights import RIGHT, people
from forbundsbok.plugins.rulebook import EVERY, RULES, rule, unreadable

ACKNOWLEDGES = "kvittens"
"""The metadata, and the directive, by which a warning is answered."""

LEAST = 3
"""How many words an answer has at least: fewer say that it is right, not why."""

_SAYS_THAT = re.compile(
    "(allt?|är|det|den|detta|som|ska|skall|vara|bör|blev|har|vi|jag|helt|och|i|sin|ordning|så|här|inte|inget|inga|fel|"
    "rätt|riktigt?|korrekt|ok|okej|okay|belopp|bra|stämmer|gäller|godkänn[st]|godkänd|godkänt|beloppet|betalningen|fakturan|"
    "verifikationen|bokningen|kontot|varningen|säkert|säker|nu|nog|visst|faktiskt|bankens|fakturans|leverantörens)"
)
"""The words by which one says that something is right."""
_WORD = re.compile(r"\S*\w\S*")
_CODES = r"[A-Z]\d{3}(?:, ?[A-Z]\d{3})*"
_OF_VOUCHER = re.compile(r"[A-ZÅÄÖ]+ \d+ \d{4}")
_WRITTEN = re.compile(rf"(?P<codes>{_CODES})[:,]? +(?P<reason>\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Acknowledgement:
    """The answer to warnings: their codes, what they are about, and why it is as it should be."""

    codes: tuple[str, ...]
    subject: str
    reason: str
    entry: data.Directive


ACKNOWLEDGEMENT = Kind(
    ACKNOWLEDGES,
    values=(
        Field(N_("code"), word(_CODES, N_("the code of a warning, as R911"))),
        Field(N_("what it is about"), text),
        Field(N_("why"), text),
    ),
    make=lambda entry, given: Acknowledgement(_codes(given["code"]), given["what it is about"], given["why"], entry),
    example='2025-04-30 custom "kvittens" "R911" "L 31 2025" "Två fakturor på samma belopp: två anläggningar"',
)


def answered(finding: Finding, books: Books) -> Finding:
    """Return a warning with the reason for which it is acknowledged, where it is."""
    own = finding.at and written_below(finding.at)
    if own and finding.rule in own.codes:
        return replace(finding, answer=own.reason)
    said = books.once(_said)
    for name in _names(finding) if said else ():
        if reason := said.get((finding.rule, name)):
            return replace(finding, answer=reason)
    return finding


def is_reason(text: str) -> bool:
    """Tell whether a text says why something is as it should be, and not only that it is."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return len(words) >= LEAST and any(not _SAYS_THAT.fullmatch(word.strip(".,:;!")) for word in words)


def written_below(entry: data.Directive) -> Acknowledgement | None:
    """Return what is acknowledged below a directive, None where nothing is, or where it cannot be read."""
    written = entry.meta.get(ACKNOWLEDGES)
    match = _WRITTEN.fullmatch(written.strip()) if isinstance(written, str) else None
    return Acknowledgement(_codes(match["codes"]), place(entry), match["reason"], entry) if match else None


def _codes(written: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in written.split(","))


def _said(books: Books) -> dict[tuple[str, str], str]:
    said = books.declared(ACKNOWLEDGEMENT)
    return {(code, each.subject): each.reason for each in said for code in each.codes}


def _names(finding: Finding) -> Iterator[str]:
    """Yield how a directive may name what a finding is about; a voucher by its number and year."""
    if isinstance(finding.at, data.Transaction) and (ver := read_ver(finding.at)):
        yield f"{ver} {ver.year}"
    for subject in finding.subjects:
        yield subject.name
        yield f"{subject.name} {subject.year}"


unreadable(
    "K001",
    ACKNOWLEDGEMENT,
    title=N_("An acknowledgement says which warning it answers, what that is about, and why it is as it should be."),
    why=N_("A warning that is answered does not come again, so the answer must be one that an auditor can read."),
)


@rule(
    "K002",
    title=N_("What is acknowledged is a warning."),
    why=N_("An error is put right: no answer makes it right."),
    mend=N_("Write the code of the warning and why it is as it should be, or take the acknowledgement away."),
    sees=EVERY,
)
def is_a_warning(books: Books) -> Iterator[Finding]:
    for entry in books.entries:
        if ACKNOWLEDGES not in (entry.meta or ()):
            continue
        if own := written_below(entry):
            yield from _no_warnings(own)
        else:
            message = N_('"{written}" is no acknowledgement. It is written so:\n  {key}: "R911 Why it is right"')
            values = {"written": str(entry.meta[ACKNOWLEDGES]), "key": ACKNOWLEDGES}
            yield Finding(entry, Subject("acknowledgement", place(entry)), message, values)
    for each in books.declared(ACKNOWLEDGEMENT):
        yield from _no_warnings(each)


@rule(
    "K003",
    title=N_("An acknowledgement says in words why it is as it should be."),
    why=N_("An answer that only says that it is right is none that an auditor can try: what was found out is."),
    mend=N_("Write what was found out, and how, or by whom it was decided; at least three words."),
    after=["K001", "K002"],
    sees=EVERY,
)
def says_why(books: Books) -> Iterator[Finding]:
    below = (written_below(entry) for entry in books.entries if ACKNOWLEDGES in (entry.meta or ()))
    for each in [*filter(None, below), *books.declared(ACKNOWLEDGEMENT)]:
        if not is_reason(each.reason) and not books.is_sealed(each.entry.date):
            message = N_(
                'The acknowledgement of {codes} only says "{reason}": write why it is as it should be, in at least '
                "{least} words, such as what was found out, or by whom it was decided."
            )
            values = {"codes": list(each.codes), "reason": each.reason, "least": LEAST}
            yield Finding(each.entry, Subject("acknowledgement", each.subject), message, values)


@rule(
    "K004",
    title=N_("An acknowledgement is of a voucher that is there."),
    why=N_("An answer that is written before its question lets the voucher come in without anybody's asking."),
    mend=N_("Write the number of the voucher that is meant, or take the acknowledgement away."),
    after=["K001", "K002"],
    sees=EVERY,
)
def is_of_something(books: Books) -> Iterator[Finding]:
    said = [(each, _OF_VOUCHER.fullmatch(each.subject)) for each in books.declared(ACKNOWLEDGEMENT)]
    if not any(match for _, match in said):
        return
    known = {f"{ver} {ver.year}" for ver in map(read_ver, books.vouchers) if ver}
    for each, match in said:
        if match and each.subject not in known:
            message = N_("{codes} is answered of {subject}, and there is no such voucher.")
            values = {"codes": list(each.codes), "subject": each.subject}
            yield Finding(each.entry, Subject("acknowledgement", each.subject), message, values)


BY_DECISION = frozenset(
    (
        "A617",
        "A619",
        "A631",
        "A633",
        "A634",
        "A638",
        "A642",
        "A643",
        "A644",
        "B908",
        "B909",
        "P316",
        "P317",
        "R908",
        "R916",
        "R941",
        "R942",
        "R946",
        "R947",
        "R949",
        "R951",
        "R952",
        "R953",
        "R957",
        "T153",
        "U117",
    )
)
"""The warnings that somebody else's decision answers: of who may sign, of money put or paid elsewhere, of registers."""


@rule(
    "K005",
    title=N_("What only a decision answers is answered with the decision."),
    why=N_(
        "Who may sign, where money may go and what a register says is decided by somebody: an answer without who and "
        "when may be written by the one who is asked."
    ),
    mend=N_("Write in the answer who decided, and the day or the paragraph: FD 2025-03-12, Direktionen § 12."),
    after=["K001", "K002", "K003"],
    sees=EVERY,
    warns=True,
)
def names_its_decision(books: Books) -> Iterator[Finding]:
    below = (written_below(entry) for entry in books.entries if ACKNOWLEDGES in (entry.meta or ()))
    for each in [*filter(None, below), *books.declared(ACKNOWLEDGEMENT)]:
        codes = [code for code in each.codes if code in BY_DECISION]
        day = no_day(each.reason)
        if codes and (day or not is_decision(each.reason)) and not books.is_sealed(each.entry.date):
            message = N_(
                'The acknowledgement of {codes}, "{reason}", does not say who decided it, nor when: write both in it, '
                "or the paragraph."
            )
            if day:
                message = N_('The acknowledgement of {codes}, "{reason}", is of {day}, a day that no calendar has.')
            values = {"codes": codes, "reason": each.reason, "day": day}
            yield Finding(each.entry, Subject("acknowledgement", each.subject), message, values)


BY_WHAT_WAS = frozenset(
    (
        *("A619", "M701", "R947", "R949", "R955", "T111", "T114", "T119", "T120", "T126", "T127", "T129", "T139"),
        *("T156", "T166", "T172", "T173"),
    )
)
"""The warnings that a voucher gives by itself and by what came before it: no later voucher takes them away."""

OVERDUE = "R915"
"""The warning that comes when an invoice is due."""


@rule(
    "K006",
    title=N_("An acknowledgement answers a warning that has come."),
    why=N_(
        "An answer that stands there before its question lets the warning pass unseen the day it comes. A warning, "
        "since what was answered may have been put right."
    ),
    mend=N_("Take the acknowledgement away, and write it when there is something to answer."),
    after=["K001", "K002", "K004"],
    sees=EVERY,
    warns=True,
)
def answers_what_has_come(books: Books) -> Iterator[Finding]:
    corrected = books.once(put_right)
    came: dict[str, set[int]] = {}
    for entry in books.vouchers:
        own = written_below(entry) if ACKNOWLEDGES in entry.meta else None
        if own is None or books.is_sealed(entry.date) or id(entry) in corrected:
            continue
        due = entry.meta.get(DUE)
        codes = [code for code in own.codes if code == OVERDUE and isinstance(due, date) and due >= books.last_booked]
        for code in BY_WHAT_WAS.intersection(own.codes):
            if code not in came:
                came[code] = {id(finding.at) for finding in RULES[code].check(books) if finding.at}
            if id(entry) not in came[code]:
                codes.append(code)
        if codes:
            message = N_("{voucher} answers {codes}, and there is no such warning of it.")
            values = {"voucher": entry, "codes": sorted(codes)}
            yield Finding(entry, Subject("acknowledgement", own.subject), message, values)


@rule(
    "K007",
    title=N_("What only a decision answers is not answered by the one who is asked."),
    why=N_(
        "Money that goes elsewhere, and a right to approve, are looked at by somebody else than the one who approved "
        "the payment or got the right: an answer in the own name is none."
    ),
    mend=N_("Let somebody else look at it, and write who and when, or the paragraph of the board's decision."),
    after=["K001", "K002", "K003", "K005"],
    sees=EVERY,
    warns=True,
)
def answered_by_another(books: Books) -> Iterator[Finding]:
    known = {folded(right.sign) for right in books.declared(RIGHT)} | set(books.once(people))
    asked = ((entry, written_below(entry)) for entry in books.entries if ACKNOWLEDGES in (entry.meta or ()))
    said = [(entry, each) for entry, each in asked if each]
    if directives := books.declared(ACKNOWLEDGEMENT):
        numbered = {f"{ver} {ver.year}": entry for entry in books.vouchers if (ver := read_ver(entry))}
        said += [(numbered[each.subject], each) for each in directives if each.subject in numbered]
    for entry, each in said:
        codes = [code for code in each.codes if code in BY_DECISION]
        own = {folded(sign) for sign in _asked(entry)}
        named = {sign for sign in map(folded, _SIGNATURE.findall(each.reason)) if sign in known}
        if codes and named and named <= own and "§" not in each.reason and not books.is_sealed(each.entry.date):
            message = N_(
                'The acknowledgement of {codes}, "{reason}", names {signs}, who is the one that is asked: let somebody '
                "else look at it, or write the paragraph of the decision."
            )
            values = {"codes": codes, "reason": each.reason, "signs": sorted(_asked(entry))}
            yield Finding(each.entry, Subject("acknowledgement", each.subject), message, values)


_SIGNATURE = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _asked(entry: data.Directive) -> list[str]:
    """Return whose answer it would be of oneself: who approved a voucher, or has a right to approve."""
    if isinstance(entry, data.Transaction):
        return _SIGNATURE.findall(str(entry.meta.get("attest") or ""))
    if isinstance(entry, data.Custom) and entry.type == RIGHT.type and entry.values:
        return [str(entry.values[0].value)]
    return []


def _no_warnings(acknowledgement: Acknowledgement) -> Iterator[Finding]:
    """Yield a finding for each code that is of no warning."""
    for code in acknowledgement.codes:
        if code in RULES and RULES[code].warns:
            continue
        message = N_("{code} is an error, which is not acknowledged but put right.")
        if code not in RULES:
            message = N_("There is no rule {code}.")
        yield Finding(
            acknowledgement.entry, Subject("acknowledgement", acknowledgement.subject), message, {"code": code}
        )
