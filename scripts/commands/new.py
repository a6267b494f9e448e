"""`forbundsbok new`: a voucher by a form: what lacks is asked for, all rules are asked, and it is written on a yes.

forbundsbok new leverantorsfaktura --unit RT --payee "Hyresvärden" --text "Lokalhyra" --amount 12500 --account 6020
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from shlex import quote

import click
from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.imports import UNDERLAG
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.loading import refuse_errors
from forbundsbok.plugins.money import ZERO, amount_text
from forbundsbok.plugins.templates import OTHER_UNIT, PAYEE, TEXT, WHOLE, Template, templates_of
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
from forbundsbok.scripts.commands.options import ledger_option, say, tell
from forbundsbok.scripts.commands.voucher_writing import write_vouchers
from forbundsbok.scripts.store.ledger import writing

FREE = "fri"
"""The kind of a voucher whose rows are all written."""
SHOWN = 12
"""How many accounts are shown to choose from."""

_TEXTS = {
    "unit": (UNIT_FIELD, N_("UNIT"), N_("The unit that it is of.")),
    "other-unit": (OTHER_UNIT, N_("UNIT"), N_("The unit that sells, of what is internal.")),
    "payee": (PAYEE, N_("NAME"), N_("The supplier or customer.")),
    "text": (TEXT, N_("TEXT"), N_("What it is about.")),
    "date": (DAY, N_("YYYY-MM-DD"), N_("The day of the voucher; today without it.")),
    "vat": ("moms", N_("PER CENT"), N_("The rate of VAT: 25, 12, 6 or 0; that of the payee's last without it.")),
    "due": ("forfallodag", N_("YYYY-MM-DD"), N_("When it is due.")),
    "received-by": ("mottagning", N_("SIGNATURE"), N_("Who has received what was bought.")),
    "attest": ("attest", N_("SIGN"), N_("Who approves it; without it what is to be approved waits (!).")),
    "project": ("projekt", N_("NAME"), N_("The project that it is of.")),
    "document": ("underlag", N_("PATH"), N_("The document behind it, by its path below the books.")),
    "settles": (SETTLES, N_("NUMBER"), N_("The invoice that is paid: L 31, or L 31 2024.")),
    "series": (SERIES, N_("LETTERS"), N_("The series; that of the last of its kind without it.")),
    "back-on": (
        BACK_DAY,
        N_("YYYY-MM-DD"),
        N_("When an accrual is taken back; the first of the next month without it."),
    ),
}
"""The options that fill in a field: its name, what is written, and what it is."""


def _refuse_elsewhere(document: Path, folder: Path) -> None:
    """Refuse a document that is there, but not by that path from the folder of the books: nobody would find it."""
    if not document.is_file() or (not document.is_absolute() and (folder / document).is_file()):
        return
    if document.resolve().is_relative_to(folder.resolve()):
        path = document.resolve().relative_to(folder.resolve())
        text = N_("{file} is named by its path from the folder of the books: write   --document {path}")
        raise click.ClickException(tr(text, file=document, path=quote(str(path))))
    text = N_("{file} does not stand in the folder of the books: put it in {folder}, and write its path from {books}")
    raise click.ClickException(tr(text, file=document, folder=folder / UNDERLAG, books=folder))


def _field_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that fill in a field."""
    for option, (field, metavar, text) in reversed(_TEXTS.items()):
        command = click.option(f"--{option}", field.replace("-", "_"), metavar=metavar, default="", help=text)(command)
    return command


