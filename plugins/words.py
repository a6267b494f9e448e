"""Words: names, keys and directives that are no known ones, and seem to be misspelt.

    2025-03-12 * "Leverantör 018 Städ" "Städning mars 2025" ^L-2025-0031
      ver: "L 31"
      atest: "BVC-NAV"                          attest is meant
      Expenses:NAV:6102-Städning   30770.00 SEK     6120-Städning is meant

An account that is not open is an error, whatever it is near to. A directive that nothing reads, or a key below one of
ours, is asked about, unless the federation says that it is its own:

    2025-01-01 custom "egna-ord" "direktiv" "riskanalys"
    2025-01-01 custom "egna-ord" "nyckel" "ansvarig"

Below vouchers and accounts a key that is near no known one is the federation's own.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing, unit_of
from forbundsbok.plugins.acknowledgements import ACKNOWLEDGES
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.canonical import is_of_seal
from forbundsbok.plugins.capitalisation import LIFE, SEVERAL
from forbundsbok.plugins.clearing import COMPUTED
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.directives import KINDS, Field, Kind, UnreadableError, one_of, text
from forbundsbok.plugins.events import EVENT
from forbundsbok.plugins.fees import FEE
from forbundsbok.plugins.findings import Finding, Message, Replace, Step, Subject, as_written
from forbundsbok.plugins.grants import PROJECT
from forbundsbok.plugins.imports import ALTERED, BANKREF, NOTICE, UNDERLAG
from forbundsbok.plugins.internal import MARK, PARTY
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of, directive_text
from forbundsbok.plugins.open_items import DUE, INVOICE, INVOICE_DATE, SUPPLIER, SUPPLIERS_NUMBER
from forbundsbok.plugins.places import place
from forbundsbok.plugins.rights import APPROVED_ON, ATTEST, MOTTAGNING
from forbundsbok.plugins.rulebook import EVERY, rule, unreadable
from forbundsbok.plugins.spelling import first_difference, is_misspelt, looks, nearest, nearest_account
from forbundsbok.plugins.surplus import DEFICITS
from forbundsbok.plugins.units import UNIT

VOUCHER_KEYS = frozenset(
    {
        *(
            "ver",
            ATTEST,
            APPROVED_ON,
            MOTTAGNING,
            UNDERLAG,
            BANKREF,
            NOTICE,
            ALTERED,
            CORRECTS,
            EVENT,
            ACKNOWLEDGES,
            LIFE,
            SEVERAL,
            INVOICE,
            FEE,
        ),
        *("syfte", "deltagare", DUE, PARTY, PROJECT),
        # what the doors write
        *(
            "ocr",
            SUPPLIER,
            SUPPLIERS_NUMBER,
            INVOICE_DATE,
            "bankgiro",
            "plusgiro",
            "iban",
            "konto",
            "mottagare",
            "betalfil",
            "observera",
        ),
        *("lucka", "registrerad", "sign", "sie"),
    }
)
ROW_KEYS = frozenset({INVOICE, PROJECT, PARTY, "text", "datum", "kvantitet", "sign", "sie"})
OPEN_KEYS = frozenset({"benamning", MARK, "sie", "sie-delkonto"})
"""The metadata that means something to the rules, the statements or the doors, by what it stands below."""

MORE_KEYS: Mapping[str, frozenset[str]] = {UNIT.type: frozenset({DEFICITS, "overskott-not", "sie"})}
"""Those below a directive of ours that its description does not name."""

MORE_KINDS = frozenset({"sie-account", "sie-dimension", "sie-object", "sie-balance"})
"""The types of directives that the doors write and read, which have no description."""

FAVA = "fava-"
"""How the types of directives begin that Fava reads."""

ANYWHERE = frozenset({"filename", "lineno", ACKNOWLEDGES})


DIRECTIVE, KEY = "direktiv", "nyckel"


class OwnWord(NamedTuple):
    """A word of the federation's own: the type of a directive, or a key."""

    what: str
    word: str


