"""Deposits that Bankgirot has told of, payment by payment, and the bank's statement not yet.

    2025-03-14 * "Borås stad" "Inbetalning: Medlemsavgifter" ^BG-9912346-20250314-00056 ^K-2025-0083
      ver: "I 11"
      bankref: "9912346 2025-03-14 00056 000000000001"
      Assets:FK:1690-Bankgiro-på-väg            71407.55 SEK
      Assets:NAV:1510-Kundfordringar           -71407.55 SEK

The link has the bankgiro number, the day and the deposit's own number: by it the statement finds what waits on the
account between. What comes in so is money that is on its way, and is approved by nobody, as little as money is.
"""

import re
from collections.abc import Iterable

from beancount.core import data

from forbundsbok.plugins.corrections import Row
from forbundsbok.plugins.imports import BANKREF
from forbundsbok.plugins.roles import Role, Roles

DEPOSIT_LINK = re.compile(r"BG-(\d{1,10})-\d{8}-\d{1,5}", re.ASCII)


def is_deposit(entry: data.Transaction, rows: Iterable[Row], roles: Roles) -> bool:
    """Tell whether a voucher only brings in a payment of a deposit: nothing is debited but an account between."""
    if BANKREF not in entry.meta or not any(map(DEPOSIT_LINK.fullmatch, entry.links)):
        return False
    debited = {account for account, number in rows if number > 0}
    return len(debited) == 1 and all(roles.has(account, Role.OTHER_CLAIMS) for account in debited)
