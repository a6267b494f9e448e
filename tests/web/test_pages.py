"""Our pages in Fava, asked as a browser asks: every figure leads to what makes it, in the reader's language."""

import io
import os
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import parse_qs, unquote, urlsplit

import fava
import lxml.html
import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement

from forbundsbok.plugins.journal import SEALED, read_journal
from forbundsbok.plugins.loading import LoadedLedger, load_ledger
from forbundsbok.queries.general_ledger import QUERIES, GeneralLedger, load
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import by_unit, by_year, statement, statement_names
from forbundsbok.queries.views import View
from forbundsbok.scripts.render.formats import FORMATS
from forbundsbok.web.figures import Figures
from forbundsbok.web.pages import PAGES
from forbundsbok.web.serve import reading_app
from forbundsbok.web.users import User
from tests.conftest import TINY
from tests.web.conftest import DOCUMENT, documented

SLUG = "/räddningstjänsten-norra"
SITE = "http://127.0.0.1:5000"


def client_of(ledger: Path) -> FlaskClient:
    return reading_app(ledger, 5000).test_client()


def page_of(client: FlaskClient, page: str, **asked: str) -> HtmlElement:
    answer = client.get(f"{SLUG}/extension/{page}/", query_string=asked, base_url=SITE)
    assert answer.status_code == 200
    return lxml.html.document_fromstring(answer.get_data(as_text=True))


def followed(client: FlaskClient, link: str) -> HtmlElement:
    answer = client.get(link, base_url=SITE)
    assert answer.status_code == 200, link
    return lxml.html.document_fromstring(answer.get_data(as_text=True))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return documented(tmp_path_factory.mktemp("books"))


@pytest.fixture(scope="module")
def client(books: Path) -> FlaskClient:
    return client_of(books)


@pytest.fixture(scope="module")
def ledger(books: Path) -> GeneralLedger:
    return load(books)


def number(text: str) -> Decimal:
    plain = re.sub(r"[^\d,\N{MINUS SIGN}-]", "", text).replace("\N{MINUS SIGN}", "-").replace(",", ".")
    return Decimal(plain)


def table_of(page: HtmlElement) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in page.xpath("//table/tbody/tr")]


def test_fava_is_the_one_that_the_pages_are_tried_in() -> None:
    locked = (Path(__file__).parents[2] / "requirements.lock").read_text(encoding="utf-8")
    assert f"\nfava=={fava.__version__}\n" in locked


def test_the_side_bar_has_the_pages_in_their_order_and_no_address_begins_another(client: FlaskClient) -> None:
    data = client.get(f"{SLUG}/api/ledger_data", base_url=SITE).get_json()["data"]
    assert [each["name"] for each in data["extensions"]] == [page.address for page in PAGES]
    addresses = [page.address for page in PAGES]
    assert not [(one, two) for one in addresses for two in addresses if one != two and two.startswith(one)]


@pytest.fixture(scope="module", params=["sv", "en"])
def speaking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, FlaskClient]:
    """A language, and the books in it."""
    said = f'2020-01-01 custom "fava-option" "language" "{request.param}"\n'
    return request.param, client_of(documented(tmp_path_factory.mktemp(request.param), TINY + said))


@pytest.mark.parametrize("page", [each.address for each in PAGES])
def test_a_page_says_its_language_and_where_it_begins(page: str, speaking: tuple[str, FlaskClient]) -> None:
    language, client = speaking
    shown = page_of(client, page)
    assert shown.get("lang") == language
    assert len(shown.xpath('//*[@role="main"]')) == 1
    own = {each.address: each for each in PAGES}[page]
    assert (f"{own.title} - Räddning" in shown.xpath("//title")[0].text) == (language == "en")
    [skips] = shown.xpath("//body/a")
    assert skips.get("href") == f"#{shown.xpath('//article')[0].get('id')}"
    assert not shown.xpath("//h1")
    assert shown.xpath("//h2 | //form")
    assert not shown.xpath('//*[@role="alert"]')


# Räkenskaper


def test_every_statement_is_the_one_that_the_commands_print(client: FlaskClient, ledger: GeneralLedger) -> None:
    period, before = Period(2022), Period(2021)
    for name in statement_names(ledger, period, before):
        made = statement(ledger, name, period, before)
        page = page_of(client, "rakenskaper", uppstallning=name)
        assert page.xpath("//h2")[0].text_content() == made.heading()
        shown = {cell.get("id"): cell for cell in page.xpath("//td[@id]")}
        figures = {
            made.address(row, column): row.figures[column.key]
            for row in made.rows
            for column in made.columns
            if column.key in row.figures
        }
        assert {each: number(cell.text_content()) for each, cell in shown.items()} == {
            each: figure.tkr for each, figure in figures.items()
        }