OWN_WORD = Kind(
    "egna-ord",
    values=(Field(N_("what it is"), one_of(DIRECTIVE, KEY)), Field(N_("word"), text)),
    make=lambda entry, given: OwnWord(given["what it is"], given["word"]),
    example='2025-01-01 custom "egna-ord" "direktiv" "riskanalys"',
)


class Words(NamedTuple):
    """The words that mean something in a ledger: the types of directives, and the keys below each."""

    kinds: Mapping[str, Kind[Any]]
    own: frozenset[OwnWord]
    voucher: frozenset[str]
    row: frozenset[str]
    opening: frozenset[str]

    @property
    def everywhere(self) -> frozenset[str]:
        """All keys: one that stands where it means nothing is not misspelt."""
        below = (field.name for kind in self.kinds.values() for field in kind.meta)
        return self.own_keys.union(ANYWHERE, self.voucher, self.row, self.opening, below, *MORE_KEYS.values())

    @property
    def own_keys(self) -> frozenset[str]:
        """The keys that the federation has named as its own."""
        return frozenset(each.word for each in self.own if each.what == KEY)

    def is_known(self, kind: str) -> bool:
        """Tell whether directives of a type are read by somebody."""
        return kind in self.kinds or kind in MORE_KINDS or kind.startswith(FAVA) or OwnWord(DIRECTIVE, kind) in self.own


def known_words(books: Books) -> Words:
    """Return the words that are known in a ledger."""
    return Words(KINDS, frozenset(books.declared(OWN_WORD)), VOUCHER_KEYS, ROW_KEYS, OPEN_KEYS)


# Accounts


class Use(NamedTuple):
    """Where an account is named: the directive, and the row where it is a voucher's."""

    entry: data.Directive
    posting: data.Posting | None = None

    @property
    def place(self) -> str:
        return place(self.entry, self.posting.meta if self.posting and "lineno" in (self.posting.meta or {}) else None)


@rule(
    "F101",
    title=N_("An account that is used is open."),
    why=N_("A misspelt account is another account, that no statement shows."),
    mend=N_("Write the account that is meant, or open it in the unit's chart of accounts."),
    sees=EVERY,
)
def account_not_open(books: Books) -> Iterator[Finding]:
    for account, uses in _not_open(books).items():
        near = nearest_account(account, books.opens)
        values: dict[str, Any] = {"account": account, "near": near}
        unit = unit_of(account)
        if near is not None and looks(near) == looks(account):
            at, written, meant = first_difference(account, near)
            values |= {"at": at, "written": written, "meant": meant}
            message = N_(
                "{account} is not open: it only looks like the account {near}. Its letter {at} is {written}, where "
                "{meant} should stand. Write it anew on the keyboard."
            )
        elif near is not None:
            message = N_("{account} is not open. Did you mean {near}?")
        else:
            message = N_("{account} is not open. Write the account that is meant, or open it.")
        if len(uses) > 1:
            values = {"what": Message(message, values), "places": [use.place for use in uses[1:]]}
            message = N_("{what} It stands at {places} too.")
        first = uses[0]
        # A unit that only such accounts have is not there.
        strangers = [Subject("unit", unit)] if unit and unit not in books.once(_units) else []
        fix = _rewritten(account, near, uses) if near is not None and looks(near) == looks(account) else []
        subject = Subject("account", account)
        yield Finding(first.entry, subject, message, values, also=strangers, posting=first.posting, fix=fix)


def _units(books: Books) -> set[str]:
    return {name.unit for name in books.names.values()}


def _not_open(books: Books) -> dict[str, list[Use]]:
    """Return where each account is used that is never opened, by date; clearing is told of by U109."""
    uses: dict[str, list[Use]] = defaultdict(list)
    for account in books.postings.keys() - books.opens.keys():
        uses[account] = [Use(*each) for each in books.postings[account]]
    for entry in (*books.collected.balances, *books.collected.pads, *books.collected.others):
        for named in (getattr(entry, "account", None), getattr(entry, "source_account", None)):
            if named is not None and named not in books.opens:
                uses[named].append(Use(entry))
    return {account: uses[account] for account in sorted(uses) if not is_clearing(account)}


