"""All doors of a federation, with its mapping."""

from collections.abc import Sequence

from importers.bgmax import BgMax
from importers.camt import Camt
from importers.door import Door
from importers.mapping import Table
from importers.peppol import Peppol
from importers.sie import SieVoucherDoor, SieYearDoor


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
