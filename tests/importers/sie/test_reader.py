"""The reader of SIE 4: what it lets pass with a warning, what it refuses, each by a file with that one fault."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from zlib import crc32

import pytest

from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.sie.codec.check import check_sie, read_sie
from forbundsbok.importers.sie.codec.records import Balance, Row
from tests.importers.sie.files import DAILY, SOUND, saved, spoiled

ROW = "#TRANS 1930 {} 1000.00\n"
OTHER_ROW = '#TRANS 3010 {1 NAV} -1000.00 20240315 "Avgift"\n'
VER = '#VER A 1 20240315 "Avgift mars"\n'


def told(path: Path) -> tuple[list[str], list[str]]:
    """Return the errors and warnings of a file, `line: message`."""
    report = check_sie(path)
    lines = [[f"{problem.line}: {problem.message}" for problem in found] for found in (report.errors, report.warnings)]
    return lines[0], lines[1]


@pytest.mark.parametrize("text", [SOUND, DAILY], ids=["4E", "4I"])
def test_a_sound_file_has_nothing_to_say_against_it(tmp_path: Path, text: str) -> None:
    assert told(saved(tmp_path, text)) == ([], [])


def test_everything_that_a_file_says_is_read(tmp_path: Path) -> None:
    text = spoiled("#ORGNR", '#PROSA En rad\n#PROSA "En till"\n#FTYP X\n#FNR 7\n#BKOD 84111\n#ORGNR')
    text = spoiled("#RAR", '#ADRESS "CH" "Gatan 1" "503 30  Borås" ""\n#TAXAR 2025\n#OMFATTN 20241231\n#RAR', text)
    text = spoiled("#DIM", '#RAR -1 20230101 20231231\n#KPTYP EUBAS97\n#VALUTA EUR\n#UNDERDIM 21 "Kurs" 1\n#DIM', text)
    text = spoiled("#IB", "#KTYP 1930 T\n#ENHET 1930 st\n#SRU 1930 7281\n#SRU 1930 7282\n#IB -1 1930 7 3.5\n#IB", text)
    text = spoiled("#VER", "#OIB 0 1930 {1 NAV} 5.00 2\n#PSALDO 0 202403 3010 {1 NAV 21 K} -7.10\n#VER", text)
    text = spoiled('"Avgift mars"\n', '"Avgift mars" 20240316 HL\n', text)
    text = spoiled(ROW, '#BTRANS 1930 {} 9.00 20240317 "" "" CH\n#RTRANS 1930 {} 1000.00 20240317\n' + ROW, text)
    text = spoiled('-1000.00 20240315 "Avgift"', '-1000.00 20240315 "Kabel \\"USB\\"" 2.5 CH extra', text)

    file = read_sie(saved(tmp_path, text))

    heading = file.heading
    assert (heading.program, heading.program_version, heading.generated_by) == ("Bokföring", "4.2", "CH")
    assert (heading.type, heading.remarks, heading.company_type) == ("4E", "En rad\nEn till", "X")
    assert (heading.company_number, heading.branch, heading.org_number) == ("7", "84111", "222000-0000")
    assert heading.address == ("CH", "Gatan 1", "503 30  Borås", "")
    assert (heading.tax_year, heading.covers_to, heading.chart_type) == ("2025", date(2024, 12, 31), "EUBAS97")
    assert heading.years == {
        0: (date(2024, 1, 1), date(2024, 12, 31)),
        -1: (date(2023, 1, 1), date(2023, 12, 31)),
    }
    assert heading.currency == "EUR"
    assert file.accounts["1930"] == ("1930", "Bank", "T", "st", ("7281", "7282"))
    assert [*file.dimensions.values()] == [("21", "Kurs", "1"), ("1", "Kostnadsställe", "")]
    assert file.objects[("1", "NAV")].name == "Navet"
    previous, *_, of_object, of_period, _, _ = file.balances
    assert previous == Balance(29, "IB", -1, "", "1930", (), Decimal(7), Decimal("3.5"))
    assert (of_object.kind, of_object.objects, of_object.quantity) == ("OIB", (("1", "NAV"),), Decimal(2))
    assert (of_period.period, of_period.objects) == ("202403", (("1", "NAV"), ("21", "K")))
    voucher = file.vouchers[0]
    assert (voucher.series, voucher.number, voucher.day) == ("A", "1", date(2024, 3, 15))
    assert (voucher.registered, voucher.sign) == (date(2024, 3, 16), "HL")
    assert [row.amount for row in voucher.rows] == [Decimal(1000), Decimal(-1000)]
    assert voucher.rows[1] == Row(
        40,
        "3010",
        (("1", "NAV"),),
        Decimal(-1000),
        date(2024, 3, 15),
        'Kabel "USB"',
        Decimal("2.5"),
        "CH",
    )
    assert [row.sign for row in voucher.removed] == ["CH"]
    assert [row.day for row in voucher.added] == [date(2024, 3, 17)]


SAME = {
    "every field quoted": (ROW, '#TRANS "1930" {} "1000.00" "" ""\n'),
    "tabs, and a row that is set in": (ROW, "\t#TRANS\t1930\t{}\t1000.00\t\n"),
    "blank lines": (ROW, f"\n\n{ROW}\n"),
    "braces on the lines beside them": (f"{VER}{{\n{ROW}", f"{VER[:-1]} {{\n{ROW}"),
    "a brace before the first row": (f"{{\n{ROW}", f"{{ {ROW}"),
    "a brace after the last row": (f"{OTHER_ROW}}}", f"{OTHER_ROW[:-1]} }}"),
    "an empty list with a space": (ROW, "#TRANS 1930 { } 1000.00\n"),
    "spaces inside a list": ("{1 NAV} -1000.00", '{ "1"  "NAV" } -1000.00'),
    "fields after the last": ("#RAR 0 20240101 20241231", "#RAR 0 20240101 20241231 1 2"),
    "a year before the first": ("#RAR 0 20240101 20241231", "#RAR 0 20240101 20241231\n#RAR -1 00000000 00000000"),
    "an amount of whole kronor": (ROW, "#TRANS 1930 {} 1000\n"),
    "an amount of one decimal": ("250.50\n#TRANS 3010 {1 NAV} -250.50", "250.5\n#TRANS 3010 {1 NAV} -250.5"),
    "decimals that are zeros": (ROW, "#TRANS 1930 {} 1000.0000\n"),
    "a zero with a sign": (OTHER_ROW, f"{OTHER_ROW}#TRANS 1930 {{}} -0.00\n"),
    "removed rows": (ROW, f"#BTRANS 1930 {{}} 77.00\n{ROW}"),
    "added rows": (ROW, f'#RTRANS 1930 {{}} 1000.00 20240401 "" "" CH\n{ROW}'),
    "a lone backslash": ('"Avgift mars"', '"C:\\Avgift\\mars"'),
    "a brace inside a text": ('"Avgift mars"', '"{Avgift} mars"'),
    "a text without quotes": ('"Avgift"', "BE/FA*1,5"),
    "a page break before a record": (VER, f"\x0c{VER}"),
    "braces in a remark": ("#ORGNR", "#PROSA Se {bilaga 1, och } där\n#ORGNR"),
    "quantity and sign": (f"{ROW}{OTHER_ROW}", f'{ROW[:-1]} "" "" -2.5 "C H"\n{OTHER_ROW[:-1]} 1 CH ""\n'),
    "zero balances that are left out": ("#UB 0 1930", "#KONTO 2440 Skulder\n#IB 0 2440 0.00\n#UB 0 1930"),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_what_may_be_written_in_several_ways_reads_the_same(tmp_path: Path, old: str, new: str, end: str) -> None:
    path = saved(tmp_path, spoiled(old, new).replace("\n", end))
    assert told(path) == ([], [])
    sums = [[row.amount for row in voucher.rows if row.amount] for voucher in read_sie(path).vouchers]
    assert sums == [[Decimal(1000), Decimal(-1000)], [Decimal("250.50"), Decimal("-250.50")]]


HARMLESS = {
    "a quote inside a text": (
        '#KONTO 1930 "Bank"',
        '#KONTO 1930 "F"rskott till "Lind" Park"',
        ['11: #KONTO: Ett citattecken står inne i en text: det skrivs \\".'],
    ),
    "a quote inside a text without quotes": (
        '"Avgifter"',
        'Kabel"avgifter',
        ['12: #KONTO: Ett citattecken står inne i en text: det skrivs \\".'],
    ),
    "an unknown label": (
        "#DIM",
        '#FNYTT "a b\n#FNYTT 2\n#DIM',
        ["9: #FNYTT är ingen etikett i SIE 4: 2 poster läses inte."],
    ),
    "a label in small letters": ("#GEN", "#gen", ["4: #gen läses som #GEN."]),
    "a compulsory label that lacks": (
        "#GEN 20250110 CH\n",
        "",
        ["0: Typ 4E ska ha #GEN, som saknas."],
    ),
    "another encoding declared": (
        "#FORMAT PC8",
        "#FORMAT UTF-8",
        ["3: #FORMAT är 'UTF-8': SIE 4 har bara PC8."],
    ),
    "a file that was taken in before": (
        "#FLAGGA 0",
        "#FLAGGA 1",
        ["1: #FLAGGA 1 anger att filen har lästs in tidigare."],
    ),
    "a date that no amount depends on": (
        "#GEN 20250110",
        "#GEN 2025-01-10",
        ["4: #GEN: '2025-01-10' är ingen dag: skriv den som 20240315. Den tas inte med."],
    ),
    "an account without a name": ('#KONTO 1930 "Bank"', "#KONTO 1930", ["11: #KONTO 1930 saknar namn."]),
    "an account that is there twice": (
        "#IB",
        "#KONTO 1930 Kassa\n#IB",
        ["13: #KONTO 1930 står även på rad 11: det sista gäller."],
    ),
    "an account type that SIE lacks": (
        "#IB",
        "#KTYP 1930 O\n#IB",
        ["13: #KTYP 1930 är 'O', inte T, S, K eller I: den tas inte med."],
    ),
    "an account that is not in the chart": (
        '#KONTO 3010 "Avgifter"\n',
        "",
        ["14: Konto 3010 saknas i #KONTO."],
    ),
    "details of an account that is not in the chart": (
        "#IB",
        "#SRU 4010 7511\n#IB",
        ["0: Konto 4010 har uppgifter men ingen #KONTO."],
    ),
    "an object that is not declared": (
        '#OBJEKT 1 NAV "Navet"\n',
        "",
        ["18: Objekt NAV i dimension 1 saknas i #OBJEKT."],
    ),
    "a row without object list": (ROW, "#TRANS 1930 1000.00\n", ["18: #TRANS har ingen objektlista: {} saknas."]),
    "a balance that is there twice": (
        "#UB",
        "#IB 0 1930 500.00\n#UB",
        ["14: #IB 0 1930 står två gånger: den räknas en gång."],
    ),
    "a number that is taken": ("#VER A 2", "#VER A 1", ["21: Verifikation A 1 står redan tidigare i filen."]),
    "an added row without its twin": (
        ROW,
        f"#RTRANS 1930 {{}} 7.00\n{ROW}",
        ["18: #RTRANS på 1930, 7,00, följs inte av en likadan #TRANS: den räknas inte."],
    ),
    "a quantity that is no number": (
        OTHER_ROW,
        OTHER_ROW[:-1] + " två\n",
        ["19: 'två' är ingen kvantitet: den tas inte med."],
    ),
    "a line that is no record": (
        "#DIM",
        "Norrby\n#DIM",
        ["9: 'Norrby' inleder en rad, som inte är någon post: en post börjar med # och sin etikett. Raden läses inte."],
    ),
    "a control character in a text": (
        '"Avgift mars"',
        '"Avgift\x07mars"',
        ["16: SIE tillåter inte styrtecken 7: � står i dess ställe."],
    ),
    "a type that SIE lacks": (
        "#SIETYP 4",
        "#SIETYP 7",
        ["5: #SIETYP 7 är ingen typ i SIE 4: innehållet avgör."],
    ),
    "vouchers in a file without them": (
        "#SIETYP 4",
        "#SIETYP 3",
        ["16: Typ 3 har inga verifikationer, men det finns 2."],
    ),
    "an object that is declared without number": (
        "#IB",
        '#OBJEKT 1 "" "Tom"\n#IB',
        ["13: #OBJEKT saknar dimension eller objektnummer: den tas inte med."],
    ),
    "a dimension that is declared without number": (
        "#IB",
        "#DIM\n#IB",
        ["13: #DIM saknar dimensionsnummer: den tas inte med."],
    ),
    "zeros where text should stand": (
        "#VER A 2",
        "\0\0\0\n#VER A 2",
        ["21: Nolltecken står där text ska stå: de tas inte med. En del av filen kan saknas."],
    ),
    "a space in an account number": (
        ROW,
        '#TRANS " 1930" {} 1000.00\n',
        ["18: Konto ' 1930' har andra tecken än siffror."],
    ),
    "an account with other characters than digits": (
        '#KONTO 1930 "Bank"',
        '#KONTO 1930 "Bank"\n#KONTO 1930-1 "Bank"',
        ["12: Konto '1930-1' har andra tecken än siffror."],
    ),
}


@pytest.mark.parametrize(("old", "new", "warnings"), HARMLESS.values(), ids=HARMLESS)
def test_what_is_harmless_is_a_warning(tmp_path: Path, old: str, new: str, warnings: list[str]) -> None:
    path = saved(tmp_path, spoiled(old, new))
    assert told(path) == ([], warnings)
    assert len(read_sie(path).vouchers) == 2


def test_warnings_of_a_kind_are_told_a_few_times_and_then_counted(tmp_path: Path) -> None:
    chart = "".join(f"#KONTO {account}\n" for account in range(4000, 4100))
    _, warnings = told(saved(tmp_path, spoiled("#IB", f"{chart}#IB")))
    assert warnings[0] == "13: #KONTO 4000 saknar namn."
    assert warnings[-1] == "17: ... och 95 till efter denna rad: konton utan namn"
    assert len(warnings) == 6

    again = "".join("#VER A 1 20240315 x\n{\n}\n" for _ in range(8))
    _, warnings = told(saved(tmp_path, SOUND + again))
    assert warnings[0] == "29: Verifikation A 1 står redan tidigare i filen."
    assert warnings[-1] == "41: ... och 3 till efter denna rad: upptagna verifikationsnummer"
    assert len(warnings) == 6


# Where money is at stake

AT_STAKE = {
    "a voucher outside the year": (
        "#VER A 2 20240415",
        "#VER A 2 20250415",
        ["21: Verifikation A 2 den 2025-04-15 ligger utanför året 2024-01-01 till 2024-12-31."],
    ),
    "opening balances that do not sum to zero": (
        "#IB 0 2010 -500.00\n#UB 0 2010 -500.00",
        "#RES -1 3010 -1.00\n#IB 0 2010 -300.00\n#UB 0 2010 -300.00",
        [
            "0: de ingående balanserna (#IB) är tillsammans 200,00, inte noll: rätta dem i det andra systemet och "
            "exportera igen"
        ],
    ),
    "an unbalanced voucher": (
        ROW,
        "#TRANS 1930 {} 1000.01\n",
        [
            "14: Konto 1930: #IB 500,00 + verifikationer 1 250,51 = 1 750,51, men #UB är 1 750,50, en "
            "skillnad på -0,01. Verifikationer eller saldon saknas: be om filen på nytt.",
            "16: Verifikation A 1 den 2024-03-15 balanserar inte: debet 1 000,01, kredit 1 000,00, "
            "skillnad 0,01. Be om filen på nytt.",
        ],
    ),
    "a difference far beyond floats": (
        ROW + OTHER_ROW,
        "#TRANS 1930 {} 1000.00\n"
        "#TRANS 3010 {} 99999999999999999999999999999999999999.99\n"
        "#TRANS 3010 {} -99999999999999999999999999999999999999.98\n"
        "#TRANS 3010 {} -1000.00\n",
        [
            "15: Konto 3010: verifikationer -1 250,49, men #RES är -1 250,50, en skillnad på -0,01. "
            "Verifikationer eller saldon saknas: be om filen på nytt.",
            "16: Verifikation A 1 den 2024-03-15 balanserar inte: debet 100 000 000 000 000 000 000 000 "
            "000 000 000 000 999,99, kredit 100 000 000 000 000 000 000 000 000 000 000 000 999,98, "
            "skillnad 0,01. Be om filen på nytt.",
        ],
    ),
    "a comma in an amount": (
        ROW,
        "#TRANS 1930 {} 1000,00\n",
        ["18: #TRANS: '1000,00' är inget belopp: ören skrivs efter punkt, och tusental skiljs inte åt."],
    ),
    "three decimals, which might be thousands": (
        ROW,
        "#TRANS 1930 {} 1.000\n",
        ["18: #TRANS: '1.000' är inget belopp: det har fler än två decimaler."],
    ),
    "less than an öre": (
        ROW,
        "#TRANS 1930 {} 1000.0001\n",
        ["18: #TRANS: '1000.0001' är inget belopp: det har fler än två decimaler."],
    ),
    "an amount as floats are written": (
        ROW,
        "#TRANS 1930 {} 1e3\n",
        ["18: #TRANS: '1e3' är inget belopp: skriv det som -1250.50."],
    ),
    "no amount": (ROW, "#TRANS 1930 {}\n", ["18: #TRANS: Beloppet saknas."]),
    "a control character in an amount": (
        ROW,
        "#TRANS 1930 {} 10\x0100.00\n",
        ["18: #TRANS: '10�00.00' är inget belopp: skriv det som -1250.50."],
    ),
    "an amount of digits that are not 0 to 9": (
        "#IB 0 1930 500.00",
        "#IB 0 1930 500.0²",
        ["13: #IB: '500.0²' är inget belopp: skriv det som -1250.50."],
    ),
    "a day that is not in the calendar": (
        "#VER A 1 20240315",
        "#VER A 1 20230229",
        ["16: #VER: Dagen 20230229 finns inte."],
    ),
    "a date in another form": (
        OTHER_ROW,
        "#TRANS 3010 {} -1000.00 2024-03-15\n",
        ["19: #TRANS: '2024-03-15' är ingen dag: skriv den som 20240315."],
    ),
    "no date": ("#VER A 1 20240315", '#VER A 1 ""', ["16: #VER: Datum saknas."]),
    "a year that ends before it begins": (
        "#RAR 0 20240101 20241231",
        "#RAR 0 20241231 20240101",
        ["8: #RAR: Året slutar 2024-01-01, innan det börjar 2024-12-31."],
    ),
    "a quote that is not closed": (
        '"Avgift"',
        '"Avgift',
        ["19: #TRANS: Ett citattecken avslutas inte: '\"Avgift'. Skriv \" efter texten."],
    ),
    "a quote inside an account number": (
        ROW,
        '#TRANS 19"30 {} 1000.00\n',
        ["18: #TRANS: '19\"30' är inget kontonummer."],
    ),
    "a backslash before the quote that should close": (
        '"Avgift"',
        '"C:\\Avgift\\"',
        [
            r"""19: #TRANS: Ett citattecken avslutas inte: '"C:\\Avgift\\"'. """
            r"""\" står för ett citattecken i texten: skriv /" där.""",
        ],
    ),
    "a list that touches the account": (
        ROW,
        "#TRANS 1930{} 1000.00\n",
        ["18: #TRANS: '1930{}' är inget kontonummer."],
    ),
    "a quote inside an object": (
        OTHER_ROW,
        '#TRANS 3010 {1 N"AV} -1000.00\n',
        ["19: #TRANS: Ett citattecken står inne i ett objekt: '{1 N\"AV}'."],
    ),
    "a quote that closes nothing": (
        '"Avgift"',
        '"Kabel 3"lång',
        ['19: #TRANS: Ett citattecken avslutas inte: \'"Kabel 3"lång\'. Skriv " efter texten.'],
    ),
    "a list that is not closed": (
        ROW,
        "#TRANS 1930 {1 NAV 1000.00\n",
        ["18: #TRANS: En objektlista avslutas inte: '#TRANS 1930 {1 NAV 1000.00'. Skriv } efter sista objektet."],
    ),
    "a list that is not pairs": (
        OTHER_ROW,
        "#TRANS 3010 {1 NAV 6} -1000.00\n",
        ["19: #TRANS: Objektlistan '{1 NAV 6}' är inte par av dimension och objekt."],
    ),
    "a row without account": (ROW, "#TRANS {} 1000.00\n", ["18: #TRANS: Kontonummer saknas."]),
    "a row with an empty account": (ROW, '#TRANS "" {} 1000.00\n', ["18: #TRANS: Kontonummer saknas."]),
    "a balance without account": ("#IB 0 1930 500.00", '#IB 0 "" 500.00', ["13: #IB: Kontonummer saknas."]),
    "an account that is a name": ('#KONTO 1930 "Bank"', '#KONTO "Bank"', ["11: #KONTO: 'Bank' är inget kontonummer."]),
    "a balance of two amounts": (
        "#UB",
        "#IB 0 1930 501.00\n#UB",
        ["14: #IB: #IB 0 1930 står tidigare som 500,00, och här som 501,00."],
    ),
    "a balance of no year": (
        "#IB 0 1930",
        "#IB 2024 1930",
        ["13: #IB: '2024' är inget år: skriv 0 för innevarande år, -1 för föregående."],
    ),
    "a period that is no month": (
        "#VER",
        "#PSALDO 0 202413 1930 {} 5.00\n#VER",
        ["16: #PSALDO: '202413' är ingen period: skriv den som 202403."],
    ),
    "a voucher that the next one breaks off": (
        f"{OTHER_ROW}}}\n",
        OTHER_ROW,
        [
            "16: Verifikation A 1 är inte avslutad: } saknas efter dess rader före rad 20. Be om filen på nytt.",
        ],
    ),
    "a voucher without rows": (
        f"{{\n{ROW}{OTHER_ROW}}}\n",
        "",
        ["16: Verifikation A 1 har inga rader mellan { och } före rad 17. Be om filen på nytt."],
    ),
    "a row outside a voucher": (
        "#VER",
        "#TRANS 1930 {} 5.00\n#VER",
        ["16: #TRANS: Raden står utanför en verifikation: #VER och { saknas före den."],
    ),
    "a line inside a voucher that is no record": (
        ROW,
        f"{ROW}TRANS 1930 {{}} 7.00\n",
        [
            "19: 'TRANS' inleder en rad, som inte är någon post: en post börjar med # och sin etikett. "
            "Be om filen på nytt.",
        ],
    ),
    "a brace without a voucher": ("#VER", "}\n#VER", ["16: Ett } står utan { före."]),
    "balances that the vouchers do not explain": (
        "#UB 0 1930 1750.50",
        "#UB 0 1930 1750.60",
        [
            "14: Konto 1930: #IB 500,00 + verifikationer 1 250,50 = 1 750,50, men #UB är 1 750,60, en "
            "skillnad på 0,10. Verifikationer eller saldon saknas: be om filen på nytt."
        ],
    ),
    "a result that the vouchers do not explain": (
        "#RES 0 3010 -1250.50",
        "#RES 0 3010 -1250.00",
        [
            "15: Konto 3010: verifikationer -1 250,50, men #RES är -1 250,00, en skillnad på 0,50. "
            "Verifikationer eller saldon saknas: be om filen på nytt."
        ],
    ),
    "a balance that is left out, and is not zero": (
        "#UB 0 1930 1750.50",
        "#UB 0 1920 0.00",
        [
            "13: Konto 1930: #IB 500,00 + verifikationer 1 250,50 = 1 750,50, men #UB saknas, alltså "
            "0,00, en skillnad på -1 750,50. Verifikationer eller saldon saknas: be om filen på nytt."
        ],
    ),
}


