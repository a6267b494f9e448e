"""Labels: what the statements call an account, from a day on.

    2023-01-01 open Income:NAV:3531-Bidrag-Tekniktrappan SEK
      benamning: "Bidrag Tekniktrappan"
    2025-01-01 custom "benamning" Income:NAV:3531-Bidrag-Tekniktrappan "Bidrag Tekniktrappan VGR"

An account opens with a label, in its metadata `benamning`, or is called by the last part of its name. A later directive
gives it another one; a statement prints those of the last day of its year, in all its columns.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import Field, Kind, account_under, text, wrong
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.rulebook import rule, unreadable
from forbundsbok.plugins.spelling import nearest_account

KEY = "benamning"
"""The metadata of what an account is called when it opens, and the directive of what it is called later."""


class Label(NamedTuple):
    """What an account is called from a day on."""

    account: str
    start: date
    label: str
    entry: data.Custom


def _line(value: Any, currency: str | None) -> str:
    label: str = text(value, currency)
    if "\n" in label:
        raise wrong(N_("its text is of more than one line"))
    return label


LABEL = Kind(
    KEY,
    values=(Field(N_("account"), account_under()), Field(N_("label"), _line)),
    make=lambda entry, given: Label(given["account"], entry.date, given["label"], entry),
    example='2025-01-01 custom "benamning" Income:ENHET:3531-Bidrag-projekt "Bidrag till projektet"',
    about="account",
)


def read_labels(entries: Iterable[data.Directive]) -> list[Label]:
    """Return the later labels of accounts, the earliest first."""
    return LABEL.read_all(entries)


def first_label(opened: data.Open) -> str:
    """Return what an account is called when it opens."""
    name, label = parse_account(opened.account), opened.meta.get(KEY)
    if isinstance(label, str) or name is None:
        return label or opened.account
    return name.detail[-1] if name.detail else name.name


unreadable(
    "U121",
    LABEL,
    title=N_("A new label has its account and its text of one line, and is dated the day from which it is printed."),
    why=N_("Report 3.1 to 3.5 print it; one that cannot be read would leave the old one standing."),
)


@rule(
    "U122",
    title=N_("A new label is for an account that is open, and says something new."),
    why=N_("A label of no account is printed nowhere; two of the same day could say two things."),
    mend=N_("Write the account as it is opened, or remove what says nothing new."),
    after=["U121"],
)
def label_of_account(books: Books) -> Iterator[Finding]:
    labels: dict[str, Label] = {}
    for each in books.declared(LABEL):
        opened, before = books.opens.get(each.account), labels.get(each.account)
        near = None if opened else nearest_account(each.account, books.opens)
        other = before.entry if before else opened
        if opened is None:
            message = N_("There is a label for {account}, which is not open.")
            if near:
                message = N_("There is a label for {account}, which is not open (is {near} meant?).")
        elif before and before.start == each.start:
            message = N_("{account} has two labels from the same day, the first at {other}: one of the two must go.")
        elif each.label == (before.label if before else first_label(opened)):
            message = N_('{account} is called "{label}" already, at {other}: write what is new, or remove this.')
        else:
            labels[each.account] = each
            continue
        values = {"account": each.account, "label": each.label, "near": near, "other": other}
        yield Finding(each.entry, Subject("account", each.account), message, values)


@rule(
    "U123",
    title=N_("No account is printed under the name of another."),
    why=N_("Report 3.3: a row that is called what another account is, is read as that one's."),
    mend=N_("Write what the account is of, or remove the label."),
    after=["U121", "U122"],
    warns=True,
)
def label_of_another(books: Books) -> Iterator[Finding]:
    labels = books.declared(LABEL)
    names: dict[str, str] = {}
    for account, opened in books.opens.items() if labels else ():
        if name := parse_account(account):
            names.setdefault(_plain(first_label(opened)), account)
            names.setdefault(_plain(name.name), account)
    for each in labels:
        name, other = parse_account(each.account), names.get(_plain(each.label), "")
        known = parse_account(other)
        if name and known and name.number != known.number and _plain(name.name) != _plain(each.label):
            message = N_('{account} is to be called "{label}", which is what {other} is called.')
            values = {"account": each.account, "label": each.label, "other": other}
            yield Finding(each.entry, Subject("account", each.account), message, values)


def _plain(label: str) -> str:
    return " ".join(label.replace("-", " ").casefold().split())
