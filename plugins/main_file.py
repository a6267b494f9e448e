"""How the books are read: what the main file, and lines elsewhere, may not switch off.

    option "plugin_processing_mode" "raw"
    plugin "forbundsbok.federation"
    plugin "beancount.plugins.auto_accounts"
    2025-01-31 balance Assets:FK:1610-Internbank  100000.00 ~ 50000.00 SEK

Each of these lines would let pass what the rules are there to find. What no plugin can see, `forbundsbok check` asks
for besides (scripts.store.trust).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import custom_values
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ORE
from forbundsbok.plugins.places import place
from forbundsbok.plugins.rulebook import rule

RULES_OF_OURS = "forbundsbok.federation"
"""The plugin that runs all rules."""

REPORTING = frozenset(
    f"beancount.plugins.{name}"
    for name in (
        "check_commodity",
        "coherent_cost",
        "commodity_attr",
        "leafonly",
        "noduplicates",
        "nounused",
        "onecommodity",
        "pedantic",
        "sellgains",
        "unique_prices",
    )
)
"""The plugins of Beancount's that add errors, and change nothing."""

_DEFAULT_TOLERANCE = Decimal("0.5")


@rule(
    "L831",
    title=N_("Beancount checks the books whole."),
    why=N_('In the mode "raw" it checks no balances and pads nothing, and says nothing of it.'),
    mend=N_("Take the line away."),
)
def processing_mode(books: Books) -> Iterator[Finding]:
    mode = books.options.get("plugin_processing_mode", "default")
    if mode != "default":
        message = N_("The option {option} is {mode}, by which Beancount checks no balances: take it away.")
        option = "plugin_processing_mode"
        yield _of_main_file(books, option, message, {"option": option, "mode": mode})


@rule(
    "L832",
    title=N_("No other plugin changes the books after the rules, or opens accounts for what is mistyped."),
    why=N_("What a plugin takes away, adds or changes afterwards, no rule has seen."),
    mend=N_("Take the line away, or write it above that of forbundsbok.federation."),
)
def plugins_after_ours(books: Books) -> Iterator[Finding]:
    names = [name for name, _ in books.options.get("plugin") or ()]
    after = names[names.index(RULES_OF_OURS) + 1 :] if RULES_OF_OURS in names else []
    for name in dict.fromkeys(names):
        if name in REPORTING or name.startswith("forbundsbok."):
            continue
        if name.startswith("beancount."):
            message = N_("plugin {name} changes the books as they are read: take the line away.")
            yield _of_main_file(books, name, message, {"name": name})
        elif name in after:
            message = N_(
                "plugin {name} stands after {ours}: what it changes no rule has seen. Write its line above that of "
                "{ours}."
            )
            yield _of_main_file(books, name, message, {"name": name, "ours": RULES_OF_OURS})


@rule(
    "L833",
    title=N_("No option lets differences pass."),
    why=N_("As U107: a tolerance lets a balance pass that is not the one of the account."),
    mend=N_('Write option "tolerance_multiplier" "0", and take the others away.'),
)
def tolerance_options(books: Books) -> Iterator[Finding]:
    options = books.options
    stated = {
        "tolerance_multiplier": options.get("tolerance_multiplier") not in (None, Decimal(0), _DEFAULT_TOLERANCE),
        "inferred_tolerance_default": bool(options.get("inferred_tolerance_default")),
        "infer_tolerance_from_cost": bool(options.get("infer_tolerance_from_cost")),
    }
    for option in (name for name, given in stated.items() if given):
        message = N_("The option {option} lets differences pass: take the line away.")
        yield _of_main_file(books, option, message, {"option": option})


@rule(
    "L834",
    title=N_("A balance is exact, to the öre."),
    why=N_("With ~ a balance passes that is not the one of the account: what differs is to be booked, or found."),
    mend=N_("Take ~ and the number after it away, and book what then differs."),
)
def exact_balances(books: Books) -> Iterator[Finding]:
    for entry in books.collected.balances:
        if entry.tolerance and entry.tolerance > ORE:
            message = N_("The balance of {account} on {day} lets {tolerance} kr pass, by ~: take that away.")
            values = {"account": entry.account, "day": entry.date, "tolerance": entry.tolerance}
            yield Finding(entry, Subject("balance", entry.account), message, values)


@rule(
    "L835",
    title=N_("No extension of Fava's but ours runs with the books."),
    why=N_("An extension is a program that runs in the server, and may show or write anything."),
    mend=N_("Take the line away."),
)
def fava_extensions(books: Books) -> Iterator[Finding]:
    for entry in books.customs("fava-extension"):
        name = next((value for value in custom_values(entry) if isinstance(value, str)), "")
        if not name.startswith("forbundsbok."):
            message = N_('custom "fava-extension" starts {name} in the browser: take it away.')
            yield Finding(entry, Subject("fava-extension", place(entry)), message, {"name": name})


def _of_main_file(books: Books, name: str, message: str, values: Mapping[str, Any]) -> Finding:
    """Return a finding of the main file, whose options have no lines of their own."""
    at = {"filename": books.options.get("filename"), "lineno": 1}
    return Finding(None, Subject("main-file", name), message, values, place=at)
