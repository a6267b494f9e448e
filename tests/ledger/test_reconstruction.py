"""The ledger of Sjuhärads kommunalförbund, as it is reconstructed from the printed report."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.data import Balance, Transaction

from forbundsbok.plugins.accounts import CLEARING
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.scripts.reconstruct.facts import Printed
from forbundsbok.scripts.reconstruct.journal import write_ledger
from forbundsbok.scripts.reconstruct.solve import Solution, solve

CONTRA = ("1219",)  # assets that lower others, and so are always credit
PROVISIONS = ("2293", "2294")  # their payments are debit accounts: only the provision as a whole has a sign

# The report's two debit balances among the current liabilities: credit notes greater than what was owed.
IN_DEBIT = {"Liabilities:DSO:2510-Leverantörsskulder", "Liabilities:VOC:2510-Leverantörsskulder"}


# Its figures are solved once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("reconstruction")]


@pytest.fixture(scope="module")
def vouchers(sjuharad_loaded: LoadedLedger) -> list[Transaction]:
    return [entry for entry in sjuharad_loaded.entries if isinstance(entry, Transaction)]


@pytest.fixture(scope="module")
def solution(sjuharad: Path) -> Solution:
    return solve(sjuharad.parent / "printed" / "2024.csv")


def test_the_report_contradicts_itself_in_four_figures_and_no_fewer(solution: Solution) -> None:
    assert sorted(solution.contradicted, key=_place) == sorted(
        [
            Printed("3.1.5", "Medlemsavgifter, BRB", "2023", 1198, contradicted=True),
            Printed("3.1.9", "Årets resultat", "2024", -1367, contradicted=True),
            Printed("3.4", "Årets kassaflöde", "2024", 13, contradicted=True),
            Printed("not-7", "Summa", "2023", 1198, contradicted=True),
        ],
        key=_place,
    )


def test_the_ledger_is_what_the_reconstruction_writes_byte_for_byte(
    solution: Solution, sjuharad: Path, tmp_path: Path
) -> None:
    shutil.copy(sjuharad.with_name("bokslut.bean"), tmp_path)  # its journal of seals is history, and stays
    write_ledger(solution, tmp_path)
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.bean")}
    committed = {path.relative_to(sjuharad.parent): path.read_bytes() for path in sjuharad.parent.rglob("*.bean")}
    assert written.keys() == committed.keys()
    assert [path for path in written if written[path] != committed[path]] == []


def test_each_year_has_the_vouchers_of_a_real_one(vouchers: list[Transaction]) -> None:
    years = Counter(voucher.date.year for voucher in vouchers)
    assert years[2022] == 1
    assert min(years[2023], years[2024]) >= 2000


def test_no_account_takes_a_sign_that_it_could_not_have(vouchers: list[Transaction]) -> None:
    wrong = {
        (account, day)
        for day, balances in _days(vouchers)
        for account, balance in balances.items()
        if balance * _side(account) < 0 and account not in IN_DEBIT
    }
    assert wrong == set()


def test_every_balance_account_is_asserted_at_every_year_end(sjuharad_loaded: LoadedLedger) -> None:
    entries = sjuharad_loaded.entries
    asserted = {(entry.account, entry.date.year - 1) for entry in entries if isinstance(entry, Balance)}
    for year in (2022, 2023, 2024):
        posted = {
            posting.account
            for entry in entries
            if isinstance(entry, Transaction) and entry.date.year <= year
            for posting in entry.postings
            if posting.account.startswith(("Assets", "Equity", "Liabilities"))
        }
        assert [account for account in sorted(posted) if (account, year) not in asserted] == []


def test_the_cash_box_holds_what_a_cash_box_holds(vouchers: list[Transaction]) -> None:
    for _, balances in _days(vouchers):
        assert 2_000 <= balances["Assets:NAV:1910-Handkassa"] <= 30_000


def _days(vouchers: list[Transaction]) -> Iterator[tuple[date, dict[str, Decimal]]]:
    """Yield what every balance account came to at the end of each day with vouchers; a provision counts as one."""
    balances: dict[str, Decimal] = Counter()  # type: ignore[assignment]
    for index, voucher in enumerate(vouchers):
        for posting in voucher.postings:
            if posting.account.startswith(("Assets", "Liabilities")) and not posting.account.endswith(CLEARING):
                provision = posting.account.split(":")[2].startswith(PROVISIONS)
                account = posting.account.rsplit(":", 1)[0] if provision else posting.account
                assert posting.units is not None
                assert posting.units.number is not None
                balances[account] += posting.units.number
        if index + 1 == len(vouchers) or vouchers[index + 1].date != voucher.date:
            yield voucher.date, balances


def _side(account: str) -> int:
    debit = account.startswith("Assets") and not account.split(":")[2].startswith(CONTRA)
    return 1 if debit else -1


def _place(figure: Printed) -> tuple[str, str, str]:
    return figure.place
