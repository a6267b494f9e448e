"""Mutants of what provisions rest on: the vouchers that touch them, their directives, their plans.

Not among them, since they change nothing that the books of a provision rest on: a voucher's date within its year
(as long as it is after the decision); the bank account, or the unit's own expense account, that meets a movement;
a plan moved between two years before the books (only their sum can be held against the opening balance); a decided
total above what is planned; a provision's label.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive, Posting, Transaction

from forbundsbok.plugins.directives import custom_values
from forbundsbok.plugins.places import place
from tests.mutations import (
    Mutant,
    number_of,
    plus,
    rebooked,
    some_amount,
    swapped,
    unsealed,
    with_meta,
    with_open_last_year,
    with_row,
)

ACCOUNTS = {"E20": "Liabilities:RU:2293-Statlig-infrastruktur:E20", "SOC": "Liabilities:RU:2294-Socionomutbildning:SOC"}
KINDS = ("Grundbelopp", "Index", "Utbetalning")
FIRST_YEAR = 2023


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield ledgers with one thing changed in what the rules of provisions govern."""
    for entry in entries:
        if isinstance(entry, Transaction) and (rows := _rows(entry)):
            if entry.date.year < FIRST_YEAR:
                yield from _of_opening(entries, entry, rows, random)
            else:
                yield from _of_voucher(entries, entry, random)
        elif isinstance(entry, Custom) and entry.type == "provision-plan":
            yield from _of_plan(entries, entry, random)
        elif isinstance(entry, Custom) and entry.type == "provision":
            yield from _of_provision(entries, entry)
    yield from _of_coming_years(entries, random)
    yield from _paid_to_another(entries)
    yield from _of_no_directive(entries)
    yield from _undecided(with_open_last_year(entries), random)


