"""Our pages in a real browser: what is clicked, what is pressed, what is seen, and what hinders readers.

All look at one server, in the one browser of the tests.
"""

import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from forbundsbok.web.pages import PAGES
from tests.accessibility import hindrances_in_any_light
from tests.web.conftest import waiting
from tests.web.server import SLUG, Attacked

pytestmark = [pytest.mark.xdist_group("page"), pytest.mark.slow]
WIDE, NARROW = (1280, 1000), (320, 900)
OWN = ".forbundsbok"
RELOAD = ".reload-page"
NO_BREAK = "\N{NO-BREAK SPACE}"
ACCOUNT = "Assets:RT:1210-Inventarier:Båt"

FOLLOW = """
const [address, own, told] = arguments
const until = async (is) => { while (!is()) await new Promise(requestAnimationFrame) }
const follow = async () => {
  await until(() => document.querySelector(own))
  const page = document.querySelector(own), link = document.createElement("a")
  link.href = address
  page.append(link)
  link.click()
  await until(() => !page.isConnected && document.querySelector(own))
}
follow().then(() => told())
"""

# What is looked at: each page as it comes, and what is chosen on it.
LOOKED_AT = [
    *(f"{page.address}/" for page in PAGES),
    "rakenskaper/?bredvid=allt&belopp=kr",
    "rakenskaper/?time=2021-03-14",
    "hamta/?uppstallning=resultat",
    "sok/?sok=L 1",
    "ny-verifikation/?slag=fri&enhet=RT&text=x&datum=2022-02-01&konto=6010&debet=5&kredit=&konto=1910&debet=&kredit=4",
    "ny-verifikation/?slag=leverantorsfaktura&enhet=RT",
    "bakom-siffran/?at=2022/resultat/arets-resultat/year",
    f"bakom-siffran/?at=2022/balans/maskiner/year&konto={ACCOUNT}",
]
Open = Callable[[str], WebElement]


@pytest.fixture
def opened(browser: Chrome, shown: Attacked) -> Iterator[Open]:
    """Opens a page of ours, and returns what is ours on it."""

    def open_page(page: str) -> WebElement:
        browser.get(f"{shown.origin}{SLUG}/extension/{page}")
        waiting(browser).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, "aside a.selected"))
        return browser.find_element(By.CSS_SELECTOR, OWN)

    browser.set_window_size(*WIDE)
    yield open_page
    browser.get("about:blank")


@pytest.fixture(scope="module")
def surroundings(browser: Chrome, shown: Attacked) -> Iterator[None]:
    """Fava, of which a link of its pages takes in another of them."""
    browser.get(f"{shown.origin}{SLUG}/extension/{LOOKED_AT[-1]}")
    yield
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.get("about:blank")


@pytest.fixture
def reached(browser: Chrome, surroundings: None) -> Open:
    """Comes by a link to a page of ours, and returns what is ours on it."""

    def follow(page: str) -> WebElement:
        browser.execute_async_script(FOLLOW, f"{SLUG}/extension/{page}", OWN)
        return browser.find_element(By.CSS_SELECTOR, OWN)

    browser.set_window_size(*WIDE)
    return follow


def complaints(browser: Chrome) -> list[str]:
    """What the browser's console has said, a script or a style that the policy stopped among it."""
    logged: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [each["message"] for each in logged]


def click(browser: Chrome, selector: str, text: str, seen: str) -> None:
    """Follow a link, and wait for what is then seen."""
    [link] = [each for each in browser.find_elements(By.CSS_SELECTOR, f"{OWN} {selector}") if each.text == text]
    link.click()
    wait_for(browser, seen)


def wait_for(browser: Chrome, seen: str) -> None:
    waiting(browser).until(lambda driver: seen in driver.find_element(By.CSS_SELECTOR, OWN).text.replace(NO_BREAK, " "))


def test_a_figure_leads_to_its_voucher_and_back(browser: Chrome, opened: Open) -> None:
    opened("rakenskaper/?uppstallning=balans")
    machines = browser.find_element(By.ID, "2022/balans/maskiner/year")
    amount = machines.text
    machines.find_element(By.TAG_NAME, "a").click()
    wait_for(browser, "2022/balans/maskiner/year")
    click(browser, "th a", ACCOUNT, "Utgående saldo")
    click(browser, "td a", "L 1", "Verifikationens rader")
    assert "main.bean:" in browser.find_element(By.CSS_SELECTOR, OWN).text
    document = browser.find_element(By.CSS_SELECTOR, f"{OWN} a[data-remote]")
    assert document.text == "underlag/L-0001.pdf"
    click(browser, "nav a", ACCOUNT, "Utgående saldo")
    click(browser, "nav a", "Siffran", "2022/balans/maskiner/year")
    click(browser, "nav a", "Balansräkning", "Hämta uppställningen")
    assert browser.find_element(By.ID, "2022/balans/maskiner/year").text == amount
    browser.back()
    wait_for(browser, "2022/balans/maskiner/year")
    assert complaints(browser) == []


