"""The books that mistakes are made in: `ledger/` with January to June 2025 on top, loaded as `check` loads them."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.places import place_of
from tests.mistakes.change import Change, Texts
from tests.unchanged import read_once

HERE = Path(__file__).parent
ELSEWHERE = {
    "register": "register-2025.bean",
    "budget": "budget/2025.bean",
    "internkontroll": "internkontroll.bean",
}


class Told(NamedTuple):
    """What is said of books: the level of each finding, its message without the place, its file and line."""

    level: str
    message: str
    place: tuple[str, int]


class Books2025:
    """Sound books in a folder of their own, to make a mistake in and to load."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "ledger"
        shutil.copytree(HERE.parent.parent / "ledger", self.folder)
        names = []
        for source in sorted((HERE / "2025").glob("*.bean")):
            names.append(ELSEWHERE.get(source.stem) or f"units/{source.stem}/2025.bean")
            shutil.copyfile(source, self.folder / names[-1])
        main = self.folder / "main.bean"
        main.write_text(main.read_text("utf-8") + "".join(f'include "{name}"\n' for name in names), "utf-8")
        found = sorted(self.folder.rglob("*.bean"))
        self.sound = {str(path.relative_to(self.folder)): path.read_text("utf-8") for path in found}

    def told(
        self, changes: Iterable[Change] = (), enough: Callable[[Sequence[Told]], bool] = lambda errors: False
    ) -> list[Told]:
        """Return what is said of books with changes, which are taken back: no warnings where the errors are enough."""
        texts = self.changed(changes)
        try:
            for path, text in texts.changed.items():
                (self.folder / path).write_text(text, "utf-8")
            loaded = load_ledger(self.folder / "main.bean")
            errors = [self._told("error", error) for error in loaded.errors]
            if enough(errors):
                return errors
            warnings = [warning for warning in loaded.warnings if not warning.finding.answer]
            return [*errors, *(self._told("warning", warning) for warning in warnings)]
        finally:
            for path in texts.changed:
                (self.folder / path).write_text(self.sound[path], "utf-8")

    def changed(self, changes: Iterable[Change] = ()) -> Texts:
        """Return the texts of the books with changes, which are not written."""
        texts = Texts(self.sound.__getitem__, tuple(self.sound))
        for change in changes:
            change(texts)
        return texts

    def _told(self, level: str, error: Any) -> Told:
        name, line = place_of(error)
        return Told(level, in_words(error), (name.removeprefix(f"{self.folder}/"), line))


@contextmanager
def books_2025() -> Iterator[Books2025]:
    """Sound books in a temporary folder, of which what is not changed is read and booked once."""
    with tempfile.TemporaryDirectory() as folder:
        books = Books2025(Path(folder).resolve())
        with read_once(books.folder / "main.bean"):
            yield books
