"""What has happened, as the law's cash flow statement and notes show it: a table of what has once been shown wrong."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random

import pytest
from beancount import loader

from forbundsbok.plugins.clearing import complete_with_clearing
from forbundsbok.plugins.events import Event
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import StatementError, statement, statement_names
from tests.federations.raddning import raddning
from tests.main_file import head

ACCOUNTS = {
    number: f"{root}:FK:{number}-{name}"
    for root, names in {
        "Assets": "1111-Mark 1130-Byggnader 1139-Avskrivning-byggnader 1180-Pågående 1210-Maskiner 1217-Nedskrivningar "
        "1219-Avskrivning-maskiner 1220-Fordon 1229-Avskrivning-fordon 1310-Aktier 1340-Utlåning 1510-Kundfordringar "
        "1640-Ingående-moms 1680-Fordran 1810-Placeringar 1930-Bank",
        "Equity": "2010-Eget-kapital 2070-Reserv",
        "Liabilities": "2210-Pensioner 2280-Avsättning 2350-Lån 2360-Annat-lån 2388-Investeringsbidrag "
        "2389-Upplösta-bidrag 2410-Kortfristig-del 2510-Leverantörsskulder 2610-Utgående-moms 2990-Interimsskulder "
        "2998-Överskott",
        "Income": "3010-Försäljning 3198-Överskott 3570-Upplösning 3830-Vinst 8480-Orealiserade-vinster",
        "Expenses": "4510-Bidrag 5710-Pensioner 6410-Inventarier 7830-Förlust 7910-Avskrivningar 7960-Nedskrivningar "
        "8510-Räntor 8520-Nedskrivning-aktier",
    }.items()
    for number, name in (each.split("-", 1) for each in names.split())
}
SAID = {"1217": "maskiner-nedskrivning", "7960": "nedskrivningar", "8480": "orealiserad-vinst"}
OPENING = (
    "1111 900, 1130 900, 1139 -300, 1180 250, 1220 480, 1229 -300, 1310 400, 1340 200, 1930 5000, 2210 -500, "
    "2350 -1000, 2388 -200, 2010 -5830"
)


def books_of(*vouchers: str) -> GeneralLedger:
    """Return books of two years with an opening balance; vouchers as `2024-05-14 ^L-1 | 1220 40, 2510 -40`."""
    kinds = (f'2023-12-31 custom "kontoslag" "{number}" "{word}"' for number, word in SAID.items())
    opens = (f"2023-12-31 open {account} SEK" for account in ACCOUNTS.values())
    unit = '2023-12-31 custom "unit" "FK" "Kansli"\n  overskott: "behalls"'
    # Each year has a result, so that both can be asked for.
    years = ("2024-01-02 | 1930 1, 3010 -1", "2025-01-02 | 1930 1, 3010 -1")
    written = []
    for number, each in enumerate((f"2023-12-31 | {OPENING}", *years, *vouchers), 1):
        first, rows = each.split(" | ")
        day, *more = first.split()
        meta = [f"\n  {said.replace('=', ': ')}" for said in more if not said.startswith("^")]
        links = " ".join(link for link in more if link.startswith("^"))
        lines = (f"\n  {ACCOUNTS[row.split()[0]]}  {row.split()[1]}.00 SEK" for row in rows.split(", "))
        written.append(f'{day} * "Firma" "Text" {links}\n  ver: "L {number}"{"".join(meta)}{"".join(lines)}')
    return _read("\n".join([head("Prov"), unit, *kinds, *opens, *written]))


def _read(text: str) -> GeneralLedger:
    """Read books without the rules, which would find some of this before any statement is made."""
    entries, errors, options = loader.load_string(re.sub("^plugin .*", "", text, flags=re.MULTILINE))
    assert not errors
    return read(complete_with_clearing(entries, options).entries, options)


def shown(made: Statement) -> dict[str, int]:
    """Return what the rows have that are no sums, but the result and the money that there is."""
    rows = {row.id: int(row.figures["year"].kronor) for row in made.rows if row.kind == "line" and row.figures}
    return {row: amount for row, amount in rows.items() if amount and not row.startswith(("arets-", "likvida-"))}


def cash_flow(books: GeneralLedger, year: int = 2024) -> dict[str, int]:
    """Return the rows of the cash flow, but for the krona that each year has as a result."""
    return shown(statement(books, "kassaflode", Period(year), None, layout="lag"))


CASES = {
    "a car sold, its cost taken off the account that it was bought on": (
        ["2024-03-01 | 1930 300, 1229 300, 1220 -480, 3830 -120"],
        {"realisationsvinster": -120, "forsaljning-materiella": 300},
    ),
    "a price that is booked apart, what was left on the same account": (
        ["2024-03-01 | 1930 300, 3830 -300", "2024-03-01 | 3830 180, 1229 300, 1220 -480"],
        {"realisationsvinster": -120, "forsaljning-materiella": 300},
    ),
    "a write-down written as two assets": (
        ["2024-02-01 | 1210 4000, 1930 -4000", "2024-06-30 | 1220 -480, 1229 300, 1210 100, 7960 80"],
        {"av-och-nedskrivningar": 80, "forvarv-materiella": -4000},
    ),
    "land bought and sold in one year": (
        ["2024-02-01 | 1111 300, 1930 -300", "2024-09-01 | 1930 450, 1111 -300, 3830 -150"],
        {"realisationsvinster": -150, "forvarv-materiella": -300, "forsaljning-materiella": 450},
    ),
    "shares bought, and written down": (
        ["2024-02-01 | 1310 300, 1930 -300", "2024-12-31 | 8520 100, 1310 -100"],
        {"av-och-nedskrivningar": 100, "forvarv-finansiella": -300},
    ),
    "a purchase that is not paid when the year ends": (
        ["2024-12-01 ^L-2024-0001 | 1220 400, 1640 100, 2510 -500"],
        {"forandring-fordringar": -100, "forandring-kortfristiga-skulder": 100},
    ),
    "a credit note of a purchase": (
        [
            "2024-11-01 ^L-2024-0001 | 1220 400, 1640 100, 2510 -500",
            "2024-11-10 ^L-2024-0001 | 2510 50, 1220 -40, 1640 -10",
            "2024-12-01 ^L-2024-0001 | 2510 450, 1930 -450",
        ],
        {"forandring-fordringar": -90, "forvarv-materiella": -360},
    ),
    "a sale that is not paid when the year ends": (
        ["2024-12-01 ^K-2024-0001 | 1510 300, 1229 300, 1220 -480, 3830 -120"],
        {"realisationsvinster": -120},
    ),
    "unfinished plant that is put to use": (["2024-05-01 | 1130 250, 1180 -250"], {}),
    "to another group": (["2024-05-01 | 1210 180, 1220 -480, 1229 300"], {}),
    "a component": (["2024-05-01 | 1130 200, 1130 -200"], {}),
    "scrapped": (["2024-05-01 | 1220 -480, 1229 300, 7830 180"], {"realisationsforluster": 180}),
    "depreciation, and a write-down that is taken back": (
        ["2024-05-01 | 7910 20, 1229 -20", "2024-06-01 | 7960 30, 1217 -30", "2024-07-01 | 1217 10, 7960 -10"],
        {"av-och-nedskrivningar": 40},
    ),
    "a loan that becomes short": (["2024-12-31 | 2350 100, 2410 -100"], {}),
    "a loan refinanced in one voucher": (["2024-12-31 | 2350 1000, 2360 -1000"], {}),
    "a loan refinanced and raised": (["2024-12-31 | 2350 1000, 2360 -1200, 1930 200"], {"nya-lan": 200}),
    "a new loan, and another one paid": (
        ["2024-02-01 | 1930 700, 2360 -700", "2024-12-31 | 2350 100, 8510 10, 1930 -110"],
        {"nya-lan": 700, "amortering": -100},
    ),
    "interest that is added to the loan": (
        ["2024-12-31 | 8510 30, 2350 -30"],
        {"ovriga-ej-likviditetspaverkande": 30},
    ),
    "land bought with the seller's loan": (
        ["2024-02-01 | 1111 300, 2360 -200, 1930 -100"],
        {"forvarv-materiella": -100},
    ),
    "a grant received and one released": (
        ["2024-02-01 | 1930 90, 2388 -90", "2024-12-31 | 2389 20, 3570 -20"],
        {"investeringsbidrag": 90, "ovriga-ej-likviditetspaverkande": -20},
    ),
    "a grant that is to come": (["2024-12-01 | 1680 90, 2388 -90"], {}),
    "pensions taken over against the bank": (["2024-02-01 | 1930 700, 2210 -700"], {"gjorda-avsattningar": 700}),
    "pensions taken over against equity": (["2024-02-01 | 2010 700, 2210 -700"], {}),
    "pensions earned, with interest, and paid": (
        ["2024-12-31 | 5710 50, 8510 10, 2210 -60", "2024-12-31 | 2210 20, 1930 -20"],
        {"gjorda-avsattningar": 60, "utbetalning-av-avsattningar": -20},
    ),
    "capital from a new member": (["2024-02-01 | 1930 800, 2010 -800"], {"kapitaltillskott": 800}),
    "capital that is to come": (["2024-12-31 | 1680 800, 2010 -800"], {}),
    "a reserve": (["2024-12-31 | 2010 80, 2070 -80"], {}),
    "an overdrawn bank": (["2024-12-31 | 4510 6000, 1930 -6000"], {}),
    "unrealised values": (
        ["2024-02-01 | 1810 500, 1930 -500", "2024-12-31 | 1810 40, 8480 -40"],
        {"ovriga-ej-likviditetspaverkande": -40, "forandring-placeringar": -500},
    ),
    "a surplus that is carried": (["2024-12-31 | 3198 70, 2998 -70"], {"forandring-kortfristiga-skulder": 70}),
    "lent, and paid back": (
        ["2024-02-01 | 1340 60, 1930 -60", "2024-05-01 | 1930 25, 1340 -25"],
        {"okning-langfristiga-fordringar": -60, "minskning-langfristiga-fordringar": 25},
    ),
}


@pytest.mark.parametrize(("vouchers", "rows"), CASES.values(), ids=CASES)
def test_cash_flow_is_what_has_happened(vouchers: list[str], rows: dict[str, int]) -> None:
    assert cash_flow(books_of(*vouchers)) == rows


def test_what_was_bought_on_credit_is_money_the_year_it_is_paid() -> None:
    books = books_of(
        "2024-12-01 ^L-2024-0001 | 1220 400, 1640 100, 2510 -500", "2025-01-10 ^L-2024-0001 | 2510 500, 1930 -500"
    )
    assert cash_flow(books, 2025) == {"forvarv-materiella": -400, "forandring-kortfristiga-skulder": -100}


@pytest.mark.parametrize(("vouchers", "rows"), CASES.values(), ids=CASES)
def test_every_statement_by_the_law_proves_itself(vouchers: list[str], rows: dict[str, int]) -> None:
    """The notes go from what there was to what there is by events alone, and are held against the balances."""
    books = books_of(*vouchers)
    for name in statement_names(books, Period(2024), None, layout="lag"):
        statement(books, name, Period(2024), None, layout="lag")


def note(books: GeneralLedger, title: str) -> dict[str, int]:
    for name in statement_names(books, Period(2024), None, layout="lag"):
        made = statement(books, name, Period(2024), None, layout="lag")
        if made.title == title:
            return shown(made)
    raise AssertionError(title)


def test_a_write_down_as_two_assets_is_no_purchase_in_the_note() -> None:
    rows = note(books_of("2024-06-30 | 1220 -480, 1229 300, 1210 100, 7960 80"), "Maskiner och inventarier")
    assert "anskaffning-inkop" not in rows
    assert "anskaffning-forsaljning" not in rows
    assert rows["anskaffning-nedskrivning"] == -80


def test_the_note_of_loans_tells_what_is_new_paid_and_moved() -> None:
    rows = note(
        books_of(
            "2024-02-01 | 1930 700, 2360 -700",
            "2024-05-31 | 2350 100, 1930 -100",
            "2024-12-31 | 2350 90, 2410 -90",
            "2024-12-31 | 8510 5, 2350 -5",
        ),
        "Långfristiga skulder",
    )
    moved = {"lan-nya": 700, "lan-amorterat": -100, "lan-till-kortfristiga": -90, "lan-upprakning": 5}
    assert {row: rows[row] for row in moved} == moved


TRIED = 40


@pytest.mark.slow
def test_an_event_of_another_kind_fails_a_proof_or_changes_an_answer(
    record_property: Callable[[str, object], None],
) -> None:
    """One flow at random is called something else: a statement must not prove itself, or show other figures."""
    federation, random = raddning(), Random(TRIED)
    books = _read(federation.text())
    lines = books.flow_lines()
    words = sorted({line.flow for line in lines} - {Event.OPENING.value})
    years = {year: _figures(books, year) for year in federation.sheet.years}
    tried = [place for place, line in enumerate(lines) if line.line.date.year in years]
    proofs, survivors = 0, []
    for place in random.sample(tried, TRIED):
        flow, line = lines[place]
        other = random.choice([word for word in words if word != flow])
        changed = [*lines[:place], lines[place]._replace(flow=other), *lines[place + 1 :]]
        mutant = replace(books, flow_lines=partial(list, changed))
        try:
            if _figures(mutant, line.date.year) == years[line.date.year]:
                survivors.append((flow, other, line))
        except StatementError:
            proofs += 1
    record_property("mutants", TRIED)
    assert survivors == []
    assert proofs > TRIED / 2


def _figures(books: GeneralLedger, year: int) -> dict[str, dict[str, int]]:
    names = statement_names(books, Period(year), None, layout="lag")
    named = [name for name in names if name.startswith("not-") or name in ("kassaflode", "investering")]
    made = {name: statement(books, name, Period(year), None, layout="lag") for name in named}
    return {
        name: {row.id: row.figures["year"].ore for row in each.rows if "year" in row.figures}
        for name, each in made.items()
    }
