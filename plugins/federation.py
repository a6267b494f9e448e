"""All the rules of a federation's books in one plugin, their errors sorted by file and line.

plugin "plugins.federation"
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from beancount.core import data

from plugins import assets, attest, budget, internal, provisions, seal, surplus, units, vouchers
from plugins.rules import RuleError, place_of

__plugins__ = ("federation",)

MODULES: tuple[ModuleType, ...] = (units, budget, surplus, provisions, internal, vouchers, seal, attest, assets)
"""The modules of rules, in the order in which they run: units first, for it completes the vouchers."""


def federation(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Complete the vouchers with clearing, and report every broken rule."""
    errors: list[RuleError] = []
    for module in MODULES:
        for name in module.__plugins__:
            entries, found = getattr(module, name)(entries, options_map)
            errors += found
    return entries, sorted(errors, key=place_of)
