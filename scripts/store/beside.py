"""What stands beside the books and is covered by no seal: how documents are booked, and the report as it was printed.

    ledger/import.toml             [payments] from = "SE4550000000058398257466"
    ledger/printed/2024.csv        table,row,note,column,tkr

Who changes the account that is paid from, or where the bank's is booked, changes no voucher; who changes a layout, or
the printed figures, no sigill. Both are held against what else says the same: the last file that was sent, what
accounts are, the figures that the books give, and the anchor that the auditor keeps. Cautions, since a bank is changed,
and a layout; each is answered where it stands, by `kvittens = "..."` with the decision, among the known contradictions
of the printed figures, or by a new anchor.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.pain import read_payments
from forbundsbok.importers.mapping import FILE, Table, read_mapping
from forbundsbok.importers.payment_orders import KIND
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.acknowledgements import ACKNOWLEDGES, is_reason
from forbundsbok.plugins.check_digits import bare
from forbundsbok.plugins.decisions import is_decision
from forbundsbok.plugins.documents import digests
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.imports import read_imports
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.places import NOWHERE
from forbundsbok.plugins.roles import Role, read_roles
from forbundsbok.queries.comparison import compare, figures_of
from forbundsbok.queries.layout_files import FOLDER as LAYOUTS
from forbundsbok.queries.statement import Statement
from forbundsbok.scripts.render.csv import read_contradictions, read_figures
from forbundsbok.scripts.store.anchors import Anchor, title_of
from forbundsbok.scripts.store.history import is_in_history

PRINTED = "printed"
"""The folder beside the main file that has the printed figures of each year, as `2024.csv`."""

BESIDE = (f"{LAYOUTS}/*.toml", f"{PRINTED}/*.csv")
"""What statements are printed by, and held against, in the folder of the main file."""


class Caution(NamedTuple):
    """What may be right, though it seldom is, in the shape of Beancount's errors."""

    source: Mapping[str, Any]
    message: Message
    entry: None = None

    @property
    def warns(self) -> bool:
        return True


def unlike_mapping(folder: Path, entries: data.Directives) -> Iterator[Caution]:
    """Yield what the mapping says otherwise than the books and the files that were sent."""
    path = folder / FILE
    source = {"filename": str(path.absolute()), "lineno": 1}
    try:
        table = read_mapping(path)
        banks = {
            number: bank.text("account", "") for number, bank in table.table("bank").tables() if not _is_decided(bank)
        }
        payments = table.table("payments")
        paying = "" if _is_decided(payments) else bare(payments.text("from", ""))
    except DocumentError:
        return  # which the door that reads it tells
    roles = read_roles(entries)
    for number, account in banks.items():
        if account and not roles.has(account, Role.MONEY):
            text = N_(
                "What the bank tells of {number} is booked on {account}, which is no account of money. Where that is "
                "decided, write below it   {line}"
            )
            yield Caution(source, phrase(text, number=number, account=account, line=ANSWER))
    sent = [came for came in read_imports(entries) if came.kind == KIND and (folder / came.path).is_file()]
    if not paying or not sent:
        return
    last = max(sent, key=lambda came: came.entry.date)
    try:
        payer = bare(Document(folder / last.path).records(read_payments).payer.account.number)
    except DocumentError:
        return  # which is told where documents are read again
    # A bank's account is written as its number, or as the IBAN that ends in it.
    if not payer.endswith(paying) and not paying.endswith(payer):
        text = N_(
            "Payments are to be made from {account}, but {file}, sent {day}, was from {payer}. Where the account is "
            "changed by a decision, write below it   {line}"
        )
        values = {"account": paying, "file": last.path, "day": last.entry.date, "payer": payer, "line": ANSWER}
        yield Caution(source, phrase(text, **values))


ANSWER = as_written(f'{ACKNOWLEDGES} = "Direktionen 2025-03-12 § 14: ..."')
"""How the mapping says by which decision it is as it is."""


def _is_decided(table: Table) -> bool:
    """Tell whether a table of the mapping says who has decided it, and when or by which paragraph."""
    answer = table.text(ACKNOWLEDGES, "")
    return is_decision(answer) and is_reason(answer)