@click.command()
@click.argument("kind", metavar=N_("[KIND]"), required=False, default="")
@_field_options
@click.option(
    "--amount",
    "amounts",
    metavar=N_("AMOUNT"),
    multiple=True,
    help="The whole amount with VAT, in kronor; or one that the kind names: --amount skatt=24118.",
)
@click.option(
    "--account",
    "accounts",
    metavar=N_("ACCOUNT"),
    multiple=True,
    help="An account by its number, a part of its name or all of it; or of a row: --account interimsskulder=2960.",
)
@click.option("--row", "rows", metavar=N_("ACCOUNT=AMOUNT"), multiple=True, help="A row of a voucher of the kind fri.")
@click.option("--copy", metavar=N_("NUMBER"), default="", help="As that voucher, of another day.")
@click.option("--reverse", metavar=N_("NUMBER"), default="", help="Take that voucher back.")
@click.option(
    "--correct", metavar=N_("NUMBER"), default="", help="Correct that voucher: in whole, or --account 6120=6110 alone."
)
@click.option("--ask/--no-ask", default=None, help="Whether to ask for what lacks; on a terminal without it.")
@click.option("--dry-run", is_flag=True, help="Show the voucher, checked with the whole ledger.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@ledger_option
def new(
    kind: str,
    amounts: Sequence[str],
    accounts: Sequence[str],
    rows: Sequence[str],
    copy: str,
    reverse: str,
    correct: str,
    ask: bool | None,
    dry_run: bool,
    yes: bool,
    ledger: Path,
    **fields: str,
) -> None:
    """Write a voucher by a form: a supplier invoice, a payment, an accrual, or any kind that the books have.

    Without a kind it lists which there are. What the books know is filled in: the account that the payee had before,
    the VAT, the next number, the link. What lacks is asked for on a terminal, or told. The voucher is shown, checked by
    all rules, and written on a yes in the file of its unit and year; or refused, with what the rules say.

    \b
    forbundsbok new
    forbundsbok new leverantorsfaktura --unit RT --payee "Hyresvärden" --text "Lokalhyra" --amount 12500 --account 6020
    forbundsbok new betalning --settles "L 31"
    forbundsbok new --correct "L 31" --account 6120=6110
    """
    values = {name.replace("_", "-"): text for name, text in fields.items() if text}
    if document := values.get(_TEXTS["document"][0]):
        _refuse_elsewhere(Path(document), ledger.parent)
    asks = sys.stdin is not None and sys.stdin.isatty() if ask is None else ask
    with writing(ledger, tell=tell) as locked:
        refuse_errors(locked.errors)
        books = Books(locked.entries, locked.options)
        templates = templates_of(books)
        if not (kind or copy or reverse or correct):
            for line in _listed(templates):
                say(line)
            return
        if copy or reverse or correct:
            vouchers = [_from_earlier(books, copy, reverse, correct, accounts, values)]
        elif kind == FREE:
            vouchers = [_free(books, rows, values, asks=asks)]
        else:
            filled = values | _named(amounts, WHOLE)
            vouchers = _filled(books, _template(kind, templates), filled, accounts, asks)
        write_vouchers(locked, books, vouchers, dry_run=dry_run, asked=not yes)


def _listed(templates: Mapping[str, Template]) -> Iterator[str]:
    width = max(map(len, templates))
    for name, template in templates.items():
        yield f"{name:<{width}}  {template.series:<2} {template.label}"
    anything = tr(N_("Any rows, by --row ACCOUNT=AMOUNT"))
    yield f"{FREE:<{width}}  -  {anything}"


def _template(kind: str, templates: Mapping[str, Template]) -> Template:
    if kind not in templates:
        text = N_("{kind} is no kind of voucher: there are {kinds}")
        raise click.ClickException(tr(text, kind=kind, kinds=", ".join([*templates, FREE])))
    return templates[kind]


def _named(written: Sequence[str], default: str) -> dict[str, str]:
    """Return values by name, `skatt=24118`; one without a name is that of the default."""
    named = {}
    for each in written:
        name, equals, value = each.rpartition("=")
        named[name if equals else default] = value
    return named


def _filled(
    books: Books, template: Template, values: dict[str, str], accounts: Sequence[str], asks: bool
) -> list[data.Transaction]:
    """Return the vouchers of a form, whose lacking fields are asked for one by one. Raises FormError."""
    for each in accounts:
        form = VoucherForm(books, template, values)
        field, equals, account = each.rpartition("=")
        values[field if equals else form.field_of(form.found(account, form.unit), values)] = account
    form = VoucherForm(books, template, values)
    while asks and (questions := form.questions()):
        values[questions[0].field] = _answer(questions[0], form, values)
        form = VoucherForm(books, template, values)
    for note in form.notes():
        tell(str(note))
    try:
        return form.vouchers()
    except LackingError as error:
        options = ", ".join(_option(each, form) for each in error.questions)
        raise click.UsageError(tr(N_("this is lacking: {options}"), options=options)) from None


def _option(question: Question, form: VoucherForm) -> str:
    """Return the option that answers a question."""
    own = {field: option for option, (field, _, _) in _TEXTS.items()}
    if question.field in own:
        return f"--{own[question.field]}"
    kind = "account" if question.field in form.fields else "amount"
    return f"--{kind}" if question.field == WHOLE else f"--{kind} {question.field}="


def _answer(question: Question, form: VoucherForm, values: Mapping[str, str]) -> str:
    """Return what is answered to a question: anew where it cannot be. A number chooses from a list."""
    choices = question.choices[:SHOWN]
    for number, choice in enumerate(choices, 1):
        say(f"  {number:>2}  {choice}")
    while True:
        answer = str(click.prompt(str(question.label), default=question.likely or None, err=True)).strip()
        if answer.isdecimal() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1]
        try:
            VoucherForm(form.books, form.template, {**values, question.field: answer}).questions()
        except FormError as error:
            tell(str(error))
            continue
        return answer


