"""Förbundsbok: the books of a Swedish municipal federation, on Beancount.

The rooms of the house stand beside this folder, and are imported as `forbundsbok.plugins`, `forbundsbok.importers`,
`forbundsbok.queries` and `forbundsbok.scripts`, so that a federation may keep folders of those names among its books.
"""


def version() -> str:
    """Return the version that is installed."""
    from importlib import metadata

    return metadata.version("forbundsbok")
