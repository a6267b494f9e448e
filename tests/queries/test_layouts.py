"""Layouts and selections: what cannot be read is refused by name, what can is what it says."""

import itertools
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from forbundsbok import queries
from forbundsbok.plugins.directives import KINDS
from forbundsbok.plugins.language import CATALOGUE
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.roles import SLAG, Roles
from forbundsbok.plugins.units import KEPT, Unit, read_units
from forbundsbok.queries.builder import Builder, Request
from forbundsbok.queries.general_ledger import GeneralLedger, chart_of, load, movements_of
from forbundsbok.queries.layout import Layout, LayoutError
from forbundsbok.queries.layout_files import FOLDER, NOTES, Layouts
from forbundsbok.queries.proofs import PARTS
from forbundsbok.queries.selection import Selectable, parse_selection
from forbundsbok.queries.statement import Measure, Period
from forbundsbok.queries.statements import StatementError, statement, statement_names, statements
from forbundsbok.scripts.forbundsbok import main
from tests.scripts.test_hook import BOOKS

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
        ("maskiner", ["1210", "1219"]),
        ("maskiner-avskrivning 16", ["1219", "1610"]),
        ("intakt !36", ["3119"]),
        ("tillgang kostnad", ["1210", "1219", "1610", "4510"]),
        ("alla !tillgang extern", ["3119", "4510"]),
    ],
)
def test_a_selection_takes_the_accounts_that_it_says(text: str, numbers: list[str]) -> None:
    assert list(CHART.number[parse_selection(text).matches(Selectable.of(CHART))]) == numbers


def test_debit_and_credit_part_the_accounts_so_that_each_is_on_one_side() -> None:
    balances = np.array([1, 0, -1, 5, -5, 0], dtype=np.int64)
    debit, credit = (parse_selection(f"1..8 {side}").on_side(balances) for side in ("debit", "credit"))
    assert list(debit) == [True, False, False, True, False, False]
    assert not (debit & credit).any()
    assert (debit | credit).all()


def test_what_is_net_stands_whole_on_the_side_that_it_comes_to() -> None:
    debit, credit = (parse_selection(f"moms net {side}") for side in ("debit", "credit"))
    for balances, is_debit in (([5, -4], True), ([5, -5], False), ([-5, 4, 0], False)):
        of = np.array(balances, dtype=np.int64)
        assert debit.on_side(of).tolist() == [is_debit] * len(of)
        assert credit.on_side(of).tolist() == [not is_debit] * len(of)


@pytest.mark.parametrize("text", ["", "extern", "1234567", "30..", "maskin", "moms net", "!31", "debet 25", "30-39"])
def test_a_selection_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"kontogrupp|netto"):
        parse_selection(text)


ROOT_OF = {
    "tillgang": "Assets",
    "eget-kapital": "Equity",
    "intakt": "Income",
    "kostnad": "Expenses",
    "kalkyl": "Expenses",
}
LEAVES = [slag for slag in SLAG.values() if not slag.is_class]


def chart_of_all_kinds() -> GeneralLedger:
    """Return books with an account of each kind that the tree has, said by the account and not by its number."""
    said = {
        f"{ROOT_OF.get((*slag.classes, slag.name)[0], 'Liabilities')}:RT:{1000 + at}-Konto": slag.name
        for at, slag in enumerate(LEAVES)
        if slag.name != "avrakning"
    }
    accounts = [(account, None, None, None, None) for account in (*said, "Assets:RT:1790-Avräkning")]
    chart = chart_of(accounts, Roles(said))
    return GeneralLedger(chart, movements_of([]), {"RT": Unit("RT", "RT", KEPT, {})}, [], {}, [])


