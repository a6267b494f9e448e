"""Work done aside: in a process of its own, while the one that needs it does something else.

    with aside(warnings.quiet) as quiet:
        errors = ledger.errors()
    rules = quiet()         # what the work came to, as JSON has it; None where nobody knows, and it is to be done here

The process is a fork, which has the books as they are in memory: nothing is read again, and nothing sent to it. What it
asks of the world is heard as if it were asked here (scripts.store.witness). It writes nothing but its answer, and is
ended with the block. Only a process that does one thing, as a command does at the shell, forks: another may have
threads, of which a fork has none.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Never

from forbundsbok.scripts.store.witness import at_rest, hear_from, hearing

_does_one_thing = False


def does_one_thing() -> None:
    """Say that this process does one thing, and has no threads of its own: it may fork where there are cores for it."""
    global _does_one_thing
    _does_one_thing = sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


@contextmanager
def aside(work: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Do some work aside meanwhile; yield what waits for it, and returns what it came to."""
    forked = _forked(work) if _does_one_thing and _has_room() else None
    if forked is None:
        yield lambda: None
        return
    process, answer = forked
    try:
        yield lambda: _told(b"".join(iter(lambda: os.read(answer, 65_536), b"")))
    finally:
        os.close(answer)
        with at_rest():
            os.kill(process, signal.SIGKILL)  # which one that has ended does not hear
        os.waitpid(process, 0)


def _has_room() -> bool:
    """Tell whether there is memory for a second one: of what both have, each gets its own as it counts who uses it."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return 2 * own < os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _forked(work: Callable[[], Any]) -> tuple[int, int] | None:
    """Return the process that works, and the end of the pipe that has its answer; None where there can be none."""
    reading, writing = os.pipe()
    try:
        with at_rest():
            process = os.fork()
    except OSError:  # as many processes as there may be
        os.close(reading)
        os.close(writing)
        return None
    if not process:
        _answer(work, writing)
    os.close(writing)
    return process, reading


def _answer(work: Callable[[], Any], writing: int) -> Never:
    """Work, answer and end, whatever happens: what the process has of the other one's is not for it to tidy."""
    with suppress(BaseException):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        heard = hearing()
        done = work()
        content = json.dumps([done, *heard()]).encode()
        while content:
            content = content[os.write(writing, content) :]
    os._exit(0)


def _told(content: bytes) -> Any:
    """Return what the work came to, where the process lived to tell it."""
    try:
        done, facts, unheard = json.loads(content)
    except ValueError:
        return None
    hear_from(facts, unheard)
    return done
