"""Internal control as text, table and PDF: the protocol of a control, and what came of the plan in a year.

    2b Kontroll av leverantörsfakturor och kontering, 2025-01--06
    Redovisning. Ekonom kansli, controller
    5 av 230 verifikationer, protokoll 5c1d88a2

    1. 2025-02-03  L 12  Leverantör 018 Städ: Städning februari  NAV
         Expenses:NAV:6120-Städning                30 770,00
         underlag/2025/L-0012.pdf
         [ ] belopp  [ ] konto  [ ] utan anmärkning  [ ] anmärkning: ____________

Texts are styled: plain after `click.unstyle`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.documents import KEY as DOCUMENT
from forbundsbok.plugins.findings import counted, shown
from forbundsbok.plugins.internal_control import REMARK, Control, Interval, Outcome
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.queries.internal_control import Controlled, Protocol, ReadVoucher, SeenInFull
from forbundsbok.scripts.render.csv import csv_text

HEADS = (
    N_("Area"),
    N_("What is controlled"),
    N_("How"),
    N_("How often"),
    N_("Responsible"),
    N_("Result of the control"),
)
SHOWN = {"filename", "lineno", "ver", DOCUMENT}
"""The metadata of a voucher that is told otherwise, or is none."""
BOX, LINE = "[ ]", "_" * 20
SIGNED = (N_("Controlled by"), N_("Date"))


# Words


def title_of(protocol: Protocol) -> str:
    control = protocol.control
    return f"{control.name} {cleaned_text(control.what)}, {protocol.interval}"


def drawn_text(protocol: Protocol) -> str:
    """Return how many are drawn of how many; nothing for what is drawn from none."""
    control = protocol.control
    if control.rows is None:
        return cleaned_text(control.method)
    if not protocol.there:
        return tr(N_("there is no voucher to draw in the period"))
    one, many = N_("the only voucher there is"), N_("all {count} vouchers there are")
    if protocol.there > len(protocol.sample):
        text = N_("{count} of {there} vouchers, protocol {number}")
        return tr(text, count=len(protocol.sample), there=protocol.there, number=protocol.number)
    whole = str(counted(protocol.there, one, many))
    return tr(N_("{whole}, protocol {number}"), whole=whole, number=protocol.number)


def how_text(control: Control) -> str:
    """Return how a control is done: its method, how many are drawn, or by rules alone."""
    if control.method:
        return cleaned_text(control.method)
    if control.rows is not None:
        return str(counted(control.sample, N_("1 sample"), N_("{count} samples")))
    return tr(N_("by rules")) if control.times is None else tr(N_("review"))


def often_text(control: Control) -> str:
    """Return how often a control is done."""
    if control.times is None:
        return tr(N_("continuously"))
    often = str(counted(control.times, N_("once a year"), N_("{count} times a year")))
    return tr(N_("{often}, and continuously"), often=often) if control.rules else often


def seen_text(seen: SeenInFull) -> str:
    """Return what a rule has seen, and found."""
    what = tr(N_("registers"))
    if seen.vouchers is not None:
        what = str(counted(seen.vouchers, N_("1 voucher"), N_("all {count} vouchers")))
    found = tr(N_("no finding"))
    if seen.found:
        one, many = N_("1 finding ({answered} acknowledged)"), N_("{count} findings ({answered} acknowledged)")
        found = str(counted(seen.found, one, many, answered=seen.answered))
    return tr(N_("{rule} has seen {what}: {found}"), rule=seen.rule.code, what=what, found=found)


def outcome_text(outcome: Outcome | None) -> str:
    """Return what came of a control, of which nothing may be said yet."""
    if outcome is None:
        return tr(N_("not controlled"))
    result = tr(N_("remark")) if outcome.result == REMARK else tr(N_("without remark"))
    return f"{result}: {cleaned_text(outcome.text)}" if outcome.text else result


def _by_whom(outcome: Outcome) -> str:
    vouchers = ", ".join(outcome.vouchers)
    said = f"{cleaned_text(', '.join(outcome.by))} {outcome.entry.date}"
    return f"{said}: {vouchers}" if vouchers else said


# A protocol


def protocol_text(protocol: Protocol, folder: Path) -> str:
    """Return what is read and ticked; documents are looked for below the ledger's folder."""
    control = protocol.control
    lines = [
        click.style(title_of(protocol), bold=True),
        f"{cleaned_text(control.area)}. {cleaned_text(control.responsible)}",
    ]
    lines += [told] if (told := drawn_text(protocol)) else []
    if protocol.outcome:
        text = N_("Controlled already: {result} ({by})")
        lines.append(tr(text, result=outcome_text(protocol.outcome), by=_by_whom(protocol.outcome)))
    for number, each in enumerate(protocol.sample, 1):
        lines += ["", *_voucher_lines(number, each, control, folder)]
    if protocol.in_full:
        lines += ["", tr(N_("Seen in full by rules:"))]
        lines += [f"  {seen_text(each)}\n    {tr(each.rule.title)}" for each in protocol.in_full]
    if not protocol.sample and control.times is not None:
        lines += ["", _boxes(control)]
    if control.times is not None:
        lines += ["", "  ".join(f"{tr(each)}: {LINE}" for each in SIGNED)]
        lines += [tr(N_("What came of it is entered by:")), f"  {command_of(protocol)}"]
    return "\n".join(lines) + "\n"