@pytest.mark.parametrize(("old", "new", "errors"), AT_STAKE.values(), ids=AT_STAKE)
def test_what_touches_money_is_an_error(tmp_path: Path, old: str, new: str, errors: list[str]) -> None:
    path = saved(tmp_path, spoiled(old, new))
    assert told(path)[0] == errors


def test_a_file_with_errors_is_refused_with_all_of_them(tmp_path: Path) -> None:
    text = spoiled(ROW, "#TRANS 1930 {} 1000,00\n")
    text = spoiled("#VER A 2 20240415", "#VER A 2 20241315", text)
    path = saved(tmp_path, text)
    with pytest.raises(DocumentError) as refused:
        read_sie(path)
    assert refused.value.messages == [
        f"{path}:18: #TRANS: '1000,00' är inget belopp: ören skrivs efter punkt, och tusental skiljs inte åt.",
        f"{path}:21: #VER: Dagen 20241315 finns inte.",
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "0: Filen är tom: be om den på nytt."),
        (b"\n \r\n", "0: Filen är tom: be om den på nytt."),
        (b"%PDF-1.7\n", "1: Filen börjar med '%PDF-1.7', inte med #FLAGGA: det är ingen SIE 4-fil."),
        (
            b"<?xml version='1.0'?>",
            "1: Det här är XML eller en webbsida, inte SIE 4: be om filen som SIE 4 (.se eller .si).",
        ),
        (
            SOUND.encode("utf-16"),
            "0: Texten är UTF-16: spara om filen i CP437, som #FORMAT PC8 anger.",
        ),
        (
            SOUND.encode("utf-16-be"),
            "0: Texten är UTF-16: spara om filen i CP437, som #FORMAT PC8 anger.",
        ),
        (
            SOUND.replace("#FLAGGA 0\n", "").encode("cp437"),
            "1: #FLAGGA saknas: det är ingen SIE-fil, eller så saknas dess början.",
        ),
        (b"#FLAGGA 0\n#PROSA " + b"a" * 2_000_000, "2: En rad är längre än 1048576 tecken: det är ingen SIE-fil."),
    ],
    ids=["empty", "blank", "PDF", "XML", "UTF-16", "UTF-16 without mark", "headless", "long"],
)
def test_what_is_no_sie_file_is_refused(tmp_path: Path, content: bytes, error: str) -> None:
    assert told(saved(tmp_path, content))[0] == [error]


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    text = SOUND[: SOUND.rindex("}")]
    assert told(saved(tmp_path, text))[0] == [
        "21: Verifikation A 2 är inte avslutad: } saknas efter dess rader innan filen tar slut, så "
        "en del av den saknas. Be om filen på nytt."
    ]


