"""A plugin with the rules for how books are written alone: what is bought and sold in vouchers of chance breaks others.

plugin "tests.form_rules"
"""

from collections.abc import Mapping
from typing import Any

from beancount.core import data

from forbundsbok.plugins.federation import checked

__plugins__ = ("form_rules",)


def form_rules(entries: data.Directives, options: Mapping[str, Any]) -> tuple[data.Directives, list[Any]]:
    """Complete the vouchers, and report what breaks the rules of units, vouchers and budgets; chance may be odd."""
    complete, told = checked(entries, options, ("units", "vouchers", "budget"))
    return complete, [each for each in told if not each.finding.warns]
