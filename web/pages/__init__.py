"""Our own pages in Fava, in the order of the side bar.

A page is a class whose address is a word of its own: Fava takes a page's script to be of any that begins the same.
"""

from forbundsbok.web.pages.behind import BehindPage
from forbundsbok.web.pages.page import Page
from forbundsbok.web.pages.statements import StatementsPage

PAGES: tuple[type[Page], ...] = (StatementsPage, BehindPage)
