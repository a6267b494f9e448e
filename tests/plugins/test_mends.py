"""What a message gives to paste mends the ledger: pasted as it says, no error is left."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from forbundsbok.plugins.places import place_of
from tests.rule_ledgers import RULES, load

WITHOUT_TEXT = {
    "P301-konto",  # the account must be chosen
    "P302",  # and so must the kind
    "P302-valuta",  # and the rate
    "P302-ore",  # and the amount
    "P303-alla",
    "P304",
    "P304-konto",
    "P306-utan-slag",
    "P301",
    "P303",
    "P312",  # rows of a voucher
    "P312-konto",
    "P312-saknas",
}
FAILING = [
    path
    for path in sorted((RULES / "provisions").glob("[A-Z][0-9]*.bean"))
    if not path.stem.endswith(".ok") and path.stem not in WITHOUT_TEXT
]
IN_PLACE = re.compile(r"^Write in place of the voucher .*\((?:.*/)?(?P<file>[^/]+):(?P<line>\d+)\):$")
REMOVED = re.compile(r"[Rr]emove the voucher [^(]*\((?:[^)]*/)?(?P<file>[^/)]+):(?P<line>\d+)\)")
ALTERNATIVE = "Or, where the books are right"


class Pasting:
    """A copy of a ledger, mended as its messages say."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = folder / path.name
        self.pasted: list[str] = []
        for source in (path, path.parent / "base.bean"):
            shutil.copy(source, folder)

    def errors(self) -> list[Any]:
        _, errors, _ = load(self.path)
        return errors

    def mend(self, error: Any) -> None:
        lines = error.message.splitlines()
        file, line = place_of(error)
        for number, text in enumerate(lines):
            # The first way to mend is tried; another is for when something else was meant.
            if text.startswith(ALTERNATIVE):
                break
            if place := IN_PLACE.match(text):
                self.remove(place["file"], int(place["line"]))
            elif text == "Write in its place:":
                first = re.search(r"\((?:.*?/)?([^/()]+):(\d+)\)", lines[0])
                assert first
                self.remove(first[1], int(first[2]))
            elif text.endswith("Write instead:"):
                self.remove(Path(file).name, line)
            for removed in REMOVED.finditer(text):
                self.remove(removed["file"], int(removed["line"]))
                for other in re.finditer(r", the voucher [^(]*\((?:[^)]*/)?([^/)]+):(\d+)\)", text):
                    self.remove(other[1], int(other[2]))
            if text.endswith(("rite:", ":")):
                self.pasted += self.below(lines[number + 1 :])

    @staticmethod
    def below(lines: list[str]) -> list[str]:
        pasted = []
        for line in lines:
            if not line.startswith("  "):
                break
            pasted.append(line[2:])
        return pasted if pasted and pasted[0][:4].isdigit() else []

    def remove(self, file: str, line: int) -> None:
        """Blank a directive, so that the lines of the others stay what they were."""
        path = self.path.parent / file
        lines = path.read_text(encoding="utf-8").splitlines()
        for number in range(line - 1, len(lines)):
            if number >= line and not lines[number].startswith(" "):
                break
            lines[number] = ""
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def paste(self) -> None:
        text = self.path.read_text(encoding="utf-8")
        self.path.write_text(text + "\n" + "\n".join(self.pasted) + "\n", encoding="utf-8")


@pytest.mark.parametrize("path", FAILING, ids=lambda path: path.stem)
def test_the_text_of_a_message_mends_the_ledger(path: Path, tmp_path: Path) -> None:
    ledger = Pasting(path, tmp_path)
    for error in ledger.errors():
        ledger.mend(error)
    ledger.paste()
    assert [error.message for error in ledger.errors()] == []
