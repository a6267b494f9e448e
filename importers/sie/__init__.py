"""SIE: the format in which Swedish accounting programs hand over their books, in and out of the ledger.

`codec` knows the bytes. Of what comes in, `door` makes a proposal: what the federation calls things (`mapping`), which
account a row is booked on (`accounts`), the vouchers (`vouchers`) and the rest of a year (`year`). `ledger` is the
ledger as SIE sees it, and `export` makes a file of that.
"""
