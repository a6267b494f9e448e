"""Files left out: what lies in the ledger's folder as books do, and is none of them.

units/navet/2025.bean        holds vouchers, and the main file has no line for it:

include "units/navet/2025.bean"
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.findings import Finding, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.rulebook import EVERY, rule


@rule(
    "L836",
    title=N_("A file of directives in the ledger's folder is included."),
    why=N_("What stands in a file that nothing includes is not in the books, however right it looks: no rule sees it."),
    mend=N_("Include the file, or move it out of the folder."),
    sees=EVERY,
    warns=True,
)
def files_left_out(books: Books) -> Iterator[Finding]:
    main = Path(str(books.options.get("filename") or ""))
    if not main.is_file():
        return
    read = {os.path.realpath(name) for name in (main, *books.options.get("include", ()))}
    for file in _files_beside(main.parent):
        lines = [] if os.path.realpath(file) in read else file.read_bytes().splitlines()
        dated = [number for number, line in enumerate(lines, 1) if _DATED.match(line)]
        if dated:
            name = file.relative_to(main.parent).as_posix()
            message = N_(
                "{file} holds {count} directives that are not in the books, since nothing includes it. Write into the "
                "main file, or move it away:\n{text}"
            )
            values: dict[str, Any] = {"file": name, "count": len(dated), "text": as_written(f'  include "{name}"')}
            if copy := _copy_of(_numbers_in(lines), books):
                message = N_(
                    "{file} holds {count} directives that are not in the books, since nothing includes it. {same} of "
                    "its voucher numbers stand in {copy}, which is included: one of the two is a copy. Compare them, "
                    "include the one that is right, and move the other away."
                )
                values |= {"copy": Path(os.path.relpath(copy[0], main.parent)).as_posix(), "same": copy[1]}
            at = {"filename": str(file), "lineno": dated[0]}
            yield Finding(None, Subject("file", name), message, values, place=at)


_DATED = re.compile(rb"\d{4}[-/]\d\d?[-/]\d\d?[ \t]")
"""How a directive begins."""


_VER = re.compile(rb'\s+ver:\s*"(.*)"')


def _numbers_in(lines: Iterable[bytes]) -> set[tuple[int, str]]:
    """Return the voucher numbers of a file that nothing has read, each with its year."""
    year, numbers = 0, set()
    for line in lines:
        if _DATED.match(line):
            year = int(line[:4])
        elif match := _VER.match(line):
            numbers.add((year, match[1].decode("utf-8", "replace")))
    return numbers


def _copy_of(numbers: Set[tuple[int, str]], books: Books) -> tuple[str, int] | None:
    """Return the file with most of some voucher numbers, and how many; None where the books have hardly any of them."""
    bearers = Counter(
        str(entry.meta.get("filename"))
        for entry in (books.vouchers if numbers else ())
        if (entry.date.year, entry.meta.get("ver")) in numbers
    )
    most = bearers.most_common(1)
    return most[0] if most and 2 * most[0][1] > len(numbers) else None


def _files_beside(folder: Path) -> Iterator[Path]:
    """Yield the files of the kind in a folder and below it, but in hidden ones and where documents are kept."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != "." and name != KEY)
        yield from (Path(at) / name for name in sorted(names) if Path(name).suffix in (".bean", ".beancount"))
