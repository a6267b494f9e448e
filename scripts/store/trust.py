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
    for name in loaded.options.get("include") or ():
        file = Path(name)
        if not file.is_relative_to(folder):
            text = N_("{file} is included from outside the folder of the books: move it there, and include it so")
            yield _of(main, text, file=name)
        elif file != main.absolute() and file.resolve() != folder.resolve() / file.relative_to(folder):
            text = N_("{file} is a link to {target}: put the file itself in its place")
            yield _of(main, text, file=str(file.relative_to(folder)), target=str(file.resolve()))


def _documents_elsewhere(main: Path, loaded: LoadedLedger) -> Iterator[TrustError]:
    """Yield the documents that are links, or stand in a folder that is one, and so lead out of the books' folder."""
    folder = main.absolute().parent
    whole = folder.resolve()

    @cache
    def by_a_link(path: str) -> bool:
        """Tell whether a path below the folder is a link, or stands in a folder that is one."""
        above = path.rpartition("/")[0]
        return bool(above and by_a_link(above)) or os.path.islink(f"{folder}/{path}")  # noqa: PTH114  # of thousands

    for path, entry in named_by(((entry, "") for entry in loaded.entries), str(folder)).items():
        if by_a_link(path):
            target = os.path.realpath(folder / path)
            if not Path(target).is_relative_to(whole):
                text = N_("{file} is a link to {target}: put the file itself in its place")
                yield TrustError(entry.meta, phrase(text, file=path, target=target))


def _of(main: Path, text: str, **values: object) -> TrustError:
    return TrustError({"filename": str(main.absolute()), "lineno": 1}, phrase(text, **values))