def test_what_is_chosen_is_shown(client: FlaskClient, ledger: GeneralLedger) -> None:
    asked = {"enhet": "UTB", "time": "2022-01 - 2022-06", "bredvid": "allt", "mall": "lag", "belopp": "kr"}
    page = page_of(client, "rakenskaper", uppstallning="resultat", **asked)
    period = Period(2022, 1, 6)
    view = View(change=True, budget=True)
    made = statement(ledger, "resultat", period, period.same_months(2021), "UTB", "lag", "sv", view)
    heads = [each.text_content().lower() for each in page.xpath("//thead/tr/th[@class='n']")]
    assert heads == [column.label.lower() for column in made.columns]
    for row, cells in zip(made.rows, page.xpath("//table/tbody/tr"), strict=True):
        figures = [row.figures[column.key].kronor for column in made.columns if column.key in row.figures]
        assert [number(each.text_content()) for each in cells.xpath("td[a]")] == figures
    chosen = {each.getparent().get("name"): each.get("value") for each in page.xpath("//option[@selected]")}
    assert chosen == asked | {"uppstallning": "resultat", "jamfor": ""}


def test_all_years_stand_side_by_side(client: FlaskClient, ledger: GeneralLedger) -> None:
    page = page_of(client, "rakenskaper", uppstallning="balans", jamfor="alla")
    made = by_year(ledger, "balans", [Period(2022), Period(2021)])
    assert [each.text for each in page.xpath("//thead/tr/th[@class='n']")] == ["2022", "2021"]
    amounts = [[number(each.text_content()) for each in row.xpath("td[@id]")] for row in page.xpath("//tbody/tr")]
    keys = [column.key for column in made.columns]
    assert amounts == [[row.figures[key].tkr for key in keys if key in row.figures] for row in made.rows]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"time": "2022-01-15"}, "hela månader"),
        ({"time": "2021-06 - 2022-06"}, "hela månader"),
        ({"time": "2022-13"}, "hela månader"),
        ({"time": "2022-w60"}, "hela månader"),
        ({"time": "0000"}, "hela månader"),
        ({"time": "day+99999999"}, "hela månader"),
        ({"time": "2030"}, "Ingenting är bokfört 2030"),
        ({"uppstallning": "balanskrav", "enhet": "RT"}, "hela förbundet"),
    ],
)
def test_what_cannot_be_shown_is_told(client: FlaskClient, asked: dict[str, str], told: str) -> None:
    page = page_of(client, "rakenskaper", **asked)
    [alert] = page.xpath('//*[@role="alert"]')
    assert told in alert.text_content()
    assert not page.xpath("//table")
    assert page.xpath('//select[@name="time"]/option[@value="2022"]')


@pytest.mark.parametrize("page", ["rakenskaper", "enheter", "noter", "budget", "avsattningar", "hamta", "oversikt"])
def test_a_time_that_cannot_be_read_is_asked_for_again_with_the_rest_kept(client: FlaskClient, page: str) -> None:
    shown = page_of(client, page, time="2022-01-15", enhet="RT")
    assert "hela månader" in shown.xpath('//*[@role="alert"]')[0].text_content()
    assert shown.xpath('//select[@name="time"]')
    assert shown.xpath('//input[@name="enhet"]/@value') == ["RT"]


@pytest.mark.parametrize(
    ("page", "name"),
    [
        *(("rakenskaper", name) for name in ("uppstallning", "enhet", "jamfor", "bredvid", "mall", "belopp")),
        *(("budget", name) for name in ("uppfoljning", "enhet", "manader", "prognos", "belopp")),
        *(("hamta", name) for name in ("uppstallning", "enhet", "jamfor", "bredvid", "mall")),
        *(("enheter", name) for name in ("uppstallning", "belopp")),
        *(("noter", name) for name in ("mall", "belopp")),
        ("avsattningar", "belopp"),
    ],
)
def test_what_an_address_asks_for_in_vain_is_told_and_the_rest_is_shown(
    client: FlaskClient, page: str, name: str
) -> None:
    rest = {} if name == "belopp" else {"belopp": "kr"}
    shown = page_of(client, page, **rest, **{name: "finns-ej"})
    [told] = shown.xpath('//*[@role="status"]')
    assert f"{name}=finns-ej," in told.text
    assert table_of(shown) == table_of(page_of(client, page, **rest))
    assert not page_of(client, page, **rest).xpath('//*[@role="status"]')


