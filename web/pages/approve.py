"""Attestera: what waits for whom, with its document and amounts; and the yes of who is logged in.

    extension/attestera/?vantar=alla

Who is logged in approves by the signature that the file of users has of them (`forbundsbok user add --signature`):
nobody chooses on the page as whom. Where it has none, the page says how it is done with the command.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from flask import request

from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.loading import refuse_errors
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.rights import ATTEST, MOTTAGNING, signatures_of
from forbundsbok.queries.approvals import WaitingVoucher, waiting
from forbundsbok.queries.search import FoundVoucher
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger
from forbundsbok.scripts.store.vouchers import with_approvals
from forbundsbok.web.pages.page import Choice, Page, RightError, e
from forbundsbok.web.pages.shown import ChangedError, DoneError, asked_of, fields, mark, marks, voucher_of
from forbundsbok.web.pages.vouchers import DOCUMENT, document, rows_table, voucher_link

MOST = 50
"""So many vouchers are shown at once, the earliest."""

ALL = "alla"
NOTHING_WAITS = N_("Nothing waits.")
NOTHING_FOR = N_("Nothing waits for {sign}.")
BRINGS_IN = N_("brings in, and needs no approval: read it, and write * for !")
WHO_RECEIVED = N_("Who has received it")
APPROVE_AS = N_("Approve as {sign}")
NO_DOCUMENT = N_("It names no document.")
FIRST = N_("The first {most} are shown.")


class ApprovePage(Page):
    """What waits, and the yes to it."""

    address = "attestera"
    title = N_("Approve")

    def body(self) -> Iterator[str]:
        yield self.heading(self.report_title)
        yield self._approved()
        yield f"<p>{e(self._who())}</p>"
        waits = self.figures.waiting
        if self.sign:
            given = [("", tr(N_("for {sign}"), sign=self.sign)), (ALL, tr(N_("for anybody")))]
            yield self.form((Choice("vantar", tr(N_("What waits")), given, self.asked("vantar", (ALL,))),))
            if not self.asked("vantar", (ALL,)):
                waits = [each for each in waits if each.sign_of(self.sign)]
        if not waits:
            yield f"<p>{e(tr(NOTHING_FOR, sign=self.sign) if self.figures.waiting else tr(NOTHING_WAITS))}</p>"
            return
        count = str(counted(len(waits), N_("1 voucher waits."), N_("{count} vouchers wait.")))
        yield f"<p>{e(count)} {e(tr(FIRST, most=MOST)) if len(waits) > MOST else ''}</p>"
        for number, voucher in enumerate(waits[:MOST]):
            yield from self._voucher(f"v{number}", voucher)

    @property
    def sign(self) -> str:
        """The signature of who is logged in; empty where it is not known, or nothing is written here."""
        return self.user.sign if self.may_write and self.user else ""

    def _who(self) -> str:
        if self.sign and self.user:
            text = N_(
                "You are logged in as {name}, and approve as {sign}. That and the day are written below a voucher that "
                "you say yes to."
            )
            return tr(text, name=self.user.name, sign=self.sign)
        if self.may_write and self.user:
            text = N_(
                "Nobody has said which signature {name} has, so that nothing is approved here. Who runs the server "
                "writes   forbundsbok user add {name} --signature SIGNATURE   or approve by   forbundsbok attest"
            )
            return tr(text, name=self.user.name)
        return tr(N_('The books are only read here: approve by   forbundsbok attest "L 14" --by SIGNATURE'))

    def _approved(self) -> str:
        entry = voucher_of(self.asked("attesterad"), self.figures.entries)
        if entry is None or ATTEST not in entry.meta or self.refused:
            return ""
        text = N_("{number} is approved by {sign}.")
        return self.done(tr(text, number=self.asked("attesterad"), sign=str(entry.meta[ATTEST])))

    def _voucher(self, heading: str, voucher: WaitingVoucher) -> Iterator[str]:
        tables, found = self.tables(), FoundVoucher(voucher.entry)
        text = ": ".join(each for each in (voucher.entry.payee, voucher.entry.narration) if each)
        yield f'<section class="voucher" aria-labelledby="{heading}"><h3 id="{heading}">{voucher.entry.date} '
        yield f"{voucher_link(self, found)} <span{tables.of_books}>{e(text)}</span></h3>"
        yield rows_table(self, f"{heading}-rader", found)
        there = f"{e(tr(DOCUMENT))}: {document(self, found)}" if found.document else e(tr(NO_DOCUMENT))
        yield f"<p>{there}</p>"
        yield "<ul>"
        for unit, able in voucher.lacks.items():
            told = N_("{unit}, {amount} kr: {able}")
            amount, names = tables.amount(voucher.parts[unit]), ", ".join(able) or tr(N_("nobody"))
            yield f"<li>{e(tr(told, unit=unit, amount=amount, able=names))}</li>"
        yield f"<li>{e(tr(BRINGS_IN))}</li>" if not voucher.parts else ""
        yield "</ul>"
        if self.sign and voucher.sign_of(self.sign):
            yield self._yes(voucher)
        yield "</section>"

    def _yes(self, voucher: WaitingVoucher) -> str:
        received = voucher.entry.meta.get(MOTTAGNING)
        asks = (
            ""
            if received
            else f'<label>{e(tr(WHO_RECEIVED))}<input name="mottagning" autocomplete="off" maxlength="60"></label>'
        )
        said = e(tr(APPROVE_AS, sign=voucher.sign_of(self.sign)))
        asked = e(self.link(self.address, vantar=self.asked("vantar", (ALL,))))
        return (
            f'<form class="choices" method="post" action="{asked}">{fields([voucher.entry])}{asks}'
            f'<button type="submit">{said}</button></form>'
        )

    def posted(self) -> str:
        """Write the yes of who is logged in to a voucher as it was shown."""
        sign = self.sign
        if not sign:
            return self.refuse(RightError(tr(N_("Only who has a signature approves here."))))

        def approval(books: LockedLedger) -> Sequence[FileChange]:
            refuse_errors(books.errors)
            waits = waiting(books.entries, books.options)
            voucher = next((each for each in waits if [mark(each.entry)] == marks()), None)
            if voucher is None:
                self._refuse_done(books, sign)
                raise ChangedError
            received = cleaned_text(request.form.get("mottagning", "")).strip()
            return with_approvals([(voucher, voucher.approved(sign, date.today(), received))])

        number = request.form.get("nummer", "")
        try:
            self.files.write(approval)
        except DoneError:
            pass
        except RefusalError as error:
            return self.refuse(error)
        return self.link(self.address, vantar=self.asked("vantar", (ALL,)), attesterad=number)

    def _refuse_done(self, books: LockedLedger, sign: str) -> None:
        """Raise DoneError where the voucher has this person's approval already: the same yes came twice."""
        entry = asked_of(books.entries)
        if entry and folded(sign) in map(folded, signatures_of(entry, ATTEST)):
            raise DoneError
