"""Loading a ledger, and what is said of one with errors.

    ledger = load_ledger(Path("ledger/main.bean"))
    refuse_errors(ledger.errors)

The one way in which this program reads books, whether to show them or to write into them.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from beancount import loader
from beancount.ops import validation
from beancount.parser import booking, grammar

from forbundsbok.plugins.beancount_errors import in_words, own_causes
from forbundsbok.plugins.collector import collector_at_rest
from forbundsbok.plugins.findings import LATER, WARNINGS, RuleError, Untried, Warnings, phrase
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.places import NOWHERE, file_line, place_of
from forbundsbok.plugins.reading import Before, File, Read, ReadError, read_files
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.roles import Roles, read_roles

_OF_PLUGIN = re.compile(r'Error (?:importing|applying plugin) "([^"]*)"')


Step = Callable[[list[Any], Read], tuple[list[Any], list[Any]]]
"""What is made of directives, and the errors of that."""


class LoadedLedger(NamedTuple):
    """A ledger as Beancount and the plugins read it: its directives, its errors and its options."""

    entries: list[Any]
    errors: list[Any]
    options: Mapping[str, Any]

    @property
    def warnings(self) -> list[RuleError]:
        """What the rules warn of, acknowledged or not, sorted by file and line."""
        return list(self.options.get(WARNINGS, ()))

    @property
    def roles(self) -> Roles:
        """What its accounts are."""
        return read_roles(self.entries)


class UntriedLedger(NamedTuple):
    """A ledger that is read and booked, and whose rules, and Beancount's, wait until somebody asks for its errors."""

    entries: list[Any]
    found: list[Any]
    """Its errors, those of the rules and of Beancount's checks as what finds them."""
    options: Mapping[str, Any]
    files: Mapping[str, File] = {}
    """What each of its files was read as, where whoever reads them again may use that."""

    def errors(self) -> list[Any]:
        """Return the errors that the ledger would have been loaded with."""
        told: list[Any] = []
        for each in self.found:
            told += each.found() if isinstance(each, Untried) else [each]
        return own_causes(told)

    def tried(self) -> LoadedLedger:
        """Return it with the errors that its rules find."""
        return LoadedLedger(self.entries, self.errors(), self.options)

    @property
    def warnings(self) -> Warnings:
        """What the rules warn of, once its errors are found."""
        warnings: Warnings = self.options.get(WARNINGS) or Warnings(lambda _: (), list)
        return warnings


class LedgerError(RefusalError):
    """A ledger that nothing can be made from.

    `messages` has one for each error, `file:line: message`, sorted by file and line.
    """

    def __init__(self, messages: Iterable[str]) -> None:
        self._messages = list(messages)
        super().__init__("\n".join(self._messages))

    @property
    def messages(self) -> list[str]:
        return self._messages

    @property
    def conclusion(self) -> str:
        return tr("the ledger has errors: {count}", count=len(self._messages))


def load_ledger(path: Path) -> LoadedLedger:
    """Load a ledger, with whatever errors it has. Raises OSError for a file that cannot be read.

    While its files cannot be read whole, there are no other errors than those of reading, since what else one would
    find may follow from them, and no plugin has seen the directives.
    """
    path.open("rb").close()  # what is wrong with the file itself, said more plainly than Beancount does
    with collector_at_rest():
        return _loaded(_named(path))


def load_untried(path: Path) -> UntriedLedger:
    """Load a ledger as `load_ledger` does, and let its rules wait: most who write never ask what they say of it.

    What is written is checked with all rules anyhow.
    """
    path.open("rb").close()
    with collector_at_rest():
        return _untried(_named(path), is_later=True)


def load_changed(path: Path, files: Mapping[str, File], root: str) -> LoadedLedger:
    """Load a ledger that stands in a tree below a root, as `load_ledger` does: one that was loaded, and has changed.

    Of the files that it had then, those that are as they were are not read again.
    """
    with collector_at_rest():
        return _untried(path, is_later=False, before=Before(files, root) if files else None).tried()


