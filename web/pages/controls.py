"""Kontroller: what the rules have found and how it is mended, what is sealed, what waits, and what no rule sees.

extension/kontroller/
"""

from collections.abc import Iterator, Sequence

from forbundsbok.plugins.findings import RuleError, counted
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import placed_messages
from forbundsbok.plugins.rulebook import RULES
from forbundsbok.queries.approvals import WaitingVoucher
from forbundsbok.queries.comparison import Contradiction
from forbundsbok.queries.statement import as_set, grouped, table_in_words
from forbundsbok.web.pages.findings import finding
from forbundsbok.web.pages.page import Page, e
from forbundsbok.web.pages.vouchers import waiting_vouchers

# Babel reads no text inside an f-string.
UNREAD = N_("What cannot be read or booked")
FINDINGS = N_("What the rules have found")
SEALS = N_("Seals")
NO_SEALS = N_("No year is sealed, and no month locked.")
WAITING = N_("What waits for approval")
NOTHING_WAITS = N_("Nothing waits.")
CONTRADICTIONS = N_("Printed figures that contradict each other")
UNSEEN = N_("What the rules do not see")

NOT_SEEN = (
    N_(
        "A document, a sealed copy or the history in git that has been changed since a year was sealed: forbundsbok "
        "check reads them, and these pages do not."
    ),
    N_("What never came into the books: an invoice that was not sent on, income that was not charged."),
    N_("A document that is made up, right in form and of a usual amount, and approved by somebody who may."),
    N_("A wrong amount that is the same in the invoice and in the payment, and as large as others."),
    N_("A wrong account or unit, where the right one would have been as likely."),
    N_("Whether what was bought came, was needed, and was bought as agreements and the law of procurement say."),
    N_("What a person does who may write everything, unless an anchor is kept by somebody else (docs/sigill.md)."),
)
"""What is for check to read, and what no rule can know of, for people to look at."""


class ControlsPage(Page):
    """What is checked, and what came of it."""

    address = "kontroller"
    title = N_("Controls")

    def body(self) -> Iterator[str]:
        errors, warnings, unread = self.figures.broken, self.figures.warnings, self.figures.unread
        left = [each for each in warnings if not each.finding.answer]
        yield f"<h2>{e(self.report_title)}</h2>"
        told = tr(
            N_("{rules} rules are tried at each load. Errors: {errors}, warnings: {warnings}, acknowledged {answered}"),
            rules=len(RULES),
            errors=len(errors) + len(unread),
            warnings=len(left),
            answered=len(warnings) - len(left),
        )
        yield f'<p role="status">{e(told)}</p>'
        if unread:
            yield from self._list(UNREAD, [message for _, message in placed_messages(unread)], "")
        yield from self._findings([*errors, *left, *(each for each in warnings if each.finding.answer)])
        yield from self._list(SEALS, list(self.figures.seals), NO_SEALS)
        yield from self._waiting(self.figures.waiting)
        yield from self._contradictions(self.figures.contradictions(self.period))
        yield from self._list(UNSEEN, [tr(each) for each in NOT_SEEN], "")

    def _findings(self, found: Sequence[RuleError]) -> Iterator[str]:
        if not found:
            return
        yield f"<h3>{e(tr(FINDINGS))}</h3><ul>"
        by_code: dict[str, list[RuleError]] = {}
        for each in found:
            by_code.setdefault(each.finding.rule, []).append(each)
        for code, own in by_code.items():
            count = str(counted(len(own), N_("1 time"), N_("{count} times")))
            yield f'<li><a href="#{e(code)}">{e(code)}</a> {e(tr(RULES[code].title))} ({e(count)})</li>'
        yield "</ul>"
        for code, own in by_code.items():
            yield f'<h4 id="{e(code)}">{e(code)} {e(tr(RULES[code].title))}</h4><p>{e(tr(RULES[code].why))}</p>'
            yield from (finding(self, each) for each in own)

    def _waiting(self, waiting: Sequence[WaitingVoucher]) -> Iterator[str]:
        yield f'<h3 id="vantar">{e(tr(WAITING))}</h3>'
        if not waiting:
            yield f"<p>{e(tr(NOTHING_WAITS))}</p>"
            return
        yield waiting_vouchers(self, "vantar", waiting)

    def _contradictions(self, known: Sequence[Contradiction]) -> Iterator[str]:
        text = N_("{figure}: printed {printed} tkr, the others require {required} tkr. {reason}")
        items = [
            tr(
                text,
                figure=", ".join((table_in_words(each.key.table, self.language), each.key.row, each.key.column)),
                printed=as_set(grouped(each.printed)),
                required=as_set(grouped(each.required)),
                reason=each.reason,
            )
            for each in known
        ]
        if items:
            yield from self._list(CONTRADICTIONS, items, "")

    def _list(self, heading: str, items: Sequence[str], otherwise: str) -> Iterator[str]:
        yield f"<h3>{e(tr(heading))}</h3>"
        listed = "".join(f"<li>{e(each)}</li>" for each in items)
        yield f"<ul>{listed}</ul>" if items else f"<p>{e(tr(otherwise))}</p>"