# Encodings


@pytest.mark.parametrize(
    ("encoding", "name", "warnings"),
    [
        ("cp437", "cp437", []),
        ("utf-8", "utf-8", ["3: Texten är utf-8, inte CP437 som #FORMAT PC8 anger: den läses som utf-8."]),
        ("utf-8-sig", "utf-8", ["3: Texten är utf-8, inte CP437 som #FORMAT PC8 anger: den läses som utf-8."]),
        (
            "mac-roman",
            "mac-roman",
            ["3: Texten är mac-roman, inte CP437 som #FORMAT PC8 anger: den läses som mac-roman."],
        ),
        ("latin-1", "latin-1", ["3: Texten är latin-1, inte CP437 som #FORMAT PC8 anger: den läses som latin-1."]),
    ],
)
def test_the_encoding_is_told_from_the_letters(tmp_path: Path, encoding: str, name: str, warnings: list[str]) -> None:
    path = saved(tmp_path, SOUND, encoding=encoding)
    assert told(path) == ([], warnings)
    file = read_sie(path)
    assert (file.encoding, file.heading.company) == (name, "Norrby kommunalförbund")


def test_several_byte_order_marks_are_read_as_one(tmp_path: Path) -> None:
    path = saved(tmp_path, f"\ufeff\ufeff{SOUND}", encoding="utf-8")
    assert told(path) == ([], ["3: Texten är utf-8, inte CP437 som #FORMAT PC8 anger: den läses som utf-8."])


