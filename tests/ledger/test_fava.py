"""The books in Fava: in Swedish, without errors, and closed to writing, as `make fava` serves them."""

from pathlib import Path

from fava.application import create_app


def test_fava_shows_the_books_read_only_and_in_swedish(sjuharad: Path) -> None:
    app = create_app([str(sjuharad)], load=True, read_only=True)
    ledger = app.config["LEDGERS"]["sjuhärads-kommunalförbund"]
    assert ledger.errors == []
    assert ledger.fava_options.language == "sv"

    browser = app.test_client()
    page = browser.get("/sjuhärads-kommunalförbund/income_statement/")
    assert page.status_code == 200
    assert r"Resultatr\u00e4kning" in page.get_data(as_text=True)
    written = browser.put("/sjuhärads-kommunalförbund/api/source", json={"file_path": str(sjuharad), "source": ""})
    assert written.status_code == 401
