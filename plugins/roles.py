"""Roles: what an account is to the rules, said once, by the groups of Kommun-Bas.

    Assets:FK:1610-Internbank                money
    Liabilities:NAV:2510-Leverantörsskulder  suppliers
    Expenses:NAV:6120-Städning               purchases

A rule asks for a role and knows no number. Clearing (1790) has none.
"""

from enum import Enum
from functools import cache

from forbundsbok.plugins.accounts import is_in_group


class Role(Enum):
    """What an account is, with the beginnings of the numbers that are it."""

    MONEY = ("161", "18", "19")
    """The internal bank, short investments, bank and petty cash."""
    CASH = ("191",)
    TAX_ACCOUNT = ("163",)
    CUSTOMERS = ("15",)
    SUPPLIERS = ("25",)
    INPUT_VAT = ("164", "165", "264")
    OUTPUT_VAT = ("261", "262", "263")
    PAYROLL_DEBTS = ("27", "281", "282")
    """Withheld tax, fees, and pay that is due."""
    ACCRUED_PAY = ("291", "292")
    """What is owed for holidays, and for pensions that are earned."""
    OTHER_DEBTS = ("28",)
    PAY = ("50", "51", "52", "53", "54", "55")
    PAYROLL_FEES = ("56", "57")
    PURCHASES = ("10", "11", "12", "13", "14", "17", "22", "29", "4", "5", "6", "7", "85", "88")
    """What an invoice is bought on: assets but money and receivables, what was provided for or accrued, costs."""
    GOODS = ("10", "11", "12", "14", "40", "41", "42", "43", "44", "46", "47", "48", "49", "60", "61", "62", "63", "64",
             "65", "66", "67", "68", "69", "70", "71", "72", "73", "74", "75", "76", "77")  # fmt: skip
    """Things and services that somebody receives: of what is bought all but pay, grants, interest and losses."""
    OTHER_CLAIMS = ("13", "16", "17")
    LOANS = ("23", "24")
    GRANTS_PAID = ("45",)
    CONTRIBUTIONS = ("31",)
    INCOME = ("3", "80", "81", "82", "83", "84", "87")
    COSTS = ("4", "5", "6", "7", "85", "88")
    FIXED_ASSETS = ("10", "11", "12")
    """Immaterial assets, land and buildings, machines and equipment: what the register of assets depreciates."""
    NOT_DEPRECIATED = ("111", "118", "128", "1291")
    """Those that keep their worth or are not yet in use: land, unfinished plant, works of art."""
    PREPAID = ("17",)
    ACCRUED = ("29",)
    PREPAID_INCOME = ("297", "2998")
    """What is got before it is earned, among them the surplus that is carried to the next year."""
    DEPRECIATION = ("79",)
    EQUIPMENT = ("641",)
    """What is bought to last, and expensed since it costs too little to be an investment."""
    MATERIALS = ("64", "65")
    """What is used up, with the equipment among it."""
    PROVISIONS = ("22",)
    EQUITY = ("20",)
    REPRESENTATION = ("71",)

    # There is one of each, so that its identity is enough; the hash of its name costs each question a call.
    __hash__ = object.__hash__

    @property
    def groups(self) -> tuple[str, ...]:
        """The beginnings of its account numbers."""
        groups: tuple[str, ...] = self.value
        return groups


@cache
def has_role(account: str, *roles: Role) -> bool:
    """Tell whether an account has one of some roles."""
    return any(is_in_group(account, *role.groups) for role in roles)
