"""How long whole commands take, from their start to their end, as ratios to plain `bean-check`, beside their peers.

    python -m forbundsbok.scripts.dev.benchmark_peers --vouchers 100000

    2023-01-01 * Leverantör 000 | Verifikat 0
      Expenses:U1:6010-Material      400.00 SEK

The generated ledger of the other benchmark is written as a journal too, for hledger and ledger where they are
installed. The balance of every account must be the same in all of them before a time is printed. Everything is run in
turn, several times over; what counts is the time of the processor, the least of the runs, since others may use it too.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import click
from beancount.core.data import Transaction

from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.dev.benchmark import OPTIONS, PLUGIN, generated

PLAIN = "bean-check, no rules"
KEPT = "nothing changed"

_VOUCHER = re.compile(r'(\d{4}-\d\d-\d\d) \* "([^"]*)" "([^"]*)"')
_ROW = re.compile(r"  [A-Z]\S*:\S+  \S+ SEK")

Balances = Mapping[str, Decimal]
"""The balance of each account that has one."""


class Taken(NamedTuple):
    """What a command took: seconds of the processor, and kilobytes of memory."""

    seconds: float
    kilobytes: int


def journal(text: str) -> Iterator[str]:
    """Yield the lines of a ledger's vouchers as those of a journal."""
    for line in text.splitlines():
        if match := _VOUCHER.match(line):
            yield f"\n{match[1]} * {match[2]} | {match[3]}"
        elif _ROW.fullmatch(line):
            yield f"  {line}"


def balances(path: Path) -> Balances:
    """Return the balances of a ledger by our own loading, without what it adds between units."""
    loaded = load_ledger(path)
    if loaded.errors:
        raise SystemExit(f"the generated ledger has errors, the first: {loaded.errors[0].message}")
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in loaded.entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            if posting.units and posting.units.number is not None and ":1790-" not in posting.account:
                sums[posting.account] += posting.units.number
    return _with_balance(sums.items())


def _with_balance(sums: Iterable[tuple[str, Decimal]]) -> Balances:
    return {account: total for account, total in sums if total}


def _asked_peer(name: str, path: Path) -> Balances:
    """Return the balances that a peer computes of a journal."""
    if name == "hledger":
        command = ["hledger", "-f", str(path), "balance", "--flat", "--no-total", "--output-format", "csv"]
        rows = list(csv.reader(_output(command).splitlines()))[1:]
    else:
        form = "%(account)\t%(amount)\n"
        command = ["ledger", "-f", str(path), "balance", "--flat", "--no-total", "--format", form]
        rows = [line.split("\t") for line in _output(command).splitlines()]
    return _with_balance((account, Decimal(amount.removesuffix(" SEK").replace(",", ""))) for account, amount in rows)


def _output(command: list[str]) -> str:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def _commands(folder: Path, peers: Iterable[str]) -> dict[str, list[str]]:
    """Return what is timed, by what it is called."""
    own = str(Path(sys.executable).with_name("forbundsbok"))
    books = ["--ledger", str(folder / "main.bean")]
    asked = {"show": [own, "show", "resultat", "--year", "2024", *books], "check": [own, "check", *books]}
    found = {PLAIN: [str(Path(sys.executable).with_name("bean-check")), "-C", str(folder / "plain.bean")]}
    for name, command in asked.items():
        found |= {f"{name}, read anew": [*command, "--no-cache"], f"{name}, {KEPT}": command}
    file = str(folder / "main.journal")
    theirs = {
        "hledger balance": ["hledger", "-f", file, "balance"],
        "hledger check": ["hledger", "-f", file, "check"],
        "ledger balance": ["ledger", "-f", file, "balance"],
    }
    return found | {name: command for name, command in theirs.items() if command[0] in peers}


_RUN = """import json, os, resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
"""Run from a small process: what it starts is counted as at least as large as it is itself."""


def _taken(name: str, command: list[str], cache: Path) -> Taken:
    """Run a command to its end, and return what it took."""
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "FORBUNDSBOK_NO_CACHE")}
    environment |= {"XDG_CACHE_HOME": str(cache), "LC_ALL": "C.UTF-8"}
    run = [sys.executable, "-I", "-S", "-c", _RUN, *command]
    done = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    status, seconds, kilobytes = json.loads(done.stdout)
    if status:
        raise SystemExit(f"{name} ends with status {status}")
    return Taken(seconds, kilobytes)


@click.command()
@click.option("--vouchers", type=int, multiple=True, default=(10_000,), show_default=True)
@click.option("--runs", type=int, default=3, show_default=True, help="How often each is run; the least is printed.")
@click.option("--balances", "asked", type=click.Path(path_type=Path), hidden=True)
def main(vouchers: tuple[int, ...], runs: int, asked: Path | None) -> None:
    """Time whole commands against plain bean-check and the peers that are installed."""
    if asked:
        click.echo(json.dumps({account: str(total) for account, total in balances(asked).items()}))
        return
    peers = [name for name in ("hledger", "ledger") if shutil.which(name)]
    for name in {"hledger", "ledger"} - set(peers):
        click.echo(f"{name} is not installed: left out")
    for number in vouchers:
        with tempfile.TemporaryDirectory() as folder:
            books, cache = Path(folder, "books"), Path(folder, "cache")
            books.mkdir()
            _report(number, books, cache, peers, runs)


def _report(number: int, folder: Path, cache: Path, peers: Iterable[str], runs: int) -> None:
    text = "".join(generated(number))
    for name, content in (
        ("main.bean", OPTIONS + PLUGIN + text),
        ("plain.bean", OPTIONS + text),
        ("main.journal", "\n".join(journal(text)) + "\n"),
    ):
        (folder / name).write_text(content, encoding="utf-8")
    # In a process of its own, whose memory is not that of those that are timed.
    command = [sys.executable, "-m", "forbundsbok.scripts.dev.benchmark_peers", "--balances", str(folder / "main.bean")]
    ours = {account: Decimal(total) for account, total in json.loads(_output(command)).items()}
    for name in peers:
        refuse_other(name, ours, _asked_peer(name, folder / "main.journal"))
    commands = _commands(folder, peers)
    for name, each in commands.items():
        if name.endswith(KEPT):
            _taken(name, each, cache)
    rounds = [{name: _taken(name, each, cache) for name, each in commands.items()} for _ in range(runs)]
    least = {name: Taken(*map(min, zip(*(each[name] for each in rounds), strict=True))) for name in commands}
    click.echo(f"{number} vouchers, the least of {runs} runs; {len(ours)} balances agree with {' and '.join(peers)}")
    click.echo(f"  {'':32}{'seconds':>9}{'ratio':>8}{'MB':>7}")
    for name, taken in least.items():
        ratio = taken.seconds / least[PLAIN].seconds
        click.echo(f"  {name:32}{taken.seconds:9.2f}{ratio:8.3f}{taken.kilobytes / 1024:7.0f}")


def refuse_other(name: str, ours: Balances, theirs: Balances) -> None:
    """End where a peer has other balances: then no time says anything."""
    if other := sorted({account for account, _ in ours.items() ^ theirs.items()}):
        account = other[0]
        raise SystemExit(
            f"{name} has other balances of {len(other)} accounts, the first {account}: "
            f"{theirs.get(account, 0)}, by us {ours.get(account, 0)}"
        )


if __name__ == "__main__":
    main()
