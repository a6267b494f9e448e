"""All doors of a federation, with its mapping."""

from collections.abc import Sequence

from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.camt import Camt
from forbundsbok.importers.door import Door
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.peppol import Peppol
from forbundsbok.importers.sie.door import SieVoucherDoor, SieYearDoor


def doors(mapping: Table) -> Sequence[Door]:
    """Return the doors, each with its part of a mapping, in the order in which documents that come together go in.

    Invoices come before what pays them, and what Bankgirot tells in detail before the bank's statement, which has
    it as one entry. Raises DocumentError for what the mapping cannot mean.
    """
    made: list[Door] = [
        SieYearDoor(mapping.table("sie")),
        SieVoucherDoor(mapping.table("sie")),
        Peppol(mapping.table("peppol")),
        BgMax(mapping.table("bgmax")),
        Camt(mapping.table("bank"), mapping.table("bgmax")),
    ]
    mapping.finish()
    return made
