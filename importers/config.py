"""The doors for beangulp's command line and for Fava's import page.

    python -m forbundsbok.importers.config extract --existing ledger/main.bean inbox/
    2025-01-01 custom "fava-option" "import-config" "../importers/config.py"
    2025-01-01 custom "fava-option" "import-dirs" "../inbox"

The mapping is import.toml beside the ledger: `ledger/main.bean`, or what the environment variable FORBUNDSBOK_LEDGER
names. Both show what a document would add, with numbers that are free then, one document at a time; neither keeps the
document, nor checks the ledger with it before it is written. `forbundsbok import` does.
"""

import os
import sys
from pathlib import Path

import beangulp

from forbundsbok.importers.doors import doors
from forbundsbok.importers.mapping import FILE, read_mapping
from forbundsbok.importers.problems import DocumentError

LEDGER = Path(os.environ.get("FORBUNDSBOK_LEDGER", "ledger/main.bean"))

try:
    CONFIG = doors(read_mapping(LEDGER.with_name(FILE)))
except DocumentError as error:
    if __name__ == "__main__":
        sys.exit(str(error))
    raise

if __name__ == "__main__":
    beangulp.Ingest(CONFIG)()
