"""Roles: what an account is, said once for rules, statements and importers.

Every account is of one kind (slag), the finest class there is; kinds stand in a tree, and a role that a rule asks for
is some of its branches. By default an account's number says its kind, as Kommun-Bas groups them. A ledger says
otherwise of a group of numbers (`?` is any digit) or of an account and what is below it:

    2023-01-01 custom "kontoslag" "31" "medlemsbidrag"
    2023-01-01 custom "kontoslag" "12?8" "maskiner-nedskrivning"
    2023-01-01 custom "kontoslag" Income:ENHET:3510-Kommunbidrag "medlemsbidrag"

An account goes before a group, a longer group before a shorter one, and the ledger's before the default of the same
length. What an account is does not change over time: a directive holds for the whole history, and one that comes
after a year is sealed may not change what its accounts are (C108). Nothing but the tree below knows a number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, Protocol

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing, parse_account
from forbundsbok.plugins.directives import Field, Kind, wrong
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.spelling import nearest

_TREE = """
tillgang/
  anlaggning/
    immateriella/
      immateriella-anskaffning              10
      immateriella-utrangering              10?8
      immateriella-avskrivning              10?9
      immateriella-nedskrivning
    materiella/
      mark-och-byggnader/
        mark-och-byggnader-anskaffning      11
        mark-och-byggnader-utrangering      11?8
        mark-och-byggnader-avskrivning      11?9
        mark-och-byggnader-nedskrivning
          mark-nedskrivning
        mark                                111 1118 1119
      maskiner/
        maskiner-anskaffning                12
        maskiner-utrangering                12?8
        maskiner-avskrivning                12?9
        maskiner-nedskrivning
          konst-nedskrivning
        konst                               1291
      ovriga-materiella/
        ovriga-materiella-anskaffning
        ovriga-materiella-utrangering
        ovriga-materiella-avskrivning
        ovriga-materiella-nedskrivning
          pagaende-nedskrivning
        pagaende                            118 1188 1189 128 1288 1289
    finansiella/
      aktier                                131 132 133
      langfristiga-fordringar               13
      finansiella-nedskrivning
  infrastrukturbidrag
  omsattning/
    forrad                                  14
    fordringar/
      kundfordringar                        15
      internbank                            1610
      skattekonto                           163
      ingaende-moms                         164 165
        kommunmoms
      ovriga-fordringar                     16
        kortfristig-utlaning
      interimsfordringar                    17
    placeringar                             18
    kassa/
      handkassa                             191
      bank                                  19
  avrakning
eget-kapital/
  resultatutjamningsreserv
  resultatreserv
  ovrigt-eget-kapital                       20
  bokslut                                   89
avsattning/
  pensionsavsattning                        221 222 223 224 225
    pensionsloneskatt
  andra-avsattningar                        21 22
skuld/
  langfristiga/
    lan                                     23
    investeringsbidrag                      2388
    upplost-investeringsbidrag              2389
    ovriga-langfristiga
  kortfristiga/
    kortfristiga-lan                        24
    leverantorsskulder                      25
    moms/
      utgaende-moms                         261 262 263
      ingaende-moms-skuld                   264
      momsredovisning                       26
    personalskatter                         27
      preliminarskatt                       271
      arbetsgivaravgifter                   273
    ovriga-skulder                          28
      loneskulder                           281 282
    interimsskulder                         29
      semesterskuld                         291
      pensionsskuld-kort                    292
      forutbetalda-intakter                 297
        overskott-att-overfora              2998
intakt/
  forsaljning                               30
    overskott-forsaljning
  taxor                                     31
    overskott-taxor
  medlemsbidrag
    overfort-overskott                      3198
  hyror                                     34
  bidrag                                    35
    overskott-bidrag
    upplosning-investeringsbidrag           357
  realisationsvinst                         38
  ovriga-intakter                           3
    overskott-ovriga-intakter
  skatter                                   80 81
  statsbidrag                               82 83
  finansiella-intakter                      84
    realisationsvinst-finansiell
    orealiserad-vinst
  extraordinara-intakter                    87
