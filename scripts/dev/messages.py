"""The Swedish catalogue, brought up to date with the code: `make messages`.

Every text that the code marks by `N_` and that is not in `forbundsbok/sv.po` is entered there, to be translated;
what is marked no more goes. The head of the file, with the glossary, stays as it is.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from forbundsbok.plugins.language import CATALOGUE

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("forbundsbok", "plugins", "importers", "queries", "scripts", "web")


def marked() -> Catalog:
    """Return the texts that the code marks, with the files that they stand in."""
    texts = Catalog()
    for room in ROOMS:
        # A room may be a folder of links to rooms, as mypy's: only real folders hold code.
        for name, _, text, comments, _ in extract_from_dir(ROOT / room, [("**.py", "python")], keywords={"N_": None}):
            texts.add(text, None, [(f"{room}/{name}", 0)], auto_comments=comments)
    return texts


def updated() -> str:
    """Return the catalogue as it should be."""
    head = CATALOGUE.read_text(encoding="utf-8").split("\n\n")[0].rstrip()
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="sv")
    catalogue.update(marked(), no_fuzzy_matching=True, update_creation_date=False)
    written = io.BytesIO()
    write_po(
        written, catalogue, width=0, omit_header=True, sort_by_file=True, ignore_obsolete=True, include_lineno=False
    )
    return f"{head}\n\n{written.getvalue().decode().strip()}\n"


if __name__ == "__main__":
    CATALOGUE.write_text(updated(), encoding="utf-8")
