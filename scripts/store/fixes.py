"""Fixes of findings as edits of the ledger's files.

    forbundsbok check --fix

A step of a fix names a directive by its file and line. What stands there must still be read as that directive: else
the file has been written meanwhile, or the directive is written over lines in a way that is not edited by machine.
All other lines stay byte for byte as they are, and what is noted by comments inside a directive is kept.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from beancount.core import data
from beancount.parser import parser

from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.findings import Add, Below, Finding, Remove, Replace, Step, file_of, step_text
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import TextError, directives_text, refuse_unlike
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.places import where
from forbundsbok.scripts.store import StoreError

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""A line as Beancount counts them: no other character ends one."""
_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|;[^\n]*', re.DOTALL)
"""A text between quotes, or a comment."""
_KEY = re.compile(r"[ \t]+([a-z][-\w]*):")
_POSTING = re.compile(r"[ \t]+(?=\S)(?![#^]\S|;|[a-z][-\w]*:)")
"""How a posting begins: not as metadata, a tag, a link or a comment does."""


class FixError(StoreError):
    """A fix that cannot be written; the text says why."""


class Edits(NamedTuple):
    """What fixes make of the ledger's files: the texts of those that change, each whole.

    `waiting` are the findings whose fixes touch what another one's changes already, and which may be follow-ups of it:
    they are for the next round. `refused` says of each fix that cannot be written why.
    """

    texts: dict[Path, str]
    waiting: Sequence[Finding]
    refused: Sequence[str]


class _Edit(NamedTuple):
    """New text in the place of the lines from `first` to before `end`, at the end of a file where there are none."""

    path: Path
    first: int | None
    end: int
    text: str

    @property
    def key(self) -> tuple[Path, int | str]:
        """What two edits may not have in common: the same directive, or the same new text."""
        return self.path, self.text if self.first is None else self.first


def files_of(finding: Finding) -> set[Path | None]:
    """Return the files that a finding's fix changes, None for a directive that stands in no file."""
    return {_path_of(step) for step in finding.fix}


def edited(findings: Iterable[Finding], read: Callable[[Path], str], numbers: FreeNumbers | None = None) -> Edits:
    """Return what the fixes of findings make of the files. Each fix is made whole or not at all.

    `read` returns the text of a file as it is. With `numbers`, the fixes are made anew with those, in their order, and
    none is lost to a fix that is not written.
    """
    texts: dict[Path, str] = {}
    edits: dict[tuple[Path, int | str], _Edit] = {}
    waiting: list[Finding] = []
    refused: list[str] = []
    for each in findings:
        left = numbers.copy() if numbers else None
        finding = each.renewed(left) if left else each
        try:
            own = {edit.key: edit for edit in _edits(finding, lambda path: _once(texts, path, read))}
        except (FixError, TextError) as error:
            text = N_("{rule} is not mended by machine: {why}")
            refused.append(tr(text, rule=finding.rule, why=error))
            continue
        if own.keys() & edits.keys():
            waiting.append(finding)
        else:
            edits |= own
            numbers = left
    paths = dict.fromkeys(edit.path for edit in edits.values())
    done = {path: _written(texts[path], [edit for edit in edits.values() if edit.path == path]) for path in paths}
    return Edits(done, waiting, refused)


def without(text: str, directives: Iterable[data.Directive]) -> str:
    """Return a file's text without some directives that stand in it. Raises FixError."""
    lines = _LINE.findall(text)
    edits = []
    for each in directives:
        first = int(each.meta["lineno"]) - 1
        end = _end_of(lines, first)
        edits.append(_Edit(Path(), first, end, _in_place(Remove(each), lines[first:end])))
    return _written(text, edits)


def _once(texts: dict[Path, str], path: Path, read: Callable[[Path], str]) -> str:
    if path not in texts:
        texts[path] = read(path)
    return texts[path]


def _edits(finding: Finding, read: Callable[[Path], str]) -> Iterator[_Edit]:
    """Yield the edits of a finding's fix. Raises FixError, and TextError for what cannot be written."""
    for step in _one_each(finding.fix):
        path = _path_of(step)
        if path is None:
            raise FixError(tr(N_("the directive that it names stands in no file")))
        if isinstance(step, Add | Replace):
            refuse_unlike(step_text(step), [without_clearing(each) for each in step.directives])
        lines = _LINE.findall(read(path))
        if isinstance(step, Add):
            yield _Edit(path, None, 0, step_text(step))
        else:
            first = int(step.at.meta["lineno"]) - 1
            end = _end_of(lines, first)
            yield _Edit(path, first, end, _in_place(step, lines[first:end]))


