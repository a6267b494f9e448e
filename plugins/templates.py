"""Templates: the kinds of vouchers that are written by filling in a form, in words of what accounts are.

    2025-01-01 custom "mall" "hyra" "L"
      benamning: "Lokalhyra per kvartal"
      rader: "netto Expenses:ENHET:6020-Lokalhyror; moms ingaende-moms; -belopp leverantorsskulder"
      motpart: "Fastighets AB"
      text: "Lokalhyra"
      fragar: "forfallodag, mottagning"

The name comes first, then the series. Each row is an amount and an account, with a minus where it is in credit. An
account is named whole, with ENHET in place of the unit, or by its kind (`custom "kontoslag"` has the words), one or
another of several: `internbank/kassa`. `motenhet` after it is the other unit, `intern` an account between units.

Of the amounts `belopp` is the whole, `moms` its VAT and `netto` the rest of it; `rest` is what balances the voucher,
and every other word is asked for. `aterfors` names the series in which all is taken back on a later day.

The program has some, which a template of the same name takes the place of.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from beancount.core import data
from beancount.parser import parser

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import Field, Kind, text, word, wrong
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.roles import SLAG
from forbundsbok.plugins.rulebook import unreadable

UNIT_WORD, OTHER_UNIT, INTERNAL = "ENHET", "motenhet", "intern"
WHOLE, VAT, NET, REST = "belopp", "moms", "netto", "rest"
PAYEE, TEXT, DUE_DAY, RECEIVED = "motpart", "text", "forfallodag", "mottagning"
_ASKED = (PAYEE, TEXT, DUE_DAY, RECEIVED, "projekt", "underlag", "syfte", "deltagare")
_ROW = re.compile(r"(?P<minus>-?)(?P<amount>[a-zåäö]+)\s+(?P<account>\S+)(?P<marks>(\s+(?:motenhet|intern))*)")


class TemplateRow(NamedTuple):
    """A row to fill in: its sign, the word of its amount, and its account or the kinds that it may be of."""

    sign: Decimal
    amount: str
    account: str
    slag: tuple[str, ...]
    is_other_units: bool
    is_internal: bool


@dataclass(frozen=True)
class Template:
    """A kind of voucher: its series, rows, and what is asked for beside them."""

    name: str
    series: str
    label: str
    rows: tuple[TemplateRow, ...]
    asks: tuple[str, ...]
    payee: str
    text: str
    back_series: str
    entry: data.Custom

    @property
    def amounts(self) -> tuple[str, ...]:
        """The words of the amounts that somebody must say."""
        words = (WHOLE if row.amount in (VAT, NET) else row.amount for row in self.rows)
        return tuple(dict.fromkeys(each for each in words if each != REST))

    @property
    def has_vat(self) -> bool:
        return any(row.amount == VAT for row in self.rows)


def _rows(value: Any, currency: str | None) -> tuple[TemplateRow, ...]:
    return tuple(_row(each.strip()) for each in text(value, currency).split(";") if each.strip())


def _row(written: str) -> TemplateRow:
    match = _ROW.fullmatch(written)
    if match is None:
        raise wrong(N_('"{row}" is no amount and account'), row=written)
    account, marks = match["account"], match["marks"].split()
    slag = () if ":" in account else tuple(account.split("/"))
    if unknown := next((each for each in slag if each not in SLAG), None):
        raise wrong(N_('"{word}" is no kind of account'), word=unknown)
    if not slag and parse_account(account) is None:
        raise wrong(N_('"{word}" is no account of a unit'), word=account)
    sign = Decimal(-1 if match["minus"] else 1)
    return TemplateRow(sign, match["amount"], "" if slag else account, slag, OTHER_UNIT in marks, INTERNAL in marks)


def _asks(value: Any, currency: str | None) -> tuple[str, ...]:
    asked = tuple(each.strip() for each in text(value, currency).split(",") if each.strip())
    if unknown := next((each for each in asked if each not in _ASKED), None):
        raise wrong(N_('"{word}" cannot be asked for, but {words}'), word=unknown, words=list(_ASKED))
    return asked


def _balances(entry: data.Custom, given: Mapping[str, Any]) -> None:
    """Refuse rows of which no amounts could balance: all on one side, or more than one that is the rest."""
    signs = {row.sign for row in given["rader"] if row.amount != REST}
    rests = [row for row in given["rader"] if row.amount == REST]
    if len(rests) > 1 or (not rests and len(signs) < 2):
        raise wrong(N_("its rows cannot balance"))


TEMPLATE = Kind(
    "mall",
    values=(
        Field(N_("name"), word("[a-zåäö][-a-zåäö0-9]*", N_("small letters, digits and hyphens"))),
        Field(N_("series"), word("[A-ZÅÄÖ]+", N_("capital letters"))),
    ),
    meta=(
        Field("benamning", text),
        Field("rader", _rows),
        Field("motpart", text, required=False),
        Field("text", text, required=False),
        Field("fragar", _asks, required=False),
        Field("aterfors", word("[A-ZÅÄÖ]+", N_("capital letters")), required=False),
    ),
    check=_balances,
    make=lambda entry, given: Template(
        given["name"],
        given["series"],
        given["benamning"],
        given["rader"],
        given.get("fragar", ()),
        given.get("motpart", ""),
        given.get("text", ""),
        given.get("aterfors", ""),
        entry,
    ),
    example=(
        '2025-01-01 custom "mall" "hyra" "L"\n  benamning: "Lokalhyra per kvartal"\n'
        '  rader: "netto Expenses:ENHET:6020-Lokalhyror; moms ingaende-moms; -belopp leverantorsskulder"'
    ),
)

unreadable(
    "V521",
    TEMPLATE,
    title=N_("A template can be read: a name, a series, what it is called, and rows that can balance."),
    why=N_("A voucher that is written by a wrong template is wrong each time."),
)

_DEFAULTS = """
2000-01-01 custom "mall" "leverantorsfaktura" "L"
  benamning: "Leverantörsfaktura"
  rader: "netto kostnad; moms ingaende-moms/ingaende-moms-skuld; -belopp leverantorsskulder"
  fragar: "motpart, forfallodag, mottagning"
