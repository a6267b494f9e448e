"""The head of the main files that tests write: options and `plugin` count in a main file only.

option "title" "Räddningstjänsten Norra"
option "operating_currency" "SEK"
option "tolerance_multiplier" "0"
option "display_precision" "SEK:0.01"
plugin "forbundsbok.federation"
"""

ALL_RULES = "forbundsbok.federation"


def head(title: str, *plugins: str) -> str:
    """Return the options of a federation's books and the plugins that read them, all rules when none is named."""
    options = {
        "title": title,
        "operating_currency": "SEK",
        "tolerance_multiplier": "0",
        "display_precision": "SEK:0.01",
    }
    lines = [f'option "{name}" "{value}"' for name, value in options.items()]
    return "\n".join([*lines, *(f'plugin "{plugin}"' for plugin in plugins or (ALL_RULES,)), ""])