def test_the_laws_layout_has_its_own_statements_and_notes(tmp_path: Path) -> None:
    (tmp_path / "layouts").mkdir()
    own = 'utgar = "lag"\n\n[[note]]\nkey = "intakter"\ntitle = "Egna intäkter"\n'
    (tmp_path / "layouts" / "noter.toml").write_text(own, encoding="utf-8")
    client = client_of(documented(tmp_path))
    for layout, is_own in (("", True), ("lag", False)):
        page = page_of(client, "rakenskaper", mall=layout)
        titles = {each.get("value"): each.text for each in page.xpath('//select[@name="uppstallning"]/option')}
        assert any("Egna intäkter" in each for each in titles.values()) == is_own
        for name in titles:
            shown = page_of(client, "rakenskaper", mall=layout, uppstallning=name)
            assert shown.xpath("//h2")[0].text == titles[name]


def test_each_figure_account_and_voucher_has_a_title_of_its_own(client: FlaskClient) -> None:
    asked = {"at": "2022/balans/maskiner/year", "konto": "Assets:RT:1210-Inventarier:Båt"}
    figure = page_of(client, "bakom-siffran", at=asked["at"])
    account = page_of(client, "bakom-siffran", **asked)
    voucher = followed(client, account.xpath("//tbody//td[2]/a/@href")[0])
    titles = [each.xpath("//title")[0].text for each in (page_of(client, "bakom-siffran"), figure, account, voucher)]
    assert len(set(titles)) == 4
    assert titles[2].startswith(f"{asked['konto']} - Bakom siffran")


def test_an_account_says_where_its_sign_is_turned(client: FlaskClient) -> None:
    def said(at: str, account: str) -> list[str]:
        page = page_of(client, "bakom-siffran", at=at, konto=account)
        return [each.text for each in page.xpath("//p") if each.text and "omvänt tecken" in each.text]

    [told] = said("2022/resultat/medlemsbidrag/year", "Income:RT:3119-Medlemsavgifter:Norrby")
    assert [number(each) for each in re.findall(r"[\N{MINUS SIGN}]?[\d\xa0]+,\d\d", told)] == [-3100000, 3100000]
    assert not said("2022/balans/maskiner/year", "Assets:RT:1210-Inventarier:Båt")


def test_favas_filters_are_kept_by_links_and_forms(client: FlaskClient) -> None:
    page = page_of(client, "rakenskaper", time="2021", filter="#moms")
    assert {each.get("name"): each.get("value") for each in page.xpath('//input[@type="hidden"]')} == {
        "filter": "#moms"
    }
    for link in page.xpath('//div[@class="forbundsbok"]//a/@href'):
        query = parse_qs(urlsplit(link).query)
        assert (query["time"], query["filter"]) == (["2021"], ["#moms"])


# Bakom siffran


@pytest.mark.parametrize("name", ["resultat", "balans", "kassaflode", "drift"])
def test_every_figure_leads_to_accounts_that_make_it(client: FlaskClient, name: str) -> None:
    page = page_of(client, "rakenskaper", uppstallning=name, bredvid="allt", belopp="kr")
    links = page.xpath("//td[@id]/a")
    assert links
    for link in links:
        behind = followed(client, link.get("href"))
        kronor = number(link.text_content())
        [figure] = behind.xpath('//p[@class="figure"]')
        assert number(figure.text_content().partition("kr")[0]) == kronor
        totals = behind.xpath('//tr[@class="sum"]/td/text()')
        assert sum(map(number, totals)) == kronor, link.get("href")


def test_an_account_leads_to_postings_vouchers_files_and_documents(client: FlaskClient) -> None:
    at = "2022/balans/maskiner/year"
    behind = page_of(client, "bakom-siffran", at=at)
    accounts = {each.text_content(): each.get("href") for each in behind.xpath("//tbody/tr/th/a")}
    rows = followed(client, accounts["Assets:RT:1210-Inventarier:Båt"])
    cells = table_of(rows)
    assert [number(row[4]) for row in cells] == [0, 600000, 600000]
    [voucher] = rows.xpath('//tbody/tr/td[2]/a[text()="L 1"]/@href')
    shown = followed(client, voucher)
    assert shown.xpath("//h2")[0].text_content() == "L 1 2022-04-10"
    assert [(row[0], number(row[1])) for row in table_of(shown)] == [
        ("Assets:RT:1210-Inventarier:Båt", Decimal(600000)),
        ("Liabilities:RT:2510-Leverantörsskulder", Decimal(-600000)),
    ]
    line = 1 + TINY[: TINY.index('2022-04-10 * "Leverantör 001')].count("\n")
    [place] = [each for each in shown.xpath("//p/a") if each.text.startswith("main.bean:")]
    assert place.text == f"main.bean:{line}"
    assert parse_qs(urlsplit(place.get("href")).query)["line"] == [str(line)]
    [document] = shown.xpath("//a[@data-remote]")
    assert document.text == "underlag/L-0001.pdf"
    answer = client.get(document.get("href"), base_url=SITE)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "application/pdf", DOCUMENT)
    back = [each.get("href") for each in shown.xpath("//nav//a")]
    assert [table_of(followed(client, each)) for each in back] == [table_of(behind), cells]
    [statement_link] = behind.xpath("//nav//a/@href")
    assert at in followed(client, statement_link).xpath("//td/@id")


