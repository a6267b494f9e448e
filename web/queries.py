"""Queries of the books: those that read, each in a process of its own that can neither open a file nor last.

Fava hands a query to beanquery's shell as it stands. That shell has commands beside its queries, and Fava's
`--read-only` does not know of them, since they come by GET:

    .output /srv/books/main.bean            the file is cut to nothing
    CREATE TABLE x USING 'csv:/etc/passwd'  any file is opened

An image in any web page can send them. Here beanquery's own parser says what a query is, and there is no shell behind.
What is asked may still hold Python for minutes, with all who read (`account ~ '(:?[a-z]+)+$'`), as may a filter of
Fava's pages. So the process that answers is a fork, which has the books as they are and is ended when its time is up.
"""

import gc
import io
import mmap
import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any, NamedTuple

from beanquery import Cursor, ParseError, connect
from beanquery.parser import ast
from beanquery.render import beancount
from beanquery.sources import beancount as source  # before the fork: it cannot open a file
from fava.beans.abc import Directive
from fava.core import FavaLedger, FilteredLedger
from fava.json_api import FavaJSONAPIError

from forbundsbok.plugins.language import N_, tr

READING = (ast.Select, ast.Balances, ast.Journal, ast.Print)
REPEATED = {*"*+{"}
"""What a pattern must have to last."""
MOST = 256 * 2**20
"""How much memory, in bytes, an answer may take beside the books."""
ASKING, AT_ONCE = 20, 4
"""So many ask at once, and so many of them are answered: all threads but these are left to who asks for pages."""
_asking, _at_once = BoundedSemaphore(ASKING), BoundedSemaphore(AT_ONCE)
assert source
# What reads a query looks for this each time, to colour what it traces; where it is none, it looks in every folder.
sys.modules.setdefault("colorama", None)  # type: ignore[arg-type]


class QueryError(FavaJSONAPIError):
    """The query is none that reads, or cannot be answered."""

    status = HTTPStatus.BAD_REQUEST


class TooLongError(QueryError):
    """The time is up."""


class BusyError(QueryError):
    """Others ask."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class QueryResult(NamedTuple):
    """What a cursor is asked for: its columns and rows."""

    description: Sequence[Any]
    rows: list[Any]

    def fetchall(self) -> list[Any]:
        return self.rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


class Reader:
    """Stands in for Fava's shell: answers the statements that read, in so many seconds, and knows no commands."""

    def __init__(self, ledger: FavaLedger, seconds: float) -> None:
        self.ledger = ledger
        self.seconds = seconds

    def run(self, entries: Sequence[Directive], query: str) -> QueryResult | str:
        """A table, or for PRINT the directives as text."""
        answer = limited(lambda: self._answer(entries, query), self.seconds)
        return answer if isinstance(answer, str) else QueryResult(*answer)

    def _answer(self, entries: Sequence[Directive], query: str) -> str | tuple[Any, ...]:
        books = connect("beancount:", entries=entries, errors=self.ledger.errors, options=self.ledger.options)
        try:
            statement = books.parse(query or " ")  # the parser falls over nothing at all
            if not isinstance(statement, READING):
                raise QueryError(tr("The books are read here: SELECT, BALANCES, JOURNAL and PRINT, and nothing else."))
            cursor = books.execute(statement)
            return _printed(cursor) if isinstance(statement, ast.Print) else (cursor.description, cursor.fetchall())
        except (QueryError, MemoryError, SystemError):  # Python itself, out of memory, says either
            raise
        except ParseError as error:
            text = N_("The query cannot be read as SELECT, BALANCES, JOURNAL or PRINT: wrong at character {place}.")
            raise QueryError(tr(text, place=error.parseinfo.pos + 1)) from error
        except Exception as error:  # a bad pattern, date or depth comes as Python's own error
            raise QueryError(tr("The query cannot be answered: {why}", why=error)) from error


