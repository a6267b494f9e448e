"""The books in Fava: in Swedish, without errors, and closed to writing, as `make fava` serves them."""

from pathlib import Path

import pytest

from forbundsbok.web.serve import reading_app

ADDRESS = "http://127.0.0.1:5000"


@pytest.mark.slow
def test_fava_shows_the_books_read_only_and_in_swedish(sjuharad: Path) -> None:
    app = reading_app(sjuharad, 5000)
    ledger = app.config["LEDGERS"]["sjuhärads-kommunalförbund"]
    assert ledger.errors == []
    assert ledger.fava_options.language == "sv"

    browser = app.test_client()
    page = browser.get("/sjuhärads-kommunalförbund/income_statement/", base_url=ADDRESS)
    assert page.status_code == 200
    assert r"Resultatr\u00e4kning" in page.get_data(as_text=True)
    written = browser.put(
        "/sjuhärads-kommunalförbund/api/source", base_url=ADDRESS, json={"file_path": str(sjuharad), "source": ""}
    )
    assert written.status_code == 401
