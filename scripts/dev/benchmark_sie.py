"""How fast a large SIE 4E file is read, and in how much memory, beside the fastest public Python reader.

    python -m forbundsbok.scripts.dev.benchmark_sie --megabytes 100 --peer

The file is generated: ten units, a year of vouchers of three or four rows each, written as programs write them, and
so that the peer can read it too. Each reading is a process of its own, of which all is counted from its start to its
end, in seconds of the processor; they take turns, several times over. The peer is installed into a folder that is
thrown away afterwards.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import click

from forbundsbok.importers.sie.codec.check import check_sie, read_sie
from forbundsbok.importers.sie.codec.reader import SieReader

SEED = 20240315
UNITS = 10
PEER = "pysie-accounting"
"""The only reader of SIE 4 in the package registry."""

ACCOUNTS = {
    "1510": "Kundfordringar",
    "1640": "Ingående moms",
    "1930": "Checkräkningskonto",
    "2440": "Leverantörsskulder",
    "2610": "Utgående moms",
    "2710": "Personalens källskatt",
    "3010": "Försäljning",
    "3119": "Medlemsavgifter",
    "5010": "Löner",
    "6010": "Kontorsmaterial",
    "7610": "Interna köp",
}
TEXTS = ("Faktura", "Kvartalsavgift", "Löner", "Återbetalning", "Kontorsmaterial", "Kursavgift Göteborg", "Hyra")


def written(path: Path, megabytes: int) -> None:
    """Write a file of about as many megabytes, the same every time; its vouchers explain its balances."""
    sums: defaultdict[str, int] = defaultdict(int)
    vouchers = path.with_suffix(".part")
    size = 0
    with vouchers.open("wb") as file:
        for text in _vouchers(sums):
            size += file.write(text.encode("cp437"))
            if size > megabytes * 1_000_000:
                break
    with path.open("wb") as file, vouchers.open("rb") as made:
        file.write("".join(_heading(sums)).encode("cp437"))
        while block := made.read(1 << 20):
            file.write(block)
    vouchers.unlink()


def _heading(sums: defaultdict[str, int]) -> Iterator[str]:
    yield '#FLAGGA 0\r\n#PROGRAM "Mätning" 1\r\n#FORMAT PC8\r\n#GEN 20250110\r\n#SIETYP 4\r\n'
    yield '#ORGNR 222000-0000\r\n#FNAMN "Norrby kommunalförbund"\r\n#RAR 0 20240101 20241231\r\n'
    yield '#DIM 1 "Kostnadsställe"\r\n'
    for unit in range(UNITS):
        yield f'#OBJEKT 1 U{unit} "Enhet {unit}"\r\n'
    for account, name in ACCOUNTS.items():
        yield f'#KONTO {account} "{name}"\r\n#SRU {account} 7201\r\n'
    for account in ACCOUNTS:
        if account < "3":
            yield f"#IB 0 {account} 0.00\r\n"
    for account in ACCOUNTS:
        label = "UB" if account < "3" else "RES"
        yield f"#{label} 0 {account} {_kronor(sums[account])}\r\n"


def _vouchers(sums: defaultdict[str, int]) -> Iterator[str]:
    chance = random.Random(SEED)
    number = 0
    while True:
        number += 1
        day = date(2024, 1, 1) + timedelta(days=number // 700 % 366)
        text = f"{chance.choice(TEXTS)} {chance.randrange(100_000)}"
        rows = _rows(chance, chance.randrange(100, 10_000_000))
        lines = [f'#VER "A" "{number}" {day:%Y%m%d} "{text}" {day:%Y%m%d}', "{"]
        for account, objects, ore in rows:
            sums[account] += ore
            lines.append(f'#TRANS {account} {{{objects}}} {_kronor(ore)} {day:%Y%m%d} "{text}"')
        lines += ["}", ""]
        yield "\r\n".join(lines)


def _rows(chance: random.Random, ore: int) -> list[tuple[str, str, int]]:
    """Return account, objects and öre of the rows of a voucher: a sale, a purchase, or pay."""
    unit = f'1 "U{chance.randrange(UNITS)}"'
    vat = ore // 5
    kinds = (
        [("1510", "", ore), ("3010", unit, vat - ore), ("2610", "", -vat)],
        [("6010", unit, ore - vat), ("1640", "", vat), ("2440", "", -ore)],
        [("5010", unit, ore), ("2710", "", -vat), ("7610", unit, vat), ("1930", "", -ore)],
    )
    return chance.choice(kinds)


def _kronor(ore: int) -> str:
    sign = "-" if ore < 0 else ""
    return f"{sign}{abs(ore) // 100}.{abs(ore) % 100:02}"


# What is measured: each in a process of its own


def _check(path: Path) -> int:
    report = check_sie(path)
    if report.errors or not report.rollforward:
        raise SystemExit(f"the generated file has errors: {report.errors[:3]}")
    return report.transactions


def _stream(path: Path) -> int:
    return sum(len(voucher.rows) for voucher in SieReader(path).vouchers())


def _whole(path: Path) -> int:
    return sum(len(voucher.rows) for voucher in read_sie(path).vouchers)


TASKS = {"check_sie": _check, "SieReader": _stream, "read_sie": _whole}

_MEASURED_PEER = """
import json, resource, sys
from pysie_accounting.pysie import PySIE
from pandas import DataFrame
peer = PySIE()
peer.sie_encoding = "cp437"
peer.dftrans = DataFrame({"SRU": [7201], "Ink2": ["1"]})
peer.open(sys.argv[1])
rows = sum(len(voucher[3]) for voucher in peer.verifikat.values())
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([rows, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""It reads CP437 only when told to; `dftrans` is what it wants to know of tax codes."""


def measured(name: str, path: Path) -> tuple[int, float, float]:
    """Return rows of a reading, and the seconds and megabytes at most of this process with it."""
    rows = TASKS[name](path)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return rows, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _run(command: list[str]) -> tuple[int, float, float]:
    rows, seconds, megabytes = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return rows, seconds, megabytes


def _installed(peer: str, folder: Path) -> str:
    """Return a Python that has the peer."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-I", "-m", "pip", "install", "-q", peer, "pandas"], check=True)
    return python