def test_the_whole_file_decides_its_encoding(tmp_path: Path) -> None:
    """A letter far into the file, where no beginning of it would show it, across the border of two blocks."""
    ascii_only = SOUND.translate(str.maketrans("öä", "oa"))
    remarks = f"#PROSA {'0123456' * 100}\n" * 425
    for shift in range(16):
        text = spoiled("#ORGNR", f"{remarks}#PROSA {'x' * shift}ö\n#ORGNR", ascii_only)
        assert read_sie(saved(tmp_path, text, encoding="utf-8")).encoding == "utf-8"


@pytest.mark.parametrize(
    ("company", "encoding", "name"),
    [
        ("Provförbundet", "mac-roman", "mac-roman"),
        ("Mälardalen", "mac-roman", "mac-roman"),
        ("ÅSEDA", "mac-roman", "mac-roman"),
        ("Provförbundet", "cp437", "cp437"),
        ("Müller", "cp437", "cp437"),
        ("Ünal", "cp437", "cp437"),
        ("Kafé", "cp437", "cp437"),
        ("ÄLVSBORG", "cp437", "cp437"),
        ("Älvsborg", "cp1252", "latin-1"),
        ("Älvsborg – 5 €", "cp1252", "cp1252"),
    ],
)
def test_a_single_name_tells_the_encoding(tmp_path: Path, company: str, encoding: str, name: str) -> None:
    text = spoiled('"Norrby kommunalförbund"', f'"{company}"').replace("Bokföring", "Bok")
    path = saved(tmp_path, text, encoding=encoding)
    file = read_sie(path)
    assert (file.heading.company, file.encoding) == (company, name)
    assert not any("teckenkoden kan vara en annan" in str(each.message) for each in file.warnings)


