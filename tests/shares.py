"""How much is tried of the long lists, and of what is drawn by chance: a part by `make test`, all by `make mutants`.

FORBUNDSBOK_ALL_TESTS=1 pytest tests/test_mutations.py tests/mistakes tests/importers tests/scripts/store
"""

import os
from collections.abc import Iterable

ALL = bool(os.environ.get("FORBUNDSBOK_ALL_TESTS"))

SHARE = 1 if ALL else 12
"""One in so many of a long list."""


def share_of(most: int) -> int:
    """Return how many are drawn of at most so many: a quarter, or all."""
    return most if ALL else most // 4


def seeds(most: int, rare: Iterable[int] = ()) -> Iterable[int]:
    """Return the seeds by which documents are drawn: of so many the first quarter and the rare ones, or all.

    Rare are those by which the code goes a way that none of the first quarter takes (coverage.py, by branch).
    """
    return range(most) if ALL else (*range(share_of(most)), *rare)
