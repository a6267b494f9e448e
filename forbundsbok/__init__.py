"""Förbundsbok: the books of a Swedish municipal federation, on Beancount.

The rooms of the house stand beside this folder, and are imported as `forbundsbok.plugins`, `forbundsbok.importers`,
`forbundsbok.queries` and `forbundsbok.scripts`, so that a federation may keep folders of those names among its books.
"""

from importlib.metadata import version

__version__ = version("forbundsbok")
