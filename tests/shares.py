"""How much of the long lists is tried: one in twelve by `make test`, all by `make mutants`.

FORBUNDSBOK_ALL_TESTS=1 pytest tests/test_mutations.py tests/mistakes
"""

import os

SHARE = 1 if os.environ.get("FORBUNDSBOK_ALL_TESTS") else 12