def test_a_long_account_is_shown_part_by_part_with_balances_that_go_on(tmp_path: Path) -> None:
    many = "".join(
        f'2022-06-01 * "Kiosk {each}"\n  ver: "X {each}"\n  Assets:RT:1910-Kassa-och-bank  {each}.00 SEK\n'
        f"  Income:UTB:3010-Försäljning  -{each}.00 SEK\n"
        for each in range(1, 1002)
    )
    client = client_of(documented(tmp_path, TINY + many))
    asked = {"at": "2022/balans/kassa-och-bank/year", "konto": "Assets:RT:1910-Kassa-och-bank"}
    parts = [page_of(client, "bakom-siffran", **asked, sida=str(part)) for part in (1, 2, 3)]
    tables = [table_of(each) for each in parts]
    assert len(parts[0].xpath('//nav//a[contains(@href, "sida")]')) == 3
    for one, two in pairwise(tables):
        assert one[-1][4] == two[0][4]
    [end] = page_of(client, "bakom-siffran", at=asked["at"]).xpath('//p[@class="figure"]/text()')
    assert number(tables[-1][-1][4]) == number(end.partition("kr")[0])
    assert sum(len(each) - 2 for each in tables) == 1001 + 3
    beyond = page_of(client, "bakom-siffran", **asked, sida="99")
    assert table_of(beyond) == tables[0]
    assert "sida=99" in beyond.xpath('//*[@role="status"]')[0].text


def test_favas_filter_hides_postings_and_says_so(client: FlaskClient) -> None:
    asked = {"at": "2022/balans/kassa-och-bank/year", "konto": "Assets:RT:1910-Kassa-och-bank"}
    whole, part = (page_of(client, "bakom-siffran", **asked, filter=text) for text in ("", 'narration:"Betalning"'))
    assert [row for row in table_of(whole) if "Betalning" in row[2]] == table_of(part)[1:-1]
    [told] = part.xpath('//p[@role="status"]')
    assert told.text.startswith("1 av 3 poster")


