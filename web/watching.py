"""Sees that the books are others than they were: a file that changes, comes, goes, or comes back as it was.

    include "units/*/2025.bean"     a new unit's file, which nothing but this pattern names
    include "budget/2025.bean"      a file that was missing, and is put back with its old time

Fava's own watching knows the files that were read, and hears of later times alone.
"""

import glob
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from fava.core import FavaLedger
from fava.core.watcher import WatcherBase

from forbundsbok.plugins.reading import SOUGHT
from forbundsbok.scripts.store.beside import BESIDE

State = tuple[int, int, int]
"""Of a file: its number on the disk, when it was written, and its size."""


class Watcher(WatcherBase):
    """Stands in for Fava's: looks at what is there each time it is asked."""

    def __init__(self, ledger: FavaLedger) -> None:
        self.last_checked = self.last_notified = 0
        self.ledger = ledger
        self._files: tuple[str, ...] = ()
        self._folders: tuple[Path, ...] = ()
        self._seen: Mapping[str, State] = {}
        self._lock = Lock()

    def update(self, files: Iterable[Path], folders: Iterable[Path]) -> None:
        """The books have been loaded: look at their files from now on, and at the folders of their documents."""
        with self._lock:
            self._files, self._folders = tuple(map(str, files)), tuple(folders)
            # Of a file that has changed while they were loaded, what was there before counts.
            self._seen = {name: self._seen.get(name, state) for name, state in self._look().items()}
            self._tick()

    def check(self) -> bool:
        """Whether anything is another than when it was asked last, or the books were loaded."""
        with self._lock:
            now = self._look()
            if now == self._seen:
                return False
            self._seen = now
            self._tick()
            return True

    def notify(self, path: Path) -> None:
        """A file has been written here: the books are about to be loaded for it."""
        with self._lock:
            self._seen = {**self._seen, **_states([str(path)])}

    def _tick(self) -> None:
        self.last_checked = max(self.last_checked + 1, time.time_ns())

    def _get_latest_mtime(self) -> int:
        return self.last_checked

    def _look(self) -> Mapping[str, State]:
        options: Mapping[str, Any] = dict(self.ledger.options)
        beside = Path(options["filename"]).parent
        patterns = [*options.get(SOUGHT, ()), *(str(beside / each) for each in BESIDE)]
        # By the way that Beancount finds what an include names.
        found = [name for each in patterns for name in glob.iglob(each, recursive=True)]  # noqa: PTH207
        below = [inner for folder in self._folders for inner, _, _ in os.walk(folder)]
        return _states([*self._files, *found, *below])


def _states(names: Iterable[str]) -> dict[str, State]:
    """Return the states of the files that are there."""
    states = {}
    for name in names:
        try:
            status = Path(name).stat()
        except OSError:
            continue
        states[name] = (status.st_ino, status.st_mtime_ns, status.st_size)
    return states
