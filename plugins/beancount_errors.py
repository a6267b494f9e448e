"""Beancount's own errors in the accountant's words, with Beancount's text behind.

    Verifikationen balanserar inte: 100,00 kr för mycket i debet (Transaction does not balance: (100.00 SEK))

A kind that is not known here is told as Beancount tells it.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core.amount import Amount

from forbundsbok.plugins.findings import Message, RuleError
from forbundsbok.plugins.language import N_, language

_AMOUNT = r"(-?[\d.]+) ([A-Z][A-Z0-9'._-]*)"


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
    return {"amount": Amount(abs(number), match[2]), "side": side}


def _balance(match: re.Match[str]) -> Mapping[str, Any]:
    return {
        "account": match[1],
        "expected": _amount(match[2], match[3]),
        "booked": _amount(match[4], match[5]),
        "difference": _amount(match[6], match[3]),
        "more": Message(N_("more")) if match[7] == "much" else Message(N_("less")),
    }


KNOWN = (
    Known(
        rf"Transaction does not balance: \({_AMOUNT}\)",
        N_("The voucher does not balance: {amount} too much in {side}"),
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
    Known(r"File \"(?P<file>.*)\" does not exist", N_("The file {file} does not exist: see its name and folder")),
    Known(r"Duplicate filename parsed: \"(?P<file>.*)\"", N_("The file {file} is included twice: remove one include")),
    Known(r"File does not exist: \"(?P<file>.*)\"", N_("The document {file} does not exist")),
    Known(
        r'Error importing "plugins\.federation".*',
        N_("The rules are called forbundsbok.federation since 0.2: write   {line}"),
        lambda match: {"line": 'plugin "forbundsbok.federation"'},
    ),
    Known(r"Unused Pad entry", N_("This pad fills nothing: remove it")),
    Known(r"syntax error, unexpected (?P<word>.*)", N_("This line cannot be read: {word} stands where it may not")),
    Known(
        r"Invalid token: '(?P<word>.*)'",
        N_("This line cannot be read: {word} is nothing that a ledger can hold there"),
    ),
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
    Known(r"Unbalanced pushed tag: '(?P<tag>.*)'", N_("pushtag #{tag} is never ended by poptag")),
    Known(r"(?:ValueError: )?month must be in 1\.\.12", N_("There is no such month")),
    Known(r"(?:ValueError: )?day is out of range for month", N_("There is no such day in that month")),
)


def in_words(error: Any) -> str:
    """Return what any error of a ledger says, in the reader's language."""
    text = str(error.message)
    if isinstance(error, RuleError) or language() == "en":
        return text
    for known in KNOWN:
        if match := re.fullmatch(known.pattern, text, re.DOTALL):
            return f"{Message(known.text, known.values(match))} ({text})"
    return text
