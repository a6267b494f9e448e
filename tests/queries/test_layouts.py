"""Layouts and selections: what cannot be read is refused by name, what can is what it says."""

from pathlib import Path

import numpy as np
import pytest

from forbundsbok.queries import layout
from forbundsbok.queries.general_ledger import chart_of
from forbundsbok.queries.layout import ANNUAL_REPORT, layouts_of, read_layout, read_notes
from forbundsbok.queries.selection import parse_selection

CHART = chart_of(
    [
        ("Assets:A:1210-Bil", None, None, None, None),
        ("Assets:A:1219-Avskrivet", None, None, None, None),
        ("Assets:A:1610-Bank", None, None, None, None),
        ("Income:A:3119-Avgift:Borås", None, None, "Borås", None),
        ("Income:A:3610-Internt", None, None, None, True),
        ("Expenses:B:4510-Bidrag", None, None, None, None),
    ]
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("12", ["1210", "1219"]),
        ("12?0", ["1210"]),
        ("12 !1??9", ["1210"]),
        ("30..39", ["3119", "3610"]),
        ("30..39 !31", ["3610"]),
        ("30..39 extern", ["3119"]),
        ("3..8 intern", ["3610"]),
        ("121..16", ["1210", "1219", "1610"]),
        ("9", []),
    ],
)
def test_a_selection_takes_the_accounts_that_it_says(text: str, numbers: list[str]) -> None:
    assert list(CHART.number[parse_selection(text).matches(CHART)]) == numbers


def test_debit_and_credit_part_the_accounts_so_that_each_is_on_one_side() -> None:
    balances = np.array([1, 0, -1, 5, -5, 0], dtype=np.int64)
    debit, credit = (parse_selection(f"1..8 {side}").on_side(balances) for side in ("debit", "credit"))
    assert list(debit) == [True, False, False, True, False, False]
    assert not (debit & credit).any()
    assert (debit | credit).all()


@pytest.mark.parametrize("text", ["", "extern", "12345", "30..", "!31", "debet 25", "30-39"])
def test_a_selection_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="kontogrupp"):
        parse_selection(text)


def test_every_layout_has_both_languages() -> None:
    names = [name for name in ANNUAL_REPORT if name != "noter"]
    names += [f"{name}.{other}" for name in names for other in layouts_of(name)]
    assert "resultat.lkbr" in names
    for each in [*map(read_layout, names), *read_notes()]:
        texts = [each.title, *(row.label for row in each.row if row.label), *(col.label for col in each.column)]
        assert all(set(text) == {"sv", "en"} for text in texts)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('each = "unit"', 'each = "units"'), "each är 'units' men får vara 'unit', 'label'"),
        (('en = "Depreciation"', 'de = "Abschreibung"'), "ska finnas på svenska .sv. och engelska .en."),
        (
            ('sum = ["intakter", "kostnader"', 'sum = ["intakter", "kostnad"'),
            'raden "netto" summerar "kostnad", som inte är någon rad',
        ),
        (('id = "netto"', "id = netto"), "resultat.toml kan inte läsas"),
        (('accounts = ["79"]', 'acounts = ["79"]'), "okända ord acounts"),
    ],
)
def test_a_layout_that_cannot_be_read_is_refused_by_file_and_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], message: str
) -> None:
    text = (layout.LAYOUTS / "resultat.toml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "resultat.toml").write_text(text.replace(*change), encoding="utf-8")
    monkeypatch.setattr(layout, "LAYOUTS", tmp_path)
    with pytest.raises(layout.LayoutError, match=message):
        read_layout.__wrapped__("resultat")
