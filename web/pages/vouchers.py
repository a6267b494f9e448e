"""Lists of vouchers on pages: day, number, text, amount, and where each stands.

vouchers(page, "senaste", [FoundVoucher(entry)])
waiting_vouchers(page, "vantar", figures.waiting)
"""

from collections.abc import Iterable, Sequence

from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.queries.approvals import WaitingVoucher
from forbundsbok.queries.search import FoundVoucher
from forbundsbok.scripts.render.tables import AMOUNT
from forbundsbok.web.pages.page import Page, e

DATE, VOUCHER, TEXT, PLACE, WHO = N_("Date"), N_("Voucher"), N_("Text"), N_("Place"), N_("Lacks")


def vouchers(page: Page, heading: str, found: Iterable[FoundVoucher]) -> str:
    """Return a table of vouchers, named by the element with an id."""
    return _table(page, heading, [(each, "") for each in found], ())


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
        f"<tr><td>{entry.date}</td><td>{e(voucher.number)}</td><td{tables.of_books}>{e(text)}</td>"
        f'<td class="n">{tables.amount(debit)}</td>{more}<td class="place">{place}</td></tr>'
    )


def _lacking(voucher: WaitingVoucher) -> str:
    return "; ".join(f"{unit}: {', '.join(able) or '-'}" for unit, able in voucher.lacks.items())
