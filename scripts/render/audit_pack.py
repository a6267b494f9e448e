"""The auditor's package of a year: one archive with the books, what is made of them, and how to make it anew.

    revision-2024/LÄS-MIG.txt                 what is in it, the seals, and the commands that prove it
    revision-2024/bocker/...                  every file that the books are read from, the year's documents, and those
                                              that the seals of other years cover, which do not hold without them
    revision-2024/bokforing-2024.se           SIE 4
    revision-2024/data/*.parquet              the books and the figures as tables, every figure summed anew by SQL
    revision-2024/arsredovisning-2024.pdf     and figures.csv
    revision-2024/SHA256SUMS                  the digest of each file:  sha256sum --check SHA256SUMS

The same books give the same bytes: nothing in it is of the day that it is made.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from beancount.core import data

from forbundsbok import version
from forbundsbok.importers.mapping import FILE, Table
from forbundsbok.importers.sie.codec.writer import sie_bytes
from forbundsbok.importers.sie.export import sie_file
from forbundsbok.importers.sie.mapping import read_sie_mapping
from forbundsbok.plugins.documents import named_by
from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.sealed_copy import FOLDER as COPIES
from forbundsbok.queries.layout_files import FOLDER as LAYOUTS
from forbundsbok.queries.report import AnnualReport
from forbundsbok.scripts.render.csv import csv_files
from forbundsbok.scripts.render.data import parquet_files
from forbundsbok.scripts.render.pdf import pdf_files
from forbundsbok.scripts.store.anchors import documents_of_closed

BOOKS = "bocker"
BESIDE = (LAYOUTS, COPIES, "printed")
"""The folders beside the main file that belong to the books, though nothing includes them."""

_DAY = (1980, 1, 1, 0, 0, 0)  # the first that an archive can have


def audit_pack(report: AnnualReport, loaded: LoadedLedger, main: Path, mapping: Table) -> bytes:
    """Return the archive of a year. Raises FineAmountError for what SIE cannot have, OSError."""
    year = report.period.year
    folder = main.parent.resolve()
    documents = _documents(loaded.entries, folder, year)
    kept = [path for path in documents if _is_within(folder / path, folder)]
    others = documents_of_closed(loaded).difference(documents)
    sealed = [path for path in sorted(others) if _is_within(folder / path, folder)]
    files = {f"{BOOKS}/{path}": (folder / path).read_bytes() for path in (*kept, *sealed)}
    for path in _books(main, loaded.options):
        files[f"{BOOKS}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    files[f"bokforing-{year}.se"], replaced = _sie(loaded, report, mapping)
    files |= {f"data/{name}": content for name, content in parquet_files(report).items()}
    files |= pdf_files(report)
    files["figures.csv"] = csv_files(report)["figures.csv"].encode()
    files[tr(N_("READ-ME.txt"))] = "\n".join(
        [*_read_me(report, main.name, len(kept), len(documents) - len(kept), len(sealed)), *replaced, ""]
    ).encode()
    sums = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    return _archive(f"revision-{year}", files | {"SHA256SUMS": "".join(sums).encode()})


def _books(main: Path, options: Mapping[str, Any]) -> Iterator[Path]:
    folder = main.parent.resolve()
    beside = [folder / FILE, *(path for name in BESIDE for path in (folder / name).rglob("*"))]
    for path in sorted({Path(name).resolve() for name in (main, *options.get("include", ()), *beside)}):
        if _is_within(path, folder):
            yield path


def _is_within(path: Path, folder: Path) -> bool:
    """Tell whether a file is there, and no link leads out of the books."""
    return path.is_file() and path.resolve().is_relative_to(folder)


def _documents(entries: Iterable[data.Directive], folder: Path, year: int) -> Sequence[str]:
    return sorted(named_by(((entry, "") for entry in entries if entry.date.year == year), str(folder)))


def _sie(loaded: LoadedLedger, report: AnnualReport, mapping: Table) -> tuple[bytes, list[str]]:
    year = report.period.year
    table = read_sie_mapping(mapping.table("sie"))
    file = sie_file(loaded.entries, loaded.options, (date(year, 1, 1), date(year, 12, 31)), "4", table)
    file.heading = replace(file.heading, generated=date(year, 12, 31))
    content, replaced = sie_bytes(file)
    return content, list(map(str, replaced))


def _read_me(report: AnnualReport, main: str, kept: int, missing: int, sealed: int) -> Sequence[str]:
    year = report.period.year
    seals = [f"  {sealed.year}  {sealed.day}  {sealed.sigill}" for sealed in report.seals]
    commands = [
        "sha256sum --check SHA256SUMS",
        f"pip install forbundsbok=={version()}",
        f"forbundsbok check --ledger {BOOKS}/{main}",
        f"forbundsbok export --ledger {BOOKS}/{main} --year {year} --out anew --format csv --format pdf",
        "cmp anew/figures.csv figures.csv",
        f"cmp anew/arsredovisning-{year}.pdf arsredovisning-{year}.pdf",
    ]
    return [
        tr(N_("{federation}: what the accounts of {year} are made of"), federation=report.federation, year=year),
        "",
        tr(
            N_("Made by förbundsbok {version} from the books alone; the same books give the same bytes."),
            version=version(),
        ),
        tr(
            N_("{folder} has the books and the documents of the year: {kept} are here, {missing} are kept elsewhere."),
            folder=BOOKS,
            kept=kept,
            missing=missing,
        ),
        *([str(counted(sealed, _ONE_MORE, _MORE))] if sealed else []),
        "",
        tr(N_("Sealed years, the day of the bokslut, the sigill. Hold them against those that you keep yourself:")),
        *(seals or [f"  {tr(N_('none'))}"]),
        "",
        tr(N_("To prove it anew:")),
        *(f"  {command}" for command in commands),
    ]


_ONE_MORE = N_("1 document more is of what else is closed, and covered by its seal.")
_MORE = N_("{count} documents more are of what else is closed, and covered by its seals.")


def _archive(folder: str, files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return written.getvalue()
