"""The plugin that a ledger names: it completes the vouchers with clearing and reports every broken rule.

plugin "forbundsbok.federation"
"""

from forbundsbok.plugins.federation import federation

__plugins__ = ("federation",)
__all__ = ("federation",)
