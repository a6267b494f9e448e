"""Fixes of findings as edits of the ledger's files.

    forbundsbok check --fix

A step of a fix names a directive by its file and line. What stands there must still be read as that directive: else
the file has been written meanwhile, or the directive is written over lines in a way that is not edited by machine.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from beancount.core import data
from beancount.parser import parser

from forbundsbok.plugins.accounts import is_clearing
from forbundsbok.plugins.findings import Add, Below, Finding, Remove, Replace, Step
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import directives_text, metadata_text
from forbundsbok.plugins.places import where


class FixError(Exception):
    """A fix that cannot be made; the text says why."""


def edited(findings: Iterable[Finding], read: Callable[[Path], str]) -> dict[Path, str]:
    """Return the texts of the files that the fixes of findings change, each whole. Raises FixError.

    `read` returns the text of a file as it is. Each directive is changed once: of two fixes of the same directive the
    second is left out, since it may be a follow-up of the first.
    """
    lines: dict[Path, list[str]] = {}
    added: dict[Path, list[str]] = {}
    changed: set[tuple[str, int]] = set()
    for finding in findings:
        places = {_place(step) for step in finding.fix} - {None}
        if places & changed:
            continue
        changed |= {place for place in places if place}
        for step in finding.fix:
            path = Path(str(step.at.meta["filename"]))
            own = lines.setdefault(path, read(path).splitlines())
            if isinstance(step, Add):
                added.setdefault(path, []).append(directives_text(step.directives))
            else:
                _edit(own, step)
    return {path: _joined(own, added.get(path, [])) for path, own in lines.items()}


def _edit(lines: list[str], step: Replace | Remove | Below) -> None:
    """Change the lines of one directive in their places: the text of a line may hold several, or None for none."""
    old = step.at
    first = int(old.meta["lineno"]) - 1
    end = _end_of(lines, first)
    _refuse_other("\n".join(lines[first:end]), old)
    if isinstance(step, Below):
        kept = [_without(line, step.meta) for line in lines[first + 1 : end]]
        lines[first] = f"{lines[first]}\n{metadata_text(step.meta)}"
        lines[first + 1 : end] = [line if line is not None else _GONE for line in kept]
        return
    lines[first] = directives_text(step.directives) if isinstance(step, Replace) else _GONE
    lines[first + 1 : end] = [_GONE] * (end - first - 1)


_GONE = "\0"
"""What stands for a line that goes: the numbers of the lines after it stay, until all edits are made."""


def _joined(lines: list[str], added: list[str]) -> str:
    text = "\n".join([line for line in lines if line != _GONE])
    text = "\n\n".join([text.rstrip("\n"), *added]) + "\n"
    return text.lstrip("\n") if not text.strip() else text


def _end_of(lines: list[str], first: int) -> int:
    """Return the number of the line after a directive: it ends where a line is empty, or not indented."""
    end = first + 1
    while end < len(lines) and lines[end][:1] in (" ", "\t") and lines[end].strip():
        end += 1
    return end


def _without(line: str, meta: Mapping[str, Any]) -> str | None:
    """Return a line of a directive, None when it is metadata that is written anew."""
    match = re.match(r"\s+([a-z][-\w]*):", line)
    return None if match and match[1] in meta and not line.startswith("    ") else line


def _refuse_other(text: str, old: data.Directive) -> None:
    read, errors, _ = parser.parse_string(text + "\n")
    if errors or len(read) != 1 or _plain(read[0]) != _plain(old):
        raise FixError(tr(N_("{place} is not as it was read: nothing has been changed"), place=where(old)))


def _plain(entry: data.Directive) -> str:
    """Return a directive as an accountant wrote it: without clearing, and without what was left out."""
    if isinstance(entry, data.Transaction):
        rows = [row for row in entry.postings if not is_clearing(row.account) or len(row.meta or {}) > 2]
        accounts = sorted(row.account for row in rows)
        return f"{entry.date} {entry.flag} {entry.payee} {entry.narration} {accounts}"
    return directives_text([entry])


def _place(step: Step) -> tuple[str, int] | None:
    if isinstance(step, Add):
        return None
    meta = step.at.meta
    return str(meta["filename"]), int(meta["lineno"])
