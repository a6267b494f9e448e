"""One thing is changed at a time: the accounts of a row, what an account is, the kind of a flow. Something says so.

What is changed shows in some figure, or the change is none; then a rule or a proof refuses, or a figure is not the
answer sheet's. A part is tried each time (tests.shares); `pytest -s` prints how many were.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import pytest

import forbundsbok.queries
from forbundsbok.plugins.loading import LedgerError
from forbundsbok.plugins.roles import SLAG
from forbundsbok.queries.general_ledger import GeneralLedger, load
from forbundsbok.queries.layout import LayoutError
from forbundsbok.queries.layout_files import Layouts
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import StatementError, comparative, statements
from tests.federations.answers import figures
from tests.federations.events import Federation
from tests.federations.raddning import raddning
from tests.shares import SHARE

LAYOUTS = Path(forbundsbok.queries.__file__).parent / "layouts"
YEARS = (2024,)
Everything = dict[tuple[str, str, str, str], int]


@pytest.fixture(scope="module")
def books() -> Federation:
    return raddning()


@pytest.fixture(scope="module")
def main(books: Federation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return books.write(tmp_path_factory.mktemp("mutants"))


@pytest.fixture(scope="module")
def sound(main: Path) -> tuple[GeneralLedger, Everything]:
    ledger = load(main)
    return ledger, _everything(ledger)


def _everything(ledger: GeneralLedger) -> Everything:
    """Return every figure of every statement."""
    shown: Everything = {}
    for year in YEARS:
        period = Period(year)
        for each in statements(ledger, period, comparative(ledger, period, None)):
            for row in each.rows:
                for column, figure in row.figures.items():
                    if column == "compare":
                        continue  # the year before, which is not asked for
                    shown[each.full_name, row.id, str(year), column] = figure.ore
    return shown


def _told(books: Federation, ledger: GeneralLedger, sound: Everything) -> bool | None:
    """Return whether something says that figures are wrong; None where none has changed."""
    try:
        if _everything(ledger) == sound:
            return None
        return any(each.said != each.line.amount for each in figures(books, ledger, YEARS))
    except (StatementError, LayoutError):
        return True


def _mutated_layouts(ledger: GeneralLedger) -> Iterator[tuple[str, str, str]]:
    """Yield a layout file with one word of a row's accounts or flows changed: its name, what was changed, its text.

    What the books have not is left as it is: in its place there was nothing to see.
    """
    slags = set(ledger.chart.slag)
    lacking = {name for name in SLAG if not any(each.within(name) for each in slags)}
    for path in sorted(LAYOUTS.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        for chosen in re.finditer(r"\b(accounts|flow) = \[(.*?)\]", text, re.DOTALL):
            others = ("konst", "kundfordringar", "loner") if chosen[1] == "accounts" else ("nedskrivning", "lan-nytt")
            for word in re.finditer(r"[\w-]+", chosen[2]):
                start, end = chosen.start(2) + word.start(), chosen.start(2) + word.end()
                line = text.count("\n", 0, start) + 1
                for other in others:
                    if other != word[0] and word[0] not in lacking:
                        yield path.name, f"{path.name}:{line} {word[0]} -> {other}", text[:start] + other + text[end:]


@pytest.mark.slow
def test_a_row_with_other_accounts_is_told(
    books: Federation, sound: tuple[GeneralLedger, Everything], tmp_path: Path
) -> None:
    ledger, shown = sound
    mutants = list(_mutated_layouts(ledger))[:: 16 * SHARE]
    told = {}
    for name, what, text in mutants:
        (tmp_path / name).write_text(text, encoding="utf-8")
        told[what] = _told(books, replace(ledger, layouts=Layouts(tmp_path)), shown)
        (tmp_path / name).unlink()
    _all_are_told("rows of layouts", told)


@pytest.mark.slow
def test_an_account_that_is_another_thing_is_told(
    books: Federation, main: Path, sound: tuple[GeneralLedger, Everything], tmp_path: Path
) -> None:
    chance, told = Random(11), {}
    accounts = sorted({account for voucher in books.vouchers for account, _ in voucher.rows})
    for account in chance.sample(accounts, len(accounts) // (2 * SHARE)):
        slag = sound[0].roles.slag(account)
        other = chance.choice(
            [
                name
                for name, each in SLAG.items()
                if not each.is_class and _root(name) == _root(slag.name) and name != slag.name
            ]
        )
        (tmp_path / "main.bean").write_text(
            main.read_text(encoding="utf-8") + f'\n2022-12-31 custom "kontoslag" {account} "{other}"\n',
            encoding="utf-8",
        )
        try:
            told[f"{account} {other}"] = _told(books, load(tmp_path / "main.bean"), sound[1])
        except LedgerError:
            told[f"{account} {other}"] = True
    _all_are_told("accounts", told)


@pytest.mark.slow
def test_a_flow_of_another_kind_is_told(books: Federation, sound: tuple[GeneralLedger, Everything]) -> None:
    ledger, shown = sound
    chance, told = Random(12), {}
    lines = [*ledger.flow_lines()]
    words = sorted({each.flow for each in lines})
    for at in chance.sample([at for at, each in enumerate(lines) if each.line.date.year in YEARS], 100 // SHARE):
        line = lines[at]
        other = chance.choice([word for word in words if word != line.flow])
        changed = [*lines[:at], line._replace(flow=other), *lines[at + 1 :]]
        what = f"{line.line.date} {line.line.account} {line.flow} -> {other}"
        told[what] = _told(books, replace(ledger, flow_lines=partial(list, changed)), shown)
    _all_are_told("flows", told)


def _root(name: str) -> str:
    return next(iter(SLAG[name].classes), name)


def _all_are_told(what: str, told: dict[str, bool | None]) -> None:
    changed = {name: said for name, said in told.items() if said is not None}
    print(f"{what}: {len(told)} changed, {len(changed)} show in a figure, {sum(changed.values())} are told")
    assert len(changed) > len(told) // 3
    assert [name for name, said in changed.items() if not said] == []
