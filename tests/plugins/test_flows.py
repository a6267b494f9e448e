"""Flows of books: corrections are of what they correct, and what was bought on credit is money when it is paid."""

from collections import defaultdict
from decimal import Decimal

from beancount import loader

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.flows import flows
from tests.main_file import head

OPENS = "".join(
    f"2023-12-31 open {account} SEK\n"
    for account in (
        "Assets:FK:1180-Pågående-byggnation",
        "Assets:FK:1220-Fordon",
        "Assets:FK:1640-Ingående-moms",
        "Assets:FK:1930-Bank",
        "Equity:FK:2010-Eget-kapital",
        "Liabilities:FK:2510-Leverantörsskulder",
        "Liabilities:FK:2990-Upplupna-kostnader",
        "Expenses:FK:6410-Förbrukningsinventarier",
    )
)


def flows_of(*vouchers: str) -> dict[tuple[str, str, str], Decimal]:
    """Return the sum of each event by account number and month; vouchers as `2024-05-14 L-1 | 1220 40, 2510 -40`."""
    text = head("Prov")
    names = {line.split(":")[2][:4]: line.split()[2] for line in OPENS.splitlines()}
    written = []
    for number, each in enumerate(vouchers, 1):
        first, _, rows = each.partition(" | ")
        day, *links = first.split()
        meta = [f'  rattar: "{link[1:]}"' for link in links if link.startswith("!")]
        tags = " ".join(f"^{link}" for link in links if not link.startswith("!"))
        lines = [f'{day} * "Firma" "Text" {tags}', f'  ver: "L {number}"', *(each.replace("_", " ") for each in meta)]
        for row in rows.split(","):
            account, amount = row.split()
            lines.append(f"  {names[account]}  {amount}.00 SEK")
        written.append("\n".join(lines))
    entries, _, options = loader.load_string(text + OPENS + "\n\n".join(written) + "\n")
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for flow in flows(Books(entries, options)):
        sums[flow.word, flow.account.split(":")[2][:4], f"{flow.entry.date:%Y-%m}"] += flow.amount
    return {key: amount for key, amount in sums.items() if amount}


def cash_of(sums: dict[tuple[str, str, str], Decimal], word: str, year: str) -> int:
    """Return what an event comes to as cash in a year: its rows and those of what is due."""
    own = (amount for (event, _, month), amount in sums.items() if event.startswith(word) and month.startswith(year))
    return -int(sum(own, Decimal(0)))


def test_a_purchase_on_credit_is_money_when_it_is_paid() -> None:
    sums = flows_of(
        "2024-11-14 L-2024-0001 | 1220 400, 1640 100, 2510 -500",
        "2025-01-10 L-2024-0001 | 2510 500, 1930 -500",
    )
    assert sums == {
        ("forvarv", "1220", "2024-11"): 400,
        ("forvarv-materiella", "2510", "2024-11"): -400,
        ("forvarv-materiella", "2510", "2025-01"): 400,
    }
    assert (cash_of(sums, "forvarv", "2024"), cash_of(sums, "forvarv", "2025")) == (0, -400)


def test_one_without_a_link_is_known_by_its_amount() -> None:
    sums = flows_of(
        "2024-11-14 | 1220 400, 1640 100, 2510 -500",
        "2024-11-20 | 6410 90, 2510 -90",
        "2024-12-20 | 2510 90, 1930 -90",
        "2025-01-10 | 2510 500, 1930 -500",
    )
    assert (cash_of(sums, "forvarv", "2024"), cash_of(sums, "forvarv", "2025")) == (0, -400)


def test_several_that_are_paid_at_once_without_links_are_the_oldest() -> None:
    sums = flows_of(
        "2024-10-14 | 6410 90, 2510 -90",
        "2024-11-14 | 1220 400, 1640 100, 2510 -500",
        "2024-11-20 | 6410 70, 2510 -70",
        "2024-12-20 | 2510 340, 1930 -340",
        "2025-01-10 | 2510 320, 1930 -320",
    )
    assert (cash_of(sums, "forvarv", "2024"), cash_of(sums, "forvarv", "2025")) == (-200, -200)


