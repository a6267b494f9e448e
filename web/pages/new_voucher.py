"""Ny verifikation: the form of `forbundsbok new`. What is filled in stands in the address; what it comes to is shown.

    extension/ny-verifikation/?slag=leverantorsfaktura&enhet=RT&motpart=Hyresvärden&belopp=12 500&kostnad=6020
    extension/ny-verifikation/?slag=fri&enhet=RT&konto=6020&debet=1000&kredit=&konto=1910&debet=&kredit=1000
    extension/ny-verifikation/?slag=ratta&av=L 31 2025

A voucher that is complete is tried by all rules with the books as they would be, and written on a yes to it as it was
shown (`shown.py`). Who approves says so on another page: here nobody signs for somebody else.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core import data
from flask import request

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.findings import Message
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import TextError, directives_text
from forbundsbok.plugins.loading import LedgerError, LoadedLedger, refuse_errors
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.rights import MOTTAGNING
from forbundsbok.plugins.templates import DUE_DAY, OTHER_UNIT, PAYEE, TEXT, VAT, Template, templates_of
from forbundsbok.plugins.vat import RATES
from forbundsbok.queries.search import FoundVoucher
from forbundsbok.queries.voucher_forms import (
    BACK_DAY,
    DAY,
    SERIES,
    SETTLES,
    UNIT_FIELD,
    FormError,
    LackingError,
    Question,
    VoucherForm,
    copied,
    correction,
    day_of,
    free_voucher,
    kronor,
    numbered,
    reversed_voucher,
)
from forbundsbok.scripts.render.tables import ACCOUNT, TOTAL
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger
from forbundsbok.scripts.store.vouchers import warnings_of, with_vouchers
from forbundsbok.web.pages.findings import errors, finding
from forbundsbok.web.pages.page import FIRST, NOTHING, Choice, Page, RightError, as_typed, e
from forbundsbok.web.pages.shown import ChangedError, DoneError, asked_of, fields, mark, marks, voucher_of
from forbundsbok.web.pages.vouchers import voucher_link

KIND, EARLIER = "slag", "av"
FREE, COPY, REVERSE, CORRECT = "fri", "kopiera", "aterfor", "ratta"
ACCOUNTS, DEBITS, CREDITS, MOVED = "konto", "debet", "kredit", "till"
"""The fields of rows that are all written, one of each a row; and where a row of a voucher that is corrected moves."""
MOST = 300
"""So many accounts, or payees, are offered to choose from."""

OTHERS = {
    FREE: N_("Any rows"),
    COPY: N_("As an earlier voucher"),
    REVERSE: N_("Take an earlier voucher back"),
    CORRECT: N_("Correct an earlier voucher"),
}
LABELS = {
    UNIT_FIELD: N_("Unit"),
    OTHER_UNIT: N_("The unit that sells"),
    SETTLES: N_("Invoice that it settles, as L 31 or L 31 2024"),
    PAYEE: N_("Supplier or customer"),
    TEXT: N_("Text"),
    DAY: N_("Day"),
    VAT: N_("Rate of VAT, per cent"),
    DUE_DAY: N_("Due day"),
    MOTTAGNING: N_("Who has received it"),
    SERIES: N_("Series"),
    "projekt": N_("Project"),
    "underlag": N_("Document, by its path below the books"),
    BACK_DAY: N_("When it is taken back"),
}
SELDOM = (SERIES, "projekt", "underlag", BACK_DAY)
"""What is filled in seldom, and hidden until then."""
MORE = N_("More")
CHECK = N_("Check")
LACKING = N_("Still to be filled in:")
DEBIT, CREDIT = N_("Debit, kr"), N_("Credit, kr")
MOVES_TO = N_("Moves to")
DIFFERENCE = N_("Difference: {amount} kr")
WRITE = N_("Write it")
SOUND = N_("All rules hold with it.")
FORBIDDEN = N_("The rules refuse it, and nothing is written:")
TOLD_BELOW = N_("Why is told below.")
WARNED = N_("The rules warn of it:")
THE_VOUCHER = N_("The voucher")
AS_TEXT = N_("The voucher as it is typed")
IT_STANDS = N_("It stands in the books:")
IT_GOES = N_("It is written in {file}.")


class Tried(NamedTuple):
    """What came of trying a voucher with the books: errors of the books as they would be, and what is warned of."""

    errors: Sequence[Any]
    warnings: Sequence[Any]
    refused: RefusalError | None = None


class NewVoucherPage(Page):
    """A form for a voucher, and what it comes to."""

    address = "ny-verifikation"
    title = N_("New voucher")

    def body(self) -> Iterator[str]:
        books = self.figures.books
        templates = templates_of(books)
        kind = self.asked(KIND, [*templates, *OTHERS])
        yield self.heading(self.report_title)
        yield self._written()
        if not self.may_book:
            text = N_("Nothing is written here: that does who has the role bokföra, or the command   forbundsbok new")
            yield f"<p>{e(tr(text))}</p>"
        labels = {name: template.label for name, template in templates.items()}
        given = [("", "-"), *labels.items(), *((name, tr(text)) for name, text in OTHERS.items())]
        yield self.form((Choice(KIND, tr(N_("Kind")), given, kind),))
        if kind in templates:
            yield from self._template(books, templates[kind])
        elif kind == FREE:
            yield from self._free(books)
        elif kind:
            yield from self._earlier(books, kind)

    @property
    def in_kronor(self) -> bool:
        """Vouchers are in kronor, and `belopp` is what one of them comes to."""
        return True

    def told_refusal(self, why: Sequence[str] = ()) -> str:
        """Return why what was sent is not done; what the rules say is told once, of how it would be now."""
        return super().told_refusal([tr(TOLD_BELOW)] if isinstance(self.refused, LedgerError) else why)

    @property
    def may_book(self) -> bool:
        """Tell whether who asks may write vouchers here."""
        return self.may_write and self.user is not None and self.user.role == "bokföra"

    # What is filled in

    def _values(self, books: Books, template: Template | None) -> dict[str, str]:
        form = VoucherForm(books, template or _any(books), {})
        named = [*LABELS, *(template.amounts if template else ()), *(form.fields if template else ())]
        return {name: request.args.get(name, "") for name in named if request.args.get(name, "").strip()}

    def _vouchers(self, books: Books) -> list[data.Transaction]:
        """Return what the form comes to with books. Raises FormError."""
        kind, templates = self.asked(KIND), templates_of(books)
        if kind in templates:
            return VoucherForm(books, templates[kind], self._values(books, templates[kind])).vouchers()
        if kind == FREE:
            return [self._free_voucher(books)]
        day = day_of(request.args[DAY]) if request.args.get(DAY) else date.today()
        entry = numbered(books, self.asked(EARLIER), day.year)
        if kind == COPY:
            return [copied(books, entry, day, self.asked(TEXT).strip())]
        if kind == REVERSE:
            return [reversed_voucher(books, entry, day)]
        return [correction(books, entry, day, self._moved(books, entry, day))]

    def _moved(self, books: Books, entry: data.Transaction, day: date) -> dict[str, str]:
        form = VoucherForm(books, _any(books), {DAY: str(day)})
        accounts = [row.account for row in FoundVoucher(without_clearing(entry)).rows]
        written = zip(accounts, request.args.getlist(MOVED), strict=False)
        return {account: form.found(to.strip(), unit_of(account)) for account, to in written if to.strip()}

    def _free_voucher(self, books: Books) -> data.Transaction:
        form = VoucherForm(books, _any(books), {**self._values(books, None)})
        rows = [
            (form.found(account.strip(), form.unit), _amount(debit) - _amount(credit))
            for account, debit, credit in self._rows()
            if account.strip() or debit.strip() or credit.strip()
        ]
        lacking = [name for name, is_there in ((TEXT, form.text), (ACCOUNTS, rows)) if not is_there]
        if lacking:
            raise LackingError([Question(name, Message(LABELS.get(name, ACCOUNT))) for name in lacking])
        return free_voucher(form, self.asked(SERIES).strip().upper() or "M", form.text, rows)

    def _rows(self) -> list[tuple[str, str, str]]:
        accounts, debits, credits = (request.args.getlist(name) for name in (ACCOUNTS, DEBITS, CREDITS))
        return list(zip_longest(accounts, debits, credits, fillvalue=""))

    # The forms

    def _template(self, books: Books, template: Template) -> Iterator[str]:
        values = self._values(books, template)
        form = VoucherForm(books, template, values)
        wrong, questions = None, []
        try:
            questions = form.questions()
        except FormError as error:
            wrong = error
        likely = {each.field: each.likely for each in questions if each.likely}
        shown = likely | values

        def field(name: str, label: str = "", kind: str = "text", options: Sequence[str] = (), hint: str = "") -> str:
            return self._field(name, label or tr(LABELS[name]), shown.get(name, ""), kind, options, hint)

        own = [self._units(books, form, UNIT_FIELD, shown)]
        if any(row.is_other_units for row in template.rows):
            own.append(self._units(books, form, OTHER_UNIT, shown))
        if PAYEE in template.asks or template.payee:
            own.append(field(PAYEE, options=self._payees(books)))
        own += [field(TEXT), field(DAY, kind="date"), *(field(each, f"{each}, kr") for each in template.amounts)]
        if template.has_vat:
            rates = [("", tr(N_("as before"))), *((str(each), str(each)) for each in RATES)]
            own.append(self._select(Choice(VAT, tr(LABELS[VAT]), rates, shown.get(VAT, ""))))
        for at, (name, row) in enumerate(zip(form.fields, template.rows, strict=True)):
            if row.slag:
                found, choices = self._accounts(form, at)
                own.append(field(name, tr(N_("account ({kind})"), kind=name), options=choices, hint=found))
        own += [field(DUE_DAY, kind="date"), field(MOTTAGNING)] if DUE_DAY in template.asks else []
        own.append(field(SETTLES))
        more = [field(each) for each in (SERIES, "projekt", "underlag")]
        more += [field(BACK_DAY, kind="date")] if template.back_series else []
        yield from self._outcome(books, self._whole(own, more), wrong)

    def _free(self, books: Books) -> Iterator[str]:
        values = self._values(books, None)
        form = VoucherForm(books, _any(books), {})
        own = [self._units(books, form, UNIT_FIELD, values)]
        own += [self._field(name, tr(LABELS[name]), values.get(name, "")) for name in (SERIES, TEXT)]
        own.append(self._field(PAYEE, tr(LABELS[PAYEE]), values.get(PAYEE, ""), options=self._payees(books)))
        own.append(self._field(DAY, tr(LABELS[DAY]), values.get(DAY, ""), kind="date"))
        more = [self._field(name, tr(LABELS[name]), values.get(name, "")) for name in (SETTLES, "projekt", "underlag")]
        yield from self._outcome(books, self._whole([*own, self._rows_table(form)], more))

    def _rows_table(self, form: VoucherForm) -> str:
        rows = [each for each in self._rows() if any(each)]
        options = "".join(f'<option value="{e(each)}">' for each in _open_accounts(form)[:MOST])
        body = "".join(
            f"<tr>{''.join(self._cell(name, label, number, value) for name, label, value in cells)}</tr>"
            for number, cells in enumerate(
                zip((ACCOUNTS, DEBITS, CREDITS), (ACCOUNT, DEBIT, CREDIT), each, strict=True)
                for each in [*rows, *[("", "", "")] * max(2, 4 - len(rows))]
            )
        )
        return (
            f'<datalist id="konton">{options}</datalist><div class="scroll wide" role="region" tabindex="0" '
            f'aria-label="{e(tr(THE_VOUCHER))}"><table class="rows"><thead><tr>'
            f"{self.tables().heads((ACCOUNT, DEBIT, CREDIT))}</tr></thead><tbody>{body}</tbody></table>"
            f"{self._difference(rows)}</div>"
        )

    def _cell(self, name: str, label: str, number: int, value: str) -> str:
        listed = ' list="konton"' if name == ACCOUNTS else ' inputmode="decimal"'
        return (
            f'<td><input name="{name}" aria-label="{e(tr(label))} {number + 1}" value="{e(value)}"{listed} '
            f'autocomplete="off"></td>'
        )

    def _difference(self, rows: Sequence[tuple[str, str, str]]) -> str:
        try:
            left = sum((_amount(debit) - _amount(credit) for _, debit, credit in rows), ZERO)
        except FormError:
            return ""  # which amount is none is said below
        return f'<p role="status">{e(tr(DIFFERENCE, amount=self.tables().amount(left)))}</p>'

    def _earlier(self, books: Books, kind: str) -> Iterator[str]:
        number, day = self.asked(EARLIER), self.asked(DAY)
        own = [self._field(EARLIER, tr(N_("The earlier voucher, as L 31 or L 31 2024")), number)]
        own.append(self._field(DAY, tr(LABELS[DAY]), day, kind="date"))
        if kind == COPY:
            own.append(self._field(TEXT, tr(LABELS[TEXT]), self.asked(TEXT)))
        if not number.strip():
            yield self._whole(own, [])
            return
        try:
            entry = numbered(books, number, day_of(day).year if day else date.today().year)
        except FormError as error:
            yield self.alert(str(error), mark=self._mark)
            yield self._whole(own, [])
            return
        if kind == CORRECT:
            form = VoucherForm(books, _any(books), {})
            options = "".join(f'<option value="{e(each)}">' for each in _open_accounts(form)[:MOST])
            own.append(f'<datalist id="konton">{options}</datalist>')
            moved = request.args.getlist(MOVED)
            rows = FoundVoucher(without_clearing(entry)).rows
            own += [
                f'<label class="wide">{e(row.account)}: {e(tr(MOVES_TO))}'
                f'<input name="{MOVED}" list="konton" value="{e(to)}" autocomplete="off"></label>'
                for row, to in zip_longest(rows, moved[: len(rows)], fillvalue="")
                if isinstance(row, data.Posting)
            ]
        yield from self._outcome(books, self._whole(own, []))

    def _whole(self, own: Sequence[str], more: Sequence[str]) -> str:
        opened = " open" if any(self.asked(name).strip() for name in SELDOM) else ""
        inner = f"<summary>{e(tr(MORE))}</summary><div>{''.join(more)}</div>"
        details = f"<details{opened}>{inner}</details>" if more else ""
        kind = f'<input type="hidden" name="{KIND}" value="{e(self.asked(KIND))}">'
        button = f'<button type="submit">{e(tr(CHECK))}</button>'
        return f'<form class="choices filled" method="get" action="?">{kind}{"".join(own)}{details}{button}</form>'

    def _field(
        self, name: str, label: str, value: str, kind: str = "text", options: Sequence[str] = (), hint: str = ""
    ) -> str:
        listed, listing = "", ""
        if options:
            listing = f' list="val-{e(name)}"'
            given = "".join(f'<option value="{e(each)}">' for each in options[:MOST])
            listed = f'<datalist id="val-{e(name)}">{given}</datalist>'
        told = f' placeholder="{e(hint)}"' if hint else ""
        return (
            f'<label>{e(_begun(label))}<input type="{kind}" name="{e(name)}" value="{e(value)}" '
            f'maxlength="300" autocomplete="off"{listing}{told}></label>{listed}'
        )

    def _units(self, books: Books, form: VoucherForm, name: str, shown: Mapping[str, str]) -> str:
        units = VoucherForm(books, form.template, {}).units
        given = [("", "-"), *((code, f"{code} {told}") for code, told in units.items())]
        chosen = shown.get(name, "") or (next(iter(units)) if len(units) == 1 else "")
        return self._select(Choice(name, tr(LABELS[name]), given, chosen))

    def _payees(self, books: Books) -> list[str]:
        return list(dict.fromkeys(entry.payee for entry in reversed(books.vouchers) if entry.payee))[:MOST]

    def _accounts(self, form: VoucherForm, at: int) -> tuple[str, list[str]]:
        """Return the account that the books give a row, and those that it may have."""
        try:
            return form.account(at), form.choices(at)
        except FormError:
            return "", []

    # What it comes to

    @property
    def _mark(self) -> str:
        """Return what makes an answer what is read first; nothing where something else is told first of all."""
        return "" if self.refused else FIRST

    def _outcome(self, books: Books, form: str, wrong: FormError | None = None) -> Iterator[str]:
        """Yield the form with what it comes to: above it what is to be put right in it, below it the voucher."""
        if len(request.args) < 2:  # nothing but its kind is chosen
            yield form
            return
        try:
            if wrong:
                raise wrong
            vouchers = self._vouchers(books)
            text = directives_text(vouchers)
            change = with_vouchers(books, vouchers)
        except LackingError as error:
            yield self.alert(tr(LACKING), [_begun(str(each.label)) for each in error.questions], self._mark)
            yield form
            return
        except (RefusalError, TextError) as error:
            yield self.alert(str(error), mark=self._mark)
            yield form
            return
        tried = self._tried(vouchers) if self.may_book else None
        against = self._against(tried) if tried else ""
        yield f"{against}{form}<h3{'' if against else self._mark}>{e(tr(THE_VOUCHER))}</h3>"
        yield self._balance(vouchers)
        yield as_typed(text.split("\n"), tr(AS_TEXT), self.tables().of_books)
        yield f'<p class="soft">{e(tr(IT_GOES, file=_below(change.path, self.figures.ledger.folder)))}</p>'
        if tried and not against:
            yield from self._asked_yes(tried, vouchers)

    def _balance(self, vouchers: Sequence[data.Transaction]) -> str:
        tables = self.tables()
        rows = [row for entry in vouchers for row in entry.postings if row.units and row.units.number is not None]
        sides = [[_number(row) for row in rows if _number(row) * sign > 0] for sign in (1, -1)]
        body = "".join(
            f'<tr><th scope="row"{tables.of_books}>{e(row.account)}</th>'
            f'<td class="n">{tables.amount(_number(row)) if _number(row) > 0 else ""}</td>'
            f'<td class="n">{tables.amount(-_number(row)) if _number(row) < 0 else ""}</td></tr>'
            for row in rows
        )
        sums = "".join(f'<td class="n">{tables.amount(abs(sum(each, ZERO)))}</td>' for each in sides)
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{e(tr(THE_VOUCHER))}"><table><thead><tr>'
            f"{tables.heads((ACCOUNT, DEBIT, CREDIT), right=(1, 2))}</tr></thead><tbody>{body}"
            f'<tr class="sum"><th scope="row">{e(tr(TOTAL))}</th>{sums}</tr></tbody></table></div>'
        )

    def _against(self, tried: Tried) -> str:
        """Return why the voucher cannot be written; empty where it can."""
        if tried.errors:
            return self.alert(tr(FORBIDDEN), mark=self._mark) + "".join(errors(self, tried.errors))
        if tried.refused:
            return self.alert(tr(NOTHING), tried.refused.messages or [str(tried.refused)], self._mark)
        return ""

    def _asked_yes(self, tried: Tried, vouchers: Sequence[data.Transaction]) -> Iterator[str]:
        """Yield what the rules warn of, and what says yes to the voucher."""
        if tried.warnings:
            yield f"<p>{e(tr(WARNED))}</p>"
            yield from (finding(self, each) for each in tried.warnings)
        else:
            yield f'<p role="status">{e(tr(SOUND))}</p>'
        query = request.query_string.decode("ascii", "replace")
        yield (
            f'<form class="choices" method="post" action="?{e(query)}">{fields(vouchers)}'
            f'<button type="submit">{e(tr(WRITE))}</button></form>'
        )

    def _tried(self, vouchers: Sequence[data.Transaction]) -> Tried:
        told: list[LoadedLedger] = []

        def made(books: LockedLedger) -> Sequence[FileChange]:
            refuse_errors(books.errors)
            return [with_vouchers(Books(books.entries, books.options), vouchers)]

        def checked(would_be: LoadedLedger) -> None:
            told.append(would_be)
            refuse_errors(would_be.errors)

        refused = None
        try:
            self.files.write(made, checked, dry_run=True)
        except RefusalError as error:
            refused = error
        if not told:
            return Tried([], [], refused)
        return Tried(told[0].errors, warnings_of(told[0], vouchers), refused)

    # The yes

    def posted(self) -> str:
        """Write the voucher as it was shown."""
        if not self.may_book:
            return self.refuse(RightError(tr(N_("Only who has the role bokföra writes in the books."))))

        def made(locked: LockedLedger) -> Sequence[FileChange]:
            refuse_errors(locked.errors)
            before = asked_of(locked.entries)
            if before is not None and marks()[:1] == [mark(before)]:
                raise DoneError
            books = Books(locked.entries, locked.options)
            vouchers = self._vouchers(books)
            if list(map(mark, vouchers)) != marks():
                raise ChangedError
            return [with_vouchers(books, vouchers)]

        try:
            self.files.write(made)
        except DoneError:
            pass
        except RefusalError as error:
            return self.refuse(error)
        return self.link(self.address, skriven=request.form.get("nummer", ""))

    def _written(self) -> str:
        entry = voucher_of(self.asked("skriven"), self.figures.entries)
        if entry is None or self.refused:
            return ""
        found = FoundVoucher(without_clearing(entry))
        told = f"<span{self.tables().of_books}>{e(found.entry.narration or '')}</span>"
        return self.done(tr(IT_STANDS), f"{voucher_link(self, found)} {told}")


def _any(books: Books) -> Template:
    """Return a template for what has none: of it, nothing but what is common to all is asked."""
    return next(iter(templates_of(books).values()))


def _open_accounts(form: VoucherForm) -> list[str]:
    """Return the accounts that are open, the most used first."""
    books = form.books
    own = [each for each in books.opens if books.is_open(each, form.day)]
    return sorted(own, key=lambda each: -len(books.postings.get(each, ())))


def _begun(label: str) -> str:
    """Return what a field is called, as it begins."""
    return label[:1].upper() + label[1:]


def _amount(written: str) -> Decimal:
    return kronor(written) if written.strip() else ZERO


def _number(row: data.Posting) -> Decimal:
    return row.units.number or ZERO if row.units else ZERO


def _below(path: Path, folder: Path | str) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