def command_of(protocol: Protocol) -> str:
    """Return the command that enters what came of a control."""
    number = f" --protocol {protocol.number}" if protocol.sample else ""
    by = tr(N_("SIGNATURE"))
    return f"forbundsbok control {protocol.control.name} --period {protocol.interval} --record --by {by}{number}"


def _voucher_lines(number: int, each: ReadVoucher, control: Control, folder: Path) -> Iterator[str]:
    entry = each.candidate.entry
    yield f"{number}. {_head(each)}"
    rows = _rows(entry)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for account, amount in rows:
        yield f"     {account:<{widths[0]}}  {amount:>{widths[1]}}"
    yield from (f"     {each}" for each in _facts(each, folder))
    yield f"     {_boxes(control)}"


def _head(each: ReadVoucher) -> str:
    entry = each.candidate.entry
    text = ": ".join(part for part in (entry.payee, entry.narration) if part)
    return cleaned_text(f"{entry.date}  {each.number}  {text}  {each.candidate.unit}")


def _rows(entry: data.Transaction) -> list[tuple[str, str]]:
    rows = (row for row in entry.postings if not is_clearing(row.account))
    return [(row.account, amount_text(number_of(row), language())) for row in rows]


def _facts(each: ReadVoucher, folder: Path) -> Iterator[str]:
    """Yield what else is to be known of a voucher: its document, what it says of itself, check sum, corrections."""
    entry = each.candidate.entry
    document = entry.meta.get(DOCUMENT)
    if not isinstance(document, str) or not document:
        yield tr(N_("the voucher names no document"))
    elif (folder / document).is_file():
        yield cleaned_text(document)
    else:
        yield cleaned_text(tr(N_("{document}, not in the folder of the books"), document=document))
    told = [f"{key}: {value}" for key, value in entry.meta.items() if key not in SHOWN and key[:1] != "_"]
    yield from [cleaned_text("; ".join(told))] if told else []
    yield tr(N_("check sum {sum}"), sum=each.sum)
    for other in each.corrected_by:
        text = N_("corrected by {number} of {day}: read them together")
        yield tr(text, number=read_ver(other) or shown(other), day=other.date)
    for ver in each.corrects:
        yield tr(N_("corrects {number} of {year}: read them together"), number=ver, year=ver.year)


def _boxes(control: Control) -> str:
    asked = [cleaned_text(each) for each in control.tried]
    boxes = [*asked, tr(N_("without remark")), f"{tr(N_('remark'))}: {LINE}"]
    return "  ".join(f"{BOX} {each}" for each in boxes)


# A year


def plan_text(title: str, plan: Sequence[Controlled]) -> str:
    """Return the plan of a year by area, with what came of each control and what rules have seen."""
    lines = [click.style(title, bold=True)]
    for area, own in groupby(plan, lambda each: (each.control.item, each.control.area)):
        lines += ["", click.style(f"{area[0]} {cleaned_text(area[1])}", bold=True)]
        for control, outcomes, in_full in own:
            lines.append(f"  {control.name:<4}{cleaned_text(control.what)}")
            lines.append(f"      {how_text(control)}, {often_text(control)}. {cleaned_text(control.responsible)}")
            if control.times is not None:
                lines += [f"      {_period_text(interval, outcome)}" for interval, outcome in outcomes]
            lines += [f"      {seen_text(each)}" for each in in_full]
    return "\n".join(lines) + "\n"


