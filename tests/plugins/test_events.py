"""What the rows of a voucher are parts of: a table of vouchers, each with what must be told of its rows."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbundsbok.plugins.events import PAID, Event, EventRow, Sort, events_of, sort_of
from forbundsbok.plugins.roles import SLAG, AccountKind, roles_of

SAID = {
    "12?7": "maskiner-nedskrivning",
    "135": "finansiella-nedskrivning",
    "796": "nedskrivningar",
    "848": "orealiserad-vinst",
    "858": "orealiserad-forlust",
    "31": "medlemsbidrag",
    "1615": "kortfristig-utlaning",
}
ROLES = roles_of([AccountKind(what, word, None) for what, word in SAID.items()])  # type: ignore[arg-type]


def rows_of(text: str) -> list[EventRow]:
    """Read rows as `1220 -480, 1910 300`; a unit or a detail may stand about the number, as `NAV:1220:Bil`."""
    rows = []
    for each in text.split(","):
        what, amount = each.split()
        unit, _, rest = what.rpartition(":") if what.count(":") == 1 and not what[0].isdigit() else ("FK", "", what)
        number, _, detail = rest.partition(":")
        account = f"Root:{unit}:{number}-Namn" + (f":{detail}" if detail else "")
        rows.append(EventRow(account, ROLES.slag(account), Decimal(amount)))
    return rows


def told(text: str, **how: object) -> str:
    """Return what is told of the rows, in their order: `forsaljning -480, -`."""
    rows = rows_of(text)
    parts = events_of(rows, **how)  # type: ignore[arg-type]
    for place, row in enumerate(rows):
        own = [part.amount for part in parts if part.row == place]
        assert all(amount * row.amount > 0 for amount in own), "a part stands on the row's own side"
        assert sum(own) / row.amount <= 1, "parts come to the row at most"
    for event in {part.event for part in parts} - PAID - {Event.OPENING}:
        assert sum(part.amount for part in parts if part.event is event) == 0, f"{event} is no money"
    return ", ".join(
        " + ".join(f"{part.word} {int(part.amount)}" for part in parts if part.row == place) or "-"
        for place in range(len(rows))
    )


CASES = {
    # Fixed assets
    "a purchase from the bank": ("1220 400, 1930 -400", "forvarv 400, -"),
    "a purchase on credit, with VAT": (
        "1220 400, 1640 100, 2510 -500",
        "forvarv 400, -, forvarv-materiella -400",
    ),
    "an asset and an expense on one invoice": (
        "1220 400, 6410 100, 1640 125, 2510 -625",
        "forvarv 400, -, -, forvarv-materiella -400",
    ),
    "a credit note of a purchase": (
        "1220 -40, 1640 -10, 2510 50",
        "forvarv -40, -, forvarv-materiella 40",
    ),
    "own work": ("1180 70, 5010 -70", "forvarv 70, -"),
    "a licence": ("1010 90, 1930 -90", "forvarv 90, -"),
    "bought on a loan": ("1220 400, 2350 -400", "forvarv 400, forvarv-materiella -400"),
    "bought in part on a loan": (
        "1110 1000, 2350 -800, 1930 -200",
        "forvarv 1000, forvarv-materiella -800, -",
    ),
    "bought with the seller's depreciation": (
        "1220 1000, 1229 -400, 1930 -600",
        "forvarv 1000, forvarv -400, -",
    ),
    "depreciation": ("7910 20, 1219 -20", "avskrivning 20, avskrivning -20"),
    "depreciation of two groups": (
        "7910 50, 1129 -30, 1229 -20",
        "avskrivning 50, avskrivning -30, avskrivning -20",
    ),
    "depreciation on the cost account": ("7910 20, 1210 -20", "avskrivning 20, avskrivning -20"),
    "too much depreciation taken back": ("1219 5, 7910 -5", "avskrivning 5, avskrivning -5"),
    "a write-down": ("7960 40, 1217 -40", "nedskrivning 40, nedskrivning -40"),
    "a write-down beside depreciation": (
        "7910 20, 7960 40, 1219 -60",
        "avskrivning 20, nedskrivning 40, avskrivning -20 + nedskrivning -40",
    ),
    "a write-down that is taken back": ("1217 40, 7960 -40", "aterforing 40, aterforing -40"),
    "a write-down of a building on its cost": ("7960 40, 1110 -40", "nedskrivning 40, nedskrivning -40"),
    "a write-down written as two assets": (
        "1220:Gammal -800, 1229 200, 1220:Ny 360, 7960 240",
        "nedskrivning -240 + omklassificering -560, omklassificering 200, omklassificering 360, nedskrivning 240",
    ),
    "the same, expensed as a loss": (
        "1220:Gammal -800, 1229 200, 1220:Ny 360, 7830 240",
        "nedskrivning -240 + omklassificering -560, omklassificering 200, omklassificering 360, nedskrivning 240",
    ),
    "a car sold, its cost taken off the cost account": (
        "1930 300, 1229 300, 1220 -480, 3830 -120",
        "-, forsaljning 300, forsaljning -480, forsaljning-materiella -120",
    ),
    "a car sold by 1228": (
        "1930 300, 1229 300, 1228 -480, 3830 -120",
        "-, forsaljning 300, forsaljning -480, forsaljning-materiella -120",
    ),
    "a car sold at a loss, with VAT, on credit": (
        "1510 125, 1229 300, 1220 -480, 7830 80, 2610 -25",
        "forsaljning-materiella 100, forsaljning 300, forsaljning -480, forsaljning-materiella 80, -",
    ),
    "a gain that is booked as other income": (
        "1930 300, 1229 300, 1220 -480, 3990 -120",
        "-, forsaljning 300, forsaljning -480, forsaljning-materiella -120",
    ),
    "a price that is booked apart from what leaves": ("1930 300, 3830 -300", "-, forsaljning-materiella -300"),
    "scrapped": (
        "1228 -480, 1229 300, 7830 180",
        "utrangering -480, utrangering 300, utrangering-materiella 180",
    ),
    "scrapped, the rest depreciated": (
        "1220 -480, 1229 300, 7910 180",
        "utrangering -480, utrangering 300, utrangering-materiella 180",
    ),
    "scrapped when all is depreciated": ("1220 -480, 1229 480", "utrangering -480, utrangering 480"),
    "scrapped with the month's depreciation": (
        "7910 10, 1229 -10, 1228 -480, 1229 310, 7830 170",
        "avskrivning 10, avskrivning -10, utrangering -480, utrangering 310, utrangering-materiella 170",
    ),
    "a scrapping that is taken back": (
        "1228 480, 1229 -300, 7830 -180",
        "utrangering 480, utrangering -300, utrangering-materiella -180",
    ),
    "traded in": (
        "1220:Ny 500, 1220:Gammal -300, 1229 260, 3830 -10, 1930 -450",
        "forvarv 500, forsaljning -300, forsaljning 260, forsaljning-materiella -10, -",
    ),
    "land sold with a gain": (
        "1930 450, 1111 -300, 3830 -150",
        "-, forsaljning -300, forsaljning-materiella -150",
    ),
    "land sold for what it cost": ("1930 300, 1111 -300", "-, forsaljning -300"),
    "land bought": ("1111 300, 1930 -300", "forvarv 300, -"),
    "art sold": ("1930 30, 1291 -20, 3830 -10", "-, forsaljning -20, forsaljning-materiella -10"),
    "unfinished plant is activated": ("1110 500, 1180 -500", "omklassificering 500, omklassificering -500"),
    "unfinished plant is activated with its last invoice": (
        "1110 550, 1180 -500, 2510 -50",
        "omklassificering 500 + forvarv 50, omklassificering -500, forvarv-materiella -50",
    ),
    "unfinished plant that is given up": ("7830 90, 1180 -90", "utrangering-materiella 90, utrangering -90"),
    "to another unit, gross": (
        "NAV:1220 800, NAV:1229 -200, FK:1220 -800, FK:1229 200",
        "omklassificering 800, omklassificering -200, omklassificering -800, omklassificering 200",
    ),
    "to another unit, what is left": (
        "NAV:1220 600, FK:1228 -800, FK:1229 200",
        "omklassificering 600, omklassificering -800, omklassificering 200",
    ),
    "to another group": ("1220 80, 1210 -80", "omklassificering 80, omklassificering -80"),
    "a component opened": (
        "1110:Tak 200, 1110:Hus -200",
        "omklassificering 200, omklassificering -200",
    ),
    "a component that is replaced": (
        "1110:Tak 200, 2510 -200",
        "forvarv 200, forvarv-materiella -200",
    ),
    "an asset that is expensed": ("6410 40, 1220 -40", "utrangering-materiella 40, utrangering -40"),
    # Financial assets
    "shares bought": ("1310 300, 1930 -300", "forvarv 300, -"),
    "shares written down": ("8510 100, 1310 -100", "nedskrivning 100, nedskrivning -100"),
    "shares written down on an account of its own": ("7960 100, 1350 -100", "nedskrivning 100, nedskrivning -100"),
    "shares worth more": ("1310 40, 8480 -40", "vardeandring 40, vardeandring -40"),
    "shares sold": ("1930 150, 1310 -100, 8410 -50", "-, forsaljning -100, forsaljning-finansiella -50"),
    "shares sold at a loss": ("1930 80, 1310 -100, 8510 20", "-, forsaljning -100, forsaljning-finansiella 20"),
    "lent": ("1340 500, 1930 -500", "utlaning 500, -"),
    "paid back, with interest": ("1930 110, 1340 -100, 8410 -10", "-, aterbetalning -100, -"),
    "what is lent, in part due within a year": ("1615 50, 1340 -50", "kortfristig-del 50, kortfristig-del -50"),
    "the part that was due is paid back": ("1910 50, 1615 -50", "-, aterbetalning -50"),
    "the part that is due within a year": ("1680 50, 1340 -50", "kortfristig-del 50, kortfristig-del -50"),
    "lent to another unit": ("NAV:1340 500, FK:2350 -500", "omklassificering 500, omklassificering -500"),
    "a claim written off": ("8510 30, 1340 -30", "nedskrivning 30, nedskrivning -30"),
    "unrealised gain on short investments": ("1810 50, 8480 -50", "vardeandring 50, vardeandring -50"),
    "unrealised loss on short investments": ("8580 50, 1810 -50", "vardeandring 50, vardeandring -50"),
    # Loans
    "a new loan": ("1930 900, 2350 -900", "-, lan-nytt -900"),
    "a new loan less a fee": ("1930 890, 8510 10, 2350 -900", "-, -, lan-nytt -900"),
    "amortised, with interest": ("2350 50, 8510 10, 1930 -60", "amortering 50, -, -"),
    "amortised by an invoice": ("2350 50, 8510 10, 2510 -60", "amortering 50, -, amortering -50"),
    "moved to short": ("2350 50, 2410 -50", "kortfristig-del 50, kortfristig-del -50"),
    "the short part amortised": ("2410 50, 1930 -50", "amortering 50, -"),
    "a short loan that another takes the place of": ("2410:A 900, 2350:B -900", "omlaggning 900, omlaggning -900"),
    "moved to short, and back": ("2410:A 50, 2350:A -50", "kortfristig-del 50, kortfristig-del -50"),
    "refinanced": ("2350:A 900, 2350:B -900", "omlaggning 900, omlaggning -900"),
    "refinanced and raised": (
        "2350:A 900, 2350:B -1200, 1930 300",
        "omlaggning 900, omlaggning -900 + lan-nytt -300, -",
    ),
    "refinanced through the bank": (
        "2350:A 900, 1930 -900, 1930 1200, 2350:B -1200",
        "amortering 900, -, -, lan-nytt -1200",
    ),
    "interest capitalised": ("8510 30, 2350 -30", "upprakning 30, upprakning -30"),
    "interest capitalised, and amortised": (
        "8510 30, 2350 -30, 2350 100, 1930 -100",
        "upprakning 30, upprakning -30, amortering 100, -",
    ),
    # Grants to investments
    "a grant received": ("1930 200, 2388 -200", "-, bidrag-erhallet -200"),
    "a grant that is to come": ("1680 200, 2388 -200", "bidrag-erhallet 200, bidrag-erhallet -200"),
    "a grant released": ("2389 10, 3570 -10", "bidrag-upplost 10, bidrag-upplost -10"),
    "a grant paid back": ("2388 30, 1930 -30", "bidrag-aterbetalat 30, -"),
    # Provisions
    "a provision": ("4510 500, 2280 -500", "avsatt 500, avsatt -500"),
    "an index": ("4520 20, 2280:E20:Index -20", "upprakning 20, upprakning -20"),
    "interest on pensions": ("8530 20, 2210 -20", "upprakning 20, upprakning -20"),
    "pensions earned, with payroll tax": (
        "5710 100, 5720 24, 2210 -100, 2250 -24",
        "avsatt 100, avsatt 24, avsatt -100, avsatt -24",
    ),
    "pensions paid": ("2210 30, 1930 -30", "utbetalning 30, -"),
    "paid by an invoice": ("2280 30, 2510 -30", "utbetalning 30, utbetalning -30"),
    "payroll tax that is due": ("2250 7, 2730 -7", "utbetalning 7, -"),
    "a provision released": ("2280 40, 4510 -40", "upplosning 40, upplosning -40"),
    "less earned than was believed": ("2210:Nyintjänad 7, 5710 -7", "avsatt 7, avsatt -7"),
    "handed over with what it is worth": ("2210:Överlåten 70, 1930 -70", "overtagande-utbetalning 70, -"),
    "taken over against the bank": ("1930 700, 2210 -700", "-, overtagande-mot-likvid -700"),
    "taken over against equity": ("2010 700, 2210 -700", "overtagande 700, overtagande -700"),
    "within a provision": ("2280:E20:Index 5, 2280:E20:Grundbelopp -5", "omforing 5, omforing -5"),
    # Equity
    "capital from a new member": ("1930 400, 2010 -400", "-, kapitaltillskott -400"),
    "capital that is to come": ("1680 400, 2010 -400", "kapitaltillskott 400, kapitaltillskott -400"),
    "within equity": ("2010 90, 2070 -90", "omforing 90, omforing -90"),
    "the result of the year": ("8990 90, 2010 -90", "omforing 90, omforing -90"),
    "equipment from a new member": (
        "1220 90, 1229 -20, 2010 -70",
        "overtagande 90, overtagande -20, overtagande -70",
    ),
    "a member's activity": (
        "1110 900, 1129 -300, 2350 -400, 2210 -150, 2910 -20, 1930 100, 2010 -130",
        "overtagande 900, overtagande -300, overtagande -400, overtagande -150, overtagande -20, -, overtagande -130",
    ),
    # What is no event
    "a cost": ("6410 40, 1930 -40", "-, -"),
    "a surplus carried": ("3198 574, 2998 -574", "-, -"),
    "a cost against equity": ("6410 40, 2010 -40", "-, -"),
    "depreciation as a cost of another kind": ("6410 40, 1219 -40", "-, -"),
    "an overdrawn bank": ("2510 40, 1930 -40", "-, -"),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_rows_tell_what_has_happened(rows: str, expected: str) -> None:
    assert told(rows) == expected


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_the_order_of_the_rows_tells_nothing(rows: str, expected: str) -> None:
    there, back = rows.split(","), expected.split(", ")
    turned = told(",".join(reversed(there))).split(", ")
    assert [sorted(each.split(" + ")) for each in reversed(turned)] == [sorted(each.split(" + ")) for each in back]


def test_what_opens_the_books_is_of_the_opening_balance_whole() -> None:
    assert told("1220 90, 1930 10, 2010 -100", opens=True) == "ingaende 90, ingaende 10, ingaende -100"


def test_a_change_of_principle_adjusts_equity_on_the_first_day() -> None:
    assert told("1220 90, 2010 -90", adjusts=True) == "justering 90, justering -90"
    assert told("1930 90, 2010 -90", adjusts=True) == "-, kapitaltillskott -90"


def test_a_correction_takes_a_purchase_back() -> None:
    assert told("6410 40, 1180 -40", corrects=True) == "-, forvarv -40"


@pytest.mark.parametrize(
    ("rows", "said", "expected"),
    [
        ("6410 40, 1219 -40", Event.WRITE_DOWN, "nedskrivning 40, nedskrivning -40"),
        ("1220 90, 3990 -90", Event.TAKE_OVER, "overtagande 90, -"),
        ("1930 40, 1220 -40", Event.SALE, "-, forsaljning -40"),
        ("1930 700, 2210 -700", Event.PAYMENT, "-, utbetalning -700"),
        ("1220 90, 2010 -90", Event.ADJUSTMENT, "justering 90, justering -90"),
    ],
)
def test_what_a_voucher_says_goes_before_what_its_rows_tell(rows: str, said: Event, expected: str) -> None:
    assert told(rows, said=[said]) == expected


def test_every_sort_of_account_is_one_to_an_event() -> None:
    kinds = {slag.name: sort_of(slag) for slag in SLAG.values() if not slag.is_class}
    assert [name for name, kind in kinds.items() if kind is Sort.OTHER] == ["avrakning", "kalkyl"]


NUMBERS = sorted({row.split()[0] for rows, _ in CASES.values() for row in rows.split(",")})
rows = st.tuples(st.sampled_from(NUMBERS), st.integers(-900, 900).filter(bool))


@settings(max_examples=600, deadline=None)
@given(st.lists(rows, min_size=1, max_size=6), st.sampled_from(NUMBERS), st.booleans(), st.booleans(), st.data())
def test_whatever_is_booked_events_without_money_come_to_nothing(
    booked: list[tuple[str, int]], last: str, adjusts: bool, corrects: bool, draw: st.DataObject
) -> None:
    """`told` asserts it, and that no row is of more than it is; then the statement comes to what the bank moved by."""
    balance = -sum(amount for _, amount in booked)
    booked = [*booked, *([(last, balance)] if balance else [])]
    said = draw.draw(st.lists(st.sampled_from(sorted(set(Event) - {Event.OPENING})), max_size=1))
    told(", ".join(f"{number} {amount}" for number, amount in booked), adjusts=adjusts, corrects=corrects, said=said)