def test_it_is_paid_in_parts_to_the_last_ore() -> None:
    link = "L-2024-0001"
    sums = flows_of(
        f"2024-11-14 {link} | 1220 100, 6410 200, 2510 -300",
        f"2024-12-10 {link} | 2510 100, 1930 -100",
        f"2025-01-10 {link} | 2510 100, 1930 -100",
        f"2025-02-10 {link} | 2510 100, 1930 -100",
    )
    paid = {month: amount for (_, number, month), amount in sums.items() if number == "2510" and amount > 0}
    assert paid == {"2024-12": Decimal("33.33"), "2025-01": Decimal("33.34"), "2025-02": Decimal("33.33")}


def test_a_credit_note_lowers_what_is_to_be_paid() -> None:
    link = "L-2024-0001"
    sums = flows_of(
        f"2024-11-14 {link} | 1220 400, 1640 100, 2510 -500",
        f"2024-12-10 {link} | 1220 -40, 1640 -10, 2510 50",
        f"2025-01-10 {link} | 2510 450, 1930 -450",
    )
    assert sums["forvarv", "1220", "2024-12"] == -40
    assert (cash_of(sums, "forvarv", "2024"), cash_of(sums, "forvarv", "2025")) == (0, -360)


def test_what_is_accrued_and_reversed_is_no_money() -> None:
    sums = flows_of(
        "2024-12-31 | 1180 300, 2990 -300",
        "2025-01-01 | 1180 -300, 2990 300",
        "2025-01-20 L-2025-0001 | 1180 310, 2510 -310",
        "2025-02-20 L-2025-0001 | 2510 310, 1930 -310",
    )
    assert (cash_of(sums, "forvarv", "2024"), cash_of(sums, "forvarv", "2025")) == (0, -310)


def test_a_correction_is_of_what_it_corrects() -> None:
    """A purchase that was an expense, and an expense that was a purchase: judged together, month by month."""
    sums = flows_of(
        "2024-03-14 L-2024-0001 | 6410 400, 2510 -400",
        "2024-05-14 !L_1 | 1220 400, 6410 -400",
        "2024-06-14 L-2024-0002 | 1220 70, 2510 -70",
        "2024-08-14 !L_3 | 6410 70, 1220 -70",
    )
    assert sums["forvarv", "1220", "2024-05"] == 400
    assert sums["forvarv-materiella", "2510", "2024-03"] == -400
    assert sums["forvarv", "1220", "2024-06"] == 70
    assert sums["forvarv", "1220", "2024-08"] == -70


def test_what_a_correction_takes_back_is_told_in_both_months() -> None:
    sums = flows_of("2024-03-14 L-2024-0001 | 1220 550, 1180 -500, 2510 -50", "2024-05-14 !L_1 | 1220 -20, 1180 20")
    for account, months in {"1220": (550, -20), "1180": (-500, 20)}.items():
        for month, moved in zip(("2024-03", "2024-05"), months, strict=True):
            assert sum(amount for (_, own, when), amount in sums.items() if (own, when) == (account, month)) == moved
    assert cash_of(sums, "forvarv", "2024") == 0


def test_capital_on_the_first_day_opens_nothing_and_an_opening_balance_all() -> None:
    sums = flows_of("2024-01-01 | 1930 900, 2010 -900", "2024-02-01 | 6410 90, 1930 -90")
    assert sums == {("kapitaltillskott", "2010", "2024-01"): -900}
    sums = flows_of("2024-01-01 | 1930 900, 1220 100, 2010 -1000", "2024-02-01 | 6410 90, 1930 -90")
    assert {word for word, _, _ in sums} == {"ingaende"}
    assert sums["ingaende", "1930", "2024-01"] == 900
