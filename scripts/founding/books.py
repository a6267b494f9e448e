"""The files that a federation's books begin with, from what it says of itself.

    Federation("Räddningsförbundet Norr", first=date(2025, 1, 1), units=[NewUnit("RTJ", "Räddningstjänsten")], ...)

    ledger/main.bean, units.bean, kontoslag.bean, attest.bean, opening.bean, bokslut.bean
    ledger/units/raddningstjansten/accounts.bean, 2025.bean
    ledger/import.toml, README.md, .gitignore, .pre-commit-config.yaml, .github/workflows/bocker.yml

They pass every rule as they are. Its chart is chart.toml's, by Kommun-Bas.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.batch import NEW_BOOKS
from forbundsbok.importers.sie.ledger import detail_slug
from forbundsbok.plugins.accounts import CLEARING, clearing_account
from forbundsbok.plugins.ledger_text import custom_of, directives_text, opening, posting, quoted, voucher
from forbundsbok.plugins.roles import KOMMUN_BAS
from forbundsbok.plugins.surplus import KINDS, account_of
from forbundsbok.plugins.units import CARRIED, KEPT

HERE = Path(__file__).parent
CURRENCY = "SEK"


@dataclass(frozen=True)
class NewUnit:
    """A unit: its code, its name, and whether it takes its surplus and its deficit with it to the next year.

    `object` is what SIE files call it, where that is not its code.
    """

    code: str
    name: str
    surplus: bool = False
    deficit: bool = False
    object: str = ""

    @property
    def folder(self) -> str:
        """The folder of its files: its name in small letters of a to z."""
        letters = unicodedata.normalize("NFD", self.name.casefold()).encode("ascii", "ignore").decode()
        return "-".join("".join(each if each.isalnum() else " " for each in letters).split()) or self.code.lower()


@dataclass(frozen=True)
class Approver:
    """Who may approve: the signature, the name, and up to what amount in kronor, for every unit."""

    sign: str
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Federation:
    """What a federation says of itself when its books begin.

    `first`: the first day of its first year in these books. `contributions`: the account group on which its members'
    contributions are booked ("3510"). `money`: whether it has a "bank" account or an "internbank" at a member.
    `opening`: what stands there when the books begin, and `threshold` what an investment costs at least, in kronor.
    `moves_in`: its first year comes from a SIE file, with accounts and balances; the chart is that of the file.
    """

    name: str
    first: date
    units: Sequence[NewUnit]
    organisation: str = ""
    members: Sequence[str] = ()
    contributions: str = "3110"
    money: str = "bank"
    opening: Decimal = Decimal(0)
    approvers: Sequence[Approver] = ()
    threshold: Decimal = Decimal(0)
    months: int = 36
    moves_in: bool = False

    @property
    def year(self) -> int:
        """The first year whose vouchers are written here."""
        return self.first.year + (1 if self.moves_in else 0)

    @property
    def digits(self) -> int:
        """How many digits its account numbers have: those of its members' contributions."""
        return len(self.contributions)

    @property
    def before(self) -> date:
        """The day of the opening balances."""
        return self.first - timedelta(days=1)


@cache
def chart() -> dict[str, Any]:
    """Return the chart of accounts that new books begin with."""
    return tomllib.loads((HERE / "chart.toml").read_text(encoding="utf-8"))


def files_of(federation: Federation) -> dict[str, str]:
    """Return the files of a federation's books, by path below its folder."""
    year = federation.year
    ledger = {
        "units.bean": ("Enheterna, och vad som händer med deras överskott.", _units(federation)),
        "kontoslag.bean": ("Vad konton är, där Kommun-Bas lämnar det öppet.", _kinds(federation)),
        "attest.bean": ("Vem som får attestera, för vilken enhet, upp till vilket belopp.", _rights(federation)),
        "bokslut.bean": ('De år som är klara: custom "bokslut" med årets sista dag.', []),
        f"budget/{year}.bean": (f"Budget {year}.", []),
    }
    if not federation.moves_in:
        ledger["opening.bean"] = (f"Ingående balanser {federation.before}.", _opening(federation))
    for number, unit in enumerate(federation.units):
        opened = _accounts(federation, unit, is_first=number == 0)
        ledger[f"units/{unit.folder}/accounts.bean"] = (f"Kontoplan, {unit.name}.", opened)
        ledger[f"units/{unit.folder}/{year}.bean"] = (f"Verifikationer {year}, {unit.name}.", [])
    texts = {f"ledger/{path}": _text(*part) for path, part in ledger.items()}
    return {"ledger/main.bean": _main(federation, ledger), **texts, **_others(federation)}


def _text(comment: str, entries: Iterable[data.Directive]) -> str:
    written = directives_text(entries)
    return f";; {comment}\n\n{written}\n" if written else f";; {comment}\n"