def test_signs_that_are_seldom_in_any_text_are_told(tmp_path: Path) -> None:
    path = saved(tmp_path, spoiled('"Norrby kommunalförbund"', '"Norrby ╬╩"'))
    assert (
        "0: Texten har '╩╬' i sig, läst som cp437: teckenkoden kan vara en annan. Se efter i namnen." in told(path)[1]
    )


def test_letters_that_were_lost_are_told(tmp_path: Path) -> None:
    path = saved(tmp_path, SOUND.replace("ö", "\ufffd"), encoding="utf-8")
    assert "7: En bokstav saknas: � står i dess ställe. Den försvann innan filen skrevs." in told(path)[1]


def test_lines_may_end_with_cr_alone_and_the_file_with_ctrl_z(tmp_path: Path) -> None:
    assert told(saved(tmp_path, SOUND.replace("\n", "\r"))) == ([], [])
    assert told(saved(tmp_path, f"{SOUND}\x1a")) == ([], [])
    assert told(saved(tmp_path, SOUND[:-1] + "\x1a" * 128)) == ([], [])


# The checksum

SMALL = '#FLAGGA 0\n#KSUMMA\n#PROGRAM "a \\"b\\"" \t1\n#TEST {1 "N V"} -1.00 ""\n#KSUMMA 1212762867\n'
"""The sum is zlib.crc32(b'#PROGRAMa "b"1#TEST1N V-1.00')."""