@pytest.mark.parametrize("asked", [{"filter": "narration:'("}, {"filter": "("}, {"account": "("}])
def test_a_filter_that_cannot_be_read_is_told(client: FlaskClient, asked: dict[str, str]) -> None:
    of = {"at": "2022/balans/kassa-och-bank/year", "konto": "Assets:RT:1910-Kassa-och-bank"}
    page = page_of(client, "bakom-siffran", **of, **asked)
    assert page.xpath('//*[@role="alert" or @role="status"]')


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2022/resultat/finns-ej/year", "Det finns ingen siffra"),
        ("2022/finns-ej/intakter/year", "ingen uppställning"),
        ("2030/resultat/intakter/year", "Ingenting är bokfört"),
        ("intäkterna", "ingen siffras adress"),
        ("2022/resultat/intakter/year?compare=x", "är inget år"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(client: FlaskClient, at: str, told: str) -> None:
    page = page_of(client, "bakom-siffran", at=at)
    [alert] = page.xpath('//*[@role="alert"]')
    assert told in alert.text_content()
    assert page.xpath('//input[@name="at"]/@value') == [at]


@pytest.mark.parametrize(
    "place", ["", "main.bean", "main.bean:1", "../../etc/passwd:1", "/etc/passwd:1", "main.bean:x"]
)
def test_a_document_that_no_voucher_names_is_not_shown(client: FlaskClient, place: str) -> None:
    answer = client.get(f"{SLUG}/extension/bakom-siffran/underlag", query_string={"rad": place}, base_url=SITE)
    assert answer.status_code == 404


def test_a_document_outside_the_books_is_not_shown_and_one_with_a_script_runs_none(tmp_path: Path) -> None:
    (tmp_path / "hemligt.txt").write_text("hemligt")
    (tmp_path / "books").mkdir()
    path = documented(tmp_path / "books")
    (path.parent / "underlag" / "L-0002.html").write_text("<script>alert(1)</script>")
    text = path.read_text(encoding="utf-8")
    text = text.replace('  ver: "L 2"\n', '  ver: "L 2"\n  underlag: "underlag/L-0002.html"\n')
    path.write_text(text.replace('"underlag/L-0001.pdf"', '"../hemligt.txt"'), encoding="utf-8")
    client = client_of(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    for begins, status, policy in (('2022-04-10 * "Leverantör 001', 404, ""), ('2022-09-30 * "Lev', 200, "sandbox")):
        line = 1 + next(number for number, each in enumerate(lines) if each.startswith(begins))
        asked = {"rad": f"main.bean:{line}"}
        answer = client.get(f"{SLUG}/extension/bakom-siffran/underlag", query_string=asked, base_url=SITE)
        assert answer.status_code == status
        assert policy in answer.headers["Content-Security-Policy"]


# Översikt


def test_the_overview_says_what_waits_is_sealed_and_is_new(tmp_path: Path) -> None:
    waits = """
2022-12-01 ! "Leverantör 003 Städ" "Städning"
  ver: "L 3"
  Expenses:RT:6010-Material-och-tjänster         500.00 SEK
  Liabilities:RT:2510-Leverantörsskulder        -500.00 SEK
2020-12-31 custom "attest" "RC-RT" "RT" 1000000.00 SEK
  roll: "Räddningschef"
"""
    client = client_of(documented(tmp_path, TINY + waits))
    page = page_of(client, "oversikt", time="2022")
    [waiting] = page.xpath('//div[@aria-labelledby="vantar"]//tbody/tr')
    told = [cell.text_content() for cell in waiting]
    assert told[:4] == ["2022-12-01", "L 3", "Leverantör 003 Städ, Städning", "500,00"]
    assert told[4] == "RT: RC-RT"
    assert "2022 är inte förseglat." in page.text_content()
    last = [row[1].text_content() for row in page.xpath('//div[@aria-labelledby="senaste"]//tbody/tr')]
    assert (last[0], len(last)) == ("B 2", 10)
    assert [each.text for each in page.xpath("//li/a") if each.text.startswith("main.bean")] == ["main.bean:1"]
    assert len(page.xpath('//*[@role="region"]/*[name()="svg"]')) > 2


def test_the_first_figures_are_those_of_the_balance_sheet(client: FlaskClient, ledger: GeneralLedger) -> None:
    page = page_of(client, "oversikt", time="2022")
    balance = statement(ledger, "balans", Period(2022), Period(2021))
    rows = {row.label: row.figures["year"].tkr for row in balance.rows}
    shown = page.xpath('//*[@aria-labelledby="balans"]//tbody/tr')
    assert len(shown) == 3
    for row in shown:
        assert number(row.xpath("td[@id]")[0].text_content()) == rows[row[0].text_content()]


def test_the_first_figures_are_called_as_on_the_other_pages(tmp_path: Path) -> None:
    (tmp_path / "layouts").mkdir()
    own = 'utgar = "lag"\n\n[[row]]\nid = "eget-kapital"\nlabel = "Förbundets kapital"\n'
    (tmp_path / "layouts" / "balans.toml").write_text(own, encoding="utf-8")
    shown = page_of(client_of(documented(tmp_path)), "oversikt")
    assert "Förbundets kapital" in [row[0] for row in table_of(shown)]


def test_who_is_logged_in_can_log_out_and_who_audits_sees_the_log(client: FlaskClient) -> None:
    def links(user: User | None) -> list[str]:
        environ = {"forbundsbok.user": user} if user else {}
        answer = client.get(f"{SLUG}/extension/oversikt/", base_url=SITE, environ_overrides=environ)
        page = lxml.html.document_fromstring(answer.get_data(as_text=True))
        return [str(each) for each in page.xpath("//a[@data-remote]/@href")]

    assert links(None) == []
    assert links(User("lasse", "läsa", "")) == ["/logga-ut"]
    assert links(User("greta", "granska", "")) == ["/logga-ut", "/logg"]


def test_fava_opens_with_the_overview_unless_the_books_say_another_page(client: FlaskClient, tmp_path: Path) -> None:
    assert client.get(f"{SLUG}/", base_url=SITE).location.endswith("/extension/oversikt/")
    said = '2020-01-01 custom "fava-option" "default-page" "journal/"\n'
    other = client_of(documented(tmp_path, TINY + said))
    assert other.get(f"{SLUG}/", base_url=SITE).location.endswith("/journal/")


# Enheter


def test_units_stand_side_by_side_with_what_is_internal(client: FlaskClient, ledger: GeneralLedger) -> None:
    page = page_of(client, "enheter", time="2022", belopp="kr")
    made = by_unit(ledger, "resultat", Period(2022))
    heads = [each.text_content() for each in page.xpath('//*[@aria-labelledby="resultat"]//th[@class="n"]')]
    assert heads == ["RT", "UTB", "Internt", "Totalt"]
    rows = page.xpath('//*[@aria-labelledby="resultat"]//tbody/tr')
    for row, cells in zip(made.rows, rows, strict=True):
        figures = [row.figures[column.key].kronor for column in made.columns if column.key in row.figures]
        assert [number(each.text_content()) for each in cells.xpath('td[@class="n"][text() or a]')] == figures


def test_the_outcome_of_a_unit_has_its_surplus_in_and_out(client: FlaskClient) -> None:
    page = page_of(client, "enheter", time="2022", belopp="kr")
    rows = {row[0].text_content(): row for row in page.xpath('//*[@aria-labelledby="drift"]//tbody/tr')}
    shown = {name: [number(cell.text_content()) for cell in row[-2:]] for name, row in rows.items() if len(row[-1])}
    assert shown == {"Utbildning": [Decimal(200000), Decimal("-395499.99")]}
    outcome = [number(cell.text_content()) for cell in rows["Utbildning"][1:4]]
    assert outcome == [Decimal("360000.00"), Decimal("-360000.00"), 0]
    [link] = rows["Utbildning"][-2].xpath("a/@href")
    assert unquote(link).endswith("/account/Income:UTB:3198-Överskott:2021/?time=2022")


# Noter


def test_all_notes_are_shown_and_a_number_leads_to_its_own(client: FlaskClient, ledger: GeneralLedger) -> None:
    page = page_of(client, "noter", time="2022")
    names = [each for each in statement_names(ledger, Period(2022), Period(2021)) if each.startswith("not-")]
    assert [each.get("id") for each in page.xpath("//h3")] == names
    assert [each.get("href") for each in page.xpath('//nav[@class="contents"]//a')] == [f"#{each}" for each in names]
    for name in names:
        made = statement(ledger, name, Period(2022), Period(2021))
        cells = page.xpath(f'//*[@aria-labelledby="{name}"]//td[@id]')
        assert [number(each.text_content()) for each in cells] == [
            row.figures[column.key].tkr for row in made.rows for column in made.columns if column.key in row.figures
        ]
    for layout in ("", "lag"):
        shown = page_of(client, "rakenskaper", uppstallning="resultat", mall=layout)
        links = [each for each in shown.xpath("//td/a/@href") if "/noter/" in each]
        assert links
        for link in links:
            anchor = urlsplit(link).fragment
            [heading] = followed(client, link).xpath(f'//h3[@id="{anchor}"]/text()')
            assert heading.startswith(f"Not {anchor.removeprefix('not-')} ")


def test_a_figure_of_a_note_leads_back_to_it(client: FlaskClient) -> None:
    page = page_of(client, "noter", time="2022")
    link = page.xpath("//td[@id]/a/@href")[0]
    [back] = followed(client, link).xpath("//nav//a/@href")
    assert "/noter/?time=2022#not-1" in back


# Hämta


@pytest.mark.parametrize("made_as", [each for each in FORMATS if each not in ("duckdb", "parquet", "xlsx")])
def test_a_format_is_the_one_that_the_command_writes(client: FlaskClient, ledger: GeneralLedger, made_as: str) -> None:
    page = page_of(client, "hamta", time="2022")
    [link] = page.xpath(f'//li/a[text()="{made_as}"]/@href')
    answer = client.get(link, base_url=SITE)
    assert answer.status_code == 200
    files = FORMATS[made_as](report(ledger, Period(2022), Period(2021)))
    contents = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    if len(contents) == 1:
        [content] = contents.values()
        assert answer.headers["Content-Disposition"] == f"attachment; filename=arsredovisning-2022.{made_as}"
        assert answer.data == content
    else:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert {each: archive.read(each) for each in archive.namelist()} == contents
        assert answer.headers["Content-Disposition"] == "attachment; filename=arsredovisning-2022.zip"
    assert answer.headers.get("Content-Security-Policy") == (None if made_as == "pdf" else "sandbox")


@pytest.mark.parametrize("made_as", ["xlsx", "parquet", "duckdb", "csv"])
def test_what_is_on_the_screen_is_downloaded(client: FlaskClient, made_as: str) -> None:
    shown = page_of(client, "rakenskaper", uppstallning="resultat", enhet="RT", time="2022", bredvid="forandring")
    [leads] = [each for each in shown.xpath("//p/a/@href") if "/hamta/" in each]
    page = followed(client, leads)
    assert page.xpath("//h2")[0].text_content() == shown.xpath("//h2")[0].text_content()
    [link] = page.xpath(f'//li/a[text()="{made_as}"]/@href')
    answer = client.get(link, base_url=SITE)
    assert answer.status_code == 200
    ending = made_as if made_as in ("xlsx", "duckdb") else "zip"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=resultat-RT-2022.{ending}"
    if made_as == "csv":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert sorted(archive.namelist()) == ["figures.csv", "resultat-RT.csv"]
            assert "förändring" in archive.read("resultat-RT.csv").decode()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 404),
        ({"format": "exe"}, 404),
        ({"format": "csv", "time": "2030"}, 400),
        ({"format": "csv", "uppstallning": "finns-ej"}, 400),
        ({"format": "csv", "enhet": "finns-ej"}, 400),
        ({"format": "csv", "enhet": "RT"}, 400),
        ({"format": "csv", "jamfor": "alla"}, 400),
    ],
)
def test_what_there_is_no_file_of_is_said(client: FlaskClient, asked: dict[str, str], status: int) -> None:
    answer = client.get(f"{SLUG}/extension/hamta/fil", query_string=asked, base_url=SITE)
    assert answer.status_code == status


