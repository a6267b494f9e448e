"""The formats that annual accounts, or any statements of them, are written in: `FORMATS["xlsx"](report)`."""

from collections.abc import Callable, Mapping

from forbundsbok.queries.report import AnnualReport
from forbundsbok.scripts.render.csv import csv_files
from forbundsbok.scripts.render.data import duckdb_files, parquet_files
from forbundsbok.scripts.render.html import html_files
from forbundsbok.scripts.render.json import json_files
from forbundsbok.scripts.render.pdf import pdf_files
from forbundsbok.scripts.render.text import text_files
from forbundsbok.scripts.render.xlsx import xlsx_files

FORMATS: dict[str, Callable[[AnnualReport], Mapping[str, str | bytes]]] = {
    "csv": csv_files,
    "json": json_files,
    "txt": text_files,
    "xlsx": xlsx_files,
    "pdf": pdf_files,
    "html": html_files,
    "parquet": parquet_files,
    "duckdb": duckdb_files,
}
"""What makes the files of a format: the content of each, by its name."""
