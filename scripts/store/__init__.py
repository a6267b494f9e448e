"""The store: the lock on a ledger, and the one safe way to write into it. It knows no shell."""

from forbundsbok.plugins.refusal import RefusalError


class StoreError(RefusalError):
    """Something that cannot be written now, and why; nothing has been done."""
