"""Rules on the screen."""

from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main


def test_a_rule_is_printed_by_its_code_in_any_case() -> None:
    printed = CliRunner().invoke(main, ["rule", "s201"]).output
    assert printed.startswith("S201  En enhet som överför sitt överskott har resultatet 0,00 kr")
    assert "\nVarför: " in printed
    assert "\nÅtgärd: Skriv den verifikation som saknas" in printed


def test_an_unknown_rule_lists_the_codes() -> None:
    result = CliRunner().invoke(main, ["rule", "s1"])
    assert result.exit_code == 1
    assert "det finns ingen regel s1; det finns S201, S202" in result.output
    assert "de börjar på A, B, " in CliRunner().invoke(main, ["rule", "X1"]).output
