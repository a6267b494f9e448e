"""What a sale realises of changes of value that were no result when they were booked: of what is held for months."""

from decimal import Decimal

import pytest
from beancount import loader

from forbundsbok.plugins.balanced_budget import realised
from forbundsbok.plugins.books import Books
from tests.main_file import head

NAMES = {
    "1310": "Assets:KA:1310-Aktier",
    "1810": "Assets:KA:1810-Räntefonder:Kort",
    "1820": "Assets:KA:1820-Räntefonder:Lång",
    "1930": "Assets:KA:1930-Bank",
    "8450": "Income:KA:8450-Orealiserade-vinster",
    "8460": "Income:KA:8460-Vinst-på-placeringar",
    "8550": "Expenses:KA:8550-Orealiserade-förluster",
    "8570": "Expenses:KA:8570-Nedskrivningar",
    "8580": "Expenses:KA:8580-Förlust-på-placeringar",
}
KINDS = {
    "8450": "orealiserad-vinst",
    "8460": "realisationsvinst-finansiell",
    "8550": "orealiserad-forlust",
    "8570": "nedskrivningar",
    "8580": "realisationsforlust-finansiell",
}
BOUGHT, BETTER = "2024-02-01 1810 1000, 1930 -1000", "2024-12-31 1810 40, 8450 -40"

CASES = {
    "sold with a gain": ([BOUGHT, BETTER, "2025-03-01 1930 1055, 1810 -1040, 8460 -15"], {"2025-03-01": 40}),
    "sold in two parts": (
        [BOUGHT, BETTER, "2025-03-01 1930 264, 1810 -260, 8460 -4", "2025-09-01 1930 800, 1810 -780, 8460 -20"],
        {"2025-03-01": 10, "2025-09-01": 30},
    ),
    "sold at what it was bought for": (
        [BOUGHT, BETTER, "2025-03-01 1930 1000, 8580 40, 1810 -1040"],
        {"2025-03-01": 40},
    ),
    "worth less, and sold": (
        [BOUGHT, "2024-12-31 8550 30, 1810 -30", "2025-03-01 1930 980, 1810 -970, 8460 -10"],
        {"2025-03-01": -30},
    ),
    "taken back by the sale": ([BOUGHT, BETTER, "2025-03-01 1930 1055, 8450 40, 1810 -1040, 8460 -55"], {}),
    "taken back in the year after": (
        [BOUGHT, BETTER, "2025-01-01 8450 40, 1810 -40", "2025-03-01 1930 1055, 1810 -1000, 8460 -55"],
        {},
    ),
    "still held": ([BOUGHT, BETTER], {}),
    "another fund is sold": (
        [BOUGHT, BETTER, "2024-03-01 1820 500, 1930 -500", "2025-03-01 1930 510, 1820 -500, 8460 -10"],
        {},
    ),
    "more is bought before some is sold": (
        [BOUGHT, BETTER, "2025-01-15 1810 1040, 1930 -1040", "2025-03-01 1930 1060, 1810 -1040, 8460 -20"],
        {"2025-03-01": 20},
    ),
    "written down, which was a cost all the time": (
        [BOUGHT, "2024-12-31 8570 30, 1810 -30", "2025-03-01 1930 980, 1810 -970, 8460 -10"],
        {},
    ),
    "shares, of which no gain counts": (
        [BOUGHT.replace("1810", "1310"), BETTER.replace("1810", "1310"), "2025-03-01 1930 1055, 1310 -1040, 8460 -15"],
        {},
    ),
}


@pytest.mark.parametrize(("vouchers", "expected"), CASES.values(), ids=CASES)
def test_a_sale_realises_what_was_gained_before(vouchers: list[str], expected: dict[str, int]) -> None:
    kinds = "".join(f'2023-12-31 custom "kontoslag" "{number}" "{kind}"\n' for number, kind in KINDS.items())
    opens = "".join(f"2023-12-31 open {account} SEK\n" for account in NAMES.values())
    written = []
    for number, each in enumerate(vouchers, 1):
        day, _, rows = each.partition(" ")
        lines = [f'{day} * "Fondbolaget" "Fond"', f'  ver: "M {number}"']
        for row in rows.split(","):
            account, amount = row.split()
            lines.append(f"  {NAMES[account]}  {amount}.00 SEK")
        written.append("\n".join(lines))
    entries, _, options = loader.load_string(head("Prov") + kinds + opens + "\n".join(written) + "\n")
    told = {str(each.entry.date): each.amount for each in realised(Books(entries, options))}
    assert told == {day: Decimal(amount) for day, amount in expected.items()}