def _main(federation: Federation, paths: Iterable[str]) -> str:
    told = [custom_of("fava-option", federation.before, ["language", "sv"])]
    if federation.organisation:
        told.append(custom_of("organisationsnummer", federation.before, [federation.organisation]))
    includes = [f'include "{path}"' for path in paths]
    below = "\n".join([directives_text(told), "", *includes])
    head = f";; {federation.name}: inställningar och filer, ingenting annat.\n\n"
    return head + NEW_BOOKS.format(title=quoted(federation.name), include=below)


def _units(federation: Federation) -> Iterator[data.Directive]:
    for unit in federation.units:
        meta = {"overskott": CARRIED if unit.surplus else KEPT} | ({"underskott": CARRIED} if unit.deficit else {})
        yield custom_of("unit", federation.before, [unit.code, unit.name], meta)


def _kinds(federation: Federation) -> Iterator[data.Directive]:
    yield custom_of("kontoslag", federation.before, [federation.contributions, "medlemsbidrag"])
    if federation.threshold:
        limit = Amount(federation.threshold, CURRENCY)
        yield custom_of("investment-threshold", federation.first, [limit], {"manader": Decimal(federation.months)})


def _rights(federation: Federation) -> Iterator[data.Directive]:
    for approver in federation.approvers:
        yield custom_of("person", federation.first, [approver.sign, approver.name])
        for unit in federation.units:
            yield custom_of("attest", federation.first, [approver.sign, unit.code, Amount(approver.amount, CURRENCY)])


def _opening(federation: Federation) -> Iterator[data.Directive]:
    if federation.opening:
        first = federation.units[0].code
        equity = next(each for each in chart()["gemensamma"] if each.startswith("Equity "))
        money, equity = _account(federation, _money(federation), first), _account(federation, equity, first)
        rows = [posting(money, federation.opening, CURRENCY), posting(equity, -federation.opening, CURRENCY)]
        yield voucher(federation.before, f"Ingående balanser {federation.before}", "B 1", rows)


def _accounts(federation: Federation, unit: NewUnit, is_first: bool) -> list[data.Open]:
    """Return a unit's accounts, in order of their numbers."""
    if federation.moves_in:
        return [opening(clearing_account(unit.code), federation.before, CURRENCY)]
    names = [*chart()["alla"], *([_money(federation), *chart()["gemensamma"]] if is_first else [])]
    labels = {_account(federation, each, unit.code): "" for each in names}
    for member in federation.members:
        detail = detail_slug(member)
        account = _account(federation, _contributions(federation, detail), unit.code)
        labels[account] = member if member != detail else ""
    if unit.surplus:
        year = federation.first.year
        numbers = {root: KOMMUN_BAS.number_for(*kinds, digits=federation.digits) for root, kinds in KINDS.items()}
        labels |= {account_of(root, unit.code, year, numbers): f"Överskott {year}" for root in numbers}
    opened = [opening(account, federation.before, CURRENCY, label) for account, label in labels.items()]
    return sorted(opened, key=lambda each: (each.account.split(":")[2], each.account))


def _contributions(federation: Federation, detail: str) -> str:
    """Return the account of a member's contributions, below the unit."""
    return f"Income {federation.contributions}-Medlemsbidrag" + (f":{detail}" if detail else "")


def _account(federation: Federation, written: str, unit: str) -> str:
    """Return an account as the chart writes it, below a unit, in the digits of the federation's own numbers."""
    root, name = written.split(" ", 1)
    number, text = name.split("-", 1)
    # All units meet on the clearing account, which has one name.
    return f"{root}:{unit}:{name if name == CLEARING else number.ljust(federation.digits, '0') + '-' + text}"


def _money(federation: Federation) -> str:
    return str(chart()[federation.money])


def _others(federation: Federation) -> dict[str, str]:
    first = federation.units[0]
    member = next(iter(federation.members), "")
    values = {
        "name": federation.name,
        "year": federation.year,
        "before": federation.before,
        "unit": first.code,
        "folder": first.folder,
        "units": _mapped(federation),
        "money": _account(federation, _money(federation), first.code),
        "observation": _account(federation, OBSERVATION, first.code),
        "contributions": _account(
            federation, _contributions(federation, detail_slug(member) if member else ""), first.code
        ),
        "member": member or "Medlemmen",
        "day": date(federation.year, 1 if federation.moves_in else federation.first.month, 15),
    }
    return {path: Template(_file(name)).substitute(values) for path, name in TEMPLATES.items()}


def _mapped(federation: Federation) -> str:
    """Return what SIE files call the units, as a table of the mapping."""
    named = [f"{quoted(unit.object)} = {quoted(unit.code)}" for unit in federation.units if unit.object]
    return "\n".join(["", "[sie.units]", *named, ""]) if named else ""


OBSERVATION = "Liabilities 2890-Observationskonto"
"""The account of what is paid in or out, and nobody knows yet for what."""

TEMPLATES = {
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".pre-commit-config.yaml": "pre-commit.yaml",
    ".github/workflows/bocker.yml": "workflow.yml",
    "ledger/import.toml": "import.toml",
    "ledger/layouts/README.md": "layouts.md",
}
"""The files that are not books, by their templates in files/."""


def _file(name: str) -> str:
    return (HERE / "files" / name).read_text(encoding="utf-8")
