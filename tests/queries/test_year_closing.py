"""What a closing proposes of accruals: by the invoices that are booked, as an accountant does, and nothing twice."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest
from beancount import loader
from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.months import Month
from forbundsbok.queries.year_closing import ACCRUALS, ClosingStep, closing_steps
from tests.main_file import head

BOOKS = f"""{head("Räddningstjänsten Norra")}
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 open Assets:RT:1650-Momsfordran SEK
2024-12-31 open Assets:RT:1710-Interimsfordringar SEK
2024-12-31 open Liabilities:RT:2510-Leverantörsskulder SEK
2024-12-31 open Liabilities:RT:2960-Upplupna-kostnader SEK
2024-12-31 open Expenses:RT:4510-Bidrag SEK
2024-12-31 open Expenses:RT:6020-Lokalhyror SEK
2024-12-31 open Expenses:RT:6810-Telefoni SEK
"""
RENT, PHONE, GRANT = "Expenses:RT:6020-Lokalhyror", "Expenses:RT:6810-Telefoni", "Expenses:RT:4510-Bidrag"


def invoice(day: str, text: str, account: str = RENT, amount: str = "900.00") -> str:
    """Return a supplier invoice with VAT, which has a number by its day."""
    vat = f"{float(amount) / 4:.2f}"
    return (
        f'\n{day} * "Hyresvärden AB" "{text}"\n  ver: "L {int(day[5:7] + day[8:])}"\n  {account} {amount} SEK\n'
        f"  Assets:RT:1650-Momsfordran {vat} SEK\n"
        f"  Liabilities:RT:2510-Leverantörsskulder -{float(amount) * 1.25:.2f} SEK\n"
    )


def accruals(text: str, until: Month) -> ClosingStep:
    entries, _, options = loader.load_string(BOOKS + text)
    return step_of(Books(entries, options), until)


def step_of(books: Books, until: Month) -> ClosingStep:
    [step] = [each for each in closing_steps(books, until) if each.title == ACCRUALS]
    return step


def moved(step: ClosingStep) -> list[tuple[str, str, str]]:
    """Return of each voucher its day, what it does to a cost, and on which group it stands."""
    found = []
    for entry in step.directives:
        assert isinstance(entry, data.Transaction)
        cost, other = sorted(entry.postings, key=lambda row: not row.account.startswith("Expenses:"))
        assert number_of(cost) == -number_of(other)
        found.append((str(entry.date), str(number_of(cost)), other.account.split(":")[2][:2]))
    return found


PREPAID, ACCRUED = "17", "29"


@pytest.mark.parametrize(
    ("text", "until", "expected"),
    [
        # paid in advance, whole and by the months that are left
        (invoice("2025-12-10", "Lokalhyra kvartal 1 2026"), "2025-12", [("2025-12-31", "-900.00", PREPAID)]),
        (invoice("2025-12-10", "Lokalhyra kvartal 1"), "2025-12", [("2025-12-31", "-900.00", PREPAID)]),
        (invoice("2025-12-10", "Försäkring avser 2026"), "2025-12", [("2025-12-31", "-900.00", PREPAID)]),
        (
            invoice("2025-07-01", "Hyra kvartal 3 2025"),
            "2025-08",
            [("2025-08-31", "-300.00", PREPAID), ("2025-09-01", "300.00", PREPAID)],
        ),
        (invoice("2025-07-01", "Hyra kvartal 3 2025"), "2025-12", []),
        # invoiced afterwards
        (invoice("2026-01-12", "Lokalhyra december 2025"), "2025-12", [("2025-12-31", "900.00", ACCRUED)]),
        (invoice("2026-01-12", "Lokalhyra december"), "2025-12", [("2025-12-31", "900.00", ACCRUED)]),
        (invoice("2026-03-30", "Lokalhyra kvartal 4 2025"), "2025-12", [("2025-12-31", "900.00", ACCRUED)]),
        (
            invoice("2025-09-12", "Hyra kvartal 3 2025"),
            "2025-08",
            [("2025-08-31", "600.00", ACCRUED), ("2025-09-01", "-600.00", ACCRUED)],
        ),
        # of its own time, of none that is known, or too late to be awaited
        (invoice("2025-12-10", "Lokalhyra december 2025"), "2025-12", []),
        (invoice("2026-01-12", "Lokalhyra januari 2026"), "2025-12", []),
        (invoice("2026-01-12", "Lokalhyra"), "2025-12", []),
        (invoice("2026-01-12", "Lokalhyra november och december 2025"), "2025-12", []),
        (invoice("2026-05-12", "Lokalhyra december 2025"), "2025-12", []),
        (invoice("2026-01-12", "Bidrag december 2025", GRANT), "2025-12", []),
    ],
)
def test_what_an_invoice_has_of_another_time_is_accrued(
    text: str, until: str, expected: list[tuple[str, str, str]]
) -> None:
    year, month = map(int, until.split("-"))
    step = accruals(text, Month(year, month))
    assert moved(step) == expected
    assert step.reasons == []
    assert all(("faktura" in each.meta) == (each.date == Month(year, month).last_day) for each in step.directives)


def test_what_is_accrued_is_not_accrued_again_but_what_came_back_is() -> None:
    rent = invoice("2025-07-01", "Hyra kvartal 3 2025")
    july = accruals(rent, Month(2025, 7))
    assert moved(july)[0] == ("2025-07-31", "-600.00", PREPAID)
    written = rent + directives_text(july.directives).replace("2025-08-01 !", "2025-08-01 *")
    assert moved(accruals(written, Month(2025, 7))) == []
    august = accruals(written, Month(2025, 8))
    assert moved(august)[0] == ("2025-08-31", "-300.00", PREPAID)
    assert moved(accruals(written + "\n" + directives_text(august.directives), Month(2025, 8))) == []
    by_hand = """
