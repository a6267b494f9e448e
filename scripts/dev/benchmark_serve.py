"""How long twenty readers at once wait for a page of `forbundsbok serve`, as a ratio to plain Fava.

    python -m forbundsbok.scripts.dev.benchmark_serve ledger/main.bean
    python -m forbundsbok.scripts.dev.benchmark_serve --vouchers 100000

Both serve the same books; our own pages are held against Fava's income statement. What counts is the ratio of the time
within which 95 of 100 answers came, and that of the memory each took at most; an answer that is none ends it.
"""

import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import click

from forbundsbok.scripts.dev.generated import written

READERS = 20
DOORS = (
    "income_statement/",
    "api/income_statement",
    "api/trial_balance?time=2024",
    "api/journal_page?page=1&order=desc",
)
QUERY = "api/query?query_string=SELECT%20account,%20sum(position)%20GROUP%20BY%20account"


class _Server(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int
    slug: str

    def seconds(self, door: str) -> float:
        """How long one answer takes."""
        begun = time.monotonic()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("GET", f"/{self.slug}/{door}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise click.ClickException(f"{door}: {answer.status}")
        return time.monotonic() - begun

    def pages(self) -> list[str]:
        """Our own pages, by their addresses."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("GET", f"/{self.slug}/api/ledger_data")
        return [each["name"] for each in json.load(connection.getresponse())["data"]["extensions"]]

    def memory(self) -> float:
        """The most it has taken, in MiB."""
        told = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+)", told)
        assert found is not None
        return int(found[1]) / 1024


@contextmanager
def _running(*command: str) -> Iterator[_Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", *command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield _Server(process, port, _slug(process, port))
        finally:
            process.terminate()


def _slug(process: subprocess.Popen[bytes], port: int) -> str:
    while process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=300)
            connection.request("GET", "/")
            return (connection.getresponse().headers["Location"] or "").split("/")[1]
        except ConnectionRefusedError:
            time.sleep(0.2)
    raise click.ClickException("a server has not begun")


def _late(server: _Server, door: str, times: int) -> float:
    """Within how many seconds 95 of 100 answers come."""
    server.seconds(door)
    with ThreadPoolExecutor(READERS) as readers:
        return statistics.quantiles(readers.map(lambda _: server.seconds(door), range(times)), n=20)[-1]


def _measured(ledger: Path, folder: Path, times: int) -> None:
    plain = ("fava.cli", str(ledger), "--read-only")
    ours = ("forbundsbok.scripts.forbundsbok", "serve", "--ledger", str(ledger), "--users", str(folder / "users.json"))
    with _running(*plain) as fava, _running(*ours) as books:
        for door in DOORS:
            own, peers = (_late(server, door, times) for server in (books, fava))
            click.echo(f"{door:40} p95 {own * 1000:7.0f} ms, {own / peers:.2f} of Fava's")
        # Fava's own income statement is the page and the data that it is drawn from.
        peers = sum(_late(fava, door, times) for door in DOORS[:2])
        for page in books.pages():
            own = _late(books, f"extension/{page}/", times)
            click.echo(f"{page:40} p95 {own * 1000:7.0f} ms, {own / peers:.2f} of Fava's income statement")
        own = _late(books, QUERY, times)
        click.echo(f"{'a query':40} p95 {own * 1000:7.0f} ms; Fava has one shell for all, and is not asked")
        click.echo(f"{'memory':40} {books.memory():11.0f} MiB, {books.memory() / fava.memory():.2f} of Fava's")


@click.command()
@click.argument("ledger", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--vouchers", type=int, default=10_000, show_default=True, help="How many, of books that are made up.")
@click.option("--times", type=int, default=100, show_default=True, help="How many answers of each page.")
def main(ledger: Path | None, vouchers: int, times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if ledger is None:
            ledger = written(Path(folder), vouchers).ledger
        _measured(ledger, Path(folder), times)


if __name__ == "__main__":
    main()
