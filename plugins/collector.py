"""Python's garbage collector, kept off what is no garbage.

    with collector_at_rest():
        entries, errors, options = read()

While books or a document are read, millions of objects are made of which none is garbage: to look for some takes as
long as to read them.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Look for no garbage meanwhile."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
