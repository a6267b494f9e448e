"""Codecs: a format's bytes as records, and back. They know nothing of ledgers, accounts of units, or mappings."""