def test_the_place_of_a_voucher_leads_to_its_line_in_the_editor(browser: Chrome, opened: Open) -> None:
    opened(f"bakom-siffran/?at=2022/balans/maskiner/year&konto={ACCOUNT}")
    browser.find_element(By.CSS_SELECTOR, f"{OWN} td.place a").click()
    waiting(browser).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, ".cm-content"))
    line = browser.find_element(By.CSS_SELECTOR, ".cm-activeLine")
    assert "Leverantör 001 Båtar" in line.text


def test_all_is_reached_and_chosen_by_keyboard(browser: Chrome, opened: Open) -> None:
    opened("rakenskaper/")
    browser.execute_script("document.querySelector('.forbundsbok select').focus()")
    browser.switch_to.active_element.send_keys("Balansr")
    for _ in range(7):
        browser.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.switch_to.active_element.tag_name == "button"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait_for(browser, "Maskiner")
    browser.execute_script("document.querySelector('.forbundsbok form button').focus()")
    region, figure = [press_tab(browser) for _ in range(2)]
    assert region.get_attribute("role") == "region"
    outline = browser.execute_script("return getComputedStyle(arguments[0]).outlineStyle", figure)
    assert outline == "solid"
    figure.send_keys(Keys.ENTER)
    wait_for(browser, "Siffrans adress")


def test_keys_lead_past_the_side_bar_and_then_to_the_beginning_of_each_page(browser: Chrome, opened: Open) -> None:
    opened("rakenskaper/?uppstallning=balans")
    article = browser.find_element(By.CSS_SELECTOR, "article")
    skips = press_tab(browser)
    assert skips.text == "Hoppa till innehållet"
    skips.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element == article
    title = browser.title
    browser.find_element(By.ID, "2022/balans/maskiner/year").find_element(By.TAG_NAME, "a").send_keys(Keys.ENTER)
    wait_for(browser, "2022/balans/maskiner/year")
    waiting(browser).until(lambda driver: driver.switch_to.active_element == article)
    assert browser.title != title
    browser.find_element(By.CSS_SELECTOR, f"{OWN} nav a").send_keys(Keys.ENTER)
    wait_for(browser, "Hämta uppställningen")
    figure = browser.find_element(By.ID, "2022/balans/maskiner/year").find_element(By.TAG_NAME, "a")
    waiting(browser).until(lambda driver: driver.switch_to.active_element == figure)
    assert complaints(browser) == []


def test_a_file_is_downloaded(browser: Chrome, opened: Open, tmp_path: Path) -> None:
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    opened("hamta/?time=2022")
    browser.find_element(By.LINK_TEXT, "csv").click()
    path = tmp_path / "arsredovisning-2022.zip"
    waiting(browser).until(lambda _: path.exists())
    assert "resultat.csv" in zipfile.ZipFile(path).namelist()


def test_what_is_edited_is_shown_when_the_page_is_loaded_again(browser: Chrome, opened: Open, shown: Attacked) -> None:
    old, new = "25 499,99", "95 499,99"
    before = opened("rakenskaper/?time=2022&belopp=kr").text.replace(NO_BREAK, " ")
    assert old in before
    assert new not in before
    text = shown.ledger.read_text(encoding="utf-8")
    try:
        shown.ledger.write_text(text.replace("25499.99", "95499.99"), encoding="utf-8")
        # Fava hears of an edit a moment later, and then offers to load the page anew.
        waiting(browser).until(lambda driver: driver.find_element(By.CSS_SELECTOR, RELOAD).is_displayed())
        browser.find_element(By.CSS_SELECTOR, RELOAD).click()
        wait_for(browser, new)
    finally:
        shown.ledger.write_text(text, encoding="utf-8")


def press_tab(browser: Chrome) -> WebElement:
    browser.switch_to.active_element.send_keys(Keys.TAB)
    return browser.switch_to.active_element


@pytest.mark.parametrize("page", LOOKED_AT)
def test_nothing_hinders_readers_in_any_light_or_width(browser: Chrome, reached: Open, page: str) -> None:
    reached(page)
    for size in (WIDE, NARROW):
        browser.set_window_size(*size)
        assert hindrances_in_any_light(browser, OWN) == []
    levels, language, mains, scripts = browser.execute_script("""
        const heads = document.querySelectorAll("h1, .forbundsbok :is(h1, h2, h3, h4)")
        const count = selector => document.querySelectorAll(selector).length
        const levels = [...heads].map(each => +each.tagName[1])
        return [levels, document.documentElement.lang, count("[role=main]"), count(".forbundsbok script")]
    """)
    assert levels[:1] == [1]
    assert all(later <= before + 1 for before, later in pairwise(levels))
    assert (language, mains) == ("sv", 1)
    assert complaints(browser) == []
    assert scripts == 0  # one that the policy would stop, were the page the first to be loaded
