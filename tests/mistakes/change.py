"""What is changed in the books: one voucher's text, a voucher more or less, a file's lines.

Edit("L 8", "1160.00", "1610.00")        in the voucher L 8 of 2025; `year=2024` for one of that year
Add("units/navet/2025.bean", TEXT)        {L} in the text is the next free number of series L, {L-link} its link
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

NUMBERED = re.compile(r'^  ver: "([A-Z]) (\d+)"$', re.M)


@dataclass
class Texts:
    """The texts of a ledger's files as they are changed, `read` where they are as they were."""

    read: Callable[[str], str]
    paths: tuple[str, ...]
    changed: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, path: str) -> str:
        return self.changed.get(path) or self.read(path)

    def __setitem__(self, path: str, text: str) -> None:
        self.changed[path] = text

    def of_year(self, year: int) -> Iterator[str]:
        """Return the files that hold the vouchers of a year."""
        return (path for path in self.paths if path.endswith(f"/{year}.bean") and path.startswith("units/"))

    def voucher(self, number: str, year: int) -> tuple[str, str]:
        """Return the file of a voucher and its text."""
        for path in self.of_year(year):
            for paragraph in self[path].split("\n\n"):
                if f'\n  ver: "{number}"' in paragraph:
                    return path, paragraph.rstrip("\n")
        raise LookupError(number)

    def free(self, series: str) -> int:
        """Return the first free number of a series in 2025."""
        numbers = (NUMBERED.findall(self[path]) for path in self.of_year(2025))
        return 1 + max((int(number) for found in numbers for letter, number in found if letter == series), default=0)

    def numbered(self, text: str) -> str:
        """Return a text with the next free numbers and links where it asks for them."""
        for series in sorted(set(re.findall(r"\{([A-Z])(?:-link)?\}", text))):
            number = self.free(series)
            text = text.replace(f"{{{series}}}", f"{series} {number}")
            text = text.replace(f"{{{series}-link}}", f"^{series}-2025-{number:04}")
        return text


@dataclass(frozen=True)
class Edit:
    """A text in a voucher becomes another; it stands there once, or `every` of them is changed.

    A blank stands for as many as there are, so that no change depends on columns.
    """

    number: str
    old: str
    new: str
    every: bool = False
    year: int = 2025

    def __call__(self, texts: Texts) -> None:
        path, voucher = texts.voucher(self.number, self.year)
        spaced = re.compile(re.sub(r"(\\ )+", " +", re.escape(self.old)))
        count = len(spaced.findall(voucher + "\n"))
        if not count or (count > 1 and not self.every):
            raise LookupError(f"{self.old!r} stands {count} times in {voucher!r}")
        texts[path] = replaced(texts[path], voucher, spaced.sub(lambda _: self.new, voucher + "\n").rstrip("\n"))


def amount(number: str, old: str, new: str) -> Edit:
    """Return the change of an amount in every row that has it, whatever its sign."""
    return Edit(number, old, new, every=True)


@dataclass(frozen=True)
class Signs:
    """Every row of a voucher has the other sign."""

    number: str

    def __call__(self, texts: Texts) -> None:
        path, voucher = texts.voucher(self.number, 2025)
        texts[path] = replaced(texts[path], voucher, turned(voucher))


@dataclass(frozen=True)
class Line:
    """A text in a file becomes another; it stands there once."""

    path: str
    old: str
    new: str

    def __call__(self, texts: Texts) -> None:
        texts[self.path] = replaced(texts[self.path], self.old, self.new)


@dataclass(frozen=True)
class Match:
    """What a pattern matches in a file, once, becomes another text: for what a program has written, as seals."""

    path: str
    pattern: str
    new: str

    def __call__(self, texts: Texts) -> None:
        text, count = re.subn(self.pattern, self.new, texts[self.path])
        if count != 1:
            raise LookupError(f"{self.pattern!r} matches {count} times")
        texts[self.path] = text


@dataclass(frozen=True)
class Add:
    """A text at the end of a file."""

    path: str
    text: str

    def __call__(self, texts: Texts) -> None:
        texts[self.path] = texts[self.path].rstrip("\n") + "\n\n" + texts.numbered(self.text).strip("\n") + "\n"


@dataclass(frozen=True)
class Again:
    """A voucher a second time: the next number of its series, with `edits` (old, new); its own link if it is `new`."""

    number: str
    edits: tuple[tuple[str, str], ...] = ()
    new: bool = False
    turned: bool = False

    def __call__(self, texts: Texts) -> None:
        path, voucher = texts.voucher(self.number, 2025)
        series, _, number = self.number.partition(" ")
        free = texts.free(series)
        copy = voucher.replace(f'ver: "{self.number}"', f'ver: "{series} {free}"')
        if self.new:
            copy = copy.replace(f"^{series}-2025-{int(number):04}", f"^{series}-2025-{free:04}")
            copy = copy.replace(f"{series}-{int(number):04}.pdf", f"{series}-{free:04}.pdf")
        for old, new in self.edits:
            copy = replaced(copy, old, new, every=True)
        if self.turned:
            copy = turned(copy)
        texts[path] = texts[path].rstrip("\n") + "\n\n" + copy + "\n"


@dataclass(frozen=True)
class Remove:
    """A voucher is taken away, its number with it."""

    number: str
    year: int = 2025

    def __call__(self, texts: Texts) -> None:
        path, voucher = texts.voucher(self.number, self.year)
        texts[path] = replaced(texts[path], voucher + "\n", "")


@dataclass(frozen=True)
class Forget:
    """A voucher was never booked: the later ones of its series have a lower number, and are named by it."""

    number: str

    def __call__(self, texts: Texts) -> None:
        Remove(self.number)(texts)
        series, _, gone = self.number.partition(" ")

        def lower(match: re.Match[str]) -> str:
            before, number = match.groups()
            width = len(number) if before.endswith("-") else 1
            return f"{before}{int(number) - 1:0{width}}" if int(number) > int(gone) else match.group()

        named = re.compile(rf'(\^{series}-2025-|/2025/{series}-|"{series} )(\d+)')
        for path in texts.of_year(2025):
            texts[path] = named.sub(lower, texts[path])


@dataclass(frozen=True)
class Move:
    """A voucher stands in another file."""

    number: str
    path: str

    def __call__(self, texts: Texts) -> None:
        _, voucher = texts.voucher(self.number, 2025)
        Remove(self.number)(texts)
        texts[self.path] = texts[self.path].rstrip("\n") + "\n\n" + voucher + "\n"


Change = Edit | Signs | Line | Match | Add | Again | Remove | Forget | Move


def replaced(text: str, old: str, new: str, every: bool = False) -> str:
    """Return a text with another part; the part stands there once, or `every` is replaced."""
    count = text.count(old)
    if not count or (count > 1 and not every):
        raise LookupError(f"{old!r} stands {count} times in {text[:300]!r}")
    return text.replace(old, new)


def turned(voucher: str) -> str:
    """Return a voucher with the other sign in every row."""

    def other(match: re.Match[str]) -> str:
        number = match.group(2)
        return match.group(1) + (number[1:] if number.startswith("-") else "-" + number) + " SEK"

    return re.sub(r"^(  \S+:\S+ +)(-?[\d.]+) SEK$", other, voucher, flags=re.M)