def _one_each(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps, what is written below the same directive as one. Raises FixError for others that meet."""
    places: dict[str, Replace | Remove | Below] = {}
    for step in steps:
        if isinstance(step, Add):
            yield step
            continue
        first = places.setdefault(where(step.at), step)
        if isinstance(first, Below) and isinstance(step, Below):
            places[where(step.at)] = replace(first, meta={**first.meta, **step.meta})
        elif first is not step:
            raise FixError(tr(N_("two of its steps change {place}"), place=where(step.at)))
    yield from places.values()


def _in_place(step: Replace | Remove | Below, lines: Sequence[str]) -> str:
    """Return what a step makes of the lines of a directive. New lines end as the first of them does."""
    _refuse_other("".join(lines), step.at)
    ending = _ending_of(lines)
    if isinstance(step, Below):
        text = "".join(_with_below(step, lines, ending))
        _refuse_other(text, step.at, step)
        return text
    comments = _comments("".join(lines))
    if isinstance(step, Remove):
        return "".join(f"{comment}{ending}" for comment in comments)
    return "".join(f"{line}{ending}" for line in [*step_text(step).split("\n"), *(f"  {each}" for each in comments)])


def _with_below(step: Below, lines: Sequence[str], ending: str) -> Iterator[str]:
    """Yield the lines of a directive with metadata below its first, and without what it had of the same keys.

    What stands after the first posting is of the postings, however far it is indented.
    """
    first, *rest = lines
    yield first if first.endswith("\n") else f"{first}{ending}"
    yield from (f"{line}{ending}" for line in step_text(step).split("\n"))
    is_own = True
    for line in rest:
        is_own = is_own and not _POSTING.match(line)
        key = _KEY.match(line)
        if is_own and key and key[1] in step.meta:
            yield from (f"  {comment}{ending}" for comment in _comments(line))
        else:
            yield line


def _comments(text: str) -> list[str]:
    return [match[0].rstrip() for match in _COMMENT.finditer(text) if match[0].startswith(";")]


def _written(text: str, edits: Iterable[_Edit]) -> str:
    """Return a file's text with edits, which do not overlap."""
    lines = _LINE.findall(text)
    ending = _ending_of(lines[-1:] if text.endswith("\n") else lines[-2:])
    added = []
    for edit in edits:
        if edit.first is None:
            added.append(edit.text.replace("\n", ending))
        else:
            lines[edit.first : edit.end] = [edit.text, *[""] * (edit.end - edit.first - 1)]
    text = "".join(lines)
    for each in added:
        if text and not text.endswith("\n"):
            text += ending
        if text and not re.search(r"(^|\n)[ \t]*\r?\n\Z", text):
            text += ending
        text += f"{each}{ending}"
    return text


def _ending_of(lines: Sequence[str]) -> str:
    return "\r\n" if lines and lines[0].endswith("\r\n") else "\n"


def _end_of(lines: Sequence[str], first: int) -> int:
    """Return the number of the line after a directive: it ends where a line is empty, or not indented."""
    end = first + 1
    while end < len(lines) and lines[end][:1] in (" ", "\t") and lines[end].strip():
        end += 1
    return end


def _refuse_other(text: str, old: data.Directive, below: Below | None = None) -> None:
    """Raise FixError for a text that is not read as a directive, with some metadata where it is written below it."""
    meta = below.meta if below else {}
    read, errors, _ = parser.parse_string(text.encode("utf-8", "surrogateescape") + b"\n")
    expected = old._replace(meta={**old.meta, **meta})
    is_it = not errors and len(read) == 1 and _fingerprint(read[0]) == _fingerprint(expected)
    if not is_it or any(read[0].meta.get(key) != value for key, value in meta.items()):
        text = N_("{place} has been changed meanwhile, or has a text or a setting that runs over several lines")
        raise FixError(tr(text, place=where(old)))


def _fingerprint(entry: data.Directive) -> str:
    """Return what tells a directive from another, as an accountant wrote it: without clearing."""
    if isinstance(entry, data.Transaction):
        accounts = sorted(row.account for row in without_clearing(entry).postings)
        return f"{entry.date} {entry.flag} {entry.payee} {entry.narration} {accounts}"
    meta = dict(sorted(entry.meta.items()))
    return directives_text([entry._replace(meta=meta)])


def _path_of(step: Step) -> Path | None:
    """Return the file that a step changes, None for what a plugin has made."""
    name = file_of(step)
    return None if not name or name.startswith("<") else Path(name)
