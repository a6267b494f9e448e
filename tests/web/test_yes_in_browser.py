"""A voucher is written and approved in a real browser, by who is logged in: by keys, twice, from two tabs, too late."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from forbundsbok.web.users import Users
from tests.accessibility import hindrances
from tests.scripts.commands.test_new import BOOKS
from tests.web.conftest import documented, waiting
from tests.web.server import CHEAP, PASSWORD, SLUG, Attacked, started
from tests.web.test_voucher_pages import INVOICE

pytestmark = [pytest.mark.xdist_group("page"), pytest.mark.slow]
OWN = ".forbundsbok"
YES = f'{OWN} form[method="post"] button'


class Clerk:
    """Who sits at the browser, before books that are written in."""

    def __init__(self, browser: Chrome, server: Attacked) -> None:
        self.browser = browser
        self.server = server

    def log_in(self, name: str, password: str = PASSWORD) -> None:
        self.wait_for('[name="namn"]').send_keys(name)
        self.browser.find_element(By.NAME, "losenord").send_keys(password, Keys.ENTER)

    def open(self, page: str, **asked: str) -> None:
        self.browser.get(f"{self.server.origin}{SLUG}/extension/{page}/?{urlencode(asked)}")

    def fill_in(self, text: str) -> None:
        """Open the form of an invoice with all that it asks for."""
        self.open("ny-verifikation", **{**INVOICE, "text": text})
        self.wait_for(YES)

    def wait_for(self, selector: str) -> WebElement:
        return waiting(self.browser).until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))

    def wait_until_told(self, text: str) -> None:
        """Wait until a text is what is read first."""
        waiting(self.browser).until(lambda driver: text in driver.switch_to.active_element.text)

    @property
    def alerts(self) -> list[str]:
        return [each.text for each in self.browser.find_elements(By.CSS_SELECTOR, f"{OWN} .alert")]

    def written(self, text: str) -> int:
        return self.server.ledger.read_text(encoding="utf-8").count(text)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("written")
    (folder / "books").mkdir()
    users = Users(folder / "users.json", CHEAP)
    users.add("bo", "bokföra", PASSWORD)
    users.add("eva", "läsa", PASSWORD, "CHEF")
    with started(documented(folder / "books", BOOKS), users.path, "--write") as server:
        yield server


@pytest.fixture
def clerk(browser: Chrome, server: Attacked) -> Iterator[Clerk]:
    """Bo, who is logged in and books."""
    browser.set_window_size(1280, 1000)
    clerk = Clerk(browser, server)
    clerk.open("ny-verifikation")
    clerk.log_in("bo")
    clerk.wait_for(OWN)
    yield clerk
    browser.delete_all_cookies()
    browser.get("about:blank")
    browser.get_log("browser")  # type: ignore[no-untyped-call]  # what was answered to nobody is no complaint of others


def test_a_yes_by_keys_writes_what_was_shown_and_says_so_first(clerk: Clerk) -> None:
    clerk.fill_in("Tangenter")
    assert clerk.alerts == []
    shown = clerk.browser.find_element(By.CSS_SELECTOR, f"{OWN} pre")
    text = shown.text
    clerk.browser.execute_script("arguments[0].focus()", shown)
    clerk.browser.switch_to.active_element.send_keys(Keys.TAB)
    clerk.browser.switch_to.active_element.send_keys(Keys.ENTER)
    clerk.wait_until_told("Den står i böckerna: L ")
    assert clerk.browser.title.startswith("Den står i böckerna - Ny verifikation")
    assert clerk.written(text) == 1
    assert hindrances(clerk.browser, OWN) == []


def test_what_is_to_be_put_right_is_read_first_and_seen_on_a_narrow_page(clerk: Clerk) -> None:
    clerk.browser.set_window_size(320, 900)
    clerk.fill_in("Smalt")
    amount = clerk.browser.find_element(By.NAME, "belopp")
    amount.clear()
    amount.send_keys("femhundra", Keys.ENTER)
    clerk.wait_until_told("är inget belopp i kronor")
    assert clerk.browser.execute_script("""
        const {top, bottom} = document.activeElement.getBoundingClientRect()
        return top >= 0 && bottom <= innerHeight
    """)
    assert hindrances(clerk.browser, OWN) == []


def test_two_clicks_write_once(clerk: Clerk) -> None:
    clerk.fill_in("Dubbelt")
    ActionChains(clerk.browser).double_click(clerk.wait_for(YES)).perform()
    clerk.wait_until_told("Den står i böckerna: L ")
    assert clerk.written('"Dubbelt"') == 1


def test_a_yes_to_what_another_tab_has_made_another_is_refused_first_of_all(clerk: Clerk) -> None:
    clerk.fill_in("Flik A")
    first = clerk.browser.current_window_handle
    clerk.browser.switch_to.new_window("tab")
    clerk.fill_in("Flik B")
    clerk.wait_for(YES).click()
    clerk.wait_until_told("Den står i böckerna: L ")
    clerk.browser.close()
    clerk.browser.switch_to.window(first)
    clerk.wait_for(YES).click()
    clerk.wait_until_told("Böckerna har ändrats sedan den visades")
    assert clerk.browser.title.startswith("Inget skrivs - Ny verifikation")
    assert (clerk.written('"Flik A"'), clerk.written('"Flik B"')) == (0, 1)
    clerk.wait_for(YES).click()
    clerk.wait_until_told("Den står i böckerna: L ")
    assert clerk.written('"Flik A"') == 1


def test_a_yes_after_the_log_in_ended_writes_nothing_and_leads_back_to_what_was_filled_in(clerk: Clerk) -> None:
    clerk.fill_in("För sent")
    clerk.browser.delete_all_cookies()
    clerk.wait_for(YES).click()
    link = clerk.wait_for("main a")
    assert clerk.browser.title == "Inget har skrivits: du är utloggad"
    assert hindrances(clerk.browser) == []
    link.click()
    clerk.log_in("bo")
    clerk.wait_for(YES)
    assert clerk.written('"För sent"') == 0
    assert clerk.browser.find_element(By.NAME, "text").get_attribute("value") == "För sent"


def test_a_link_after_the_log_in_ended_leads_there_by_a_new_one(clerk: Clerk) -> None:
    clerk.fill_in("Glömd")
    clerk.browser.delete_all_cookies()
    clerk.browser.find_element(By.PARTIAL_LINK_TEXT, "Attestera").click()
    clerk.wait_for('[name="namn"]')
    assert clerk.browser.title.startswith("Logga in till böckerna")
    assert hindrances(clerk.browser, "article") == []
    clerk.log_in("bo", "fel lösenord")
    described = clerk.wait_for("[autofocus]")
    waiting(clerk.browser).until(lambda driver: driver.switch_to.active_element == described)
    assert described.get_attribute("aria-describedby") == clerk.wait_for('[role="alert"]').get_attribute("id")
    described.send_keys(PASSWORD, Keys.ENTER)
    clerk.wait_for(f"aside ~ article {OWN}")
    assert clerk.browser.current_url == f"{clerk.server.origin}{SLUG}/extension/attestera/"


def test_who_decides_approves_once_and_sees_it(clerk: Clerk) -> None:
    clerk.fill_in("Att attestera")
    clerk.wait_for(YES).click()
    clerk.wait_until_told("Den står i böckerna: L ")
    clerk.browser.delete_all_cookies()
    clerk.open("attestera")
    clerk.log_in("eva")
    yes = clerk.wait_for(YES)
    before, waits = clerk.written("attestdag"), len(clerk.browser.find_elements(By.CSS_SELECTOR, YES))
    ActionChains(clerk.browser).double_click(yes).perform()
    clerk.wait_until_told("är attesterad av CHEF")
    assert "är attesterad av CHEF. - Attestera" in clerk.browser.title
    assert clerk.written("attestdag") == before + 1
    assert len(clerk.browser.find_elements(By.CSS_SELECTOR, YES)) == waits - 1
