"""How long whole commands take, from their start to their end, as ratios to plain `bean-check`, beside their peers.

    python -m forbundsbok.scripts.dev.benchmark_peers --vouchers 100000
    python -m forbundsbok.scripts.dev.benchmark_peers --vouchers 10000 --vouchers 1000000 --runs 1    how it grows

A made-up federation, a file for each unit and year, is read by each peer that is installed: hledger and ledger (its
journal), uromyces (`uro`) and rustledger (the npm package `@rustledger/wasm`, installed globally, in node). The balance
of every account must be the same in all of them before a time is printed. Everything is run in turn, several times
over; what counts is the time of the processor, the least of the runs, since others may use it too.

"One file edited": one voucher's text is another than when the command was run before. A command that did not end in
time, or failed, is told so, and is left out of what is larger.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import NamedTuple

import click
from beancount.core.data import Transaction

from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.dev.benchmark import PLAIN, Taken, least, own, plain_check, print_table, taken
from forbundsbok.scripts.dev.generated import YEARS, MadeUp, written

EDITED = ", one file edited"

Balances = Mapping[str, Decimal]
"""The balance of each account that has one."""


class Peer(NamedTuple):
    """A program that reads the same vouchers: what it is asked, the last of it also after an edit, and its balances."""

    commands: dict[str, list[str]]
    balances: Callable[[], Iterable[tuple[str, str]]]


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


def _output(command: list[str]) -> str:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def _hledger(federation: MadeUp) -> Peer | None:
    if not shutil.which("hledger"):
        return None
    command = ["hledger", "-f", str(federation.journal)]
    listed = [*command, "balance", "--flat", "--no-total", "--output-format", "csv"]
    commands = {f"hledger {asked}": [*command, asked] for asked in ("balance", "check")}
    return Peer(commands, lambda: ((row[0], row[1]) for row in list(csv.reader(_output(listed).splitlines()))[1:]))


def _ledger(federation: MadeUp) -> Peer | None:
    if not shutil.which("ledger"):
        return None
    command = ["ledger", "-f", str(federation.journal), "balance"]
    listed = [*command, "--flat", "--no-total", "--format", "%(account)\t%(amount)\n"]
    return Peer({"ledger balance": command}, lambda: _pairs(_output(listed)))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        account, amount = line.split("\t")
        yield account, amount


_URO = """
import sys
from collections import Counter
from uromyces import Transaction, load_file
sums = Counter()
for entry in load_file(sys.argv[1]).entries:
    for posting in entry.postings if isinstance(entry, Transaction) else ():
        sums[posting.account] += posting.units.number
for account, total in sums.items():
    print(account, total, sep="\\t")
"""


def _uromyces(federation: MadeUp) -> Peer | None:
    if not (program := shutil.which("uro")):
        return None
    with Path(program).open(encoding="utf-8") as file:
        python = file.readline().removeprefix("#!").strip()
    listed = [python, "-c", _URO, str(federation.plain)]
    return Peer({"uro check": [program, "check", str(federation.plain)]}, lambda: _pairs(_output(listed)))


_RUSTLEDGER = """
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
const [folder, main, asked] = process.argv.slice(1);
const { initSync, Ledger } = await import(join(folder, "rustledger_wasm.js"));
initSync({ module: readFileSync(join(folder, "rustledger_wasm_bg.wasm")) });
const files = { "main.bean": readFileSync(main, "utf8") };
for (const [, name] of files["main.bean"].matchAll(/^include "(.*)"$/gm))
    files[name] = readFileSync(join(dirname(main), name), "utf8");
const ledger = Ledger.fromFiles(files, "main.bean");
if (!ledger.isValid()) {
    console.error(ledger.getErrors()[0]);
    process.exit(1);
}
if (asked == "balances")
    for (const [account, { positions }] of ledger.query("SELECT account, sum(position) GROUP BY account").rows)
        console.log(account + "\\t" + (positions[0]?.units.number ?? "0"));
