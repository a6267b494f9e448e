"""Peppol: supplier invoices and credit notes, each of which becomes a voucher that waits for approval.

`door` knows them and says what whoever approves one should know; `mapping` tells whose they are and what they are of;
`voucher` books them; `refusals` has what cannot be booked so; `ledger` finds what the books have of the supplier. The
codec is formats.ubl.
"""
