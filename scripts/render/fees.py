"""Member fees of a year as text and as data: what each payer owes by each tariff, how it is reckoned, and for whom.

    Norrby kommun                                      For 2025
      Basverksamhet   9 731 × 41,00 kr               398 971,00  KA 105 094,80, RU 293 876,20
    Total                                            398 971,00
    Quarters 1-4: 99 742,75  99 742,75  99 742,75  99 742,75

Texts are styled: plain after `click.unstyle`.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import click

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.fees import QUARTERS, Fee, YearFees, due_on_accounts, invoiced_on, of_quarter, payers_of
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import ZERO, amount_text
from forbundsbok.queries.fees import FeeInvoice, FeeLine, arithmetic, by_payer
from forbundsbok.scripts.render.vat_return import table

LANGUAGE = "sv"
"""The language of what is sent to the payers."""
NO_VAT = N_("Member fees are outside the scope of VAT.")


def fees_text(books: Books, fees: YearFees) -> str:
    """Return the fees by payer, and by unit."""
    return "\n".join([*_head(fees), *_payers(books, fees), *_units(books, fees)]) + "\n"


def _head(fees: YearFees) -> Iterator[str]:
    yield click.style(tr(N_("Member fees {year}"), year=fees.year), bold=True)
    if fees.inhabitants:
        text = N_("Inhabitants of {day}, by {path} (SHA-256 {digest}...)")
        yield tr(text, day=fees.inhabitants.day, path=fees.inhabitants.path, digest=fees.inhabitants.sha256[:16])


def _payers(books: Books, fees: YearFees) -> Iterator[str]:
    payers = payers_of(books)
    rows = {id(fee): _row(fee) for fee in fees.fees}
    widths = [max(len(row[column]) for row in rows.values()) for column in range(3)]
    whole, by_quarter = tr(N_("Total")), tr(N_("Quarters 1-4:"))
    for name, own in by_payer(fees):
        yield ""
        yield click.style(cleaned_text(payers[name].full_name), bold=True)
        for fee in own:
            what, how, amount, parts = rows[id(fee)]
            yield f"  {what:<{widths[0]}}  {how:<{widths[1]}}  {amount:>{widths[2]}}  {parts}".rstrip()
        total = f"{_kr(_sum(own)):>{widths[2]}}"
        yield click.style(f"  {whole:<{widths[0]}}  {'':<{widths[1]}}  {total}", bold=True)
        quarters = "  ".join(_kr(_of_quarter(own, quarter)) for quarter in range(1, QUARTERS + 1))
        yield f"  {by_quarter} {quarters}"


def _row(fee: Fee) -> tuple[str, str, str, str]:
    parts = ", ".join(f"{unit} {_kr(part)}" for unit, part in fee.parts.items())
    parts = parts if len(fee.parts) > 1 else next(iter(fee.parts))
    return cleaned_text(fee.tariff.name), arithmetic(fee, language()), _kr(fee.amount), parts


def _units(books: Books, fees: YearFees) -> Iterator[str]:
    """Yield what each payer owes to each unit, and what is invoiced."""
    units = list(dict.fromkeys(unit for fee in fees.fees for unit in fee.parts))
    due = due_on_accounts(books, fees)
    rows: list[tuple[str, list[Decimal]]] = []
    for name, own in by_payer(fees):
        parts = [sum((fee.parts.get(unit, ZERO) for fee in own), ZERO) for unit in units]
        invoiced = sum((invoiced_on(books, account, fees.year) for account in due.get(name, ())), ZERO)
        rows.append((cleaned_text(name), [*parts, sum(parts, ZERO), invoiced]))
    sums = [sum(column, ZERO) for column in zip(*(numbers for _, numbers in rows), strict=True)]
    heads = [tr(N_("Payer")), *units, tr(N_("Total")), tr(N_("Invoiced so far"))]
    told = [[name, *map(_kr, numbers)] for name, numbers in [*rows, (tr(N_("Total")), sums)]]
    yield ""
    yield from table([heads, *told], left=1)


def _sum(fees: Sequence[Fee]) -> Decimal:
    return sum((fee.amount for fee in fees), ZERO)


def _of_quarter(fees: Sequence[Fee], quarter: int) -> Decimal:
    return sum((of_quarter(fee, quarter) for fee in fees), ZERO)


def _kr(number: Decimal) -> str:
    return amount_text(number, language())


def fees_data(books: Books, fees: YearFees) -> dict[str, Any]:
    """Return the fees as data, amounts in kronor."""
    payers, due = payers_of(books), due_on_accounts(books, fees)
    pinned = fees.inhabitants
    return {
        "year": fees.year,
        "inhabitants": pinned
        and {
            "day": pinned.day.isoformat(),
            "document": pinned.path,
            "sha256": pinned.sha256,
            "counts": {**pinned.counts},
        },
        "payers": [
            {
                "name": payers[name].full_name,
                "fees": [
                    {
                        "tariff": fee.tariff.name,
                        "reckoned": arithmetic(fee, language()),
                        "amount": str(fee.amount),
                        "units": {unit: str(part) for unit, part in fee.parts.items()},
                    }
                    for fee in own
                ],
                "amount": str(_sum(own)),
                "quarters": [str(_of_quarter(own, quarter)) for quarter in range(1, QUARTERS + 1)],
                "accounts": {account: str(invoiced_on(books, account, fees.year)) for account in due.get(name, ())},
            }
            for name, own in by_payer(fees)
        ],
    }


def invoice_text(invoice: FeeInvoice) -> str:
    """Return an invoice with its lines, as it is shown before it is written."""
    due = tr(N_("due {day}"), day=invoice.due)
    head = f"{invoice.number}  {cleaned_text(invoice.payer.full_name)}  {due}"
    rows = [list(line_texts(line)) for line in invoice.lines]
    rows.append([tr(N_("To pay")), "", _kr(invoice.total)])
    return "\n".join([click.style(head, bold=True), *(f"  {line}" for line in table(rows)), ""])


def line_texts(line: FeeLine) -> tuple[str, str, str]:
    """Return what a line is of, how the year's fee is reckoned, and what is to be paid."""
    if line.fee is None:
        vouchers = ", ".join(str(entry.meta.get("ver") or entry.date) for entry in line.vouchers)
        what = N_("Invoiced before") if line.amount < 0 else N_("Not invoiced before")
        return tr(what), vouchers, amount_text(line.amount, LANGUAGE)
    how, year = arithmetic(line.fee, LANGUAGE), f"{amount_text(line.fee.amount, LANGUAGE)} kr"
    reckoned = how if how == year else f"{how} = {year}"
    return cleaned_text(line.fee.tariff.name), reckoned, amount_text(line.amount, LANGUAGE)