def _period_text(interval: Interval, outcome: Outcome | None) -> str:
    by = f" ({_by_whom(outcome)})" if outcome else ""
    return f"{interval}  {outcome_text(outcome)}{by}"


def plan_rows(plan: Sequence[Controlled]) -> list[tuple[str, ...]]:
    """Return the plan as the rows of a table, with the columns of HEADS: lines of a cell are ended by newlines."""
    return [
        (
            f"{each.control.name} {cleaned_text(each.control.area)}",
            cleaned_text(each.control.what),
            how_text(each.control),
            often_text(each.control),
            cleaned_text(each.control.responsible),
            "\n".join(_results(each)),
        )
        for each in plan
    ]


def _results(each: Controlled) -> Iterator[str]:
    if each.control.times is not None:
        yield from (f"{interval}: {outcome_text(outcome)}" for interval, outcome in each.outcomes)
    yield from map(seen_text, each.in_full)


def plan_csv(plan: Sequence[Controlled]) -> str:
    """Return the plan of a year as CSV."""
    rows = ([cell.replace("\n", "; ") for cell in row] for row in plan_rows(plan))
    return csv_text([tr(head) for head in HEADS], rows)


def plan_markdown(title: str, plan: Sequence[Controlled]) -> str:
    """Return the plan of a year as a table of Markdown."""
    rows = [[tr(head) for head in HEADS], ["---"] * len(HEADS), *plan_rows(plan)]
    lines = ("| " + " | ".join(map(_in_markdown, row)) + " |" for row in rows)
    return "\n".join([f"# {_in_markdown(title)}", "", *lines]) + "\n"


def _in_markdown(text: str) -> str:
    """Return a text that a table of Markdown takes for nothing else."""
    escaped = "".join(f"\\{each}" if each in "\\|`*_<>[]#" else each for each in text)
    return escaped.replace("\n", "<br>")


# On paper


def plan_pdf(title: str, federation: str, plan: Sequence[Controlled], day: date) -> bytes:
    """Return the plan of a year as a PDF."""
    table = {"heads": [tr(head) for head in HEADS], "rows": plan_rows(plan)}
    return _pdf(_document(title, federation) | {"table": table}, day)


def protocols_pdf(federation: str, protocols: Sequence[Protocol], folder: Path) -> bytes:
    """Return protocols as a PDF, a page or more each, with boxes to tick and lines to sign."""
    first = protocols[0]
    title = tr(N_("Internal control {item}, {period}"), item=first.control.item, period=first.interval)
    content = _document(title, federation) | {"protocols": [_on_paper(each, folder) for each in protocols]}
    return _pdf(content, max(each.interval.last_day for each in protocols))


def _document(title: str, federation: str) -> dict[str, Any]:
    return {"language": language(), "title": title, "federation": federation, "protocols": [], "table": None}


def _on_paper(protocol: Protocol, folder: Path) -> dict[str, Any]:
    control = protocol.control
    boxes = [*map(cleaned_text, control.tried), tr(N_("without remark")), tr(N_("remark"))]
    return {
        "title": title_of(protocol),
        "facts": [each for each in (control.area, control.responsible, drawn_text(protocol)) if each],
        "vouchers": [
            {
                "head": _head(each),
                "rows": _rows(each.candidate.entry),
                "facts": list(_facts(each, folder)),
            }
            for each in protocol.sample
        ],
        "boxes": boxes if control.times is not None else [],
        "seen": [[seen_text(each), tr(each.rule.title)] for each in protocol.in_full],
        "in_full": tr(N_("Seen in full by rules:")),
        "signed": [tr(each) for each in SIGNED] if control.times is not None else [],
    }


def _pdf(content: Mapping[str, Any], day: date) -> bytes:
    from forbundsbok.scripts.render.pdf import ARCHIVED, read_by_typst, typeset  # beside typst and pandas

    template = Path(__file__).with_name("internal_control.typ").read_bytes()
    pdf: bytes = typeset(template, read_by_typst(content), day, **ARCHIVED)
    return pdf
