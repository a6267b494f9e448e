"""Vouchers are found, written and approved on pages as the commands do it: once, as they were shown, by who may."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import lxml.html
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from lxml.html import HtmlElement

from forbundsbok.plugins.loading import load_ledger
from forbundsbok.queries.search import words_of
from forbundsbok.scripts.forbundsbok import main
from forbundsbok.web.listening import Site
from forbundsbok.web.serve import books_app
from forbundsbok.web.users import User
from tests.scripts.commands.test_new import BOOKS

SLUG = "/räddningstjänsten-norra"
SITE = "http://127.0.0.1:5000"
BO, BERIT = User("bo", "bokföra", "x"), User("berit", "bokföra", "x")
CHEF, VAKT, LASSE = User("eva", "läsa", "x", "chef"), User("vakt", "läsa", "x", "VAKT"), User("lasse", "läsa", "x")
HOSTILE = '<script>alert("1")</script>'
INVOICE = {
    "slag": "leverantorsfaktura",
    "enhet": "RT",
    "motpart": "kontorsbolaget ab",
    "text": "Pennor",
    "belopp": "500",
    "datum": "2025-02-08",
    "forfallodag": "2025-03-10",
    "mottagning": "VAKT",
}


class Desk:
    """Books that are written in, and who sits at a browser."""

    def __init__(self, client: FlaskClient, ledger: Path) -> None:
        self.client = client
        self.ledger = ledger

    @property
    def text(self) -> str:
        return self.ledger.read_text(encoding="utf-8")

    def look(self, who: User, page: str, **asked: str | list[str]) -> HtmlElement:
        answer = self.client.get(
            f"{SLUG}/extension/{page}/?{urlencode(asked, doseq=True)}",
            base_url=SITE,
            environ_overrides={"forbundsbok.user": who},
        )
        assert answer.status_code == 200
        return own(answer.get_data(as_text=True))

    def yes(self, who: User, page: str, shown: HtmlElement) -> HtmlElement | str:
        """Say yes to what was shown; where that leads is returned, or the page that refuses it."""
        [form] = shown.xpath('.//form[@method="post"]')
        return self.send(who, page, form.get("action"), {each.name: each.value for each in form.xpath(".//input")})

    def send(self, who: User, page: str, action: str, sent: dict[str, str]) -> HtmlElement | str:
        address = action if action.startswith("/") else f"{SLUG}/extension/{page}/{action}"
        answer = self.client.post(address, data=sent, base_url=SITE, environ_overrides={"forbundsbok.user": who})
        if answer.status_code == 303:
            return str(answer.headers["Location"])
        has_page = answer.status_code in {HTTPStatus.OK, HTTPStatus.FORBIDDEN}
        return own(answer.get_data(as_text=True)) if has_page else str(answer.status_code)


def read_first(page: HtmlElement | str) -> str:
    """Return what is read first of a page that comes, of which there is one."""
    assert isinstance(page, HtmlElement)
    [first] = page.xpath(".//*[@data-first]")
    assert first.get("tabindex") == "-1"
    return str(first.text_content())


def own(page: str) -> HtmlElement:
    part: HtmlElement
    [part] = lxml.html.document_fromstring(page).xpath('//div[@class="forbundsbok"]')
    return part


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "underlag").mkdir()
    (tmp_path / "underlag" / "L-0001.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    ledger = tmp_path / "main.bean"
    ledger.write_text(BOOKS.replace('  ver: "L 1"\n', '  ver: "L 1"\n  underlag: "underlag/L-0001.pdf"\n'), "utf-8")
    app = books_app(ledger, Site("127.0.0.1", 5000), is_written=True)
    return Desk(app.test_client(), ledger)


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    desk.yes(BO, "ny-verifikation", desk.look(BO, "ny-verifikation", **INVOICE))
    return desk


# Sök


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('L 17 hyra "stora salen"', ["L 17", "hyra", "stora salen"]),
        ("38 462,50", ["38 462,50"]),
        ("städ 1000..2000 6120", ["städ", "1000..2000", "6120"]),
        ("L 17b 12 50", ["L", "17b", "12", "50"]),
    ],
)
def test_a_number_or_an_amount_is_one_word(written: str, words: list[str]) -> None:
    assert words_of(written) == words


@pytest.mark.parametrize("written", ["L 1", "kontorsbolaget", "1 250", "1000..1200", "6510 pärmar", "L-0001.pdf"])
def test_a_voucher_is_found_and_leads_to_all_of_it_and_its_document(desk: Desk, written: str) -> None:
    page = desk.look(LASSE, "sok", sok=written)
    assert [each.text for each in page.xpath(".//tbody//td[2]/a")] == ["L 1"]
    voucher, document = (page.xpath(f".//tbody//td[{at}]/a/@href")[0] for at in (2, 5))
    behind = own(desk.client.get(voucher, base_url=SITE).get_data(as_text=True)).text_content()
    assert "6510-Kontorsmaterial" in behind
    assert not desk.look(LASSE, "sok", sok="finns inte").xpath(".//table")
    answer = desk.client.get(document, base_url=SITE)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")


# Ny verifikation


def test_a_form_gives_the_voucher_that_the_command_does_and_writes_it_once(desk: Desk) -> None:
    told = [f"--{name}" for name in ("unit", "payee", "text", "amount", "date", "due", "received-by")]
    values = [value for name, value in INVOICE.items() if name != "slag"]
    options = [each for pair in zip(told, values, strict=True) for each in pair]
    ran = (
        CliRunner()
        .invoke(main, ["new", "leverantorsfaktura", *options, "--dry-run", "--ledger", str(desk.ledger)])
        .output
    )
    shown = desk.look(BO, "ny-verifikation", **INVOICE)
    [text] = shown.xpath(".//pre")
    assert text.text_content() in ran
    assert "Alla regler håller" in shown.text_content()

    before = desk.text
    for who in (BO, BO, BERIT):  # two clicks, and somebody else who was shown the same
        leads = desk.yes(who, "ny-verifikation", shown)
        assert isinstance(leads, str)
        assert leads.endswith("skriven=L+2+2025")
    assert desk.text.removeprefix(before).strip() == text.text_content().strip()
    assert not load_ledger(desk.ledger).errors
    assert "L 2" in desk.look(BO, "ny-verifikation", skriven="L 2 2025").xpath('.//p[@role="status"]')[0].text_content()


def test_a_page_that_was_left_open_writes_nothing_but_shows_how_it_would_be_now(desk: Desk) -> None:
    left = desk.look(BERIT, "ny-verifikation", **INVOICE | {"text": "Papper"})
    desk.yes(BO, "ny-verifikation", desk.look(BO, "ny-verifikation", **INVOICE))
    before = desk.text
    refused = desk.yes(BERIT, "ny-verifikation", left)
    assert isinstance(refused, HtmlElement)
    assert "har ändrats" in read_first(refused)
    assert 'ver: "L 3"' in refused.xpath(".//pre")[0].text_content()
    assert desk.text == before
    assert "L+3+2025" in str(desk.yes(BERIT, "ny-verifikation", refused))


@pytest.mark.parametrize("page", ["ny-verifikation", "attestera"])
def test_that_nothing_is_written_is_read_first_also_where_books_can_no_longer_be_read(waiting: Desk, page: str) -> None:
    who, asked = (BO, INVOICE) if page == "ny-verifikation" else (CHEF, {})
    shown = waiting.look(who, page, **asked)
    waiting.ledger.write_text(f"{waiting.text}\n2025-02-02 obegripligt\n", encoding="utf-8")
    before = waiting.text
    assert "Inget skrivs" in read_first(waiting.yes(who, page, shown))
    assert waiting.text == before


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"belopp": "12,345"}, "är inget belopp"),
        ({"enhet": "XX"}, '"XX" är ingen enhet'),
        ({"kostnad": "9999"}, '"9999" är inget konto'),
        ({"datum": "i går"}, "är inget datum"),
        ({"datum": "2031-01-01"}, "Ingenting är bokfört 2031 än"),
        ({"reglerar": "L 999"}, "Det finns ingen verifikation L 999"),
        ({"belopp": ""}, "Återstår"),
        ({"underlag": "../../hemligt"}, "Reglerna vägrar den"),
    ],
)
def test_what_is_wrong_is_told_and_cannot_be_said_yes_to(desk: Desk, asked: dict[str, str], told: str) -> None:
    before = desk.text
    sound = desk.look(BO, "ny-verifikation", **INVOICE)
    shown = desk.look(BO, "ny-verifikation", **INVOICE | asked)
    assert told in read_first(shown)
    assert shown.xpath('.//*[@data-first]/following::input[@name="belopp"]')  # above what is to be put right
    assert not shown.xpath('.//form[@method="post"]')
    assert read_first(sound) == "Verifikationen"
    [form] = sound.xpath('.//form[@method="post"]')
    sent = {each.name: each.value for each in form.xpath(".//input")}
    assert isinstance(desk.send(BO, "ny-verifikation", f"?{urlencode(INVOICE | asked)}", sent), HtmlElement)
    assert desk.text == before


def test_the_findings_of_a_rule_are_shown_as_among_the_controls(desk: Desk) -> None:
    shown = desk.look(BO, "ny-verifikation", **INVOICE | {"kostnad": "2510"})
    [finding] = shown.xpath('.//div[@class="finding"]')
    assert finding.text_content().startswith("R907 L 2")
    assert not shown.xpath('.//form[@method="post"]')
    warned = desk.look(BO, "ny-verifikation", **INVOICE | {"forfallodag": "2025-01-01"})
    assert "! T166 L 2" in warned.xpath('.//div[@class="finding"]')[0].text_content()
    assert warned.xpath('.//form[@method="post"]')


def test_rows_that_do_not_balance_say_by_how_much(desk: Desk) -> None:
    rows = {"konto": ["6510", "1910"], "debet": ["100", ""], "kredit": ["", "90,50"]}
    shown = desk.look(BO, "ny-verifikation", slag="fri", enhet="RT", text="x", datum="2025-02-01", **rows)
    assert "Differens: 9,50 kr" in shown.text_content()
    assert "balanserar inte" in shown.xpath('.//*[@role="alert"]')[0].text_content()


@pytest.mark.parametrize(
    ("asked", "account", "amount"),
    [
        ({"slag": "kopiera", "av": "L 1", "text": "Fler pärmar"}, "Expenses:RT:6510-Kontorsmaterial", "1000.00 SEK"),
        ({"slag": "aterfor", "av": "L 1"}, "Expenses:RT:6510-Kontorsmaterial", "-1000.00 SEK"),
        ({"slag": "ratta", "av": "L 1", "till": ["6020", "", ""]}, "Expenses:RT:6020-Lokalhyror", "1000.00 SEK"),
    ],
)
def test_an_earlier_voucher_is_copied_taken_back_or_corrected(
    desk: Desk, asked: dict[str, str], account: str, amount: str
) -> None:
    shown = desk.look(BO, "ny-verifikation", datum="2025-02-08", **asked)
    rows = [each.split(maxsplit=1) for each in shown.xpath(".//pre")[0].text_content().splitlines()]
    assert [account, amount] in rows


def test_what_is_typed_is_text_in_the_page_and_in_the_books(desk: Desk) -> None:
    typed = {"motpart": HOSTILE, "text": 'a" "b\nplugin "os"', "moms": "25", "kostnad": "6510"}
    shown = desk.look(BO, "ny-verifikation", **INVOICE | typed)
    assert not shown.xpath(".//script")
    assert isinstance(desk.yes(BO, "ny-verifikation", shown), str)
    [written] = [each for each in load_ledger(desk.ledger).entries if getattr(each, "payee", "") == HOSTILE]
    assert written.narration == 'a" "b plugin "os"'
    for page, asked in (("sok", {"sok": "script"}), ("attestera", {}), ("ny-verifikation", {"skriven": "L 2 2025"})):
        assert not desk.look(CHEF, page, **asked).xpath(".//script")


def test_only_who_books_writes_and_only_where_something_is_written(desk: Desk) -> None:
    shown = desk.look(LASSE, "ny-verifikation", **INVOICE)
    assert shown.xpath(".//pre")
    assert not shown.xpath('.//form[@method="post"]')
    before = desk.text
    of_bo = desk.look(BO, "ny-verifikation", **INVOICE)
    for who in (LASSE, CHEF):
        assert "Bara den som har rollen bokföra" in read_first(desk.yes(who, "ny-verifikation", of_bo))
    assert desk.send(BO, "noter", "", {}) == "405"
    assert desk.send(BO, "finns-inte", "", {}) == "404"
    reading = Desk(books_app(desk.ledger, Site("127.0.0.1", 5000)).test_client(), desk.ledger)
    assert reading.yes(BO, "ny-verifikation", of_bo) == "401"
    assert desk.text == before


# Attestera


def test_a_yes_in_person_is_written_as_the_command_writes_it_and_counts_once(waiting: Desk) -> None:
    shown = waiting.look(CHEF, "attestera")
    assert "RT, 500,00 kr: CHEF" in shown.text_content().replace("\N{NO-BREAK SPACE}", " ")
    before = waiting.text
    for _ in range(2):
        assert "attesterad=L+2+2025" in str(waiting.yes(CHEF, "attestera", shown))
    after = waiting.text
    waiting.ledger.write_text(before, encoding="utf-8")
    told = ["attest", "L 2", "--by", "chef", "--ledger", str(waiting.ledger)]
    assert CliRunner().invoke(main, told, input="j\n").exit_code == 0
    assert waiting.text == after
    assert 'attest: "CHEF"' in after
    assert "L 2 2025 är attesterad av CHEF" in waiting.look(CHEF, "attestera", attesterad="L 2 2025").text_content()


def test_nobody_approves_for_somebody_else_or_against_the_rules(waiting: Desk) -> None:
    before = waiting.text
    shown = waiting.look(CHEF, "attestera")
    for who in (LASSE, BO, VAKT):
        assert not waiting.look(who, "attestera", vantar="alla").xpath('.//form[@method="post"]')
    assert "--signature" in waiting.look(LASSE, "attestera").text_content()
    for who in (LASSE, BO):
        assert "Bara den som har en signatur" in read_first(waiting.yes(who, "attestera", shown))
    refused = waiting.yes(VAKT, "attestera", shown)
    assert "väntar inte på VAKT" in read_first(refused)
    assert waiting.text == before
    # What was shown is no longer what waits.
    waiting.ledger.write_text(before.replace('"Pennor"', '"Bläck"'), encoding="utf-8")
    refused = waiting.yes(CHEF, "attestera", shown)
    assert isinstance(refused, HtmlElement)
    assert "har ändrats" in read_first(refused)
    assert "attestdag" not in waiting.text


# Uppföljning


@pytest.mark.parametrize(("made_as", "begins"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("txt", "Uppföljning".encode())])
def test_the_follow_up_is_given_out_as_it_is_shown(desk: Desk, made_as: str, begins: bytes) -> None:
    page = desk.look(LASSE, "budget", uppfoljning="konto", enhet="RT", time="2025-01 - 2025-02", manader="ja")
    [leads] = page.xpath(f'.//a[text()="{made_as}"]/@href')
    answer = desk.client.get(leads, base_url=SITE)
    assert answer.status_code == 200
    assert answer.data.startswith(begins)
