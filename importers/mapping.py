"""The mapping of a federation: a TOML file beside its ledger, that says how what comes in is booked.

    [bank."50000000054910000003"]
    account = "Assets:FK:1610-Internbank"
    observation = "Liabilities:FK:2890-Observationskonto"

Each door reads the tables that are its own, and refuses what it does not know: a key that is misspelt
would otherwise be no mapping at all.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forbundsbok.importers.problems import DocumentError, Problem, refused, refused_whole
from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.acknowledgements import ACKNOWLEDGES
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.language import N_

FILE = "import.toml"
"""The mapping's name in the folder of a ledger."""

SOME_UNIT = "ENHET"
"""What stands for a unit in an example, where a mapping names none."""

_MISSING: Any = object()


class Table:
    """A table of a mapping, whose values are asked for by kind. Raises DocumentError naming the file and the key.

    `unit` is one of the books, for examples: that of the first account that the mapping names.
    """

    def __init__(self, filename: str, name: str, values: dict[str, Any], unit: str = "") -> None:
        self.filename = filename
        self.name = name
        self.unit = unit or next(_units_in(values), SOME_UNIT)
        self._values = values
        self._asked: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str, default: str = _MISSING) -> str:
        """Return a text of one line."""
        value = self._value(key, default)
        if not isinstance(value, str) or "\n" in value:
            raise self.wrong(key, phrase("a text of one line"), f'{key} = "..."')
        return value

    def account(self, key: str, default: str = _MISSING) -> str:
        """Return a whole account name, `Assets:FK:1610-Internbank`."""
        value = self._value(key, default)
        if value != default and not (isinstance(value, str) and parse_account(value)):
            raise self.wrong(key, phrase("an account of a unit"), f'{key} = "Assets:{self.unit}:1610-Internbank"')
        return str(value)

    def whole(self, key: str, default: int = _MISSING) -> int:
        """Return a whole number."""
        value = self._value(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, phrase("a whole number"), f"{key} = 1")
        return value

    def truth(self, key: str, default: bool = _MISSING) -> bool:
        """Return a truth value."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, phrase("true or false"), f"{key} = true")
        return value

    def texts(self, key: str, default: list[str] = _MISSING) -> list[str]:
        """Return a list of texts."""
        value = self._value(key, default)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(key, phrase("a list of texts"), f'{key} = ["...", "..."]')
        return value

    def table(self, key: str) -> "Table":
        """Return a table below this one, an empty one when it is not there."""
        value = self._value(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, phrase("a table"), f"[{self._path(key)}]")
        return Table(self.filename, self._path(key), value, self.unit)

    def tables(self) -> Iterator[tuple[str, "Table"]]:
        """Yield the tables below this one by name: all that it holds must be tables."""
        for key in self._values:
            yield key, self.table(key)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield keys and texts: all that it holds must be texts."""
        for key in self._values:
            yield key, self.text(key)

    def finish(self) -> None:
        """Refuse what was not asked for."""
        if unknown := sorted(self._values.keys() - self._asked - {ACKNOWLEDGES}):
            known = as_written(", ".join(sorted(self._asked))) if self._asked else phrase("nothing")
            table = phrase("[{table}]", table=self.name) if self.name else phrase("the file")
            text = N_("{table} has {key}, which nothing reads; it may hold {known}")
            problems = [Problem(0, phrase(text, table=table, key=key, known=known)) for key in unknown]
            raise refused(self.filename, problems)

    def wrong(self, key: str, what: Message, example: str) -> DocumentError:
        """Return the error of a value that is not what it should be."""
        text = (
            N_("{key} is {value}: write {what}, such as   {example}")
            if key in self._values
            else N_("{key} is missing: write {what}, such as   {example}")
        )
        message = phrase(text, key=self._path(key), value=repr(self._values.get(key)), what=what, example=example)
        return refused_whole(self.filename, message)

    def _value(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        if key not in self._values and default is not _MISSING:
            return default
        return self._values.get(key)

    def _path(self, key: str) -> str:
        shown = key if re.fullmatch(r"[\w-]+", key, re.ASCII) else f'"{key}"'
        return f"{self.name}.{shown}" if self.name else shown


def _units_in(value: object) -> Iterator[str]:
    """Yield the units of the accounts that a mapping names, wherever they stand in it."""
    if isinstance(value, str):
        if name := parse_account(value):
            yield name.unit
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _units_in(each)


def toml_text(text: str) -> str:
    """Return a text as TOML has it."""
    return json.dumps(text, ensure_ascii=False)


def read_mapping(path: Path) -> Table:
    """Return the mapping of a file, an empty one when there is no such file. Raises DocumentError."""
    try:
        text = path.read_text(encoding="utf-8")
        return Table(str(path), "", tomllib.loads(text))
    except FileNotFoundError:
        return Table(str(path), "", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refused_whole(path, phrase("it is no TOML file: {why}", why=error)) from None
