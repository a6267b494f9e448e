"""Beancount's own errors in the accountant's words, with Beancount's text behind.

    Verifikationen balanserar inte: 100,00 kr för mycket i debet (Transaction does not balance: (100.00 SEK))

A kind that is not known here is told as Beancount tells it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.findings import Message, RuleError, Subject
from forbundsbok.plugins.language import N_, language
from forbundsbok.plugins.places import place

_AMOUNT = r"(-?[\d.]+) ([A-Z][A-Z0-9'._-]*)"


_NINE = Decimal("0.09")
"""Two digits of an amount that change places change it by a multiple of nine öre."""
_LARGE = Decimal(10) ** 20

_TRACEBACK = re.compile(r"Traceback \(most recent call last\):.*\n\s*(\S[^\n]*)\s*$", re.DOTALL)
"""What is for programmers; its last line says what happened."""
_BALANCE = re.compile("Balance failed for ")
_OF_ACCOUNT = re.compile("(?:Invalid reference to unknown account|Balance failed for) '([^']*)'")
_UNSOUND = re.compile(
    "Transaction does not balance|Too many missing|You may not have more than one auto|Failed to categorize"
)
_NOT_OPEN, _OUTSIDE = "F101", "V504"
"""The rules that tell of an account that is not open, and of a voucher that is dated outside the fiscal years."""
_BREAKS = ("L806", "L807", "L808")
"""Rules that find another balance than the one that was sealed."""
_STRANGERS = ("V502", _OUTSIDE)
"""Rules that find a voucher which is dated in a wrong year, and so name the day that is meant."""


class Known(NamedTuple):
    """A kind of Beancount's errors: how its text is recognised, and what it says of it."""

    pattern: str
    text: str
    values: Callable[[re.Match[str]], Mapping[str, Any]] = lambda match: match.groupdict()


def _amount(number: str, currency: str) -> Amount:
    return Amount(Decimal(number), currency)


def _difference(match: re.Match[str]) -> Mapping[str, Any]:
    number = Decimal(match[1])
    side = Message(N_("debit")) if number > 0 else Message(N_("credit"))
    hint: Message | str = ""
    if abs(number) < _LARGE and number % _NINE == 0:
        hint = Message(N_(". The difference is a multiple of nine: two digits may have changed places"))
    return {"amount": Amount(abs(number), match[2]), "side": side, "hint": hint}


def _balance(match: re.Match[str]) -> Mapping[str, Any]:
    return {
        "account": match[1],
        "expected": _amount(match[2], match[3]),
        "booked": _amount(match[4], match[5]),
        "difference": _amount(match[6], match[3]),
        "more": Message(N_("more")) if match[7] == "much" else Message(N_("less")),
    }


TOKENS = {
    "EOL": N_("the end of the line"),
    "end of file": N_("the end of the file"),
    "NUMBER": N_("a number"),
    "STRING": N_("a text"),
    "CURRENCY": N_("a currency, or a word in capitals,"),
    "ACCOUNT": N_("an account"),
    "DATE": N_("a date"),
    "KEY": N_("a word with a colon"),
    "FLAG": N_("a flag"),
}
"""What the parser calls the parts of a line; another is told as it calls it."""


def _word(match: re.Match[str]) -> Mapping[str, Any]:
    return {"word": Message(TOKENS[match[1]]) if match[1] in TOKENS else match[1]}