@pytest.mark.parametrize("name", ["resultat", "balans"])
@pytest.mark.parametrize("unit", ["", "RT"])
def test_the_law_has_each_kind_of_account_on_one_line(name: str, unit: str) -> None:
    """Once in the year's part and once in what was before it, whatever side it is on, or it is left out as nothing."""
    books, period = chart_of_all_kinds(), Period(2022)
    layout = Layouts().layout(name)
    builder = Builder(books, layout, Request(name, period, None, unit=unit))
    assert sorted(str(slag) for slag in books.chart.slag) == sorted(slag.name for slag in LEAVES)
    parts = (Measure.MOVEMENT,) if name == "resultat" else (Measure.EARLIER, Measure.YEAR)
    for part, debit in itertools.product(parts, (True, False)):
        lines = np.zeros(len(books.chart), dtype=int)
        for row in builder.rows:
            measure = row.measure or layout.measure
            if row.memo or part not in PARTS.get(measure, (measure,)):
                continue
            for selection in row.accounts:
                if not selection.side or (selection.side == "debit") == debit:
                    lines += books.matching(selection) & builder.within
        about = books.matching(parse_selection("alla result" if name == "resultat" else "alla")) & ~builder.eliminated
        kinds = list(map(str, books.chart.slag[about]))
        assert dict(zip(kinds, lines[about].tolist(), strict=True)) == dict.fromkeys(kinds, 1)
    left_out = {str(slag) for slag in books.chart.slag[builder.eliminated]}
    by_law = {"kalkyl"} if name == "resultat" else {"kalkyl", "avrakning"}
    assert left_out == (set() if unit else by_law)


def test_the_laws_layouts_know_no_number_and_no_printed_table() -> None:
    for path in (Path(str(queries.__file__)).parent / FOLDER).glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        selections = re.findall(r"(?:accounts|takes|eliminates|unmoved) = (.*)", text)
        assert selections, path.name
        assert not [each for each in selections if re.search(r"\d", each)], path.name
        assert "table" not in text.replace("tables", ""), path.name


def test_nothing_that_is_told_or_printed_names_the_first_federation(sjuharad_loaded: LoadedLedger) -> None:
    """Its units, its members and what it has promised stand in its ledger: no text, layout or example knows them."""
    units = read_units(sjuharad_loaded.entries)
    named = [*units, *(unit.name for unit in units.values()), "Borås", "Sjuhärad", "Navet", "E20", "Mediapoolen"]
    names = re.compile(rf"\b({'|'.join(map(re.escape, named))})\b")
    told = [CATALOGUE, *(Path(str(queries.__file__)).parent / FOLDER).glob("*.toml")]
    texts = [line for path in told for line in path.read_text(encoding="utf-8").splitlines()]
    texts += [kind.example for kind in KINDS.values()]
    assert [text for text in texts if names.search(text)] == []


def texts_of(layouts: Layouts) -> Iterator[Mapping[str, str]]:
    named = [layouts.layout(name) for name in layouts.names if name != NOTES]
    for each in [*named, *layouts.notes]:
        yield each.title
        yield from (row.label for row in each.row if row.label)
        yield from (part.label for parts in (each.column, each.footnote) for part in parts)


def test_every_layout_of_the_law_and_of_the_first_federation_has_both_languages(sjuharad: Path) -> None:
    for layouts in (Layouts(), Layouts(sjuharad.with_name(FOLDER))):
        assert all(set(text) == {"sv", "en"} for text in texts_of(layouts))


