"""`forbundsbok init`: the books of a federation that has none, from a few answers or from a year of SIE.

    forbundsbok init norr
    forbundsbok init norr --sie bokforing-2024.se
    forbundsbok init norr --name "Räddningsförbundet Norr" --unit "RTJ Räddningstjänsten" --first-day 2025-01-01 --yes

What the books begin with is scripts.founding's. Everything is made beside the folder, checked with all rules, and gets
its name last: a folder that is made is a federation's that passes `check`.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

from forbundsbok.importers.document import Document
from forbundsbok.importers.mapping import FILE as MAPPING
from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.sie.codec.records import SieFile
from forbundsbok.importers.sie.door import year_of
from forbundsbok.plugins.directives import UnreadableError
from forbundsbok.plugins.findings import as_written
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.plugins.organisation import organisation_number
from forbundsbok.plugins.places import from_here
from forbundsbok.scripts.commands.import_documents import take_in
from forbundsbok.scripts.commands.options import DayType, confirmed, say, tell
from forbundsbok.scripts.founding.books import Approver, Federation, NewUnit, files_of
from forbundsbok.scripts.founding.sie import contributions_of, first_day_of, units_of

T = TypeVar("T")

LEDGER = Path("ledger/main.bean")


class UnitType(click.ParamType[NewUnit]):
    """A unit by code and name, and whether it carries its surplus and deficit: `RTJ Räddningstjänsten`."""

    name = "unit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> NewUnit:
        if isinstance(value, NewUnit):
            return value
        code, _, name = str(value).strip().partition(" ")
        if not re.fullmatch("[A-ZÅÄÖ0-9]+", code) or not name.strip():
            text = N_('"{value}" is no unit: write its code, in capital letters and digits, and its name: RTJ Rescue')
            self.fail(tr(text, value=value), param, ctx)
        return NewUnit(code, name.strip())


class ApproverType(click.ParamType[Approver]):
    """Who may approve: signature, amount and name: `FD 500000 Anna Carlsson`."""

    name = "approver"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Approver:
        match = re.fullmatch(r"([A-ZÅÄÖ0-9-]+) +(\d+) +(\S.*)", str(value).strip())
        if isinstance(value, Approver):
            return value
        if match is None or not int(match[2]):
            text = N_('"{value}" is nobody who approves: write signature, largest amount and name: FD 500000 Anna Berg')
            self.fail(tr(text, value=value), param, ctx)
        return Approver(match[1], match[3].strip(), Decimal(match[2]))


class OrganisationType(click.ParamType[str]):
    """An organisation number."""

    name = "organisation number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return organisation_number(value, None) if str(value).strip() else ""
        except UnreadableError as error:
            self.fail(str(error.why), param, ctx)


class KronorType(click.ParamType[Decimal]):
    """An amount in kronor: `1250000` or `1 250 000,50`."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            amount = Decimal(re.sub(r"\s", "", str(value)).replace(",", "."))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount != round(amount, 2):
            self.fail(tr(N_('"{value}" is no amount: write 1250000 or 1250000,50.'), value=value), param, ctx)
        return amount


class GroupType(click.ParamType[str]):
    """The number of an account of income: `3510`."""

    name = "account"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"(3\d|8[0-4])\d{2,4}", str(value), re.ASCII):
            self.fail(tr(N_('"{value}" is no account of income: write its number, as 3510.'), value=value), param, ctx)
        return str(value)