def test_a_checksum_covers_labels_and_fields_alone(tmp_path: Path) -> None:
    assert check_sie(saved(tmp_path, SMALL)).ksumma == "ok"
    assert (
        check_sie(saved(tmp_path, SMALL.replace(" ", "  ").replace("\n", "\r\n").replace("N  V", "N V"))).ksumma
        == "bad"
    )
    assert check_sie(saved(tmp_path, SMALL.replace("\t", "").replace("\n", "\r\n"))).ksumma == "ok"
    assert check_sie(saved(tmp_path, SOUND)).ksumma == "absent"


def test_a_checksum_is_taken_of_the_letters_in_cp437_whatever_the_file_has(tmp_path: Path) -> None:
    sums = {encoding: crc32("#FNAMNFörbund".encode(encoding)) for encoding in ("cp437", "utf-8")}
    for encoding, number in sums.items():
        text = f"#FLAGGA 0\n#KSUMMA\n#FNAMN Förbund\n#KSUMMA {number}\n"
        assert check_sie(saved(tmp_path, text, encoding="utf-8")).ksumma == "ok", encoding


def test_a_checksum_may_be_in_small_letters_and_a_signed_number(tmp_path: Path) -> None:
    number = crc32(b"#GEN20240315")
    assert number >= 2**31, "it is negative as a signed number"
    states = {}
    for written in (number, number - 2**32, number + 2**32, number - 2**33):
        path = saved(tmp_path, f"#FLAGGA 0\n#ksumma\n#GEN 20240315\n#ksumma {written}\n")
        states[written] = check_sie(path).ksumma
    assert [*states.values()] == ["ok", "ok", "bad", "bad"]
    assert "2: #ksumma läses som #KSUMMA." in told(path)[1]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            SMALL.replace("-1.00", "-1.01"),
            "5: #KSUMMA anger 1212762867, men posterna ger 1062107749: de har ändrats sedan filen "
            "skrevs. Be om filen på nytt; den som vet varför de ändrats för hand kan ta bort de två "
            "posterna #KSUMMA.",
        ),
        (
            SMALL.replace("#KSUMMA 1212762867\n", ""),
            "2: #KSUMMA inleds, men ingen #KSUMMA med summa avslutar: slutet på filen kan saknas. Be om filen på nytt.",
        ),
        (
            SMALL.replace("#KSUMMA\n", ""),
            "4: Det finns en #KSUMMA med summa, men ingen som inleder. Be om filen på nytt.",
        ),
        (
            SMALL.replace("#PROGRAM", "#KSUMMA\n#PROGRAM"),
            "3: En andra #KSUMMA inleds innan den första är avslutad.",
        ),
    ],
    ids=["changed", "är inte avslutad: } saknas efter dess rader", "not opened", "opened twice"],
)
def test_a_checksum_that_does_not_hold_refuses_the_file(tmp_path: Path, text: str, error: str) -> None:
    report = check_sie(saved(tmp_path, text))
    assert [f"{problem.line}: {problem.message}" for problem in report.errors] == [error]


