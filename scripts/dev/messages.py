"""The Swedish catalogue, brought up to date with the code: `make messages`.

Every text that the code marks by `N_` or gives to `tr` or `phrase`, and every help text, that is not in
`forbundsbok/sv.po` is entered there, to be translated; what is marked no more goes. The head of the file, with the
glossary, stays as it is.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from forbundsbok.plugins.language import CATALOGUE
from forbundsbok.scripts.commands.language import help_text, parts_of
from forbundsbok.scripts.forbundsbok import main

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("forbundsbok", "plugins", "importers", "queries", "scripts", "web")


def marked() -> Catalog:
    """Return the texts that the code marks, or translates where they stand, and the help of all commands."""
    texts = Catalog()
    for room in ROOMS:
        # A room may be a folder of links to rooms, as mypy's: only real folders hold code.
        for name, _, text, comments, _ in extract_from_dir(
            ROOT / room, [("**.py", "python")], keywords={"N_": None, "tr": None, "phrase": None}
        ):
            texts.add(text, None, [(f"{room}/{name}", 0)], auto_comments=comments)
    for part in parts_of(main):
        if part.help:
            texts.add(help_text(part), None, [("scripts/commands", 0)])
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