KNOWN = (
    Known(
        rf"Transaction does not balance: \({_AMOUNT}\)",
        N_("The voucher does not balance: {amount} too much in {side}{hint}"),
        _difference,
    ),
    Known(
        r"Transaction does not balance: (?P<sums>.*)",
        N_("The voucher does not balance: {sums}"),
    ),
    Known(
        rf"Balance failed for '([^']*)': expected {_AMOUNT} != accumulated {_AMOUNT} \(([\d.]+) too (much|little)\)",
        N_("The balance of {account} should be {expected}, and is {booked} in the vouchers: {difference} {more}"),
        _balance,
    ),
    Known(
        r"Invalid reference to unknown account '(?P<account>.*)'",
        N_("{account} is not opened: open it, or write the account that is meant"),
    ),
    Known(
        r"Invalid reference to inactive account '(?P<account>.*)'",
        N_("{account} is not open on that day: see the dates of its open and close"),
    ),
    Known(r"Duplicate open directive for (?P<account>.*)", N_("{account} is opened twice: remove one of the two")),
    Known(r"Duplicate close directive for (?P<account>.*)", N_("{account} is closed twice: remove one of the two")),
    Known(r"Unopened account (?P<account>.*) is being closed", N_("{account} is closed, but was never opened")),
    Known(
        r"Duplicate balance assertion with different amounts",
        N_("The same account has two balances on the same day, with different amounts"),
    ),
    Known(
        r"Invalid currency (?P<currency>\S+) for account '(?P<account>.*)'",
        N_("{account} is not opened for {currency}"),
    ),
    Known(
        r"Invalid currency '(?P<currency>\S+)' for Balance directive: ?",
        N_("The balance is in {currency}, for which the account is not opened"),
    ),
    Known(r"Invalid account name: (?P<account>.*)", N_("{account} is no name of an account")),
    Known(
        r"Too many missing numbers for currency group '.*'",
        N_("More than one row lacks its amount: only one can be worked out"),
    ),
    Known(
        r"You may not have more than one auto-posting per currency",
        N_("More than one row lacks its amount: only one can be worked out"),
    ),
    Known(
        r"File glob \"(?P<pattern>.*)\" does not match any files",
        N_('include "{pattern}" matches no file: see its name and folder'),
    ),
    Known(r"Duplicate filename parsed: \"(?P<file>.*)\"", N_("The file {file} is included twice: remove one include")),
    Known(r"File does not exist: \"(?P<file>.*)\"", N_("The document {file} does not exist")),
    Known(
        r'Error importing "plugins\.federation".*',
        N_("The rules are called forbundsbok.federation since 0.2: write   {line}"),
        lambda match: {"line": 'plugin "forbundsbok.federation"'},
    ),
    Known(
        r'Error importing "(?P<module>[^"]*)".*',
        N_('There is no plugin "{module}": see its name, or remove the line'),
    ),
    Known(
        r'Error applying plugin "(?P<module>[^"]*)": (?P<why>.*)',
        N_("The plugin {module} stopped, and what it would find is not known: {why}"),
    ),
    Known(r"Unused Pad entry", N_("This pad fills nothing: remove it")),
    Known(
        r"syntax error, unexpected INDENT",
        N_("This row belongs to nothing: a voucher has no blank line in it, and begins at the left margin"),
    ),
    Known(
        r"syntax error, unexpected NUMBER, expecting .*ATAT.*",
        N_("This line cannot be read: write an amount without spaces in it, as 1234.50"),
    ),
    Known(
        r"syntax error, unexpected (\w+|end of file).*",
        N_("This line cannot be read: {word} may not stand there"),
        _word,
    ),
    Known(
        r"(?:ValueError: )?Invalid number format: '(?P<number>.*)'",
        N_("{number} is no amount: write it with a point before the öre and no spaces, as 1234.50"),
    ),
    Known(
        r"Invalid token: '(?P<word>.*[\u2018-\u201f\u00ab\u00bb\u2032\u2033].*)'",
        N_('{word} has typographic quotation marks: write "'),
    ),
    Known(
        r"Invalid token: '(?P<word>[\u2010-\u2015\u2212].*)'",
        N_("{word} begins with a dash: write a plain hyphen, -, for minus"),
    ),
    Known(r"Invalid token: '(?P<word>[Kk][Rr]\.?)'", N_("The currency is written SEK, not {word}")),
    Known(
        r"Invalid token: '(?P<word>.*)'",
        N_(
            "This line cannot be read: {word} is nothing that a ledger can hold there. A text stands between quotation "
            'marks, "{word}"; a keyword has a colon, {word}:'
        ),
    ),
    Known(r"Error for option '(?P<option>[^']*)': .*", N_("What is written is no value of the option {option}")),
    Known(r"Invalid option: '(?P<option>.*)'", N_("There is no option {option}")),
    Known(
        r"Duplicate metadata field on entry: (?:KeyValue\(key=')?(?P<key>[-\w]+).*",
        N_("{key} is written twice: remove one of the two"),
    ),
    Known(
        r"Duplicate posting metadata field: (?:KeyValue\(key=')?(?P<key>[-\w]+).*",
        N_("{key} is written twice: remove one of the two"),
    ),
    Known(
        r"Too many strings on transaction description: (?P<texts>.*)",
        N_("A voucher has at most two texts on its first line, payee and text: {texts}"),
    ),
    Known(r"Attempting to pop absent tag: '(?P<tag>.*)'", N_("poptag #{tag} ends what no pushtag began: remove it")),
    Known(
        r"Attempting to pop absent metadata key: '(?P<key>.*)'",
        N_("popmeta {key}: ends what no pushmeta began: remove it"),
    ),
    Known(r"(?:ValueError: )?month must be in 1\.\.12", N_("There is no such month")),
    Known(r"(?:ValueError: )?day is out of range for month", N_("There is no such day in that month")),
)