2025-08-31 * "Periodisering"
  ver: "B 1"
  Assets:RT:1710-Interimsfordringar 300.00 SEK
  Expenses:RT:6020-Lokalhyror -300.00 SEK
"""
    assert moved(accruals(rent + by_hand, Month(2025, 8))) == []


def test_without_an_account_for_it_the_unit_is_told_what_to_accrue() -> None:
    other = BOOKS.replace("Assets:RT:1710", "Assets:UTB:1710")
    entries, _, options = loader.load_string(other + invoice("2025-12-10", "Lokalhyra kvartal 1 2026"))
    step = step_of(Books(entries, options), Month(2025, 12))
    assert not step.directives
    [reason] = step.reasons
    assert "900" in str(reason)
    assert "RT" in str(reason)


def test_it_proposes_what_the_accountant_did(sjuharad_loaded: LoadedLedger) -> None:
    """Of books with a year-end's accruals of costs taken away: what invoices give, to the öre, and no more."""

    def is_accrual(entry: data.Directive) -> bool:
        text = (entry.narration or "") if isinstance(entry, data.Transaction) else ""
        return entry.date == date(2024, 12, 31) and text.startswith(("Förutbetald kostnad", "Upplupen kostnad"))

    taken = [entry for entry in sjuharad_loaded.entries if is_accrual(entry)]
    left = [entry for entry in sjuharad_loaded.entries if not is_accrual(entry)]
    step = step_of(Books(left, sjuharad_loaded.options), Month(2024, 12))
    by_hand = [each for each in taken if isinstance(each, data.Transaction) and "Upplupen" in (each.narration or "")]
    prepaid = [entry for entry in taken if entry not in by_hand]
    assert (len(prepaid), len(by_hand)) == (10, 3)
    assert rows(step.directives) == rows(prepaid)
    costs = {row.account for entry in by_hand for row in entry.postings if row.account.startswith("Expenses")}
    assert {reason.values["account"] for reason in step.reasons} == costs
    whole = Books(sjuharad_loaded.entries, sjuharad_loaded.options)
    assert step_of(whole, Month(2024, 12)).is_done
    assert step_of(whole, Month(2023, 12)).is_done


def rows(entries: Sequence[data.Directive]) -> Counter[tuple[str, str]]:
    """Return the rows of vouchers, without clearing."""
    return Counter(
        (row.account, str(number_of(row)))
        for entry in entries
        if isinstance(entry, data.Transaction)
        for row in entry.postings
        if ":1790-" not in row.account
    )
