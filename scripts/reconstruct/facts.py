"""What is known: the printed figures, and the guesses that an accountant would make of the rest.

3.1,Avskrivningar,,2024,-674                                    a row of ledger/printed/2024.csv
"Assets:NAV:1910-Handkassa" = [10, 19, 6]                       tkr at the end of 2022, 2023, 2024
{ account = "...", start = "2023-09", months = 36, monthly = 4208 }   an asset of the register
"""

import csv
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forbundsbok.scripts.reconstruct.chart import unit_of

OPENING, YEARS = 2022, (2023, 2024)
GUESSES = Path(__file__).with_name("guesses.toml")
KRONOR = 1000
"""The kronor of a tkr."""
HALF = KRONOR // 2


@dataclass(frozen=True)
class Printed:
    """A printed figure: tkr as printed, and whether it is known to contradict others."""

    table: str
    row: str
    column: str
    tkr: int
    contradicted: bool

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands."""
        return self.table, self.row, self.column

    @property
    def least(self) -> int:
        """The least whole kronor that round to it, half away from zero."""
        return self.tkr * KRONOR - (HALF if self.tkr > 0 else HALF - 1)

    @property
    def most(self) -> int:
        """The most whole kronor that round to it."""
        return self.tkr * KRONOR + (HALF if self.tkr < 0 else HALF - 1)


@dataclass(frozen=True)
class AssetFact:
    """An asset: `monthly` kronor of depreciation for `months` months from `start`, the first of a month."""

    account: str
    name: str
    start: date
    months: int
    monthly: int

    @property
    def cost(self) -> int:
        """What it was bought for, kronor."""
        return self.monthly * self.months

    @property
    def unit(self) -> str:
        """The unit that owns it."""
        return unit_of(self.account)

    def months_until(self, year: int) -> int:
        """Return how many months of it are depreciated by the end of a year."""
        passed = (year - self.start.year) * 12 + 13 - self.start.month
        return min(max(passed, 0), self.months)


@dataclass(frozen=True)
class Guesses:
    """The guesses: tkr at the end of, or over, 2022, 2023 and 2024 by account; and the asset register."""

    accounts: dict[str, dict[int, int]]
    assets: tuple[AssetFact, ...]


def read_guesses() -> Guesses:
    """Read `guesses.toml`."""
    raw = tomllib.loads(GUESSES.read_text(encoding="utf-8"))
    assets = tuple(
        AssetFact(
            item["account"], item["name"], date.fromisoformat(item["start"] + "-01"), item["months"], item["monthly"]
        )
        for item in raw.pop("asset")
    )
    accounts = {
        account: dict(zip((OPENING, *YEARS), tkr, strict=True))
        for unit in raw.values()
        for account, tkr in unit.items()
    }
    return Guesses(accounts, assets)


def read_printed(path: Path) -> tuple[Printed, ...]:
    """Read the printed figures of a CSV, and which of them its `-contradictions.csv` tells of."""
    known = path.with_name(f"{path.stem}-contradictions.csv")
    contradicted = {(row["table"], row["row"], row["column"]) for row in _rows(known)}
    return tuple(
        Printed(
            row["table"],
            row["row"],
            row["column"],
            int(row["tkr"]),
            (row["table"], row["row"], row["column"]) in contradicted,
        )
        for row in _rows(path)
    )


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