# All of them


def test_what_books_say_is_text(tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>&amp;"
    client = client_of(documented(tmp_path, TINY.replace('"Leverantör 001 Båtar" "Båt"', f'"{hostile}" "Båt"')))
    asked = {"at": "2022/balans/kassa-och-bank/year", "konto": f"Assets:RT:{hostile}"}
    pages = [page_of(client, "bakom-siffran", at=hostile), page_of(client, "bakom-siffran", **asked)]
    asked["konto"] = "Liabilities:RT:2510-Leverantörsskulder"
    debts = page_of(client, "bakom-siffran", at="2022/balans/kortfristiga-skulder/year", konto=asked["konto"])
    pages += [debts, *(followed(client, each) for each in debts.xpath("//tbody/tr/td[2]/a/@href"))]
    assert any(hostile in page.text_content() for page in pages[2:])
    assert not [each for page in pages for each in page.xpath("//img | //*[@onerror]")]


def test_broken_rules_are_said_above_and_books_that_cannot_be_read_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "regel").mkdir()
    broken = TINY.replace("forbundsbok.plugins.clearing", "forbundsbok.federation")
    page = page_of(client_of(documented(tmp_path / "regel", broken)), "rakenskaper")
    [alert] = page.xpath('//*[@role="alert"]')
    assert "fel. Lita inte på någon siffra" in alert.text_content()
    assert "/extension/kontroller/" in alert.xpath("a/@href")[0]
    assert page.xpath("//table")
    (tmp_path / "text").mkdir()
    page = page_of(client_of(documented(tmp_path / "text", TINY + "\n2022-01-01 oppna Assets\n")), "rakenskaper")
    assert "Inget kan visas" in page.xpath('//*[@role="alert"]')[0].text_content()
    assert not page.xpath("//table")


