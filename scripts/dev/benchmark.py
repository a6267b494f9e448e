"""How long the books take to load and the statements to compute, as ratios to Beancount's own check.

    python -m forbundsbok.scripts.dev.benchmark --vouchers 10000 --vouchers 100000

A federation of ten units is generated with as many vouchers as asked for, in the mix that a real one
has. Everything is run on it in turn, several times over, so that a slow moment of the machine hits all
alike. What counts is the ratio to plain `bean-check`: the same file without any plugin of ours.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import click
from beancount import loader
from beancount.core.data import entry_sortkey
from beancount.parser import booking, parser

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.clearing import complete_with_clearing
from forbundsbok.plugins.federation import MODULES
from forbundsbok.plugins.rulebook import findings
from forbundsbok.queries.general_ledger import load
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import statement, statements
from forbundsbok.scripts.render.formats import FORMATS

YEARS = (2023, 2024)
UNITS = [f"U{number}" for number in range(10)]
SELLER, *BUYERS = UNITS
BANK = f"Assets:{SELLER}:1610-Internbank"

ACCOUNTS = [
    "Assets:{unit}:1510-Kundfordringar",
    "Assets:{unit}:1650-Momsfordran",
    "Assets:{unit}:1790-Avräkning",
    "Liabilities:{unit}:2510-Leverantörsskulder",
    "Liabilities:{unit}:2710-Preliminär-skatt",
    "Income:{unit}:3010-Försäljning",
    "Income:{unit}:3119-Medlemsavgifter:Norrby",
    "Expenses:{unit}:5010-Löner",
    "Expenses:{unit}:6010-Material",
]
INTERNAL = [f"Income:{SELLER}:3610-Internt", *(f"Expenses:{unit}:7610-Internt" for unit in BUYERS)]

OPTIONS = """option "title" "Mätningen"
option "operating_currency" "SEK"
option "tolerance_multiplier" "0"
option "display_precision" "SEK:0.01"
"""
PLUGIN = 'plugin "forbundsbok.federation"\n'

BILLED = {"L": "L", "U": "L", "K": "K", "I": "K"}
"""The series of an invoice and of its payment, and that of the link that they share."""

Postings = tuple[tuple[str, int], ...]
"""Accounts and whole kronor."""

APPROVED = '  attest: "CH"\n'
RECEIVED = f'{APPROVED}  mottagning: "HL"\n  underlag: "underlag/{{document}}.pdf"\n'


def generated(vouchers: int) -> Iterator[str]:
    """Yield a ledger's text: ten units, two years, about as many vouchers as asked for; no rule is broken."""
    for unit in UNITS:
        yield f'2022-12-31 custom "unit" "{unit}" "Enhet {unit}"\n  overskott: "behalls"\n'
        yield f'2022-12-31 custom "attest" "CH" "{unit}" 1000000.00 SEK\n'
    for account in [BANK, *(account.format(unit=unit) for unit in UNITS for account in ACCOUNTS)]:
        yield f"2022-12-31 open {account} SEK\n"
    for account in INTERNAL:
        yield f"2022-12-31 open {account} SEK\n  intern: TRUE\n"
    a_year = vouchers // len(YEARS)
    for year in YEARS:
        numbers = {series: count(1) for series in "LUKIPN"}
        for index in range(a_year):
            day = date(year, 1, 1) + timedelta(days=index * 365 // a_year)
            series, payee, meta, postings = _kind(index)
            link = f" ^{BILLED[series]}-{year}-{index // 6 + 1:04}" if series in BILLED else ""
            yield f'{day} * "{payee}" "Verifikat {index}"{link}\n  ver: "{series} {next(numbers[series])}"\n'
            yield meta.format(document=f"{year}-{index}")
            yield "".join(f"  {account}  {kronor}.00 SEK\n" for account, kronor in postings)
        yield f'{year}-12-31 custom "bokslut" {year}\n'


def _kind(index: int) -> tuple[str, str, str, Postings]:
    """Return series, payee, metadata and postings of the six kinds of voucher, in turn."""
    unit = BUYERS[index // 6 % len(BUYERS)]
    net = 400 + index // 6 * 7919 % 20_000 * 4
    vat, gross = net // 4, net // 4 * 5
    receivable, payable = f"Assets:{unit}:1510-Kundfordringar", f"Liabilities:{unit}:2510-Leverantörsskulder"
    bought = ((f"Expenses:{unit}:6010-Material", net), (f"Assets:{unit}:1650-Momsfordran", vat), (payable, -gross))
    pay = ((f"Expenses:{unit}:5010-Löner", net), (f"Liabilities:{unit}:2710-Preliminär-skatt", -vat), (BANK, vat - net))
    kinds: tuple[tuple[str, str, str, Postings], ...] = (
        ("L", f"Leverantör {index // 6 % 300:03}", RECEIVED, bought),
        ("U", f"Leverantör {index // 6 % 300:03}", APPROVED, ((payable, gross), (BANK, -gross))),
        ("K", "Norrby kommun", "", ((receivable, net), (f"Income:{unit}:3119-Medlemsavgifter:Norrby", -net))),
        ("I", "Norrby kommun", "", ((BANK, net), (receivable, -net))),
        ("P", "Löner", APPROVED, pay),
        ("N", "Internt", "", ((f"Expenses:{unit}:7610-Internt", vat), (f"Income:{SELLER}:3610-Internt", -vat))),
    )
    return kinds[index % 6]


# What is measured: each in a process of its own, which prints the seconds of the part in question.


def _plain(ledger: Path) -> float:
    loader.initialize(use_cache=False)
    return _seconds(lambda: _without_errors(loader.load_file(str(ledger.with_name("plain.bean")))))


def _checked(ledger: Path) -> float:
    loader.initialize(use_cache=False)
    return _seconds(lambda: _without_errors(loader.load_file(str(ledger))))


def _loaded(ledger: Path) -> float:
    return _seconds(lambda: load(ledger))


def _all_statements(ledger: Path) -> float:
    books = load(ledger)
    return _seconds(lambda: statements(books, Period(2024), Period(2023)))


def _one_statement(ledger: Path) -> float:
    books = load(ledger)
    return _seconds(lambda: statement(books, "resultat", Period(2024), Period(2023)))


def _as(made_as: str, ledger: Path) -> float:
    made = report(load(ledger), Period(2024), Period(2023))
    return _seconds(lambda: FORMATS[made_as](made))


TASKS: dict[str, Callable[[Path], float]] = {
    "plain bean-check": _plain,
    "bean-check with our plugins": _checked,
    "loading the books": _loaded,
    "all statements": _all_statements,
    "one statement": _one_statement,
    **{f"the report as {name}": partial(_as, name) for name in FORMATS},
}


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _without_errors(loaded: tuple[Any, list[Any], Any]) -> None:
    if loaded[1]:
        raise SystemExit(f"the generated ledger has errors, the first: {loaded[1][0].message}")


def shares(ledger: Path) -> dict[str, float]:
    """Return the seconds that clearing and each module of rules take on a ledger as parsed and booked.

    What several modules ask the books is worked out for the first of them.
    """
    entries, _, options = parser.parse_file(str(ledger))
    entries, _ = booking.book(sorted(entries, key=entry_sortkey), options)  # type: ignore[no-untyped-call]
    start = time.perf_counter()
    entries, incomplete = complete_with_clearing(entries, options)
    taken = {complete_with_clearing.__module__: time.perf_counter() - start}
    books = Books(entries, options, incomplete)
    for module in MODULES:
        start = time.perf_counter()
        list(findings(books, [module.__name__.rsplit(".", 1)[-1]]))
        taken[module.__name__] = time.perf_counter() - start
    return taken


@click.command()
@click.option("--vouchers", type=int, multiple=True, default=(10_000,), show_default=True)
@click.option("--runs", type=int, default=3, show_default=True, help="How often each is run; medians are printed.")
@click.option("--task", type=click.Choice([*TASKS, "shares"]), hidden=True)
@click.option("--ledger", type=click.Path(path_type=Path), hidden=True)
def main(vouchers: tuple[int, ...], runs: int, task: str | None, ledger: Path | None) -> None:
    """Measure loading and statements against plain bean-check."""
    if task and ledger:
        measured = shares(ledger) if task == "shares" else TASKS[task](ledger)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        click.echo(json.dumps({"seconds": measured, "kilobytes": memory}))
        return
    for number in vouchers:
        with tempfile.TemporaryDirectory() as folder:
            ledger = Path(folder) / "main.bean"
            text = "".join(generated(number))
            ledger.write_text(OPTIONS + PLUGIN + text, encoding="utf-8")
            ledger.with_name("plain.bean").write_text(OPTIONS + text, encoding="utf-8")
            _report(number, ledger, runs)


def _report(number: int, ledger: Path, runs: int) -> None:
    rounds = [{task: _run(task, ledger) for task in TASKS} for _ in range(runs)]
    plain = [done["plain bean-check"]["seconds"] for done in rounds]
    click.echo(f"{number} vouchers, median of {runs} runs")
    click.echo(f"  {'':32}{'seconds':>9}{'ratio':>8}{'MB':>7}")
    for task in TASKS:
        seconds = [done[task]["seconds"] for done in rounds]
        ratio = statistics.median(own / other for own, other in zip(seconds, plain, strict=True))
        megabytes = statistics.median(done[task]["kilobytes"] for done in rounds) / 1024
        click.echo(f"  {task:32}{statistics.median(seconds):9.2f}{ratio:8.2f}{megabytes:7.0f}")
    click.echo("  each module of rules")
    taken = [_run("shares", ledger)["seconds"] for _ in range(runs)]
    for name in taken[0]:
        seconds = [each[name] for each in taken]
        ratio = statistics.median(seconds) / statistics.median(plain)
        click.echo(f"    {name:30}{statistics.median(seconds):9.2f}{ratio:8.2f}")


def _run(task: str, ledger: Path) -> Any:
    command = [sys.executable, "-m", "forbundsbok.scripts.dev.benchmark", "--task", task, "--ledger", str(ledger)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
