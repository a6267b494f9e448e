"""Statements as text."""

from forbundsbok.queries.statement import Column, Figure, Period, Statement, StatementRow
from forbundsbok.scripts.render.text import statement_text


def test_half_a_thousand_is_rounded_away_from_zero_and_remarks_follow_the_figures() -> None:
    rows = tuple(
        StatementRow(f"r{ore}", "Rad", figures={"year": Figure(ore)}, remark="uppnått")
        for ore in (50_000, 49_999, -50_000, -49_999)
    )
    made = Statement("x", "9.9", "Prov", Period(2022), (Column("year", "2022"),), rows)
    assert [line.split() for line in statement_text(made).splitlines()[2:]] == [
        ["Rad", tkr, "uppnått"] for tkr in ("1", "0", "-1", "0")
    ]