def _rewritten(account: str, near: str, uses: Iterable[Use]) -> list[Step]:
    """Return the fix that writes an account as it is opened, where it looks the same."""
    steps: dict[int, Step] = {}
    for entry, _ in uses:
        if isinstance(entry, data.Transaction):
            rows = [row._replace(account=near) if row.account == account else row for row in entry.postings]
            steps[id(entry)] = Replace(entry, [entry._replace(postings=rows)])
        elif isinstance(entry, data.Balance):
            steps[id(entry)] = Replace(entry, [entry._replace(account=near)])
        else:
            return []
    return list(steps.values())


# Directives and keys


@rule(
    "F105",
    title=N_("What reads as a directive of ours, and is named nearly so, is named so."),
    why=N_("Under a misspelt name an asset, a right or a plan is passed over by every rule and statement."),
    mend=N_("Write the name of the directive as the message says."),
)
def directive_of_ours_misspelt(books: Books) -> Iterator[Finding]:
    words = books.once(known_words)
    known = words.kinds
    for written, entries in books.collected.customs.items():
        near = None if words.is_known(written) else nearest(written, known)
        for entry in entries if near else ():
            if near and _reads_as(entry, known[near], books):
                message = N_('There is no directive "{kind}"; as it reads, "{near}" is meant.')
                fix = [Replace(entry, [entry._replace(type=near)])]
                yield Finding(entry, Subject("directive", written), message, {"kind": written, "near": near}, fix=fix)


def _reads_as(entry: data.Custom, kind: Kind[Any], books: Books) -> bool:
    """Tell whether a directive can be read as one of a kind that says more than a text."""
    try:
        kind.read(entry, books.currency)
    except UnreadableError:
        return False
    return len(kind.values) > 1


@rule(
    "F102",
    title=N_("A directive is not nearly one of ours."),
    why=N_("What no rule and no statement knows is passed over, as if it were not written."),
    mend=N_("Write the directive that is meant; acknowledge it where it is one of the federation's own."),
    after=["F105"],
    warns=True,
)
def directive_misspelt(books: Books) -> Iterator[Finding]:
    words = books.once(known_words)
    for kind, entries in books.collected.customs.items():
        if words.is_known(kind):
            continue
        near = next((each for each in words.kinds if is_misspelt(kind, each)), None)
        for entry in entries if near else ():
            message = N_('There is no directive "{kind}". Did you mean "{near}"?')
            yield Finding(entry, Subject("directive", kind), message, {"kind": kind, "near": near})


@rule(
    "F103",
    title=N_("Below a directive of ours stand the keys that it may have."),
    why=N_("A key that is misspelt is passed over: a right that should end goes on, an asset that is sold is kept."),
    mend=N_("Write the key as the message says, or take it away."),
)
def key_below_directive(books: Books) -> Iterator[Finding]:
    for kind in books.once(known_words).kinds.values():
        known = _keys_of(kind, books)
        unread = {id(entry) for entry, _ in books.unread(kind)}
        for entry in books.customs(kind.type):
            for key, near in _misspelt(entry.meta, known, known) if id(entry) not in unread else ():
                message = N_('"{kind}" has no {key}. Did you mean {near}?')
                values = {"kind": kind.type, "key": key, "near": near}
                yield Finding(entry, Subject("key", f"{key} {place(entry)}"), message, values)


def _keys_of(kind: Kind[Any], books: Books) -> frozenset[str]:
    """Return the keys that may stand below a directive, those of the federation's own among them."""
    own = books.once(known_words).own_keys
    return own.union(ANYWHERE, (each.name for each in kind.meta), MORE_KEYS.get(kind.type, ()))


unreadable(
    "F106",
    OWN_WORD,
    title=N_("A word of the federation's own says whether it is a directive or a key, and which."),
    why=N_("What is named as the federation's own is not asked about; one that cannot be read names nothing."),
)