@click.command()
@click.argument("folder", metavar=N_("FOLDER"), type=click.Path(path_type=Path))
@click.option("--name", metavar=N_("TEXT"), help="The federation's name.")
@click.option("--organisation", metavar=N_("NUMBER"), type=OrganisationType(), help="Its organisation number.")
@click.option("--first-day", metavar=N_("YYYY-MM-DD"), type=DayType(), help="The first day of the first year here.")
@click.option("--unit", "units", metavar=N_("UNIT"), type=UnitType(), multiple=True, help="A unit: code and name.")
@click.option("--carries", metavar=N_("UNIT"), multiple=True, help="A unit that takes its surplus to the next year.")
@click.option("--carries-deficit", metavar=N_("UNIT"), multiple=True, help="One that takes a deficit with it too.")
@click.option("--member", "members", metavar=N_("NAME"), multiple=True, help="A member.")
@click.option(
    "--contributions", metavar=N_("ACCOUNT"), type=GroupType(), help="The account of the members' contributions."
)
@click.option("--money", type=click.Choice(["bank", "internbank"]), help="A bank account, or one at a member.")
@click.option("--opening", metavar=N_("AMOUNT"), type=KronorType(), help="What stands there when the books begin.")
@click.option(
    "--approver", "approvers", metavar=N_("TEXT"), type=ApproverType(), multiple=True, help="Signature, amount, name."
)
@click.option("--threshold", metavar=N_("AMOUNT"), type=KronorType(), help="What an investment costs at least.")
@click.option(
    "--sie", metavar=N_("FILE"), type=click.Path(path_type=Path), help="A year (4E) that the books begin with."
)
@click.option(
    "--mapping", metavar=N_("FILE"), type=click.Path(path_type=Path), help="How the year is booked, as an import.toml."
)
@click.option("--yes", is_flag=True, help="Ask nothing: what is not said is left out, or as usual.")
def init(folder: Path, sie: Path | None, mapping: Path | None, yes: bool, **given: Any) -> None:
    """Begin the books of a federation: settings, units, accounts, rights to approve, and how documents come in.

    Asks for what is not said by options. The books pass every rule from the beginning. With --sie they begin with a
    year of another system, with its accounts, balances and vouchers.

    \b
    forbundsbok init norr
    forbundsbok init norr --sie bokforing-2024.se
    """
    _refuse_used(folder)
    file = year_of(Document(sie)) if sie else None
    federation = _Questions(given, silent=yes).federation(file)
    with _folder_beside(folder) as made:
        for path, text in files_of(federation).items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
        if mapping:
            shutil.copyfile(mapping, made / LEDGER.with_name(MAPPING))
        told = _taken_in(sie, mapping, made, folder) if sie else []
        refuse_errors(load_ledger(made / LEDGER).errors)
        files = sorted(each.relative_to(made) for each in made.rglob("*") if each.is_file())
        written = [tr(N_("written: {file}"), file=folder / each) for each in files]
        for line in told:
            if line not in written:
                say(line)
        if not yes and not confirmed(
            tr(N_("Write the books of {name} in {folder}?"), name=federation.name, folder=folder)
        ):
            raise click.ClickException(tr("nothing was written"))
        _move_in(made, folder)
    for line in written:
        say(line)
    say(tr(N_("The books have no errors. What comes next stands in {file}."), file=folder / "README.md"))


def _taken_in(sie: Path, mapping: Path | None, made: Path, folder: Path) -> list[str]:
    """Take a year into the books that are made, and return what is told of it, with files as they will be named.

    Raises DocumentError for a year that cannot come in.
    """

    def named(line: str) -> str:
        for name in (str(made), from_here(str(made))):
            line = line.replace(f"{name}/", str(folder / "-").removesuffix("-"))
        return line

    try:
        return list(map(named, take_in([sie], made / LEDGER, mapping or made / LEDGER.with_name(MAPPING))))
    except DocumentError as error:
        raise DocumentError(as_written(named(line)) for line in error.messages) from error


