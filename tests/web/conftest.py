"""Fava as it is, books with a document, and a server that the browser is shown them by.

What `web.serve` puts in the place of Fava's own parts is taken out again: other tests ask Fava as it is.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fava import core
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.support.wait import WebDriverWait

from tests.conftest import TINY
from tests.web.server import Attacked, started

REPLACED = ("load_uncached", "ExtensionModule", "IngestModule", "FileModule")
DOCUMENT = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture(autouse=True, scope="module")
def fava_as_it_is() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in REPLACED:
            patch.setattr(core, name, getattr(core, name))
        yield


def documented(folder: Path, text: str = TINY) -> Path:
    """Write books of which one voucher has its document, and return their main file."""
    (folder / "underlag").mkdir()
    (folder / "underlag" / "L-0001.pdf").write_bytes(DOCUMENT)
    path = folder / "main.bean"
    path.write_text(
        text.replace('  ver: "L 1"\n', '  ver: "L 1"\n  underlag: "underlag/L-0001.pdf"\n'), encoding="utf-8"
    )
    return path


def waiting(browser: Chrome) -> WebDriverWait[Chrome]:
    """Return what waits for something on a page, and sees it as soon as it comes: by itself it looks twice a second."""
    return WebDriverWait(browser, 30, poll_frequency=0.02, ignored_exceptions=[StaleElementReferenceException])


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """A server that a browser is shown the tiny federation's books by, one for all tests that look."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / "books").mkdir()
    with started(documented(folder / "books"), folder / "users.toml") as server:
        yield server
