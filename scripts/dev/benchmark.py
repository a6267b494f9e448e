"""What it costs to read the books by all rules, and to write the report: commands as ratios to Beancount's own check.

    python -m forbundsbok.scripts.dev.benchmark --vouchers 10000 --vouchers 100000

A federation is made up, with as many vouchers as asked for. Every command is timed as a whole process, from its start
to its end, in seconds of the processor: others may use the machine too. They take turns, several times over, and the
least of the runs counts. The ratio is to plain `bean-check`: the same files without any rule of ours. Beside them
stands what each module of rules takes of a load, measured inside it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click
from beancount import loader

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.clearing import complete_with_clearing
from forbundsbok.plugins.federation import MODULES
from forbundsbok.plugins.rulebook import findings
from forbundsbok.scripts.dev.generated import OWN, YEARS, MadeUp, written
from forbundsbok.scripts.render.formats import FORMATS

PLAIN = "bean-check, no rules"


class Taken(NamedTuple):
    """What a command took: seconds of the processor, and kilobytes of memory. Without them, why it has none."""

    seconds: float = 0
    kilobytes: float = 0
    failure: str = ""


_RUN = """import json, os, pathlib, re, resource, signal, subprocess, sys

def shared_out(session):
    sizes = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(process.name)) == session:
                sizes += re.findall(r"Pss: +(\\d+)", (process / "smaps_rollup").read_text())
        except OSError:
            pass  # ended meanwhile
    return sum(map(int, sizes)) if len(sizes) > 1 else 0

limit, *command = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 5))
running = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
together, status = 0, None
while status is None:
    try:
        status = running.wait(0.5)
    except subprocess.TimeoutExpired:
        together = max(together, shared_out(running.pid))
used = resource.getrusage(resource.RUSAGE_CHILDREN)
kilobytes = max(used.ru_maxrss, together)
print(json.dumps([status, status == -signal.SIGXCPU, used.ru_utime + used.ru_stime, kilobytes]))
"""
"""Run from a small process: what it starts is counted as at least as large as it is itself. What forks is looked at
twice a second, for what its processes have together."""


def taken(command: Sequence[str], cache: Path | None, limit: int) -> Taken:
    """Run a command to its end, or for so many seconds of the processor; without a cache it reads anew."""
    without = ("CI", "FORBUNDSBOK_NO_CACHE", "BEANCOUNT_DISABLE_LOAD_CACHE", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if name not in without}
    environment |= {"XDG_CACHE_HOME": str(cache)} if cache else {"FORBUNDSBOK_NO_CACHE": "1"}
    environment["LC_ALL"] = "C.UTF-8"
    run = [sys.executable, "-I", "-S", "-c", _RUN, str(limit), *command]
    done = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    status, late, seconds, kilobytes = json.loads(done.stdout)
    if late:
        return Taken(failure=f"not in {limit} seconds, nor in {kilobytes / 1024:.0f} MB")
    return Taken(failure=f"ended with status {status}") if status else Taken(seconds, kilobytes)


def least(runs: Sequence[Taken]) -> Taken:
    """Return the least of several runs; one that failed is all that counts."""
    failed = [run for run in runs if run.failure]
    return failed[0] if failed else Taken(min(run.seconds for run in runs), min(run.kilobytes for run in runs))


def print_table(found: Mapping[str, Taken], vouchers: int) -> None:
    """Print a line for each command, with what it takes for each voucher."""
    click.echo(f"  {'':33}{'seconds':>9}{'ratio':>8}{'MB':>7}{'ms/voucher':>12}{'KB/voucher':>12}")
    for name, each in found.items():
        if each.failure:
            click.echo(f"  {name:33}  {each.failure}")
            continue
        ratio = "-" if found[PLAIN].failure else f"{each.seconds / found[PLAIN].seconds:.3f}"
        apiece = f"{each.seconds * 1000 / vouchers:12.3f}{each.kilobytes / vouchers:12.1f}"
        click.echo(f"  {name:33}{each.seconds:9.2f}{ratio:>8}{each.kilobytes / 1024:7.0f}{apiece}")


def plain_check(federation: MadeUp) -> list[str]:
    """Return the command that all others are held against."""
    return [own("bean-check"), "-C", str(federation.plain)]


def own(program: str) -> str:
    """Return the path of a program that is installed beside the Python that runs."""
    return str(Path(sys.executable).with_name(program))


def _commands(federation: MadeUp) -> dict[str, list[str]]:
    """Return what is timed, by what it is called."""
    ledger, year = str(federation.ledger), str(YEARS[-1])
    report = [own("forbundsbok"), "export", "--ledger", ledger, "--year", year, "--yes"]
    formats = {
        f"the report as {name}": [*report, "--out", str(federation.folder / "out"), "--format", name]
        for name in FORMATS
    }
    return {PLAIN: plain_check(federation), "bean-check, all rules": [own("bean-check"), "-C", ledger], **formats}


def shares(federation: MadeUp) -> dict[str, float]:
    """Return the seconds of the processor that clearing and each module of rules take, by its name.

    What several modules ask the books is worked out for the first of them.
    """
    directives = federation.plain.with_name("without-rules.bean")
    own_file = f'include "books/{OWN}.bean"\n'
    directives.write_text(federation.plain.read_text(encoding="utf-8") + own_file, encoding="utf-8")
    loader.initialize(use_cache=False)
    entries, errors, options = loader.load_file(str(directives))
    if errors:
        raise SystemExit(f"the books have errors, the first: {errors[0].message}")
    start = time.process_time()
    entries, incomplete = complete_with_clearing(entries, options)
    seconds = {complete_with_clearing.__module__: time.process_time() - start}
    books = Books(entries, options, incomplete)
    for module in MODULES:
        start = time.process_time()
        list(findings(books, [module.__name__.rsplit(".", 1)[-1]]))
        seconds[module.__name__] = time.process_time() - start
    return seconds


@click.command()
@click.option("--vouchers", type=int, multiple=True, default=(10_000,), show_default=True)
@click.option("--runs", type=int, default=3, show_default=True, help="How often each is run; the least is printed.")
@click.option("--limit", type=int, default=900, show_default=True, help="Seconds after which one is ended.")
@click.option("--shares", "asked", type=click.Path(path_type=Path), hidden=True)
def main(vouchers: tuple[int, ...], runs: int, limit: int, asked: Path | None) -> None:
    """Time the rules and the report against plain bean-check."""
    if asked:
        click.echo(json.dumps(shares(MadeUp(asked))))
        return
    for number in vouchers:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            federation = written(folder, number)
            commands = _commands(federation)
            rounds = [{name: taken(each, None, limit) for name, each in commands.items()} for _ in range(runs)]
            click.echo(f"{number} vouchers, the least of {runs} runs")
            found = {name: least([each[name] for each in rounds]) for name in commands}
            print_table(found, number)
            if not found[PLAIN].failure:
                _print_shares(federation, runs, found[PLAIN].seconds)


def _print_shares(federation: MadeUp, runs: int, plain: float) -> None:
    """Print what each module of rules takes, measured in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, "--shares", str(federation.folder)]
    rounds = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(runs)
    ]
    click.echo("  of which, inside it, each module of rules")
    for name in rounds[0]:
        seconds = min(each[name] for each in rounds)
        click.echo(f"    {name:31}{seconds:9.2f}{seconds / plain:8.3f}")


if __name__ == "__main__":
    main()
