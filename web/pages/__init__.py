"""Our own pages in Fava, in the order of the side bar.

A page is a class whose address is a word of its own: Fava takes a page's script to be of any that begins the same.
"""

from forbundsbok.web.pages.approve import ApprovePage
from forbundsbok.web.pages.behind import BehindPage
from forbundsbok.web.pages.budget import BudgetPage
from forbundsbok.web.pages.controls import ControlsPage
from forbundsbok.web.pages.download import DownloadPage
from forbundsbok.web.pages.new_voucher import NewVoucherPage
from forbundsbok.web.pages.notes import NotesPage
from forbundsbok.web.pages.overview import OverviewPage
from forbundsbok.web.pages.page import Page
from forbundsbok.web.pages.provisions import ProvisionsPage
from forbundsbok.web.pages.search import SearchPage
from forbundsbok.web.pages.statements import StatementsPage
from forbundsbok.web.pages.units import UnitsPage

PAGES: tuple[type[Page], ...] = (
    OverviewPage,
    SearchPage,
    NewVoucherPage,
    ApprovePage,
    StatementsPage,
    UnitsPage,
    NotesPage,
    BudgetPage,
    ProvisionsPage,
    ControlsPage,
    BehindPage,
    DownloadPage,
)