def unlike_print(folder: Path, year: int, report: Sequence[Statement]) -> Iterator[Caution]:
    """Yield that the printed report of a year differs from the one that the books give, but where that is known."""
    path = folder / PRINTED / f"{year}.csv"
    if not path.is_file():
        return
    known = path.with_name(f"{path.stem}-contradictions.csv")
    booked = {figure.key: figure.tkr for figure in figures_of(report)}
    comparison = compare(read_figures(path), booked, read_contradictions(known) if known.exists() else {})
    if not comparison.unknown:
        return
    first = comparison.unknown[0]
    text = N_(
        "Of the printed figures of {year} {count} differ from those of the books, the first in {table}: {row}, "
        "{column}, printed {printed}, by the books {booked}. Have the figures of the file been changed, or a layout? "
        "What was misprinted is written with the reason into {known}. "
        "All are shown by   forbundsbok compare {file} --year {year}"
    )
    values: dict[str, object] = {
        "count": len(comparison.unknown),
        "year": year,
        "table": first.key.table,
        "row": first.key.row,
        "column": first.key.column,
        "printed": _told(first.printed),
        "booked": _told(first.booked),
        "file": f"{PRINTED}/{path.name}",
        "known": f"{PRINTED}/{known.name}",
    }
    yield Caution({"filename": str(path.absolute()), "lineno": 1}, phrase(text, **values))


def _told(tkr: int | None) -> Message | str:
    return phrase(N_("nothing")) if tkr is None else f"{tkr} tkr"


# What an anchor keeps


def kept_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of what statements are printed by and held against, by the paths from the ledger's folder."""
    found = (path for pattern in BESIDE for path in folder.glob(pattern))
    return digests(folder, (path.relative_to(folder).as_posix() for path in found))


def changed_beside(main: Path, loaded: LoadedLedger, anchor: Anchor) -> Iterator[Caution]:
    """Yield what no seal covers and is not as when an anchor was written: the title, files beside the books, history.

    A printed year that has come since is none of it.
    """
    folder = main.absolute().parent
    if anchor.title is not None and (title := title_of(loaded)) != anchor.title:
        text = N_('The books are called "{title}", and were called "{was}" when the anchor was written {day}.')
        source = {"filename": str(main.absolute()), "lineno": 1}
        yield Caution(source, phrase(text, title=title, was=anchor.title, day=anchor.day))
    if anchor.files is not None:
        now = kept_files(folder)
        new = {path for path in now.keys() - anchor.files.keys() if path.startswith(f"{LAYOUTS}/")}
        for path in sorted({each for each in anchor.files if now.get(each) != anchor.files[each]} | new):
            text = _UNLIKE[path in anchor.files, path in now]
            source = {"filename": str(folder / path), "lineno": 1}
            yield Caution(source, phrase(text, file=path, day=anchor.day, command=as_written("forbundsbok anchor")))
    if anchor.commit and not is_in_history(folder, anchor.commit):
        text = N_(
            "The history in git does not have {commit}, its last commit when the anchor was written {day}: it has been "
            "written anew, or this is a copy without it. Who wrote what before that day is not shown by it."
        )
        yield Caution(NOWHERE, phrase(text, commit=anchor.commit[:12], day=anchor.day))


_UNLIKE = {
    (True, True): N_(
        "{file} is not as it was when the anchor was written {day}: a closed year may be printed, or held against the "
        "print, in another way. Find out what was changed, and by whose decision; a new anchor keeps it as it is now: "
        "  {command}"
    ),
    (True, False): N_(
        "{file} was there when the anchor was written {day}, and is gone: a closed year may be printed, or held "
        "against the print, in another way. Put it back, or find out by whose decision it was taken away."
    ),
    (False, True): N_(
        "{file} was not there when the anchor was written {day}: a closed year may be printed in another way. Find out "
        "by whose decision it has come; a new anchor keeps it as it is now:   {command}"
    ),
}
"""What is said of a file beside the books, by whether the anchor has it, and whether it is there."""