def _named(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  # as Beancount does: a link is no other name


def _loaded(path: Path) -> LoadedLedger:
    return _untried(path, is_later=False).tried()


def _untried(path: Path, *, is_later: bool, before: Before | None = None) -> UntriedLedger:
    read = read_files(path, before)
    if before and not (read.is_booked_alone and not read.errors):
        return _untried(path, is_later=is_later)
    entries, errors = read.entries, read.errors
    if any(not isinstance(error, grammar.DeprecatedError) for error in errors):
        try:
            entries, _ = _booked(entries, read)
        except Exception:  # what is read by half may be anything
            entries = []
        return UntriedLedger(entries, errors, read.options)
    if is_later:
        read.options[LATER] = True
    entries, more = _unless_it_stumbles(_booked, entries, read)
    errors = [*errors, *more]
    may_be_used = is_later and not errors and read.is_booked_alone and _loads_no_more_than_ours(read)
    if before or may_be_used:
        entries = read.by_files(entries)
    entries, more = _unless_it_stumbles(_transformed, entries, read)
    errors = [*errors, *more]
    read.options.pop(LATER, None)
    # Beancount's own checks wait as the rules do.
    validated = Untried(lambda: _unless_it_stumbles(_validated, entries, read)[1])
    return UntriedLedger(entries, [*errors, validated], read.options, read.files if may_be_used else {})


def _loads_no_more_than_ours(read: Read) -> bool:
    """Tell whether no plugin runs with the books that may change what directives say."""
    return all(name == "forbundsbok.federation" for name, _ in read.options["plugin"])


def _unless_it_stumbles(step: Step, entries: list[Any], read: Read) -> tuple[list[Any], list[Any]]:
    """Take a step; whatever Beancount or a plugin stumbles over is told, and no traceback."""
    try:
        return step(entries, read)
    except Exception as error:
        text = N_("The ledger cannot be loaded: {kind}: {why}")
        return entries, [ReadError(NOWHERE, phrase(text, kind=type(error).__name__, why=error))]


def _booked(entries: list[Any], read: Read) -> tuple[list[Any], list[Any]]:
    """Complete the amounts that are left out. A voucher that Beancount stumbles over is an error, and left out."""
    try:
        booked, errors = booking.book(entries, read.options)  # type: ignore[no-untyped-call]
    except Exception:
        errors = [*_not_computed(entries, read.options)]
        if not errors:
            raise
        left_out = {id(error.entry) for error in errors}
        sound = [entry for entry in entries if id(entry) not in left_out]
        booked, more = booking.book(sound, read.options)  # type: ignore[no-untyped-call]
        errors += more
    return booked, errors


def _not_computed(entries: list[Any], options: Any) -> Iterator[ReadError]:
    """Yield an error for each voucher that Beancount stumbles over."""
    for entry in entries:
        try:
            booking.book([entry], options)  # type: ignore[no-untyped-call]
        except Exception as error:
            text = N_("The voucher cannot be computed: {why}: write its amounts otherwise")
            yield ReadError(entry.meta, phrase(text, why=f"{type(error).__name__} {error}"), entry)


def _transformed(entries: list[Any], read: Read) -> tuple[list[Any], list[Any]]:
    """Let the plugins do their work, those of the ledger and Beancount's own."""
    before = list(sys.path)
    try:
        sys.path[0:0] = read.options["pythonpath"]
        entries, errors = loader.run_transformations(entries, [], read.options, None)
    finally:
        sys.path[:] = before
    return entries, [_at_its_plugin(error, read) for error in errors]


def _at_its_plugin(error: Any, read: Read) -> Any:
    """Return an error with the place of the plugin that could not be run, which Beancount does not tell."""
    match = _OF_PLUGIN.match(str(error.message)) if isinstance(error, loader.LoadError) else None
    return error._replace(source=read.plugins[match[1]]) if match and match[1] in read.plugins else error


def _validated(entries: list[Any], read: Read) -> tuple[list[Any], list[Any]]:
    return entries, validation.validate(entries, read.options)  # type: ignore[no-untyped-call]


def refuse_errors(errors: Sequence[Any]) -> None:
    """Raise LedgerError if there are any errors."""
    if errors:
        raise ledger_error(errors)


def ledger_error(errors: Iterable[Any], *more: str) -> LedgerError:
    """Return errors of Beancount and of the rules as one, sorted by file and line, and what else there is to say."""
    return LedgerError([*(message for _, message in placed_messages(errors)), *more])


def placed_messages(errors: Iterable[Any]) -> list[tuple[tuple[str, int], str]]:
    """Return the place of each error and its message, `file:line: message`, sorted by file and line."""
    placed = sorted((place_of(error), in_words(error)) for error in errors)
    return [(place, _placed(place, message)) for place, message in placed]


def placed_message(error: Any) -> str:
    """Return an error's message with its place, `file:line: message`; alone where it has none."""
    return _placed(place_of(error), in_words(error))


def _placed(place: tuple[str, int], message: str) -> str:
    return f"{file_line(*place)}: {message}" if place[0] else message