kostnad/
  varor                                     4
  lamnade-bidrag                            45
  personal/
    loner                                   50 51 52 53 54 55
      sjukloner
    personalavgifter                        56
    pensionskostnader                       57
    ovriga-personalkostnader                5
  tjanster                                  6 7
    forbrukningsmaterial                    64 65
      forbrukningsinventarier               641
    representation                          71
    revision                                745
  realisationsforlust                       78
  avskrivningar                             79
  nedskrivningar
  finansiella-kostnader                     85
    ranta-pension
    realisationsforlust-finansiell
    orealiserad-forlust
  extraordinara-kostnader                   88
kalkyl                                      9
"""
"""The kinds, each below what it is one of, with the beginnings of the numbers that Kommun-Bas gives it.

What ends in a stroke only holds others together: no account is of it. What has no number is what a ledger says it is.
"""

ABOUT: Mapping[str, str] = {
    "immateriella": N_("Licences, software and other rights held for years."),
    "ovriga-materiella": N_("What is neither land and buildings nor machines and equipment."),
    "mark": N_("Land keeps its worth: it is not depreciated."),
    "konst": N_("Works of art keep their worth: they are not depreciated."),
    "mark-nedskrivning": N_("What land is written down by, where that has an account of its own."),
    "konst-nedskrivning": N_("The same of works of art."),
    "pagaende-nedskrivning": N_("The same of plant that is not finished."),
    "pagaende": N_("Plant that is not finished: it is depreciated when it is put to use, on the account of its group."),
    "aktier": N_("Shares, participations and other securities that are held."),
    "langfristiga-fordringar": N_("What is lent for more than a year."),
    "kortfristig-utlaning": N_("What is lent and falls due within a year, also the part of what is lent for longer."),
    "infrastrukturbidrag": N_("A grant to state infrastructure, when it is taken up as an asset (RKR R6)."),
    "internbank": N_("The federation's account with a member's bank, or with that of a group."),
    "placeringar": N_("Securities and deposits held for less than a year."),
    "avrakning": N_("What the units have with each other: the program books it, and it comes to nothing."),
    "resultatutjamningsreserv": N_("The reserve of KL 11 kap. 14 § as it stood to 2023."),
    "resultatreserv": N_("The reserve of KL 11 kap. 14 § from 2024."),
    "bokslut": N_("The other side of a year's result that is moved to equity; it comes to nothing with that."),
    "pensionsavsattning": N_("Pensions that were earned and not paid for, among them the payroll tax on them."),
    "andra-avsattningar": N_("All other provisions."),
    "lan": N_("What is borrowed, and falls due after more than a year."),
    "investeringsbidrag": N_("Grants to investments, released over the life of what they paid for."),
    "upplost-investeringsbidrag": N_("What is released of them so far."),
    "kortfristiga-lan": N_("Loans that fall due within a year, and the part of long ones that does."),
    "ingaende-moms": N_("Input VAT to get back, among the receivables."),
    "kommunmoms": N_("Input VAT that Skatteverket compensates municipalities for; the ledger says where that is."),
    "ingaende-moms-skuld": N_("Input VAT that is kept among the debts of VAT."),
    "personalskatter": N_("Withheld tax, and fees of pay."),
    "preliminarskatt": N_("Tax withheld from pay."),
    "arbetsgivaravgifter": N_("Fees of pay that are declared month by month."),
    "sjukloner": N_("Pay of the sick, as the employer's declaration tells it; the ledger says where that is."),
    "loneskulder": N_("Pay that is due."),
    "forutbetalda-intakter": N_("What is got before it is earned."),
    "overskott-att-overfora": N_("A unit's surplus, kept for the next year."),
    "medlemsbidrag": N_("What the members pay to the federation; the ledger says where that is booked."),
    "overfort-overskott": N_("What a unit's surplus takes from one year's contributions and gives to the next."),
    "overskott-forsaljning": N_("The same where what a unit sells pays for it."),
    "overskott-taxor": N_(
        "The same where charges and fees pay for a unit: what is left of them is income of later years."
    ),
    "overskott-bidrag": N_("The same where grants pay for a unit."),
    "overskott-ovriga-intakter": N_("The same where other income pays for a unit, as what other units pay."),
    "upplosning-investeringsbidrag": N_("The year's part of grants to investments."),
    "realisationsvinst": N_("What assets were sold for above what they were worth in the books."),
    "statsbidrag": N_("General government grants and equalisation."),
    "varor": N_("Goods and services bought for the activity itself."),
    "tjanster": N_("Rents, materials, services and other costs."),
    "forbrukningsinventarier": N_("What is bought to last, and costs too little to be an investment."),
    "realisationsforlust": N_("What assets were sold or scrapped for below what they were worth in the books."),
    "ranta-pension": N_("The interest on provisions for pensions."),
    "kalkyl": N_("Calculatory accounts, shown in no statement; they come to nothing."),
}
"""What a kind is, where its name does not say it all."""

ROOTS: Mapping[str, tuple[str, ...]] = {
    "tillgang": ("Assets",),
    "eget-kapital": ("Equity",),
    "avsattning": ("Liabilities",),
    "skuld": ("Liabilities",),
    "intakt": ("Income",),
    "kostnad": ("Expenses",),
    "kalkyl": ("Expenses", "Income"),
}
"""The roots under which the accounts of each class stand."""


@dataclass(frozen=True, eq=False)
class Slag:
    """A kind of account: `maskiner-avskrivning`, with what it is one of, from the class on."""

    name: str
    classes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    """The beginnings of the account numbers that are of it by default."""
    is_class: bool = False
    """Whether it only holds others together."""

    def __str__(self) -> str:
        return self.name

    @property
    def roots(self) -> tuple[str, ...]:
        """The roots under which its accounts may stand."""
        return ROOTS.get((*self.classes, self.name)[0], ())

    def within(self, *names: str) -> bool:
        """Tell whether it is one of some kinds, or below one."""
        return any(name == self.name or name in self.classes for name in map(_known, names))


def _planted(tree: str) -> Iterator[Slag]:
    above: list[str] = []
    for line in tree.strip().splitlines():
        word, *numbers = line.split()
        del above[(len(line) - len(line.lstrip())) // 2 :]
        name = word.removesuffix("/")
        yield Slag(name, tuple(above), tuple(numbers), word != name)
        above.append(name)


SLAG: Mapping[str, Slag] = {slag.name: slag for slag in _planted(_TREE)}
"""All kinds by name, in the order of the tree."""

UNKNOWN = Slag("okant")
"""What an account is whose number is of no class, or that has none."""


def _known(name: str) -> str:
    """Return the name of a kind. Raises KeyError for a word that the tree does not have."""
    return SLAG[name].name


class Role(Enum):
    """What an account is to a rule: some branches of the tree."""

    MONEY = ("internbank", "placeringar", "kassa")
    """The internal bank, short investments, bank and petty cash."""
    CASH = ("handkassa",)
    TAX_ACCOUNT = ("skattekonto",)
    CUSTOMERS = ("kundfordringar",)
    SUPPLIERS = ("leverantorsskulder",)
    INPUT_VAT = ("ingaende-moms", "ingaende-moms-skuld")
    OUTPUT_VAT = ("utgaende-moms",)
    DECLARED_VAT = ("momsredovisning",)
    """What a VAT return comes to, until it is settled with Skatteverket."""
    PAYROLL_DEBTS = ("personalskatter", "loneskulder")
    """Withheld tax, fees, and pay that is due."""
    ACCRUED_PAY = ("semesterskuld", "pensionsskuld-kort")
    """What is owed for holidays, and for pensions that are earned."""
    OTHER_DEBTS = ("ovriga-skulder",)
    PAY = ("loner",)
    PAYROLL_FEES = ("personalavgifter", "pensionskostnader")
    PURCHASES = ("anlaggning", "forrad", "interimsfordringar", "avsattning", "interimsskulder", "kostnad")
    """What an invoice is bought on: assets but money and receivables, what was provided for or accrued, costs."""
    GOODS = ("immateriella", "materiella", "forrad", "varor", "tjanster")
    """Things and services that somebody receives: of what is bought all but pay, grants, interest and losses."""
    OTHER_CLAIMS = (
        *("finansiella", "internbank", "skattekonto", "ingaende-moms", "ovriga-fordringar", "interimsfordringar"),
    )
    STORE = ("forrad",)
    LOANS = ("langfristiga", "kortfristiga-lan")
    GRANTS_PAID = ("lamnade-bidrag",)
    CONTRIBUTIONS = ("medlemsbidrag",)
    INCOME = ("intakt",)
    COSTS = ("kostnad",)
    FIXED_ASSETS = ("immateriella", "materiella")
    """Immaterial assets, land and buildings, machines and equipment: what the register of assets depreciates."""
    DISPOSED = (
        *("immateriella-utrangering", "mark-och-byggnader-utrangering"),
        *("maskiner-utrangering", "ovriga-materiella-utrangering"),
    )
    """The cost of what is gone, where it is not taken off the cost account itself."""
    DEPRECIATED = (
        *("immateriella-avskrivning", "mark-och-byggnader-avskrivning"),
        *("maskiner-avskrivning", "ovriga-materiella-avskrivning"),
    )
    WRITTEN_DOWN = (
        *("immateriella-nedskrivning", "mark-och-byggnader-nedskrivning"),
        *("maskiner-nedskrivning", "ovriga-materiella-nedskrivning"),
    )
    NOT_DEPRECIATED = (
        *("mark", "pagaende", "konst"),
        *("mark-nedskrivning", "pagaende-nedskrivning", "konst-nedskrivning"),
    )
    """Those that keep their worth or are not yet in use: land, unfinished plant, works of art; what is written down."""
    PREPAID = ("interimsfordringar",)
    ACCRUED = ("interimsskulder",)
    PREPAID_INCOME = ("forutbetalda-intakter",)
    """What is got before it is earned, among them the surplus that is carried to the next year."""
    SHARES = ("aktier",)
    DEPRECIATION = ("avskrivningar", "nedskrivningar")
    LOSSES = ("realisationsforlust",)
    """What assets that are gone were worth above what was got for them."""
    EQUIPMENT = ("forbrukningsinventarier",)
    """What is bought to last, and expensed since it costs too little to be an investment."""
    MATERIALS = ("forbrukningsmaterial",)
    """What is used up, with the equipment among it."""
    PROVISIONS = ("avsattning",)
    EQUITY = ("eget-kapital",)
    REPRESENTATION = ("representation",)

    # There is one of each, so that its identity is enough; the hash of its name costs each question a call.
    __hash__ = object.__hash__

    @property
    def words(self) -> tuple[str, ...]:
        """The branches of the tree that it is."""
        words: tuple[str, ...] = self.value
        return words


class _Has(Protocol):
    def __call__(self, account: str, *roles: Role | str) -> bool: ...


class Roles:
    """What the accounts of a ledger are: by default, and by what the ledger says of numbers and accounts.

    `slag` and `has` are asked of each row of each voucher, and remember what they answered.
    """

    def __init__(self, said: Mapping[str, str]) -> None:
        numbers = {number: slag for slag in SLAG.values() for number in slag.numbers}
        numbers |= {what: SLAG[word] for what, word in said.items() if ":" not in what}
        finest = sorted(numbers, key=lambda number: (-len(number), number.count("?")))
        self._given = numbers
        self._numbers = [(re.compile(number.replace("?", "[0-9]")), numbers[number]) for number in finest]
        accounts = sorted((what for what in said if ":" in what), key=len, reverse=True)
        self._accounts = [(account, SLAG[said[account]]) for account in accounts]
        self.has: _Has = cache(self._has)
        self.slag = cache(self._slag)

    def _has(self, account: str, *roles: Role | str) -> bool:
        """Tell whether an account has one of some roles, or is of one of some kinds."""
        slag = self.slag(account)
        return any(slag.within(*((role,) if isinstance(role, str) else role.words)) for role in roles)

    def _slag(self, account: str) -> Slag:
        """Return what an account is."""
        if is_clearing(account):
            return SLAG["avrakning"]
        for above, slag in self._accounts:
            if account == above or account.startswith(f"{above}:"):
                return slag
        name = parse_account(account)
        return self.slag_of_number(name.number) if name else UNKNOWN

    def number_for(self, *words: str, digits: int = 4) -> str:
        """Return a number that a new account of one of some kinds may have; the ledger's before the default.

        Where the ledger has given that to another kind, it is the default's still.
        """
        own = [number for word in words for number, slag in self._given.items() if slag.name == word]
        own = own or list(SLAG[words[0]].numbers)
        return own[-1].replace("?", "0").ljust(digits, "0") if own else ""

    def slag_of_number(self, number: str) -> Slag:
        """Return what an account of a number is, of which nothing is said by its name."""
        return next((slag for pattern, slag in self._numbers if pattern.match(number)), UNKNOWN)


class AccountKind(NamedTuple):
    """What a ledger says that the accounts of a number, or one account with what is below it, are."""

    what: str
    word: str
    entry: data.Custom

    def covers(self, account: str) -> bool:
        """Tell whether it says something of an account."""
        if ":" in self.what:
            return account == self.what or account.startswith(f"{self.what}:")
        name = parse_account(account)
        return name is not None and re.match(self.what.replace("?", "[0-9]"), name.number) is not None


def _numbers_or_account(value: Any, _: str | None) -> str:
    """Read an account, or the beginning of account numbers."""
    if isinstance(value, str) and (parse_account(value) or re.fullmatch("[0-9][0-9?]{0,5}", value)):
        return value
    raise wrong(N_('{value} is neither an account nor the beginning of a number, as "31" or "12?8"'), value=f"{value}")


def _word(value: Any, _: str | None) -> str:
    """Read a kind of account."""
    slag = SLAG.get(value) if isinstance(value, str) else None
    if slag is None:
        near = nearest(value, SLAG) if isinstance(value, str) else None
        if near:
            raise wrong(N_("{value} is no kind of account (is {near} meant?)"), value=f'"{value}"', near=near)
        raise wrong(N_("{value} is no kind of account: they stand in the rules' page"), value=f'"{value}"')
    if slag.is_class:
        words = [each.name for each in SLAG.values() if slag.name in each.classes and not each.is_class]
        raise wrong(N_('"{value}" holds several kinds: write one of {words}'), value=slag.name, words=words)
    return slag.name


KONTOSLAG = Kind(
    "kontoslag",
    values=(Field(N_("account or beginning of numbers"), _numbers_or_account), Field(N_("kind of account"), _word)),
    make=lambda entry, given: AccountKind(given["account or beginning of numbers"], given["kind of account"], entry),
    example='2023-01-01 custom "kontoslag" "31" "medlemsbidrag"',
    whole=True,
)


def read_roles(entries: Iterable[data.Directive]) -> Roles:
    """Return what the accounts of a ledger are; ledgers that say the same share what is known of it."""
    return roles_of(KONTOSLAG.read_all(entries))


def roles_of(said: Iterable[AccountKind]) -> Roles:
    """Return what accounts are by what is said of them; of two about the same the later one (C102)."""
    return _shared(tuple(sorted({each.what: each.word for each in said}.items())))


@cache
def _shared(said: tuple[tuple[str, str], ...]) -> Roles:
    return Roles(dict(said))


KOMMUN_BAS = roles_of([])
"""What accounts are where no ledger says anything."""
