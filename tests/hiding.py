"""A plugin that hides vouchers, as the rules' ledgers and the tests of `check` name one.

plugin "tests.hiding"
"""

from typing import Any

from beancount.core import data

__plugins__ = ("hide",)


def hide(entries: data.Directives, options: Any) -> tuple[data.Directives, list[Any]]:
    """Take every voucher out that says so in its narration."""
    return [entry for entry in entries if "dold" not in str(getattr(entry, "narration", ""))], []