def test_records_before_the_checksum_are_told(tmp_path: Path) -> None:
    text = "#FLAGGA 0\n#GEN 20240315\n#KSUMMA\n#KSUMMA 0\n"
    assert "3: Poster står före #KSUMMA, som inte omfattar dem." in told(saved(tmp_path, text))[1]


def test_vouchers_after_the_checksum_are_told(tmp_path: Path) -> None:
    text = f"#FLAGGA 0\n#KSUMMA\n#KSUMMA 0\n{VER}{{\n{ROW}{OTHER_ROW}}}\n"
    path = saved(tmp_path, text)
    assert check_sie(path).ksumma == "ok"
    assert "0: Verifikationer står efter den avslutande #KSUMMA, som inte omfattar dem: 1." in told(path)[1]


# Types


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        (SOUND, "fil.se", "4E"),
        (SOUND, "fil.si", "4E"),
        (DAILY, "fil.si", "4I"),
        (DAILY, "fil.se", "4I"),
        (spoiled("#VER", "#RAR 0\n#VER", DAILY), "fil.si", "4I"),
        (spoiled("#VER", "#RAR 0 20240101 20241231\n#VER", DAILY), "fil.si", "4I"),
        (spoiled("#VER", "#RAR 0 20240101 20241231\n#VER", DAILY), "FIL.SE", "4I"),
        (spoiled("#RES 0 3010 -1250.50\n", ""), "FIL.SE", "4E"),
        (spoiled("#RES 0 3010 -1250.50\n", ""), "FIL.SI", "4I"),
        (SOUND[: SOUND.index("#VER")].replace("#SIETYP 4\n", ""), "fil.se", "1"),
        (SOUND[: SOUND.index("#VER")].replace("#SIETYP 4", "#SIETYP 2"), "fil.se", "2"),
        (SOUND[: SOUND.index("#VER")].replace("#SIETYP 4", "#SIETYP 3"), "fil.se", "3"),
    ],
)
def test_the_type_is_told_from_what_is_there(tmp_path: Path, text: str, name: str, kind: str) -> None:
    assert read_sie(saved(tmp_path, text, name)).heading.type == kind