def test_nothing_is_given_out_of_books_with_errors_and_the_controls_count_all_of_them(tmp_path: Path) -> None:
    """What rules find, and what cannot be read, with its line."""
    broken = TINY.replace("forbundsbok.plugins.clearing", "forbundsbok.federation")
    for place, text in (("regel", broken), ("text", TINY + "\n2022-01-01 oppna Assets\n")):
        (tmp_path / place).mkdir()
        client = client_of(documented(tmp_path / place, text))
        answer = client.get(f"{SLUG}/extension/hamta/fil", query_string={"format": "csv"}, base_url=SITE)
        assert answer.status_code == 400
        assert not page_of(client, "hamta").xpath("//a[@data-remote]")
        controls = page_of(client, "kontroller")
        assert "Fel: 0" not in controls.xpath('//*[@role="status"]')[0].text_content()
    assert any(re.search(r"main\.bean:\d+: ", each.text_content()) for each in controls.xpath("//li"))


def test_what_is_typed_stands_line_by_line(client: FlaskClient) -> None:
    found = page_of(client, "bakom-siffran", at="2022/resultat/arets-resultat/year")
    account = followed(client, found.xpath("//table//a/@href")[0])
    voucher = followed(client, account.xpath("//tbody//td[2]/a/@href")[0])
    [said] = voucher.xpath("//pre")
    assert said.get("tabindex") == "0"
    assert all(line.startswith("  ") for line in said.text_content().splitlines())


def test_books_that_are_edited_are_shown_as_they_are_now(tmp_path: Path) -> None:
    path = documented(tmp_path)
    app = reading_app(path, 5000)
    [books] = [each for _, each in app.config["LEDGERS"].items()]
    before = table_of(page_of(app.test_client(), "rakenskaper"))
    path.write_text(path.read_text(encoding="utf-8").replace("25499.99", "95499.99"), encoding="utf-8")
    books.load_file()
    after = table_of(page_of(app.test_client(), "rakenskaper"))
    assert number(after[0][2]) - number(before[0][2]) == 70