def _undecided(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield ledgers in which a provision is raised, or a plan added to or taken back, and nobody has decided it."""
    customs = [entry for entry in entries if isinstance(entry, Custom)]
    for entry in [entry for entry in customs if entry.type == "provision"]:
        total = entry.meta["totalbelopp"]
        for words in (None, "Enligt planen", "Beslut i direktionen"):
            meta = {"filename": "ny.bean", "lineno": random.randint(1, 999)}
            meta |= {key: value for key, value in entry.meta.items() if key not in ("filename", "lineno", "beslut")}
            raised = with_meta(
                entry._replace(date=date(2024, 12, 30), meta=meta), totalbelopp=Amount(2 * total.number, "SEK")
            )
            raised = raised if words is None else with_meta(raised, beslut=words)
            code = custom_values(entry)[0]
            yield Mutant(f"{code} is raised by {words}", [*entries, raised], "P316", f"ny.bean:{meta['lineno']}")
    for entry in [entry for entry in customs if entry.type == "provision-plan" and entry.date.year == 2024]:
        code, kind, amount = custom_values(entry)
        number = amount.number if kind == "Utbetalning" else -amount.number
        lineno = random.randint(1000, 9999)
        amount_value = entry.values[2]._replace(value=Amount(number, "SEK"))
        meta = {"filename": "ny.bean", "lineno": lineno}
        more = entry._replace(values=[*entry.values[:2], amount_value], meta=meta, date=date(2026, 12, 31))
        first = [] if kind != "Utbetalning" else [more._replace(meta={**meta, "lineno": 1})]
        what = f"{code} {kind}: {number} more in 2026"
        yield Mutant(what, [*entries, *first, more], "P31[37]", f"{code} {kind} 2026")


def _of_coming_years(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield ledgers with a plan of years to come that pays twice, or more than the provision holds."""
    last = next(
        entry
        for entry in reversed(entries)
        if isinstance(entry, Custom) and entry.type == "provision-plan" and custom_values(entry)[0] == "E20"
    )
    given = last.values or []
    for year in range(2025, 2031):

        def row(amount: int, line: int, year: int = year) -> Custom:
            new = ("E20", "Utbetalning", Amount(Decimal(amount), "SEK"))
            values = [value._replace(value=each) for value, each in zip(given, new, strict=True)]
            return last._replace(date=date(year, 12, 31), values=values, meta={**last.meta, "lineno": line})

        amount = random.randint(1, 2000000)
        twice = rebooked(entries, last, last, row(amount, 9001), row(amount, 9002))
        yield Mutant(f"{amount} planned twice in {year}", twice, "P313", f"E20 Utbetalning {year}")
        more = rebooked(entries, last, last, row(random.randint(6000000, 60000000), 9001))
        yield Mutant(f"more planned than there is in {year}", more, "P314", "E20")


def _paid_to_another(entries: list[Directive]) -> Iterator[Mutant]:
    """Yield the payments to another than the one that all others are to; the years are open: warnings come."""
    opened = unsealed(entries)
    payments = [entry for entry in opened if isinstance(entry, Transaction) and entry.payee and _rows(entry)]
    for entry in [each for each in payments if each.payee == "Trafikverket"][1:]:
        for other in ("Leverantör 097 Konsult", "Trafikkonsult AB", "Anna Andersson"):
            one = with_meta(entry._replace(payee=other), motpart=other)
            yield Mutant(f"paid to {other}", swapped(opened, entry, one), "P315", other)


def _of_no_directive(entries: list[Directive]) -> Iterator[Mutant]:
    """Yield the ledgers in which nothing is said of a provision that is booked; the years are open: warnings come."""
    opened = unsealed(entries)
    for code, account in ACCOUNTS.items():
        said = [each for each in opened if isinstance(each, Custom) and each.type.startswith("provision")]
        own = {id(each) for each in said if custom_values(each)[0] == code}
        rest = [each for each in opened if id(each) not in own]
        yield Mutant(f"nothing is said of {code}", rest, "P318", account)


def _rows(entry: Transaction) -> list[int]:
    prefixes = tuple(ACCOUNTS.values())
    return [index for index, posting in enumerate(entry.postings) if posting.account.startswith(prefixes)]


def _of_voucher(entries: list[Directive], entry: Transaction, random: Random) -> Iterator[Mutant]:
    (index,) = _rows(entry)
    row, other = entry.postings[index], entry.postings[1 - index]
    code, kind = row.account.split(":")[-2:]
    step, here = f"{code} {kind} {entry.date.year}", place(entry)

    def mutant(what: str, codes: str, told: str, *new: Transaction) -> Mutant:
        return Mutant(f"{entry.narration}: {what}", rebooked(entries, entry, *new), codes, told)

    def rows(*changed: Posting) -> Transaction:
        return entry._replace(postings=list(changed))

    for _ in range(5):
        number = some_amount(random)
        yield mutant(f"{number} more", "P305", step, rows(plus(row, number), plus(other, -number)))
        yield mutant(f"row {number} more", "P30[589]", here, rows(plus(row, number), other))
        yield mutant(f"other row {number} more", "P30[89]", here, rows(row, plus(other, number)))
    for year in (2022, 2023, 2024, 2025):
        if year != entry.date.year:
            yield mutant(f"dated {year}", "P306", here, entry._replace(date=entry.date.replace(year=year)))
    for other_kind in KINDS:
        if other_kind != kind:
            account = row.account.replace(kind, other_kind)
            yield mutant(f"as {other_kind}", "P30[689]", here, rows(row._replace(account=account), other))
    for other_code, account in ACCOUNTS.items():
        if other_code != code:
            yield mutant(f"of {other_code}", "P306", here, rows(row._replace(account=f"{account}:{kind}"), other))
    yield mutant("on no kind", "P306", here, rows(row._replace(account=ACCOUNTS[code]), other))
    for account in (
        "Income:RU:3510-Statsbidrag",
        "Expenses:FK:6510-Kontorsmaterial",
        "Liabilities:RU:2970-Förutbetalda-intäkter",
        "Equity:RU:2010-Eget-kapital",
        "Assets:FK:1650-Momsfordran",
        "Expenses:RU:4510-Projektbidrag" if kind == "Utbetalning" else "Assets:FK:1610-Internbank",
    ):
        codes = "P308" if kind == "Utbetalning" else "P309"
        yield mutant(f"against {account}", codes, here, rows(row, other._replace(account=account)))
        yield mutant(f"moved to {account}", "P30[57]", step, rows(row._replace(account=account), other))
    yield mutant("sign turned", "P305", step, rows(plus(row, -2 * number_of(row)), plus(other, -2 * number_of(other))))
    yield mutant("removed", "P30[57]", step)
    yield mutant("row removed", "P30[57]", step, rows(other))
    yield mutant("other row removed", "P30[89]", here, rows(row))
    yield mutant("row doubled", "P30[589]", here, rows(row, row, other))
    yield mutant("doubled", "P305", here, entry, entry._replace(meta={**entry.meta}))
    if code == "SOC":
        yield mutant("before the decision", "P306", here, entry._replace(date=entry.date - timedelta(1)))


def _of_opening(entries: list[Directive], entry: Transaction, rows: list[int], random: Random) -> Iterator[Mutant]:
    for index in rows:
        row = entry.postings[index]
        code, kind = row.account.split(":")[-2:]
        others = [row._replace(account=row.account.replace(kind, other)) for other in KINDS if other != kind]
        changes = [
            *(("more", [plus(row, some_amount(random))]) for _ in range(6)),
            ("turned", [plus(row, -2 * number_of(row))]),
            ("removed", []),
            ("doubled", [row, row]),
            *(("of another kind", [other]) for other in others),
            ("of another provision", [row._replace(account=row.account.replace(ACCOUNTS["E20"], ACCOUNTS["SOC"]))]),
        ]
        for what, changed in changes:
            mutated = rebooked(entries, entry, with_row(entry, index, *changed))
            yield Mutant(f"opening {code} {kind}: {what}", mutated, "P312", f"Ingående balans för {code}")


def _of_plan(entries: list[Directive], entry: Custom, random: Random) -> Iterator[Mutant]:
    code, kind, amount = custom_values(entry)
    year = entry.date.year
    before = year < FIRST_YEAR
    about = f"balans för {code}" if before else f"{code} {kind} {year}"
    here = f"provisions.bean:{entry.meta['lineno']}"

    def planned(*given: object, day: date = entry.date) -> Custom:
        old = entry.values or []
        return entry._replace(
            date=day, values=[value._replace(value=new) for value, new in zip(old, given, strict=True)]
        )

    def mutant(what: str, codes: str, told: str, *new: Custom) -> Mutant:
        return Mutant(f"plan {code} {kind} {year}: {what}", rebooked(entries, entry, *new), codes, told)

    for _ in range(4):
        number = some_amount(random)
        changed = planned(code, kind, Amount(amount.number + number, "SEK"))
        if kind == "Grundbelopp" and number > 0:
            yield mutant(f"{number} more", "P311", f"grundbeloppen för {code}", changed)
        else:
            yield mutant(f"{number} more", "P312" if before else "P30[56]", about, changed)
    yield mutant("removed", "P312" if before else "P306", about)
    if kind == "Grundbelopp":
        yield mutant("doubled", "P311", f"grundbeloppen för {code}", entry, planned(*custom_values(entry)))
    else:
        yield mutant("doubled", "P312" if before else "P305", about, entry, planned(*custom_values(entry)))
    for day in (entry.date.replace(year=2025), entry.date.replace(year=2024 if year < 2024 else 2023)):
        yield mutant(f"of {day.year}", "P312" if before else "P306", about, planned(*custom_values(entry), day=day))
    for other in KINDS:
        if other != kind:
            yield mutant(f"of {other}", "P306|P311|P312", code, planned(code, other, amount))
    yield mutant(
        "of the other provision", "P306|P311|P312", "E20", planned("SOC" if code == "E20" else "E20", kind, amount)
    )
    yield mutant("of no provision", "P303", here, planned("E45", kind, amount))
    yield mutant("of no kind", "P302", here, planned(code, "Ränta", amount))
    yield mutant("in euro", "P302", here, planned(code, kind, Amount(amount.number, "EUR")))


def _of_provision(entries: list[Directive], entry: Custom) -> Iterator[Mutant]:
    code, account = custom_values(entry)
    here = f"provisions.bean:{entry.meta['lineno']}"

    def mutant(what: str, codes: str, told: str, *new: Custom) -> Mutant:
        return Mutant(f"provision {code}: {what}", rebooked(entries, entry, *new), codes, told)

    def declared(given: str, where: str) -> Custom:
        code_value, account_value = entry.values or []
        return entry._replace(values=[code_value._replace(value=given), account_value._replace(value=where)])

    total = entry.meta["totalbelopp"]
    for number in ("0.01", "100", "12345.67"):
        lower = with_meta(entry, totalbelopp=Amount(total.number - Decimal(number), "SEK"))
        yield mutant(f"total {number} less", "P311", f"grundbeloppen för {code}", lower)
    for value in (None, True, Decimal(1), "15000000", Amount(total.number, "EUR"), Amount(-total.number, "SEK")):
        yield mutant(f"total {value}", "P301", here, with_meta(entry, totalbelopp=value))
    for label in (None, True, Decimal(1), date(2024, 1, 1)):
        yield mutant(f"label {label}", "P301", here, with_meta(entry, benamning=label))
    yield mutant("removed", "P303", f'"{code}"')
    yield mutant("doubled", "P304", code, entry, entry._replace(meta={**entry.meta}))
    yield mutant("of another code", "P303", f'"{code}"', declared("E45", account))
    yield mutant("on another account", "P307|P312", code, declared(code, f"{account}X"))
    yield mutant("on an asset", "P301", here, declared(code, account.replace("Liabilities", "Assets")))
    yield mutant(
        "on the other's account", "P304", code, declared(code, next(a for c, a in ACCOUNTS.items() if c != code))
    )
    yield mutant("decided later", "P306", f"rör {code}", entry._replace(date=date(2024, 12, 30)))