def refused(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError) as error:
        Layouts(folder).names  # noqa: B018
    return str(error.value).removeprefix(f"{folder}/").split(f"\n{folder}/")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('each = "fees"', 'each = "fee"'), "each är 'fee' men får vara 'unit', 'fees', 'label'"),
        (('en = "Depreciation"', 'de = "Abschreibung"'), "ska finnas på svenska (sv) och engelska (en)"),
        (
            ('sum = ["intakter", "kostnader"', 'sum = ["intakter", "kostnad"'),
            'raden "netto" summerar "kostnad", som inte är någon rad',
        ),
        (('id = "netto"', "id = netto"), "det som står efter = är inget värde: en text står inom citattecken"),
        (('id = "netto"', 'id "netto"'), 'efter ett nyckelord står =, som i   id = "intakter"'),
        (('id = "netto"', 'id = "netto'), "en text saknar sitt sista citattecken"),
        (('accounts = ["79"]', 'acounts = ["79"]'), "en mall har inget nyckelord acounts, men accounts"),
        (('accounts = ["79"]', 'accounts = "79"'), "accounts är '79': skriv en lista av texter"),
        (
            ('accounts = ["79"]', 'accounts = ["avskrivning"]'),
            '"avskrivning" i urvalet "avskrivning" är ingen kontogrupp: menas avskrivningar?',
        ),
        (('id = "netto"', "main = true"), "id saknas"),
        (('equals = "balans.arets-resultat"', 'equals = "balans.x"'), 'raden "resultat" nämner balans.x, en rad som'),
        (('sv = "{Årets} resultat"', 'sv = "{Arets} resultat"'), 'label "{Arets} resultat" får bara ha'),
    ],
)
def test_a_layout_that_cannot_be_read_is_refused_by_file_row_and_reason(
    sjuharad: Path, tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    text = (sjuharad.with_name(FOLDER) / "resultat.toml").read_text(encoding="utf-8")
    assert change[0] in text
    changed = text.replace(change[0], change[1])
    told = refused(tmp_path, resultat=changed)
    at = next(
        line for line, (old, new) in enumerate(zip(text.split("\n"), changed.split("\n"), strict=True), 1) if old != new
    )
    at -= message == "id saknas"  # what is missing is told at the row's heading
    assert any(each.startswith(f"resultat.toml:{at}: ") and message in each for each in told)


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    told = refused(
        tmp_path,
        balans='utgar = "lag"\nutan = ["ruur"]\n\n[[row]]\nid = "kassa-och-bank"\nmain = true\nefter = "forrådet"\n',
        noter='utgar = "lag"\n[[note]]\nkey = "fordringar"\n  [[note.row]]\n  id = "kundfordringar"\n  sgn = 1\n',
        reultat='title = "Resultat"\n',
        drift='utgar = "lagen"\n',
    )
    assert told == [
        'balans.toml:2: "ruur" ska utelämnas men finns inte i lagens mall',
        'balans.toml:7: "kassa-och-bank" ska stå efter "forrådet", som inte finns',
        'drift.toml:1: en mall utgår från lagens: utgar = "lag"',
        "noter.toml:6: en mall har inget nyckelord sgn, men sign",
        "reultat.toml:1: det finns ingen uppställning reultat, men resultat: döp om filen",
    ]


def test_a_row_that_the_laws_other_layouts_need_is_missed_in_the_file_that_lacks_it(tmp_path: Path) -> None:
    told = refused(tmp_path, balans='title = "Balans"\n\n[[row]]\nid = "kassa"\naccounts = ["kassa"]\n')
    assert "balans.toml:1: lagens kassaflode jämförs med raden balans.fordringar, som inte finns här" in told
    assert all(each.startswith("balans.toml:1: lagens ") for each in told)


def extended(folder: Path, text: str) -> Layout:
    (folder / "balans.toml").write_text(f'utgar = "lag"\n{text}', encoding="utf-8")
    return Layouts(folder).layout("balans")


def test_a_layout_extends_the_laws_row_by_row(tmp_path: Path) -> None:
    law = Layouts().layout("balans")
    assert extended(tmp_path, "") == law
    label = extended(tmp_path, '[[row]]\nid = "kassa-och-bank"\nlabel = "Likvida medel"\n')
    assert label.row_of("kassa-och-bank") == replace(
        law.row_of("kassa-och-bank"), label={"sv": "Likvida medel", "en": "Likvida medel"}
    )
    assert [row.id for row in label.row] == [row.id for row in law.row]
    new = '[[row]]\nid = "koncernkonto"\nefter = "kassa-och-bank"\nlabel = "Koncernkonto"\naccounts = ["192"]\n'
    ids = [row.id for row in extended(tmp_path, new).row]
    assert ids[ids.index("kassa-och-bank") + 1] == "koncernkonto"
    assert len(ids) == len(law.row) + 1
    first = [row.id for row in extended(tmp_path, '[[row]]\nid = "kassa-och-bank"\nefter = ""\n').row]
    assert first == ["kassa-och-bank", *(row.id for row in law.row if row.id != "kassa-och-bank")]
    less = extended(tmp_path, 'utan = ["forrad"]\n')
    assert "forrad" not in [row.id for row in less.row]
    assert "forrad" in law.row_of("omsattningstillgangar").sum
    assert "forrad" not in less.row_of("omsattningstillgangar").sum


def test_notes_are_extended_by_their_keys(tmp_path: Path) -> None:
    (tmp_path / "noter.toml").write_text(
        """utgar = "lag"
utan = ["kortfristiga-skulder"]

[[note]]
key = "fordringar"
title = "Fordringar"
utan = ["kundfordringar"]

[[note]]
key = "hyror"
efter = "fordringar"
title = "Hyror"
row = [{ id = "hyror", each = "label", accounts = ["34"] }]
""",
        encoding="utf-8",
    )
    law, own = ({note.key: note for note in layouts.notes} for layouts in (Layouts(), Layouts(tmp_path)))
    keys = [key for key in law if key != "kortfristiga-skulder"]
    keys.insert(keys.index("fordringar") + 1, "hyror")
    assert list(own) == keys
    assert own["fordringar"].title["sv"] == "Fordringar"
    assert [row.id for row in own["fordringar"].row] == [
        row.id for row in law["fordringar"].row if row.id != "kundfordringar"
    ]


def test_the_handbooks_example_is_a_layout_by_which_all_statements_prove_themselves(tiny: Path, tmp_path: Path) -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "handbok.md").read_text(encoding="utf-8")
    [example] = [block for block in re.findall(r"```toml\n(.*?)```", handbook, re.DOTALL) if block.startswith("utgar")]
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "resultat.toml").write_text(example, encoding="utf-8")
    shutil.copy(tiny, tmp_path)
    books = load(tmp_path / tiny.name)
    made = {each.full_name: each for each in statements(books, Period(2022), Period(2021))}
    labels = [row.label for row in made["resultat"].rows]
    assert labels[:3] == ["Verksamhetens intäkter", "varav bidrag", "Verksamhetens kostnader"]
    assert "Förbundsbidrag" in labels


