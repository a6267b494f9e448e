"""Findings on pages: what a rule says, where it stands, and what mends it, to copy.

finding(page, error)
errors(page, would_be.errors)       of the rules, and of Beancount
"""

from collections.abc import Iterable, Iterator
from typing import Any

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.findings import RuleError, step_lines
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import TextError
from forbundsbok.plugins.places import place_of
from forbundsbok.web.pages.page import Page, as_typed, e

# Babel reads no text inside an f-string.
ACKNOWLEDGED = N_("Acknowledged:")
FIX = N_("How it is mended, to copy")


def errors(page: Page, found: Iterable[Any]) -> Iterator[str]:
    """Yield errors of a ledger, whoever found them."""
    for each in found:
        if isinstance(each, RuleError):
            yield finding(page, each)
        else:
            yield f'<div class="finding"><p>{e(in_words(each))}</p></div>'


def finding(page: Page, error: RuleError) -> str:
    """Return what a rule has found."""
    file, line = place_of(error)
    own = error.finding
    answer = f"<p>{e(tr(ACKNOWLEDGED))} {e(own.answer)}</p>" if own.answer else ""
    level = " answered" if own.answer else ""
    return (
        f'<div class="finding{level}"><p>{e("! " if own.warns else "")}{e(in_words(error))}</p>{answer}'
        f"<p>{page.place(file, line) if file else ''}</p>{_fix(error)}</div>"
    )


def _fix(error: RuleError) -> str:
    try:
        lines = [line for step in error.finding.fix for text in step_lines(step) for line in text.splitlines()]
    except TextError:
        return ""
    return f'<p class="soft">{e(tr(FIX))}</p>{as_typed(lines, tr(FIX))}' if lines else ""
