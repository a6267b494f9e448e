"""SIE 4: the records of a file, and how it is read. SIE is how Swedish accounting programs hand over their books.

    #FLAGGA 0
    #PROGRAM "Bokföring" 4.2
    #FORMAT PC8
    #GEN 20250110
    #SIETYP 4
    #FNAMN "Norrby kommunalförbund"
    #RAR 0 20240101 20241231
    #KONTO 1930 Bank
    #KONTO 3010 Avgifter
    #IB 0 1930 500.00
    #UB 0 1930 1750.50
    #RES 0 3010 -1250.50
    #VER A 1 20240315 "Avgift mars"
    {
    #TRANS 1930 {} 1250.50
    #TRANS 3010 {1 NAV} -1250.50
    }

Type 1 has the balances of a year, 2 those of its months, 3 those of objects (units, projects), 4E its vouchers
too, and 4I nothing but vouchers: what a payroll or an invoicing program sends to the books.

A file is read by these, each with its subject: `sie_text` (bytes as lines, a line as fields), `sie_line` (what the
fields of a record mean), `sie_front` (heading, chart and balances), `sie_journal` (vouchers), `sie_checksum`,
`sie_reader` (all of it, streaming), and `sie_short` (a faster way for most vouchers). `sie_check` judges a whole
file, and `sie_writer` writes one.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

from forbundsbok.importers.formats.sie_reader import SieReader, read_sie
from forbundsbok.importers.formats.sie_records import (
    Account,
    Balance,
    Dimension,
    Heading,
    Object,
    Objects,
    Row,
    SieFile,
    Voucher,
    kronor,
)

__all__ = [
    "Account",
    "Balance",
    "Dimension",
    "Heading",
    "Object",
    "Objects",
    "Row",
    "SieFile",
    "SieReader",
    "Voucher",
    "kronor",
    "read_sie",
]
