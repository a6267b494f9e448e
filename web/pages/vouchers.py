"""Vouchers on pages: lists with day, number, text, amount and where each stands; where one and its document lead.

vouchers(page, "senaste", [FoundVoucher(entry)])
waiting_vouchers(page, "vantar", figures.waiting)
document(page, FoundVoucher(entry))
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from flask import url_for

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.money import ZERO
from forbundsbok.queries.approvals import WaitingVoucher
from forbundsbok.queries.search import FoundVoucher
from forbundsbok.scripts.render.tables import ACCOUNT, AMOUNT
from forbundsbok.web.pages.page import Page, e

DATE, VOUCHER, TEXT, PLACE, WHO = N_("Date"), N_("Voucher"), N_("Text"), N_("Place"), N_("Lacks")
DOCUMENT = N_("Document")
ROWS = N_("Rows of the voucher")
BEHIND = "bakom-siffran"
"""The page that shows a voucher, and gives out its document."""


def vouchers(page: Page, heading: str, found: Iterable[FoundVoucher]) -> str:
    """Return a table of vouchers, named by the element with an id."""
    return _table(page, heading, [(each, "") for each in found], ())


def found_vouchers(page: Page, heading: str, found: Iterable[FoundVoucher]) -> str:
    """Return a table of vouchers with their documents."""
    return _table(page, heading, [(each, f"<td>{document(page, each)}</td>") for each in found], (DOCUMENT,))


def waiting_vouchers(page: Page, heading: str, found: Iterable[WaitingVoucher]) -> str:
    """Return a table of vouchers that wait, with the units that nobody has approved for and who may."""
    return _table(
        page, heading, [(FoundVoucher(each.entry), f"<td>{e(_lacking(each))}</td>") for each in found], (WHO,)
    )


def _table(page: Page, heading: str, found: Iterable[tuple[FoundVoucher, str]], more: Sequence[str]) -> str:
    heads = page.tables().heads((DATE, VOUCHER, TEXT, AMOUNT, *more, PLACE), right=(3,))
    rows = "".join(_row(page, *each) for each in found)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{heading}"><table class="account">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(page: Page, voucher: FoundVoucher, more: str) -> str:
    tables, entry = page.tables(), voucher.entry
    text = ", ".join(each for each in (entry.payee, entry.narration) if each)
    amounts = [each.units.number or ZERO for each in voucher.rows if each.units]
    debit = sum((each for each in amounts if each > 0), ZERO)
    place = page.place(str(entry.meta["filename"]), int(str(entry.meta["lineno"])))
    return (
        f"<tr><td>{entry.date}</td><td>{voucher_link(page, voucher)}</td><td{tables.of_books}>{e(text)}</td>"
        f'<td class="n">{tables.amount(debit)}</td>{more}<td class="place">{place}</td></tr>'
    )


def _lacking(voucher: WaitingVoucher) -> str:
    return "; ".join(f"{unit}: {', '.join(able) or '-'}" for unit, able in voucher.lacks.items())


def rows_table(page: Page, heading: str, voucher: FoundVoucher) -> str:
    """Return a table of a voucher's rows, whose caption has an id."""
    tables = page.tables()
    rows = "".join(
        f'<tr><th scope="row"><a{tables.of_books} href="{e(url_for("account", name=row.account))}">{e(row.account)}</a>'
        f'</th><td class="n">{tables.amount(row.units.number or ZERO) if row.units else ""}</td></tr>'
        for row in voucher.rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{heading}"><table>'
        f'<caption id="{heading}">{e(tr(ROWS))}</caption>'
        f"<thead><tr>{tables.heads((ACCOUNT, AMOUNT), right=(1,))}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


# Where one leads


def voucher_link(page: Page, voucher: FoundVoucher) -> str:
    """Return a voucher's number as HTML, leading to all of it."""
    leads = page.link(BEHIND, verifikation=voucher.number, rad=_place(page, voucher))
    return f'<a href="{e(leads)}">{e(voucher.number or tr(VOUCHER))}</a>'


def document(page: Page, voucher: FoundVoucher) -> str:
    """Return the document of a voucher as HTML, leading to it; empty where it names none."""
    if not voucher.document:
        return ""
    if file_of(page, voucher) is None:
        return e(tr(N_("The document {file} is not among the books."), file=voucher.document))
    path, _, _ = page.link(BEHIND).partition("?")
    leads = f"{path}underlag?rad={quote(_place(page, voucher))}"
    return f'<a data-remote target="_blank" href="{e(leads)}">{e(voucher.document)}</a>'


def file_of(page: Page, voucher: FoundVoucher) -> Path | None:
    """Return the document of a voucher, where it is a file beside the books."""
    folder = Path(page.figures.ledger.folder).resolve()
    path = (folder / voucher.document).resolve()
    return path if voucher.document and path.is_relative_to(folder) and path.is_file() else None


def _place(page: Page, voucher: FoundVoucher) -> str:
    meta = voucher.entry.meta
    return page.figures.ledger.place(str(meta["filename"]), int(str(meta["lineno"])))
