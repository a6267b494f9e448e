"""Founding: the ledger of a federation that has none, as the files that it begins with."""