"""


def _rustledger(federation: MadeUp) -> Peer | None:
    if not (shutil.which("npm") and shutil.which("node")):
        return None
    package = Path(_output(["npm", "root", "--global"]).strip(), "@rustledger", "wasm")
    if not package.is_dir():
        return None
    command = ["node", "--input-type=module", "-e", _RUSTLEDGER, str(package), str(federation.plain)]
    return Peer({"rustledger check": [*command, "check"]}, lambda: _pairs(_output([*command, "balances"])))


PEERS = {"hledger": _hledger, "ledger": _ledger, "uromyces": _uromyces, "rustledger": _rustledger}


def _commands(federation: MadeUp, peers: Iterable[Peer]) -> dict[str, list[str]]:
    """Return what is timed, by what it is called: after an edit before with nothing changed, which it then kept."""
    program, books = own("forbundsbok"), ["--ledger", str(federation.ledger)]
    bean_check = [own("bean-check"), str(federation.plain)]
    found = {
        PLAIN: plain_check(federation),
        f"bean-check{EDITED}": bean_check,
        "bean-check, nothing changed": bean_check,
    }
    for name, asked in (("show", ["show", "resultat", "--year", str(YEARS[-1])]), ("check", ["check"])):
        command = [program, *asked, *books]
        found |= {
            f"{name}, read anew": [*command, "--no-cache"],
            f"{name}{EDITED}": command,
            f"{name}, nothing changed": command,
        }
    for peer in peers:
        name, command = list(peer.commands.items())[-1]
        found |= {**peer.commands, f"{name}{EDITED}": command}
    return found


@click.command()
@click.option("--vouchers", type=int, multiple=True, default=(10_000,), show_default=True)
@click.option("--runs", type=int, default=3, show_default=True, help="How often each is run; the least is printed.")
@click.option("--limit", type=int, default=900, show_default=True, help="Seconds after which one is ended.")
@click.option("--only", multiple=True, help="Only what begins so, beside plain bean-check: `--only check`.")
@click.option("--balances", "asked", type=click.Path(path_type=Path), hidden=True)
def main(vouchers: tuple[int, ...], runs: int, limit: int, only: tuple[str, ...], asked: Path | None) -> None:
    """Time whole commands against plain bean-check and the peers that are installed."""
    if asked:
        click.echo(json.dumps({account: str(total) for account, total in balances(asked).items()}))
        return
    ended: dict[str, int] = {}
    for number in vouchers:
        with tempfile.TemporaryDirectory() as folder:
            federation = written(Path(folder), number)
            asked_for = (PLAIN, *only) if only else ("",)
            found_peers = {name: find(federation) for name, find in PEERS.items()}
            peers = {
                name: peer
                for name, peer in found_peers.items()
                if peer and any(each.startswith(asked_for) for each in peer.commands)
            }
            left_out = [f"{name} is not installed" for name, peer in found_peers.items() if not peer]
            agreeing = _agreeing(federation, peers) if peers else "beside no peer"
            commands = {
                name: command
                for name, command in _commands(federation, peers.values()).items()
                if name not in ended and name.startswith(asked_for)
            }
            rounds = [_round(federation, commands, limit) for _ in range(runs)]
            found = {name: least([each[name] for each in rounds]) for name in commands}
            click.echo(f"{number} vouchers, the least of {runs} runs; {'; '.join([agreeing, *left_out])}")
            print_table(found, number)
            ended |= {name: number for name, each in found.items() if each.failure}
    for name, number in ended.items():
        machine = f"{os.cpu_count()} cores, {_gigabytes():.0f} GB"
        click.echo(f"{name}: one machine ({machine}) ends at {number} vouchers")


def _gigabytes() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9


_EDITS = count(1)


def _round(federation: MadeUp, commands: Mapping[str, list[str]], limit: int) -> dict[str, Taken]:
    """Run each command once; each that says so after an edit."""
    found = {}
    for name, command in commands.items():
        if name.endswith(EDITED):
            federation.edit(next(_EDITS))
        found[name] = taken(command, federation.folder / "cache", limit)
    return found


def _agreeing(federation: MadeUp, peers: Mapping[str, Peer]) -> str:
    """Return how many balances agree with whom."""
    # In a process of its own, whose memory is not that of those that are timed.
    command = [sys.executable, "-m", __spec__.name, "--balances", str(federation.ledger)]
    ours = {account: Decimal(total) for account, total in json.loads(_output(command)).items()}
    for name, peer in peers.items():
        refuse_other(name, ours, _with_balance((account, _amount(amount)) for account, amount in peer.balances()))
    return f"{len(ours)} balances agree with {', '.join(peers)}"


def _amount(text: str) -> Decimal:
    return Decimal(text.removesuffix(" SEK").replace(",", ""))


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
