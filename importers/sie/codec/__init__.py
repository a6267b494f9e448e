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

Bytes and records only, whatever is booked of them: `records` (what a file holds), `text` (bytes as lines, a line as a
record, its checksum), `contents` (what records say, and whether they can), `reader` (all of it, streaming), `check`
(whether a whole file is sound), and `writer`.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""