2000-01-01 custom "mall" "betalning" "U"
  benamning: "Betalning av leverantörsfaktura"
  rader: "belopp leverantorsskulder; -belopp internbank/kassa"
  fragar: "motpart"
  text: "Betalning"
2000-01-01 custom "mall" "kundfaktura" "K"
  benamning: "Kundfaktura"
  rader: "belopp kundfordringar; -netto intakt; -moms utgaende-moms"
  fragar: "motpart, forfallodag"
2000-01-01 custom "mall" "medlemsavgift" "K"
  benamning: "Medlemsavgift"
  rader: "belopp kundfordringar; -belopp medlemsbidrag/taxor"
  fragar: "motpart, forfallodag"
2000-01-01 custom "mall" "inbetalning" "I"
  benamning: "Inbetalning av kundfaktura"
  rader: "belopp internbank/kassa; -belopp kundfordringar"
  fragar: "motpart"
  text: "Inbetalning"
2000-01-01 custom "mall" "lon" "P"
  benamning: "Löner"
  rader: "lön loner; avgifter personalavgifter; -skatt personalskatter; -avgifter personalskatter; -rest loneskulder"
2000-01-01 custom "mall" "internt" "N"
  benamning: "Intern debitering"
  rader: "-belopp intakt motenhet intern; belopp kostnad intern"
2000-01-01 custom "mall" "forutbetald" "B"
  benamning: "Förutbetald kostnad"
  rader: "belopp interimsfordringar; -belopp kostnad"
  aterfors: "M"
2000-01-01 custom "mall" "upplupen" "B"
  benamning: "Upplupen kostnad"
  rader: "belopp kostnad; -belopp interimsskulder"
  aterfors: "M"
2000-01-01 custom "mall" "semesterskuld" "B"
  benamning: "Ändring av semesterlöneskuld"
  rader: "belopp personal; -belopp semesterskuld"
2000-01-01 custom "mall" "pensionsskuld" "B"
  benamning: "Ändring av pensionsskuld"
  rader: "belopp pensionskostnader; -belopp pensionsskuld-kort"
2000-01-01 custom "mall" "internranta" "N"
  benamning: "Intern ränta"
  rader: "-belopp finansiella-intakter motenhet intern; belopp finansiella-kostnader intern"
2000-01-01 custom "mall" "avsattning" "U"
  benamning: "Utbetalning ur avsättning"
  rader: "belopp avsattning; -belopp internbank/kassa"
  fragar: "motpart"
"""


@cache
def default_templates() -> tuple[Template, ...]:
    """Return the templates of the program."""
    return tuple(TEMPLATE.read_all(parser.parse_string(_DEFAULTS)[0]))


def templates_of(books: Books) -> dict[str, Template]:
    """Return the templates by name, those of the ledger in place of the program's."""
    return {each.name: each for each in (*default_templates(), *books.declared(TEMPLATE))}
