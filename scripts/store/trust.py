"""What must be so before a check of the books says anything: that all rules have run, over all that is there.

What the books' own lines could switch off, or bring in from elsewhere, and no plugin can see: that the rules are
loaded, no others than those that whoever checks has allowed (`forbundsbok check --plugin mitt_forbund.regler`),
nothing from outside the books' folder.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.documents import named_by
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.main_file import REPORTING, RULES_OF_OURS


class TrustError(NamedTuple):
    """Why a check of the books would prove nothing, in the shape of Beancount's errors."""

    source: Mapping[str, Any]
    message: Message
    entry: None = None


def doubts(main: Path, loaded: LoadedLedger, allowed: Collection[str]) -> Iterator[TrustError]:
    """Yield why a check of some books would not prove what it says, `allowed` being the plugins of the federation's."""
    plugins = loaded.options.get("plugin") or []
    if (RULES_OF_OURS, None) not in plugins:
        text = N_("No rule has run: the main file does not load {ours}. Write   {line}")
        yield _of(main, text, ours=RULES_OF_OURS, line=f'plugin "{RULES_OF_OURS}"')
    for name in dict.fromkeys(name for name, _ in plugins):
        if name not in (*allowed, *REPORTING) and not name.startswith(("beancount.", "forbundsbok.")):
            text = N_(
                "plugin {name} runs with the books, and may hide or change what they hold: take its line away, or, "
                "when you know it, check with {option}"
            )
            yield _of(main, text, name=name, option=f"--plugin {name}")
    if loaded.options.get("pythonpath") and not allowed:
        text = N_("The option {option} lets files beside the books run in the place of the program: take it away")
        yield _of(main, text, option="insert_pythonpath")
    yield from _from_elsewhere(main, loaded)
    yield from _documents_elsewhere(main, loaded)


def _from_elsewhere(main: Path, loaded: LoadedLedger) -> Iterator[TrustError]:
    """Yield the files that come from outside the books' folder, or by a link, which may lead elsewhere tomorrow."""
    folder = main.absolute().parent
    linked = _Links(folder)
    links: dict[str, None] = {}
    for name in loaded.options.get("include") or ():
        file = Path(name)
        if not file.is_relative_to(folder):
            text = N_("{file} is included from outside the folder of the books: move it there, and include it so")
            yield _of(main, text, file=name)
        elif file != main.absolute() and (link := linked.of(file.relative_to(folder).as_posix())):
            links[link] = None
    for link in links:
        yield TrustError(_at(main), _is_a_link(folder, link))


def _documents_elsewhere(main: Path, loaded: LoadedLedger) -> Iterator[TrustError]:
    """Yield the documents that are links, or the folders of theirs that are, which lead out of the books' folder."""
    folder = main.absolute().parent
    whole = folder.resolve()
    linked = _Links(folder)

    @cache
    def leads_out(path: str) -> bool:
        return not Path(os.path.realpath(folder / path)).is_relative_to(whole)

    told: dict[str, data.Directive] = {}
    for path, entry in named_by(((entry, "") for entry in loaded.entries), str(folder)).items():
        if (link := linked.of(path)) and leads_out(path):  # by the highest link, or by one behind it
            told.setdefault(link if leads_out(link) else path, entry)
    for link, entry in told.items():
        yield TrustError(entry.meta, _is_a_link(folder, link))


class _Links:
    """The links below a folder: each path is asked for once, since documents are thousands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, str] = {"": ""}

    def of(self, path: str) -> str:
        """Return the link that a path is, or the highest folder above it that is one; "" where none is."""
        if path not in self._found:
            is_one = os.path.islink(f"{self._folder}/{path}")  # noqa: PTH114  # of thousands
            self._found[path] = self.of(path.rpartition("/")[0]) or (path if is_one else "")
        return self._found[path]


def _is_a_link(folder: Path, link: str) -> Message:
    text = (
        N_("{file} is a link to {target}: put the folder itself in its place")
        if (folder / link).is_dir()
        else N_("{file} is a link to {target}: put the file itself in its place")
    )
    return phrase(text, file=link, target=os.path.realpath(folder / link))


def _of(main: Path, text: str, **values: object) -> TrustError:
    return TrustError(_at(main), phrase(text, **values))


def _at(main: Path) -> Mapping[str, Any]:
    return {"filename": str(main.absolute()), "lineno": 1}
