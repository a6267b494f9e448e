"""Bakom siffran: from a figure to its accounts, to their postings, to a voucher and its document.

    extension/bakom-siffran/?at=2024/resultat-RT/intakter/year
    extension/bakom-siffran/?at=2024/resultat-RT/intakter/year&konto=Income:RT:3119-Medlemsavgifter:Norrby
    extension/bakom-siffran/?at=...&konto=...&verifikation=L 17&rad=units/RT/2024.bean:12
    extension/bakom-siffran/?verifikation=L 17&rad=units/RT/2024.bean:12

The address of a figure is the same in every format and every load, so that a link to it stays one.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from fava.ext import extension_endpoint
from fava.helpers import FavaAPIError
from fava.util import send_file_inline
from flask import Response, abort, request

from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import metadata_text
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.queries.follow_up import NAME as FOLLOW_UP
from forbundsbok.queries.provision_plans import NAME as PROVISIONS
from forbundsbok.queries.search import FoundVoucher
from forbundsbok.queries.statement import (
    Column,
    Figure,
    PostingLine,
    Side,
    Statement,
    StatementRow,
    kronor_of,
    tkr_text,
)
from forbundsbok.queries.trace import AccountTrace, SumTrace, figure_at, is_address, traces_of
from forbundsbok.scripts.render.text import BY_DIRECTIVE, OPENING, taken_text
from forbundsbok.web.pages.page import Page, PageError, as_typed, e, time_of
from forbundsbok.web.pages.vouchers import document, file_of, rows_table

# Babel reads no text inside an f-string.
ADDRESS = N_("The address of the figure:")
AGREES = N_("It must agree with, and does:")
SAID = N_("What the voucher says beside its rows")
NOTHING = N_("Nothing is booked that it would take.")
PARTS = N_("Parts of the list")
TURNED = N_(
    "The books have debit as plus and credit as minus. The figure has the sign turned: {here} here is {there} there."
)
VOUCHER = N_("Voucher")
WAY_BACK = N_("The way back")

A_PAGE = 500
"""So many postings stand on a page; what a voucher of many years has would take a browser long."""


class BehindPage(Page):
    """What is behind a figure."""

    address = "bakom-siffran"
    title = N_("Behind the figure")

    def body(self) -> Iterator[str]:
        at = self.asked("at").strip()
        if not at:
            line = self.asked("rad")
            yield from self._voucher("", line) if line else [self._question("")]
            return
        figures = self.figures
        try:
            if not is_address(at):
                text = N_('"{address}" is no address of a figure, as 2024/resultat/intakter/year')
                raise PageError(tr(text, address=at))
            statement, row, column = figures.once(figure_at, at, self.language)
        except RefusalError:
            yield self._question(at)
            raise
        figure = row.figures[column.key]
        traces = figures.once(traces_of, figure)
        if line := self.asked("rad"):
            yield from self._voucher(at, line)
        elif account := self.asked("konto"):
            yield from self._account(at, account, traces)
        else:
            yield from self._figure(statement, row, column, traces)

    def _question(self, at: str) -> str:
        label = e(tr(N_("The address of a figure, as every table and export has it")))
        about = e(tr(N_("Follow a figure on any page: what it is made of is shown here.")))
        field = f'<label class="wide">{label}<input name="at" value="{e(at)}" size="45"></label>'
        return f"<h2>{e(self.report_title)}</h2><p>{about}</p>{self.form((field,))}"

    # The figure

    def _figure(
        self, statement: Statement, row: StatementRow, column: Column, traces: Sequence[SumTrace]
    ) -> Iterator[str]:
        tables, figure = self.tables(), row.figures[column.key]
        label = ", ".join(dict.fromkeys((row.label, row.column or column.label)))
        back = self._statement_link(statement, row, column)
        yield self._trail((statement.heading(), back))
        yield self.heading(label)
        yield f'<p class="figure">{tables.kr(figure.ore)} kr, {tkr_text(figure)} tkr</p>'
        for trace in traces:
            yield '<div class="scroll" role="region" tabindex="0" aria-label="'
            yield f'{e(taken_text(trace.part, self.language))}">'
            yield tables.accounts(trace.part, ((each.name, trace.part.sign * each.ore) for each in trace.accounts))
            yield "</div>"
        if figure.told:
            yield tables.told(figure.told)
        yield from self._proof(figure, traces)
        yield from self._agreements(statement, statement.address(row, column))
        yield f'<p class="soft">{e(tr(ADDRESS))} '
        yield f"<code>{e(statement.address(row, column))}</code></p>"

    def _proof(self, figure: Figure, traces: Sequence[SumTrace]) -> Iterator[str]:
        sums = [trace.part.sign * trace.ore for trace in traces] + [each.ore for each in figure.told]
        if len(sums) > 1:
            terms = " + ".join(self.tables().kr(each) for each in sums)
            yield f'<p class="terms">{terms} = <strong>{self.tables().kr(figure.ore)}</strong></p>'
        if not sums:
            yield f"<p>{e(tr(NOTHING))}</p>"

    def _agreements(self, statement: Statement, address: str) -> Iterator[str]:
        report = self.figures.report(statement.period, self.language)
        here: dict[Side, None] = {}
        for proof in statement.proofs:
            for side, other in ((proof.left, proof.right), (proof.right, proof.left)):
                if side.address == address:
                    here[other] = None
        sides = [*here, *(each for each in report.agreements.get(address, ()) if each not in here)]
        if sides:
            listed = "".join(f"<li>{self._side(each)}</li>" for each in sorted(sides, key=lambda each: each.text))
            yield f"<p>{e(tr(AGREES))}</p><ul>{listed}</ul>"

    def _side(self, side: Side) -> str:
        text = f"{e(side.text)}, {self.tables().kr(side.ore)} kr"
        return f'<a href="{e(self.link(self.address, at=side.address))}">{text}</a>' if side.address else text

    def _statement_link(self, statement: Statement, row: StatementRow, column: Column) -> str:
        for page, name in (("budget", FOLLOW_UP), ("avsattningar", PROVISIONS)):
            if statement.id.startswith(f"{name}-"):
                _, _, by = statement.id.partition("-")
                months = "ja" if column.key.startswith("m") else ""
                asked = {"uppfoljning": by, "enhet": statement.unit, "manader": months} if page == "budget" else {}
                there = self.link(page, **asked, time=time_of(statement.period))
                return f"{there}#{statement.address(row, column)}"
        options = dict(each.partition("=")[::2] for each in column.at.partition("?")[2].split("&"))
        period = column.at.partition("/")[0]
        asked = {
            "uppstallning": statement.id,
            "enhet": statement.unit,
            "mall": options.get("layout", ""),
            "jamfor": options.get("compare", "")[:4],
            "bredvid": "" if column.key in ("year", "compare") else "allt",
        }
        if statement.id.startswith("not-"):
            return f"{self.link('noter', time=time_of(statement.period), mall=asked['mall'])}#{statement.id}"
        there = self.link("rakenskaper", **(asked | {"time": time_of(statement.period) if period else ""}))
        return f"{there}#{statement.address(row, column)}"

    def _trail(self, *steps: tuple[str, str]) -> str:
        links = "".join(f'<li><a href="{e(leads)}">{e(text)}</a></li>' for text, leads in steps)
        return f'<nav class="trail" aria-label="{e(tr(WAY_BACK))}"><ol>{links}</ol></nav>'

    # An account

    def account_link(self, name: str) -> str:
        """Return where an account leads: to its postings behind the figure."""
        return self.link(self.address, at=self.asked("at"), konto=name)

    def _account(self, at: str, name: str, traces: Sequence[SumTrace]) -> Iterator[str]:
        yield self._trail((tr(N_("The figure")), self.link(self.address, at=at)))
        yield self.heading(name, mark=self.tables().of_books)
        taken = [(trace, each) for trace in traces for each in trace.accounts if each.name == name]
        if not taken:
            raise PageError(tr(N_("{account} gives nothing to the figure."), account=name))
        for trace, account in taken:
            yield from self._postings(at, trace, account)

    def _postings(self, at: str, trace: SumTrace, account: AccountTrace) -> Iterator[str]:
        tables = self.tables()
        caption = e(taken_text(trace.part, self.language))
        if not account.postings and not account.opening:
            yield f"<p>{caption}: {tables.kr(account.ore)} kr, {e(tr(BY_DIRECTIVE))}</p>"
            return
        if trace.part.sign < 0 and account.ore:
            here, there = (tables.kr(each) for each in (account.ore, -account.ore))
            yield f"<p>{e(tr(TURNED, here=here, there=there))}</p>"
        shown = self._filtered(account.postings)
        first = self._first(len(account.postings))
        page = account.postings[first : first + A_PAGE]
        balance = kronor_of(account.opening) + sum((each.amount for each in account.postings[:first]), Decimal(0))
        yield from self._pages(at, account, first)
        yield f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}"><table class="account">'
        yield f"<caption>{caption}</caption>{tables.postings_head()}<tbody{tables.of_books}>\n"
        yield tables.balance_row("", tr(OPENING) if not first else tr(N_("Brought forward")), balance)
        for line in page:
            balance += line.amount
            if shown is None or (line.file, line.line) in shown:
                yield tables.posting_row(line, balance, voucher=self._voucher_link(at, account.name, line))
        text = N_("Closing balance") if first + A_PAGE >= len(account.postings) else N_("Carried forward")
        yield tables.balance_row("", tr(text), balance)
        yield "</tbody></table></div>"
        if shown is not None:
            lines = [each for each in account.postings if (each.file, each.line) in shown]
            told = tr(
                N_("{count} of {all} postings are in Fava's filter, {amount} kr of them; the balances are of all."),
                count=len(lines),
                all=len(account.postings),
                amount=tables.amount(sum((each.amount for each in lines), Decimal(0))),
            )
            yield f'<p class="soft" role="status">{e(told)}</p>'

    def _first(self, count: int) -> int:
        pages = [str(page) for page in range(1, -(-count // A_PAGE) + 1)]
        return (int(self.asked("sida", pages) or 1) - 1) * A_PAGE

    def _pages(self, at: str, account: AccountTrace, first: int) -> Iterator[str]:
        count = -(-len(account.postings) // A_PAGE)
        if count > 1:
            links = "".join(
                f'<li><a href="{e(self.link(self.address, at=at, konto=account.name, sida=str(number)))}"'
                f"{' aria-current=page' if number == first // A_PAGE + 1 else ''}>{number}</a></li>"
                for number in range(1, count + 1)
            )
            yield f'<nav class="trail" aria-label="{e(tr(PARTS))}"><ol>{links}</ol></nav>'

    def _filtered(self, lines: Sequence[PostingLine]) -> set[tuple[str, int]] | None:
        """Return where the vouchers stand that Fava's filters of account and text leave; None without such a filter."""
        account, text = self.asked("account"), self.asked("filter")
        if not lines or not (account or text):
            return None
        try:
            entries = self.ledger.get_filtered(account=account, filter=text, time="").entries
        except FavaAPIError as error:  # a filter that cannot be read, or takes too long
            raise PageError(error.message) from error
        except re.error as error:
            raise PageError(str(error)) from error
        return {(str(each.meta["filename"]), int(str(each.meta["lineno"]))) for each in entries}

    # A voucher

    def _voucher_link(self, at: str, account: str, line: PostingLine) -> str:
        place = self.figures.ledger.place(line.file, line.line)
        leads = self.link(self.address, at=at, konto=account, verifikation=line.voucher, rad=place)
        return f'<a href="{e(leads)}">{e(line.voucher or tr(VOUCHER))}</a>'

    def _voucher(self, at: str, place: str) -> Iterator[str]:
        tables, account = self.tables(), self.asked("konto")
        if at:
            yield self._trail(
                (tr(N_("The figure")), self.link(self.address, at=at)),
                *([(account, self.link(self.address, at=at, konto=account))] if account else []),
            )
        found = self._voucher_at(place)
        if found is None or found.number != self.asked("verifikation"):
            # The books were edited since the link was made.
            text = N_("The voucher {number} does not stand at {place}: follow the figure again.")
            raise PageError(tr(text, number=self.asked("verifikation"), place=place))
        entry = found.entry
        text = ": ".join(each for each in (entry.payee, entry.narration) if each)
        yield self.heading(" ".join(filter(None, (found.number, str(entry.date)))))
        yield f"<p{tables.of_books}>{e(text)}</p>"
        yield rows_table(self, "rader", found)
        said = metadata_text({key: value for key, value in entry.meta.items() if _is_said(key)})
        yield as_typed(said.rstrip().splitlines(), tr(SAID), tables.of_books) if said.strip() else ""
        yield f"<p>{self.place(str(entry.meta['filename']), int(str(entry.meta['lineno'])))}</p>"
        if found.document:
            yield f"<p>{document(self, found)}</p>"

    def _voucher_at(self, place: str) -> FoundVoucher | None:
        file, _, line = place.rpartition(":")
        path = Path(self.figures.ledger.folder, file)
        entry = self.figures.voucher_at(str(path), int(line)) if line.isdecimal() else None
        return FoundVoucher(without_clearing(entry)) if entry else None

    @extension_endpoint
    def underlag(self) -> Response:
        """Answer with the document of a voucher."""
        found = self._voucher_at(request.args.get("rad", ""))
        path = file_of(self, found) if found else None
        return send_file_inline(str(path)) if path else abort(404)


def _is_said(key: str) -> bool:
    return key not in ("filename", "lineno") and not key.startswith("__")
