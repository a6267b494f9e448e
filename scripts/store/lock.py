"""The lock on a ledger: who else writes waits, so that a number is given once.

    with locked(Path("ledger")):
        ...

It is on the folder itself, and ends with the process: no lock file that a kill could leave.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from forbundsbok.plugins.language import N_, tr
from forbundsbok.scripts.store import StoreError

PATIENCE = 1.0
"""Seconds of waiting before it is said that one waits."""
LIMIT = 300.0
"""Seconds of waiting before one gives up."""
_EVERY = 0.02


@contextmanager
def locked(folder: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """Lock a folder, and tell when that takes long. Raises StoreError when others hold it for minutes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _wait_for(descriptor, folder, tell)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, folder: Path, tell: Callable[[str], None]) -> None:
    start = time.monotonic()
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            waited = time.monotonic() - start
        if waited > LIMIT:
            text = N_(
                "another import has been writing into {folder} for {minutes} minutes: nothing has been done, "
                "try again when it has ended"
            )
            raise StoreError(tr(text, folder=folder, minutes=f"{LIMIT / 60:.0f}"))
        if waited > PATIENCE and not told:
            tell(tr("another import is writing into {folder}: waiting", folder=folder))
            told = True
        time.sleep(_EVERY)