OWN = """
utgar = "lag"

[[row]]
id = "avskrivningar"
label = "Årets avskrivningar"
"""


def test_two_ledgers_in_one_process_have_their_own_layouts(tiny: Path, tmp_path: Path) -> None:
    books = []
    for name, text in (("one", OWN), ("two", OWN.replace("Årets", "Våra")), ("three", "")):
        (tmp_path / name / FOLDER).mkdir(parents=True)
        shutil.copy(tiny, tmp_path / name / "main.bean")
        if text:
            (tmp_path / name / FOLDER / "resultat.toml").write_text(text, encoding="utf-8")
        books.append(load(tmp_path / name / "main.bean"))
    by_law = statement(books[2], "resultat", Period(2022), None, layout="lag")
    assert by_law.rows == statement(books[2], "resultat", Period(2022), None).rows
    for book, label in zip(books, ("Årets avskrivningar", "Våra avskrivningar", "Avskrivningar"), strict=True):
        assert label in [row.label for row in statement(book, "resultat", Period(2022), None).rows]
        assert statement(book, "resultat", Period(2022), None, layout="lag") == by_law
    # What is written later is read the next time that books are.
    (tmp_path / "three" / FOLDER / "resultat.toml").write_text(OWN, encoding="utf-8")
    again = statement(load(tmp_path / "three" / "main.bean"), "resultat", Period(2022), None)
    assert "Årets avskrivningar" in [row.label for row in again.rows]