@rule(
    "F107",
    title=N_("A directive is one of ours, one of Fava's, or named as the federation's own."),
    why=N_("What no rule and no statement reads is passed over, as if it were not written."),
    mend=N_("Write the directive that is meant, or name it as the federation's own by a directive egna-ord."),
    after=["F102", "F105", "F106"],
    warns=True,
)
def unknown_directive(books: Books) -> Iterator[Finding]:
    words = books.once(known_words)
    for kind, entries in books.collected.customs.items():
        if not words.is_known(kind):
            message = N_('Nothing reads the directive "{kind}". Is it the federation\'s own, write:\n{example}')
            values = {"kind": kind, "example": _named_own(DIRECTIVE, kind, entries[0].date)}
            yield Finding(entries[0], Subject("directive", kind), message, values)


@rule(
    "F108",
    title=N_("A key below a directive of ours is one that it may have, or named as the federation's own."),
    why=N_("What is written under a key that nothing reads is passed over by every rule and statement."),
    mend=N_("Write the key that is meant, or name it as the federation's own by a directive egna-ord."),
    after=["F103", "F106"],
    warns=True,
)
def unknown_key(books: Books) -> Iterator[Finding]:
    for kind in books.once(known_words).kinds.values():
        known = _keys_of(kind, books)
        unread = {id(entry) for entry, _ in books.unread(kind)}
        for entry in books.customs(kind.type):
            strangers = [key for key in sorted(entry.meta.keys() - known) if key[:1] != "_" and not is_of_seal(key)]
            for key in strangers if id(entry) not in unread else ():
                message = N_(
                    'Nothing reads {key} below "{kind}", which may have {keys}. Is it the federation\'s own:\n{example}'
                )
                keys = sorted({each.name for each in kind.meta}.union(MORE_KEYS.get(kind.type, ()))) or [ACKNOWLEDGES]
                values = {"key": key, "kind": kind.type, "keys": keys, "example": _named_own(KEY, key, entry.date)}
                yield Finding(entry, Subject("key", f"{key} {place(entry)}"), message, values)


def _named_own(what: str, word: str, day: date) -> Message:
    return as_written(directive_text(custom_of(OWN_WORD.type, day, [what, word])))


@rule(
    "F104",
    title=N_("A key is not nearly one that means something."),
    why=N_("What is written under a key that is misspelt is passed over by every rule and statement."),
    mend=N_("Write the key that is meant; acknowledge it where it is one of the federation's own."),
    sees=EVERY,
    warns=True,
)
def key_misspelt(books: Books) -> Iterator[Finding]:
    words = books.once(known_words)
    known = words.everywhere
    for entry in books.vouchers:
        if not known.issuperset(entry.meta):
            yield from _keys(entry, entry.meta, known, words.voucher)
        for row in entry.postings:
            if row.meta and len(row.meta) > 2 and COMPUTED not in row.meta:
                yield from _keys(entry, row.meta, known, words.row, row)
    for opened in books.collected.opens:
        yield from _keys(opened, opened.meta, known, words.opening)


def _keys(
    entry: data.Directive,
    meta: Mapping[str, Any],
    known: frozenset[str],
    here: frozenset[str],
    row: data.Posting | None = None,
) -> Iterator[Finding]:
    for key, near in _misspelt(meta, known, here):
        message = N_("{key} means nothing here. Did you mean {near}?")
        values = {"key": key, "near": near}
        yield Finding(entry, Subject("key", key), message, values, posting=row, also=[meant(near, entry)])


def meant(key: str, entry: data.Directive) -> Subject:
    """Return what is at fault where a directive lacks a key, and has one that nearly is it."""
    return Subject("lacking", f"{key} {place(entry)}")


def _misspelt(meta: Mapping[str, Any], known: frozenset[str], here: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the keys that are not known, each with the one that was meant: it may stand here, and does not yet."""
    for key in sorted(meta.keys() - known):
        if key[:1] != "_" and not is_of_seal(key):
            near = next((each for each in sorted(here - meta.keys()) if is_misspelt(key, each)), None)
            if near is not None:
                yield key, near