def _from_earlier(
    books: Books, copy: str, reverse: str, correct: str, accounts: Sequence[str], values: Mapping[str, str]
) -> data.Transaction:
    if sum(map(bool, (copy, reverse, correct))) > 1:
        raise click.UsageError(tr(N_("Write one of --copy, --reverse and --correct.")))
    day = day_of(values[DAY]) if DAY in values else date.today()
    entry = numbered(books, copy or reverse or correct, day.year)
    attest = values.get("attest", "")
    if copy:
        return copied(books, entry, day, values.get(TEXT, ""), attest)
    if reverse:
        return reversed_voucher(books, entry, day, attest)
    form = VoucherForm(books, next(iter(templates_of(books).values())), {DAY: str(day)})
    moved = {}
    for old, to in _named(accounts, "").items():
        if not old:
            raise click.UsageError(tr(N_("Write which account is moved to which: --account 6120=6110.")))
        own = next((row.account for row in entry.postings if old == row.account or f":{old}" in row.account), None)
        if own is None:
            raise FormError(N_("{voucher} has nothing on {account}"), voucher=entry, account=old)
        moved[own] = form.found(to, unit_of(own))
    return correction(books, entry, day, moved, attest)


def _free(books: Books, rows: Sequence[str], values: Mapping[str, str], *, asks: bool) -> data.Transaction:
    """Return a voucher of rows, written or asked for one by one with what they come to so far."""
    form = VoucherForm(books, next(iter(templates_of(books).values())), {DAY: str(date.today()), **values})
    own: list[tuple[str, Decimal]] = []
    for each in rows:
        account, equals, amount = each.rpartition("=")
        if not equals:
            raise FormError(N_('"{row}" is no row: write 6120=1000'), row=each)
        own.append((form.found(account, form.unit), kronor(amount)))
    while asks and (not own or sum((amount for _, amount in own), ZERO)):
        difference = amount_text(sum((amount for _, amount in own), ZERO), language())
        say(tr(N_("Difference: {amount} kr"), amount=difference))
        try:
            account = form.found(click.prompt(tr(N_("account")), err=True), form.unit)
            own.append((account, kronor(click.prompt(tr(N_("amount, minus in credit")), err=True))))
        except FormError as error:
            tell(str(error))
    text = values.get(TEXT) or (click.prompt(tr(N_("text")), err=True) if asks else "")
    if not text or not own:
        raise FormError(
            N_("this is lacking: {fields}"), fields=[*([] if text else [TEXT]), *([] if own else ["--row"])]
        )
    return free_voucher(form, values.get(SERIES, "M").upper(), text, own)
