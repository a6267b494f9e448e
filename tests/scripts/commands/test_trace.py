"""From a figure to its vouchers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.queries.general_ledger import load
from forbundsbok.queries.statement import Figure
from forbundsbok.queries.trace import TraceError, traces_of
from forbundsbok.scripts.forbundsbok import main

Run = Callable[..., Result]


@pytest.fixture
def trace(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `forbundsbok trace` for 2022 in the folder of the tiny federation's books."""
    monkeypatch.chdir(tiny.parent)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["trace", *arguments, "--year", "2022", "--ledger", "main.bean"])

    return run


def lineno(tiny: Path, text: str) -> int:
    """Return the number of the line that holds a text."""
    return next(n for n, line in enumerate(tiny.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_vouchers_of_a_unit_and_how_they_make_the_figure(trace: Run, tiny: Path) -> None:
    course, internal = (lineno(tiny, text) for text in ("Brandskyddskurs", "Kurser hösten 2022"))
    assert trace("Verksamhetens intäkter", "--statement", "resultat", "--unit", "UTB").output == (
        "Resultaträkning Utbildning\n"
        "Verksamhetens intäkter, 2022: 145 tkr\n"
        "\n"
        "Rörelse 2022-01-01 till 2022-12-31, med omvänt tecken\n"
        "  Income:UTB:3010-Försäljning\n"
        f"    2022-05-02  K 2  Kursdeltagare, Brandskyddskurs      -25 499,99  main.bean:{course}\n"
        "  Income:UTB:3610-Interna-kurser\n"
        f"    2022-10-01  N 1  Kurser hösten 2022                 -120 000,00  main.bean:{internal}\n"
        "  Summa konton                                          -145 499,99\n"
        "\n"
        "Summa enligt böckerna, debet plus och kredit minus      -145 499,99\n"
        "Med omvänt tecken, som raden trycks                      145 499,99\n"
        "Avrundat, tkr                                                   145\n"
        "Verifikationerna ger radens siffra på öret.\n"
    )


def test_the_same_in_english(trace: Run, tiny: Path) -> None:
    course, internal = (lineno(tiny, text) for text in ("Brandskyddskurs", "Kurser hösten 2022"))
    asked = ("Operating income", "--statement", "resultat", "--unit", "UTB", "--language", "en")
    assert trace(*asked).output == (
        "Income statement, Utbildning\n"
        "Operating income, 2022: 145 tkr\n"
        "\n"
        "Movement 2022-01-01 to 2022-12-31, sign reversed\n"
        "  Income:UTB:3010-Försäljning\n"
        f"    2022-05-02  K 2  Kursdeltagare, Brandskyddskurs      -25 499.99  main.bean:{course}\n"
        "  Income:UTB:3610-Interna-kurser\n"
        f"    2022-10-01  N 1  Kurser hösten 2022                 -120 000.00  main.bean:{internal}\n"
        "  Total of accounts                                     -145 499.99\n"
        "\n"
        "Total in the books, debit plus, credit minus            -145 499.99\n"
        "Sign reversed, as the row is printed                     145 499.99\n"
        "Rounded, SEK thousand                                           145\n"
        "The vouchers give the row's figure to the öre.\n"
    )


def test_a_balance_is_what_the_year_opened_with_and_the_vouchers_of_the_year(trace: Run) -> None:
    lines = [line.split() for line in trace("kassa och", "--statement", "balans").output.splitlines()]
    assert lines[3] == ["Saldo", "2022-12-31,", "läggs", "till"]
    assert lines[5] == ["Ingående", "saldo", "vid", "årets", "början", "2", "250", "500,00"]
    assert lines[6][:3] == ["2022-03-01", "I", "1"]
    assert ["Summa", "4", "001", "499,99"] in lines


def test_a_balance_is_traced_from_the_first_voucher_if_asked_for(trace: Run) -> None:
    output = trace("kassa och", "--statement", "balans", "--from-start").output
    lines = [line.split() for line in output.splitlines()]
    assert lines[5][:3] == ["2020-12-31", "B", "1"]
    assert ["Summa", "4", "001", "499,99"] in lines


def test_a_column_of_two_parts_shows_the_budget_beside_the_vouchers(trace: Run) -> None:
    output = trace(
        "Verksamhetens kostnader", "--statement", "drift", "--unit", "RT", "--column", "avvikelse budget"
    ).output
    assert "Budget 2022-01-01 till 2022-12-31, läggs till" in output
    ends = [line.rsplit("  ", 1)[-1].strip() for line in output.splitlines()]
    assert ends[-3:] == ["-880 250,25", "-880", "Verifikationer och budget eller plan ger radens siffra på öret."]


@pytest.mark.parametrize("label", ["Årets resultat", "årets RESULTAT", "årets r"])
def test_labels_are_found_by_capitals_or_beginning(trace: Run, label: str) -> None:
    assert "Årets resultat, 2022: 636 tkr" in trace(label, "--statement", "resultat").output


@pytest.mark.parametrize(
    ("label", "statement", "told"),
    [
        ("Verksamhetens", "resultat", '"Verksamhetens" är inte entydigt i Resultaträkning total. Välj bland:'),
        ("Räntenetto", "resultat", '"Räntenetto" finns inte i Resultaträkning total. Där finns:'),
        ("Maskiner", "resultat", "Det står i balans: skriv   --statement balans"),
        ("nettokostnader", "balans", '\n  "Verksamhetens nettokostnader" --statement resultat\n'),
    ],
)
def test_a_label_that_means_several_rows_or_none_lists_what_there_is(
    trace: Run, label: str, statement: str, told: str
) -> None:
    result = trace(label, "--statement", statement)
    assert result.exit_code == 1
    assert told in result.output
    assert ("\n  Verksamhetens nettokostnader\n" in result.output) == told.endswith(":")
    assert ("\n  Årets resultat\n" in result.output) == (label == "Räntenetto")


def test_a_goal_leads_to_what_was_decided(trace: Run, tiny: Path) -> None:
    result = trace("Eget kapital", "--statement", "mal", "--column", "lägst")
    assert result.exit_code == 0
    line = lineno(tiny, 'custom "goal" "eget-kapital"')
    told = [text for text in result.output.splitlines() if "Det egna kapitalet ska vara minst en miljon kronor" in text]
    assert [text.split()[0] for text in told] == ["2022-01-01"]
    assert [text.rpartition(":")[2] for text in told] == [str(line)]


def test_a_figure_of_nothing_is_not_traced(tiny: Path) -> None:
    with pytest.raises(TraceError, match="siffran 10,00 är ingen summa av konton"):
        traces_of(load(tiny), Figure(1000))