def in_words(error: Any) -> str:
    """Return what any error of a ledger says, in the reader's language."""
    if isinstance(error, RuleError):
        return error.message
    text = _TRACEBACK.sub(r"\1", str(error.message))
    for known in KNOWN if language() != "en" else ():
        if match := re.fullmatch(known.pattern, text, re.DOTALL):
            return f"{Message(known.text, known.values(match))} ({text})"
    return text


def own_causes(errors: Sequence[Any]) -> list[Any]:
    """Return the errors without the balances that fail because of another one, and without what a rule tells better.

    A voucher that does not balance, or that could not be computed, and one that has come into a sealed year or gone out
    of it, change the balances of its accounts from its day on: when it is mended, they hold again. An account that is
    not open is told of by a rule, and has no balance.
    """
    outside = {each for error in errors if _code(error) == _OUTSIDE for each in error.finding.subjects}
    not_open = {error.finding.subject.name for error in errors if _code(error) == _NOT_OPEN}
    return [
        error
        for error in errors
        if not _is_told(error, not_open) and not _follows(error, errors) and not _is_untimely(error, outside)
    ]


def _is_untimely(error: Any, outside: Collection[Subject]) -> bool:
    """Tell whether Beancount says that an account is not open on the day of a voucher that is dated in a wrong year."""
    if isinstance(error, RuleError) or not outside or not isinstance(error.entry, data.Transaction):
        return False
    is_inactive = str(error.message).startswith("Invalid reference to inactive account")
    return is_inactive and Subject("voucher", place(error.entry)) in outside


def _is_told(error: Any, not_open: Collection[str]) -> bool:
    """Tell whether Beancount says of an account what a rule has said."""
    match = None if isinstance(error, RuleError) else _OF_ACCOUNT.match(str(error.message))
    return match is not None and match[1] in not_open


def _code(error: Any) -> str:
    return error.finding.rule if isinstance(error, RuleError) else ""


def _follows(error: Any, errors: Iterable[Any]) -> bool:
    balance = error.entry
    if isinstance(error, RuleError) or not isinstance(balance, data.Balance) or not _BALANCE.match(str(error.message)):
        return False
    return any(_changes(each, balance) for each in errors)


def _changes(error: Any, balance: data.Balance) -> bool:
    """Tell whether what an error is about changes a balance."""
    if isinstance(error, RuleError):
        finding = error.finding
        if finding.rule not in (*_BREAKS, *_STRANGERS) or (finding.rule == "V502" and "meant" not in finding.values):
            return False
        if finding.rule not in ("L807", *_STRANGERS):  # it may have been on any account
            return finding.subject.year is not None and finding.subject.year <= balance.date.year
    entry = error.entry
    return (
        isinstance(entry, data.Transaction)
        and entry.date < balance.date
        and (isinstance(error, RuleError) or _UNSOUND.match(str(error.message)) is not None)
        and any(f"{row.account}:".startswith(f"{balance.account}:") for row in entry.postings)
    )