class Filters:
    """Stands in for Fava's own filtering of the books by account, text and time: what may last is tried first."""

    def __init__(self, ledger: FavaLedger, seconds: float) -> None:
        self.ledger = ledger
        self.seconds = seconds
        self._filtered = lru_cache(maxsize=16)(ledger._get_filtered)
        self._tried: set[tuple[str | None, ...]] = set()

    def __call__(
        self,
        account: str | None = None,
        filter: str | None = None,  # Fava's own name
        time: str | None = None,
    ) -> FilteredLedger:
        asked = (account, filter, time)
        if asked not in self._tried and REPEATED & {*(account or ""), *(filter or "")}:
            try:
                limited(lambda: bool(self.ledger._get_filtered(*asked)), self.seconds)
            except (TooLongError, BusyError):
                raise
            except QueryError:  # what is wrong with it, Fava says better
                pass
            self._tried.add(asked)
        return self._filtered(*asked)

    def cache_clear(self) -> None:
        """Forget what was filtered, for there are other books."""
        self._tried.clear()
        self._filtered.cache_clear()


def _printed(cursor: Cursor) -> str:
    """The directives as text; Fava itself shows nothing for PRINT."""
    text = io.StringIO()
    beancount.render(cursor.description, cursor.fetchall(), text, dcontext=cursor.connection.options["dcontext"])
    return text.getvalue()


def limited(work: Callable[[], Any], seconds: float) -> Any:
    """Do some work in a process that ends with its time. Raises QueryError as the work does, or for too long a one."""
    busy = BusyError(tr("Others ask the books just now: ask again in a moment."))
    if not _asking.acquire(blocking=False):
        raise busy
    try:
        # The last of those who ask waits for all the others, each as long as an answer may take.
        if not _at_once.acquire(timeout=seconds * ASKING / AT_ONCE):
            raise busy
        try:
            told = _from_process(work, seconds)
        finally:
            _at_once.release()
    finally:
        _asking.release()
    try:
        is_answer, answer = pickle.loads(told)  # what our own fork has written
    except (EOFError, pickle.UnpicklingError) as error:
        raise QueryError(tr("The query takes more memory than an answer may: ask for less.")) from error
    if not is_answer:
        raise QueryError(answer)
    return answer


def _from_process(work: Callable[[], Any], seconds: float) -> bytes:
    """What the process writes, before its time is up. Raises TooLongError."""
    text = N_("The query takes more than {seconds} seconds: ask for less, or by a simpler pattern.")
    late = TooLongError(tr(text, seconds=f"{seconds:g}"))  # the fork cannot open the catalogue, and has it by this
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        _work_alone(work, writing)
    os.close(writing)
    try:
        return b"".join(_read(reading, time.monotonic() + seconds))
    except TimeoutError as error:
        raise late from error
    finally:
        os.close(reading)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _read(reading: int, end: float) -> Iterator[bytes]:
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    while True:
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            raise TimeoutError
        if not (part := os.read(reading, 2**20)):
            return
        yield part


def _limit_memory(more: int) -> None:
    """Let this process have so many bytes more than it has, and no more.

    What it has is the least limit under which it gets another page: asked so, for `/proc` is not everywhere.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    highest = 2**47 if hard == resource.RLIM_INFINITY else hard
    least, enough = 0, highest
    while enough - least > mmap.PAGESIZE:
        limit = (least + enough) // 2
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        try:
            mmap.mmap(-1, mmap.PAGESIZE).close()
            enough = limit
        except (OSError, MemoryError):
            least = limit
    most = min(enough + more, highest)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _work_alone(work: Callable[[], Any], writing: int) -> None:
    """Work in the process that was forked, which has no other file than the one it answers by, and ends here."""
    try:
        gc.disable()  # it would touch, and so copy, all of the books
        os.closerange(0, writing)
        os.closerange(writing + 1, os.sysconf("SC_OPEN_MAX"))
        _limit_memory(MOST)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            told = pickle.dumps((True, work()))
        except (MemoryError, SystemError):
            told = b""
        except Exception as error:
            told = pickle.dumps((False, getattr(error, "message", None) or str(error)))
        sent = memoryview(told)
        while sent:
            sent = sent[os.write(writing, sent) :]
    finally:
        os._exit(0)