class _Questions:
    """Asks for what no option says."""

    def __init__(self, given: dict[str, Any], silent: bool) -> None:
        self._given = given
        self._silent = silent

    def federation(self, file: SieFile | None) -> Federation:
        """Return what the answers come to; a year of SIE answers what it can."""
        heading = file.heading if file else None
        name = self._one(
            "name", N_("The federation's name"), click.STRING, (heading.company if heading else "") or None
        )
        number = heading.org_number if heading else ""
        organisation = self._one("organisation", N_("Its organisation number"), OrganisationType(), _harmless(number))
        first = first_day_of(file) if file else None
        first = first or self._one("first_day", N_("The first day of the first year"), DayType(), _first_of_year())
        units = self._units(units_of(file) if file else [], name)
        members = [] if file else self._many("members", N_("A member (none when all are named)"), click.STRING)
        question = N_("The account of the members' contributions")
        usual = (contributions_of(file) if file else "") or "3110"
        contributions = self._one("contributions", question, GroupType(), usual)
        money, opening = "bank", Decimal(0)
        if not file:
            kinds = click.Choice(["bank", "internbank"])
            money = self._one("money", N_("Is its money in a bank account, or in one at a member"), kinds, "bank")
            opening = self._one("opening", N_("What stands there when the books begin"), KronorType(), Decimal(0))
        question = N_("Who approves: signature, largest amount, name (none when all are named)")
        approvers = self._many("approvers", question, ApproverType())
        threshold = self._one("threshold", N_("What an investment costs at least"), KronorType(), Decimal(0))
        return Federation(
            name=name,
            organisation=organisation,
            first=first,
            units=units,
            members=members,
            contributions=contributions,
            money=money,
            opening=opening,
            approvers=approvers,
            threshold=threshold,
            moves_in=file is not None,
        )

    def _units(self, proposed: Sequence[NewUnit], name: str) -> list[NewUnit]:
        """Return the units: those of a file, or those that are named, each as its agreement has it.

        Where there is none the federation is undivided: one unit of its own name.
        """
        question = N_("A unit: code and name (none when all are named, or the federation is undivided)")
        named = list(self._given["units"]) or list(proposed) or self._many("units", question, UnitType())
        named = named or [NewUnit("".join(re.findall(r"\b[A-ZÅÄÖ]", name.title())) or "F", name)]
        codes = [unit.code for unit in named]
        if twins := sorted({code for code in codes if codes.count(code) > 1}):
            raise click.UsageError(tr(N_("two units are called {code}"), code=twins[0]))
        for option in ("carries", "carries_deficit"):
            for code in self._given[option]:
                if code not in codes:
                    text = N_("there is no unit {unit}; there are {units}")
                    raise click.UsageError(tr(text, unit=code, units=", ".join(codes)))
        return [self._agreement(unit) for unit in named]

    def _agreement(self, unit: NewUnit) -> NewUnit:
        deficit = unit.code in self._given["carries_deficit"]
        surplus = deficit or unit.code in self._given["carries"]
        if not self._silent and not self._given["carries"] and not deficit:
            surplus = confirmed(tr(N_("Does {unit} take its surplus to the next year?"), unit=unit.code))
            deficit = surplus and confirmed(tr(N_("And its deficit?")))
        return replace(unit, surplus=surplus, deficit=deficit)

    def _one(self, name: str, question: str, kind: click.ParamType[T], usual: T | None) -> T:
        """Return what an option says, or the answer to a question; what is usual where nobody is asked."""
        value = usual if self._given[name] is None and self._silent else self._given[name]
        if value is None and self._silent:
            raise click.UsageError(tr(N_("--{name} is not said"), name=name.replace("_", "-")))
        if value is not None:
            return value
        return click.prompt(tr(question), default=usual, type=kind, show_default=usual not in (None, ""))

    def _many(self, name: str, question: str, kind: click.ParamType[T]) -> list[T]:
        """Return what an option says, or the answers to a question that is put until none comes."""
        told = list(self._given[name])
        while not told or not self._given[name]:
            if self._silent or not (answer := click.prompt(tr(question), default="", show_default=False)).strip():
                break
            try:
                told.append(kind.convert(answer, None, None))
            except click.UsageError as error:
                tell(error.message)
        return told


def _harmless(number: str) -> str:
    """Return an organisation number that a file states, "" where it is none."""
    try:
        return organisation_number(number, None) if number else ""
    except UnreadableError:
        return ""


def _first_of_year() -> date:
    return date(date.today().year, 1, 1)


def _refuse_used(folder: Path) -> None:
    """Refuse a folder in which there is something, but what git keeps."""
    there = [each for each in folder.iterdir() if each.name != ".git"] if folder.is_dir() else []
    if there or (folder.exists() and not folder.is_dir()):
        text = N_("{folder} is not empty: name a folder that is not there yet")
        raise click.ClickException(tr(text, folder=folder))
    if not folder.resolve().parent.is_dir():
        raise click.ClickException(tr(N_("{folder} is not there"), folder=folder.resolve().parent))


@contextmanager
def _folder_beside(folder: Path) -> Iterator[Path]:
    """Yield a folder beside another, which is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.resolve().parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _move_in(made: Path, folder: Path) -> None:
    """Give what is made its name. Raises OSError."""
    made.chmod(0o777 & ~_umask())
    if not folder.exists():
        made.rename(folder)
        return
    for each in sorted(made.iterdir(), key=lambda each: each.name == "ledger"):  # the books last: they are what counts
        each.rename(folder / each.name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