def test_a_statement_of_the_ledgers_own_and_another_layout_of_one(tiny: Path, tmp_path: Path) -> None:
    shutil.copy(tiny, tmp_path)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "lonekostnader.toml").write_text(
        'title = "Löner"\n[[row]]\nid = "loner"\nlabel = "Löner"\naccounts = ["50"]\n', encoding="utf-8"
    )
    (tmp_path / FOLDER / "resultat.kort.toml").write_text(OWN, encoding="utf-8")
    books = load(tmp_path / tiny.name)
    assert statement_names(books, Period(2022), None)[-1] == "lonekostnader"
    [row] = statement(books, "lonekostnader", Period(2022), None).rows
    assert row.figures["year"].tkr == 2960
    short = statement(books, "resultat", Period(2022), None, layout="kort")
    assert "Årets avskrivningar" in [each.label for each in short.rows]
    with pytest.raises(StatementError, match="resultat har ingen uppställningsform lång; det finns kort, lag"):
        statement(books, "resultat", Period(2022), None, layout="lång")
    with pytest.raises(StatementError, match="det finns ingen uppställning lonekostnader"):
        statement(books, "lonekostnader", Period(2022), None, layout="lag")


def test_the_commands_print_by_the_ledgers_layouts_and_by_the_law(tiny: Path, tmp_path: Path) -> None:
    shutil.copy(tiny, tmp_path)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "resultat.toml").write_text(OWN, encoding="utf-8")
    books = ("--ledger", str(tmp_path / tiny.name))

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, [*arguments, *books])
        assert result.exit_code == code, result.output
        return result.output

    own, law = "Årets avskrivningar", "Avskrivningar"
    asked = ("--year", "2022")
    assert own in run("show", "resultat", *asked)
    assert own not in (shown := run("show", "resultat", *asked, "--layout", "lag"))
    assert law in shown
    assert own in run("trace", own, "--statement", "resultat", *asked)
    assert law in run("trace", law, "--statement", "resultat", *asked, "--layout", "lag")
    for words, label in (((), own), (("--layout", "lag"), law)):
        run("export", *asked, "--out", str(tmp_path / "out"), "--format", "txt", "--yes", *words)
        assert f"  {label} " in (tmp_path / "out" / "resultat.txt").read_text(encoding="utf-8")
    figures = tmp_path / "figures.csv"
    figures.write_text(f"table,row,note,column,tkr\nresultat,{own},,2022,-145\n", encoding="utf-8")
    assert "1 av 1 siffror stämmer" in run("compare", str(figures), *asked, code=1)


def test_check_says_what_it_proved_the_statements_by(tmp_path: Path) -> None:
    """A changed layout changes what is printed of a year that is closed, and no seal covers it."""
    path, layout = tmp_path / "main.bean", tmp_path / FOLDER / "resultat.toml"
    path.write_text(BOOKS, encoding="utf-8")
    layout.parent.mkdir()

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, [*arguments, "--ledger", str(path)])
        assert result.exit_code == code, result.output
        return result.output

    assert "trycks efter" not in run("check")
    layout.write_text(OWN, encoding="utf-8")
    checked = run("check")
    assert f"uppställningarna trycks efter {layout.parent}/ (1 mall, kontrollsumma " in checked
    layout.write_text(OWN.replace("Årets", "Våra"), encoding="utf-8")
    assert run("check") != checked
    layout.write_text(OWN.replace("label", "lable"), encoding="utf-8")
    wrong = f"{layout}:6: en mall har inget nyckelord lable, men label"
    for command in (("check",), ("show", "balans", "--year", "2024")):
        assert wrong in run(*command, code=1)
    told = json.loads(run("check", "--json", code=1))
    assert [each["line"] for each in told if each["file"] == str(layout)] == [6]
