"""The page: read back by another parser and in a real browser, held against CSV and Beancount's own sums."""

import csv
import io
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import lxml.html
import pytest
from lxml.html import HtmlElement
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.queries.general_ledger import load, read
from forbundsbok.queries.report import AnnualReport, report
from forbundsbok.queries.statement import Period
from forbundsbok.scripts.render.csv import csv_files
from forbundsbok.scripts.render.html import html_files
from tests.accessibility import CONTRAST, hindrances
from tests.conftest import TINY

pytestmark = [pytest.mark.xdist_group("page")]


@pytest.fixture(scope="module")
def made(sjuharad_loaded: LoadedLedger) -> AnnualReport:
    return report(read(sjuharad_loaded.entries, sjuharad_loaded.options), Period(2024), Period(2023))


@pytest.fixture(scope="module")
def text(made: AnnualReport) -> str:
    [(name, text)] = html_files(made).items()
    assert name == "arsredovisning-2024.html"
    return text


@pytest.fixture(scope="module")
def page(text: str) -> HtmlElement:
    return lxml.html.document_fromstring(text)


def number(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", "").replace("\N{MINUS SIGN}", "-").replace(",", ".")


def tables_of(page: HtmlElement) -> dict[str, list[list[str]]]:
    """Return the cells of each statement's table, below its head."""
    labelled = page.xpath("//div[@aria-labelledby][table]")
    assert len({each.get("aria-labelledby") for each in labelled}) == len(labelled)
    return {
        each.get("aria-labelledby"): [[cell.text_content() for cell in row] for row in each.xpath("table/tbody/tr")]
        for each in labelled
    }


def test_every_figure_is_that_of_csv(page: HtmlElement, made: AnnualReport) -> None:
    files, tables = csv_files(made), tables_of(page)
    for statement in made.statements:
        shown = tables[statement.full_name]
        _, *rows = csv.reader(io.StringIO(files[f"{statement.full_name}.csv"]))
        assert [row[0] for row in shown] == [row[0] for row in rows]
        noted = any(row[1] for row in rows)
        for cells, row in zip(shown, rows, strict=True):
            for cell, kronor in zip(cells[1 + noted :], row[2:], strict=False):
                rounded = Decimal(kronor or 0).scaleb(-3).quantize(Decimal(1), "ROUND_HALF_UP")
                assert number(cell) == (f"{int(rounded)}" if kronor else ""), (statement.full_name, row)


def test_every_figure_leads_to_amounts_that_make_it(page: HtmlElement, made: AnnualReport) -> None:
    ids = {each.get("id"): each for each in page.xpath("//*[@id]")}
    assert len(ids) == len(page.xpath("//*[@id]"))
    for link in page.xpath("//a/@href"):
        assert unquote(link.removeprefix("#")) in ids
    for statement in made.statements:
        for row in statement.rows:
            for column in statement.columns:
                if (figure := row.figures.get(column.key)) is None:
                    continue
                [link] = ids[statement.address(row, column)].xpath("a/@href")
                totals = ids[link.removeprefix("#")].xpath('.//tr[@class="sum"]/td/text()')
                told = ids[link.removeprefix("#")].xpath('.//tr[not(@class)]/td[4][@class="n"]/text()')
                assert sum(Decimal(number(each)) for each in [*totals, *told]) == figure.kronor or column.key == "least"


def test_each_posting_stands_once_and_balances_run_to_what_beancount_says(
    page: HtmlElement, sjuharad_loaded: LoadedLedger
) -> None:
    booked: dict[str, list[Decimal]] = defaultdict(list)
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for entry in sjuharad_loaded.entries:
        for posting in getattr(entry, "postings", ()):
            if entry.date.year in (2023, 2024):
                booked[posting.account].append(posting.units.number)
            if entry.date.year == 2024 or posting.account.split(":")[0] not in ("Income", "Expenses"):
                balances[posting.account] += posting.units.number
    shown: dict[str, list[Decimal]] = {}
    for section in page.xpath('//section[@class="account"]'):
        account = section.get("data-account")
        rows = section.xpath(".//tbody/tr[@id]")
        shown[account] = [Decimal(number(row[3].text_content())) for row in rows]
        last = section.xpath(".//tbody/tr")[-1]
        assert Decimal(number(last[4].text_content())) == balances[account], account
    assert {account: sorted(amounts) for account, amounts in shown.items() if amounts} == {
        account: sorted(amounts) for account, amounts in booked.items()
    }


def test_nothing_is_fetched_and_what_books_say_is_text(tmp_path: Path) -> None:
    path = tmp_path / "main.bean"
    hostile = '</script><img src=x onerror="alert(1)">&amp;'
    path.write_text(TINY.replace("Räddningstjänsten Norra", hostile.replace('"', "'")), encoding="utf-8")
    [text] = html_files(report(load(path), Period(2022), None)).values()
    page = lxml.html.document_fromstring(text)
    assert hostile.replace('"', "'") in page.xpath("//header/p")[0].text_content()
    assert not page.xpath("//img | //link | //iframe | //*[@src] | //*[@onerror]")
    assert len(page.xpath("//script")) == 1
    assert all(link.startswith("#") for link in page.xpath("//@href"))


def test_the_same_books_give_the_same_page(made: AnnualReport, text: str) -> None:
    assert list(html_files(made).values()) == [text]


def test_what_the_books_say_is_marked_as_swedish_in_an_english_page(tiny: Path) -> None:
    def language_of(element: HtmlElement) -> str:
        return str(element.xpath("string(ancestor-or-self::*[@lang][1]/@lang)"))

    pages = {
        language: lxml.html.document_fromstring(
            "".join(html_files(report(load(tiny), Period(2022), Period(2021), language)).values())
        )
        for language in ("sv", "en")
    }
    page = pages["en"]
    for of_books in ('//tr[@id and ancestor::section[@class="account"]]/td[3]', '//section[@class="account"]/h3'):
        assert {language_of(each) for each in page.xpath(of_books)} == {"sv"}
    assert "sv" in {language_of(each) for each in page.xpath('//section[@class="behind"]//th[@scope="row"]/*')}
    ours = page.xpath('//section[@class="account"]//tr[@class="sum"]/td[3] | //thead//th | //h2 | //caption')
    assert len(ours) > 50
    assert {language_of(each) for each in ours} == {"en"}
    assert {each.get("lang") for each in pages["sv"].xpath("//*[@lang]")} == {"sv"}
    assert len(pages["sv"].xpath("//*[@lang]")) == 1


@pytest.fixture(scope="module")
def tiny_page(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "page.html"
    [text] = html_files(report(load(tiny), Period(2022), Period(2021))).values()
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


@pytest.mark.slow
def test_in_a_browser_a_figure_leads_to_its_voucher_without_script(browser: Chrome, tiny_page: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(tiny_page)
        figure = browser.find_element(By.CSS_SELECTOR, '[id="2022/balans/kassa-och-bank/year"] a')
        behind = browser.find_element(By.ID, str(figure.get_attribute("href")).partition("#")[2])
        assert not behind.is_displayed()
        figure.click()
        assert behind.is_displayed()
        link = behind.find_element(By.CSS_SELECTOR, "tbody a")
        account = browser.find_element(By.ID, str(link.get_attribute("href")).partition("#")[2])
        assert not account.is_displayed()
        link.click()
        assert account.is_displayed()
        assert not behind.is_displayed()
        assert "main.bean:" in account.text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.slow
def test_in_a_browser_a_posting_is_found_and_leads_to_its_account(browser: Chrome, tiny_page: str) -> None:
    browser.get(tiny_page)
    field = browser.find_element(By.ID, "q")
    found = browser.find_element(By.ID, "found")
    assert not found.is_displayed()
    field.send_keys("4 000,00")
    browser.implicitly_wait(2)
    link = found.find_element(By.CSS_SELECTOR, "tbody a")
    assert link.is_displayed()
    link.click()
    assert browser.find_element(By.CSS_SELECTOR, ".account:has(:target)").is_displayed()
    log = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [each for each in log if each["level"] == "SEVERE"] == []


@pytest.mark.slow
def test_in_a_browser_nothing_hinders_a_reader(browser: Chrome, tiny_page: str) -> None:
    browser.get("about:blank")
    for place in ("b1", "k1"):
        browser.get(f"{tiny_page}#{place}")
        assert browser.find_element(By.ID, place).is_displayed()
        assert hindrances(browser, but=[CONTRAST]) == []
    # To judge colours axe measures all there is, nine tenths of it hidden. In colours, one section that is shown
    # instead of the other is all that differs.
    browser.execute_script("""
        for (const each of document.querySelectorAll(".behind:not(#b1), .account:not(#k1)")) each.remove()
    """)
    assert hindrances(browser, only=[CONTRAST]) == []
    browser.get(f"{tiny_page}#b1")
    assert browser.find_element(By.ID, "b1").is_displayed()
    assert hindrances(browser, "#b1", only=[CONTRAST]) == []
    browser.set_window_size(390, 900)
    wide, window = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window
