"""The reader's language: Swedish, or English where it is asked for.

    FORBUNDSBOK_LANGUAGE=en bean-check ledger/main.bean

Texts stand in English in the code, marked by `N_`, and in Swedish in `forbundsbok/sv.po`, which an accountant can
correct. They are translated when they are shown, never before: `tr(N_("{count} years are sealed"), count=3)`.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from string import Formatter

import forbundsbok

LANGUAGES = ("sv", "en")
"""The languages, the default first."""

VARIABLE = "FORBUNDSBOK_LANGUAGE"
CATALOGUE = Path(str(forbundsbok.__file__)).with_name("sv.po")

_QUOTED = r'((?:"(?:[^"\\\n]|\\["\\nrt])*"(?:\n|$))+)'
_ENTRY = re.compile(rf"^msgid {_QUOTED}msgstr {_QUOTED}", re.MULTILINE)

_chosen: list[str] = []
_asked_here: ContextVar[str] = ContextVar("asked_here", default="")


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext's tools know a text that is translated later
    """Mark a text that is translated when it is shown."""
    return text


def choose_language(language: str | None) -> None:
    """Let what is shown from now on be in a language of LANGUAGES; None leaves it to the environment."""
    _chosen[:] = [language] if language else []


@contextmanager
def telling_in(language: str) -> Iterator[None]:
    """Show texts in a language of LANGUAGES for as long as this lasts, to this reader alone."""
    before = _asked_here.set(language)
    try:
        yield
    finally:
        _asked_here.reset(before)


def language() -> str:
    """Return the language in which texts are shown."""
    if here := _asked_here.get():
        return here
    asked = _chosen[0] if _chosen else re.split("[_.-]", os.environ.get(VARIABLE, "").lower())[0]  # as in en_GB.UTF-8
    return asked if asked in LANGUAGES else LANGUAGES[0]


def tr(text: str, /, **values: object) -> str:
    """Return a text in the reader's language, its places filled."""
    return translation(text, language()).format(**values)


@cache
def places(text: str) -> tuple[str, ...]:
    """Return the names of a text's places. Raises ValueError for one that is no plain `{name}`."""
    found = [parts[1:] for parts in Formatter().parse(text) if parts[1] is not None]
    if wrong := [name for name, form, conversion in found if not str(name).isidentifier() or form or conversion]:
        raise ValueError(f"a place is written {{name}}, not {{{wrong[0]}...}}: {text!r}")
    return tuple(str(name) for name, _, _ in found)


def translation(text: str, into: str) -> str:
    """Return a text in a language, as it is in English where the catalogue lacks it, or has lost one of its places."""
    return text if into == "en" else _translated(text)


@cache
def _translated(text: str) -> str:
    told = _catalogue().get(text) or text
    try:
        return told if _named(told) == _named(text) else text
    except ValueError:  # a brace that an accountant lost
        return text


def _named(text: str) -> set[str]:
    """Return the names of a text's places, also of those that click writes. Raises ValueError for a lost brace."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@cache
def _catalogue() -> dict[str, str]:
    """Return the translations. They are read here, since the tools of catalogues take longer than most commands do."""
    try:
        entries = CATALOGUE.read_text(encoding="utf-8").split("\n\n")
    except ValueError:  # saved in another encoding: better English than nothing
        return {}
    # What a translator's tool has guessed waits for somebody to look at it.
    found = [_ENTRY.search(entry) for entry in entries if "\n#, fuzzy" not in f"\n{entry}"]
    return {_unquoted(each[1]): _unquoted(each[2]) for each in found if each}


def _unquoted(lines: str) -> str:
    """Return the text that quoted lines make together, as the catalogue breaks a long one."""
    return "".join(json.loads(line, strict=False) for line in lines.splitlines())