def test_folders_among_the_books_do_not_stand_in_for_ours(tmp_path: Path) -> None:
    """Fava's own way to find pages puts the folder of the books first on Python's path, and leaves it there."""
    path = documented(tmp_path)
    for name in ("plugins", "queries", "web", "scripts", "importers", "forbundsbok"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('another folder')")
    program = f"""
import sys
from pathlib import Path
from forbundsbok.web.serve import reading_app
sys.path.insert(0, {str(tmp_path)!r})
from fava.ext import find_extensions
found, errors = find_extensions(Path({str(tmp_path)!r}), "forbundsbok.web.pages")
assert found and not errors, errors
client = reading_app(Path({str(path)!r}), 5000).test_client()
for page in {[page.address for page in PAGES]!r}:
    answer = client.get({SLUG!r} + "/extension/" + page + "/", base_url={SITE!r})
    assert answer.status_code == 200 and 'class="forbundsbok"' in answer.text, page
print("shown")
"""
    ran = subprocess.run([sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("shown\n", "")


def test_our_queries_are_stored_ones_in_fava_after_the_books_own(tmp_path: Path) -> None:
    own = '2022-12-31 query "böckernas" "SELECT account"\n'
    client = client_of(documented(tmp_path, TINY + own))
    queries = client.get(f"{SLUG}/api/ledger_data", base_url=SITE).get_json()["data"]["user_queries"]
    assert queries[0]["name"] == "böckernas"
    texts = {path.read_text(encoding="utf-8") for path in QUERIES.glob("*.bql")}
    assert {each["query_string"] for each in queries[1:]} == texts
    assert len(queries) == 4
    assert max(len(each["name"]) for each in queries) < 25
    for each in queries:
        asked = {"query_string": each["query_string"]}
        answer = client.get(f"{SLUG}/api/query", query_string=asked, base_url=SITE)
        assert answer.status_code == 200
        assert answer.get_json()["data"]["rows"] or each["name"] == "Kapitalets justeringar"


def test_what_many_ask_for_at_once_is_made_once(tiny: Path) -> None:
    figures = Figures(*load_ledger(tiny))
    made: list[int] = []
    ready = Barrier(8)

    def make(ledger: GeneralLedger, year: int) -> int:
        made.append(year)
        return len(ledger.chart) + year

    def ask() -> None:
        ready.wait()
        assert figures.once(make, 2022) == len(figures.ledger.chart) + 2022

    threads = [Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert made == [2022]


@pytest.mark.parametrize("pattern", ["2023.bean", "*/2023.bean"])
def test_a_file_that_an_include_looks_for_is_noticed_when_it_comes_and_when_it_goes(
    tmp_path: Path, pattern: str
) -> None:
    """Also with a time that is older than that of all others, as a copy that is put back has."""
    (tmp_path / "enhet").mkdir()
    part = tmp_path / pattern.replace("*", "enhet")
    client = client_of(documented(tmp_path, f'include "{pattern}"\n{TINY}'))
    said = '2022-06-01 note Assets:RT:1910-Kassa-och-bank "Hittad"\n'

    def is_shown() -> bool:
        return "Hittad" in client.get(f"{SLUG}/api/journal", base_url=SITE).get_data(as_text=True)

    assert not is_shown()
    for _ in range(2):
        part.write_text(said, encoding="utf-8")
        os.utime(part, (1, 1))
        assert is_shown()
        part.unlink()
        assert not is_shown()


def test_a_layout_beside_the_books_is_noticed(tmp_path: Path) -> None:
    client = client_of(documented(tmp_path))
    before = page_of(client, "rakenskaper").xpath("//h2")[0].text
    (tmp_path / "layouts").mkdir()
    own = 'utgar = "lag"\n\n[[row]]\nid = "verksamhetens-intakter"\nlabel = "Verksamhetens inkomster"\n'
    (tmp_path / "layouts" / "resultat.toml").write_text(own, encoding="utf-8")
    assert page_of(client, "rakenskaper").xpath("//h2")[0].text == before
    assert "Verksamhetens inkomster" in page_of(client, "rakenskaper").text_content()


def test_a_seal_is_told_everywhere_by_the_day_when_it_was_set(sjuharad_loaded: LoadedLedger) -> None:
    figures = Figures(*sjuharad_loaded)
    lines = read_journal(sjuharad_loaded.entries).closed(SEALED)
    assert {str(each.year): each.day for each in figures.ledger.seals} == {
        year: line.entry.date for year, line in lines.items()
    }
    for each, told in zip(figures.ledger.seals, figures.seals, strict=False):
        assert told.startswith(f"{each.year} är förseglat {each.day}: {each.sigill}")