@click.command()
@click.option("--megabytes", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--times", type=click.IntRange(1), default=3, show_default=True, help="How often each is measured.")
@click.option("--peer", is_flag=True, help=f"Measure {PEER} too: it is installed for the time being.")
@click.option("--measure", nargs=2, hidden=True, help="Measure one reading, for the others to print.")
def main(megabytes: int, times: int, peer: bool, measure: tuple[str, str] | None) -> None:
    """Print how fast a generated SIE 4E file is read, and in how much memory."""
    if measure:
        click.echo(json.dumps(measured(measure[0], Path(measure[1]))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "large.se"
        written(path, megabytes)
        commands = {
            task: [sys.executable, "-m", "forbundsbok.scripts.dev.benchmark_sie", "--measure", task, str(path)]
            for task in TASKS
        }
        if peer:
            commands[PEER] = [_installed(PEER, folder / "peer"), "-I", "-c", _MEASURED_PEER, str(path)]
        found: dict[str, list[tuple[int, float, float]]] = {task: [] for task in commands}
        for _ in range(times):
            for task, command in commands.items():
                found[task].append(_run(command))
        click.echo("\n".join(_lines(found, path.stat().st_size / 1_000_000)))


def _lines(found: dict[str, list[tuple[int, float, float]]], size: float) -> Iterator[str]:
    """Yield a line for each reading: megabytes a second, seconds (medians), megabytes at most, against the peer."""
    medians = {task: statistics.median(seconds for _, seconds, _ in runs) for task, runs in found.items()}
    rows = found["check_sie"][0][0]
    yield f"{size:.0f} MB, {rows} rows"
    for task, runs in found.items():
        most = max(megabytes for *_, megabytes in runs)
        line = f"{task:<18}{size / medians[task]:6.1f} MB/s {medians[task]:7.2f} s {most:7.0f} MB"
        if PEER in found:
            line += f"  {medians[PEER] / medians[task]:5.2f} times as fast as {PEER}"
        if runs[0][0] != rows:
            line += f"  (it read {runs[0][0]} rows)"
        yield line


if __name__ == "__main__":
    main()
