"""The pages of the annual accounts that README shows.

    python -m forbundsbok.scripts.dev.pictures ledger/main.bean 2024 docs/bilder

Of a year whose pages have other numbers, look into the contents, and change PAGES.
"""

import sys
from pathlib import Path

from forbundsbok.queries.general_ledger import load
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative
from forbundsbok.scripts.render.pdf import pictures

PAGES = {"siffror": 3, "balansrakning": 11}
DOTS_AN_INCH = 96

if __name__ == "__main__":
    main, year, folder = Path(sys.argv[1]), Period.read(sys.argv[2]), Path(sys.argv[3])
    ledger = load(main)
    pages = pictures(report(ledger, year, comparative(ledger, year, None)), DOTS_AN_INCH)
    folder.mkdir(parents=True, exist_ok=True)
    for name, number in PAGES.items():
        (folder / f"{name}.png").write_bytes(pages[number - 1])