def test_only_a_year_of_vouchers_is_held_against_balances(tmp_path: Path) -> None:
    assert check_sie(saved(tmp_path, SOUND)).rollforward is True
    assert check_sie(saved(tmp_path, DAILY)).rollforward is None
    assert check_sie(saved(tmp_path, SOUND[: SOUND.index("#VER")])).rollforward is None
    assert check_sie(saved(tmp_path, spoiled("#UB 0 1930 1750.50", "#UB 0 1930 1750.51"))).rollforward is False


def test_balances_that_are_not_there_at_all_are_a_warning(tmp_path: Path) -> None:
    report = check_sie(saved(tmp_path, spoiled("#UB 0 1930 1750.50\n", "").replace("#UB 0 2010 -500.00\n", "")))
    assert report.errors == []
    assert report.rollforward is True, "the results agree"
    assert [str(problem.message) for problem in report.warnings] == [
        "Typ 4E ska ha #UB, som saknas.",
        "#UB för året saknas, så verifikationerna kan inte stämmas av mot den.",
    ]


def test_ktyp_says_how_an_account_ends_before_its_number_does(tmp_path: Path) -> None:
    text = spoiled("#IB", "#KONTO 9010 Intern\n#KTYP 9010 K\n#RES 0 9010 5.00\n#IB")
    text = spoiled("#TRANS 1930 {} 250.50", "#TRANS 9010 {} 5.00\n#TRANS 1930 {} 245.50", text)
    text = spoiled("#UB 0 1930 1750.50", "#UB 0 1930 1745.50", text)
    assert told(saved(tmp_path, text)) == ([], [])


def test_an_account_of_no_class_is_told_by_its_ktyp_alone(tmp_path: Path) -> None:
    text = spoiled("#IB", "#KONTO 9010 Intern\n#IB")
    text = spoiled("#TRANS 1930 {} 250.50", "#TRANS 9010 {} 5.00\n#TRANS 1930 {} 245.50", text)
    text = spoiled("#UB 0 1930 1750.50", "#UB 0 1930 1745.50", text)
    assert told(saved(tmp_path, text)) == (
        [],
        ["0: Konto 9010 hör inte till någon kontoklass som #UB eller #RES omfattar."],
    )
    assert told(saved(tmp_path, spoiled("#IB", "#KTYP 9010 K\n#IB", text)))[0] == [
        "0: Konto 9010: verifikationer 5,00, men #RES saknas, alltså 0,00, en skillnad på -5,00. "
        "Verifikationer eller saldon saknas: be om filen på nytt."
    ]


def test_an_added_row_has_a_twin_of_its_own(tmp_path: Path) -> None:
    added = "#RTRANS 1930 {} 1000.00\n"
    _, warnings = told(saved(tmp_path, spoiled(ROW, added + added + ROW)))
    assert warnings == ["19: #RTRANS på 1930, 1 000,00, följs inte av en likadan #TRANS: den räknas inte."]


def test_objects_are_held_against_their_balances(tmp_path: Path) -> None:
    text = spoiled("#VER", "#OIB 0 1930 {1 NAV} 5.00\n#OUB 0 1930 {1 NAV} 12.00\n#VER")
    text = spoiled(ROW, "#TRANS 1930 {1 NAV} 7.00\n#TRANS 1930 {} 993.00\n", text)
    assert told(saved(tmp_path, text)) == ([], [])
    others = text.replace("#TRANS 1930 {} 250.50", "#TRANS 1930 {6 NAV} 250.50")
    assert told(saved(tmp_path, others))[0] == []
    assert "OUB" not in str(told(saved(tmp_path, others))[1])
    errors, warnings = told(saved(tmp_path, text.replace("} 12.00", "} 13.00")))
    assert errors == []
    assert warnings == ["17: Konto 1930 {1 NAV}: #OIB 5,00 + verifikationer 7,00 = 12,00, men #OUB är 13,00."]
