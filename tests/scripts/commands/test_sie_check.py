"""`forbundsbok sie check`: what it prints, for people and for programs."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.scripts.forbundsbok import main
from tests.importers.sie.files import DAILY, SOUND, saved, spoiled


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["sie", "check", *map(str, arguments)])


def test_a_sound_file_in_a_few_lines(tmp_path: Path) -> None:
    path = saved(tmp_path, spoiled("#GEN", "#FNYTT 1\n#GEN"))
    result = run(path)
    assert result.exit_code == 0
    assert result.output == (
        f"{path}: SIE 4E, inga fel, 1 varning\n"
        "  Norrby kommunalförbund, från Bokföring 4.2\n"
        "  2024-01-01 till 2024-12-31\n"
        "  konton: 3, verifikationer: 2, rader: 4\n"
        "  cp437, ingen kontrollsumma, IB + verifikationer = UB och RES\n"
        f"{path}:4: varning: #FNYTT är ingen etikett i SIE 4: 1 post läses inte.\n"
    )


def test_a_sound_file_in_english(tmp_path: Path) -> None:
    path = saved(tmp_path, spoiled("#GEN", "#FNYTT 1\n#GEN"))
    assert run(path, "--language", "en").output == (
        f"{path}: SIE 4E, no errors, 1 warning\n"
        "  Norrby kommunalförbund, by Bokföring 4.2\n"
        "  2024-01-01 to 2024-12-31\n"
        "  accounts: 3, vouchers: 2, rows: 4\n"
        "  cp437, checksum absent, IB + vouchers = UB and RES\n"
        f"{path}:4: warning: #FNYTT is no label of SIE 4: 1 record is ignored.\n"
    )


def test_errors_in_english(tmp_path: Path) -> None:
    path = saved(
        tmp_path, spoiled("#TRANS 1930 {} 250.50", "#TRANS 1930 {} 2500.60", spoiled("#GEN", "#FNYTT 1\n#GEN"))
    )
    result = run(path, "--language", "en")
    assert result.exit_code == 1
    assert result.output == (
        f"{path}: SIE 4E, 2 errors, 1 warning\n"
        "  Norrby kommunalförbund, by Bokföring 4.2\n"
        "  2024-01-01 to 2024-12-31\n"
        "  accounts: 3, vouchers: 2, rows: 4\n"
        "  cp437, checksum absent, IB + vouchers differ from UB and RES\n"
        "  not balanced: A 2\n"
        f"{path}:15: error: Account 1930: #IB 500.00 + vouchers 3 500.60 = 4 000.60, but #UB says 1 750.50, "
        "a difference of -2 250.10. Vouchers or balances are missing: ask for the file anew.\n"
        f"{path}:22: error: Voucher A 2 of 2024-04-15 does not balance: debit 2 500.60, credit 250.50, "
        "difference 2 250.10. Ask for the file anew.\n"
        f"{path}:4: warning: #FNYTT is no label of SIE 4: 1 record is ignored.\n"
    )


def test_errors_with_their_lines(tmp_path: Path) -> None:
    path = saved(tmp_path, spoiled("#TRANS 1930 {} 250.50", "#TRANS 1930 {} 250.60"))
    result = run(path)
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == f"{path}: SIE 4E, 2 fel, inga varningar"
    assert "  cp437, ingen kontrollsumma, IB + verifikationer stämmer inte med UB och RES" in result.output.splitlines()
    assert "  balanserar inte: A 2" in result.output.splitlines()
    assert (
        f"{path}:21: fel: Verifikation A 2 den 2024-04-15 balanserar inte: debet 250,60, kredit 250,50, "
        "skillnad 0,10. Be om filen på nytt." in result.output.splitlines()
    )


def test_json_of_one_file_is_an_object(tmp_path: Path) -> None:
    text = spoiled("#FNAMN", "#FNYTT 1\n#FNAMN")
    text = spoiled("#TRANS 1930 {} 250.50", "#RTRANS 1930 {} 250.50\n#TRANS 1930 {} 250,50", text)
    path = saved(tmp_path, text)
    result = run(path, "--json")
    assert result.exit_code == 1
    assert json.loads(result.output) == {
        "file": str(path),
        "type": "4E",
        "program": "Bokföring 4.2",
        "company": "Norrby kommunalförbund",
        "encoding": "cp437",
        "years": {"0": ["2024-01-01", "2024-12-31"]},
        "accounts": 3,
        "vouchers": 2,
        "transactions": 4,
        "unbalanced": [],
        "ksumma": "absent",
        "rollforward": None,
        "warnings": [{"line": 7, "message": "#FNYTT är ingen etikett i SIE 4: 1 post läses inte."}],
        "errors": [
            {
                "line": 25,
                "message": "#TRANS: '250,50' är inget belopp: ören skrivs efter punkt, och tusental skiljs inte åt.",
            }
        ],
    }


def test_json_of_several_files_is_a_list_and_one_that_is_not_there_hides_no_other(tmp_path: Path) -> None:
    sound = saved(tmp_path, SOUND)
    daily = saved(tmp_path, spoiled("30000.00", "30000.01", DAILY), "lön.si")
    result = run(sound, tmp_path / "saknas.se", tmp_path, os.devnull, daily, "--json")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert [each["type"] for each in found] == ["4E", None, None, None, "4I"]
    assert [each["rollforward"] for each in found] == [True, None, None, None, None]
    assert [each["unbalanced"] for each in found] == [[], [], [], [], ["rad 7"]]
    assert [each["errors"][:1] for each in found[:4]] == [
        [],
        [{"line": 0, "message": "Filen kan inte läsas: Filen eller mappen finns inte."}],
        [{"line": 0, "message": "Filen kan inte läsas: Det är en mapp."}],
        [{"line": 0, "message": "Filen kan inte läsas: det är ingen vanlig fil."}],
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04\0\0", b"\xff\xfe#\0F\0"])
def test_what_is_no_sie_file_is_told_without_more(tmp_path: Path, content: bytes) -> None:
    path = saved(tmp_path, content)
    result = run(path)
    assert result.exit_code == 1
    first, *rest = result.output.splitlines()
    assert first == f"{path}: 1 fel, inga varningar"
    assert len(rest) == 1
    assert rest[0].startswith(f"{path}: fel: ") or rest[0].startswith(f"{path}:1: fel: ")
