"""Doors in: what comes from other systems, as vouchers for the ledger."""
