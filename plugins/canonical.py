"""The canonical form of a directive: the same text however it is written in the ledger's files.

    2024-03-05 * "Leverantör 017 IT" "Faktura 20245" ^L-2024-0311
      underlag: "underlag/2024/L-0311.pdf"
      ver: "U 311"
      Assets:FK:1610-Internbank -1000.5 SEK
      Liabilities:NAV:2510-Leverantörsskulder 1000.5 SEK

It is Beancount's own syntax, in one order and one spelling: metadata, tags, links and postings are
sorted, numbers have no commas and no zeros that say nothing, a text is on one line, amounts that were
left out are filled in. Which file and line it stood in, comments and white space are not in it, nor the
postings that clearing adds. docs/sigill.md tells it exactly.
"""

import os
import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from beancount.core import account, data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import CLEARING

SIGILL = "sigill"
"""The metadata of a bokslut that seals it, and the beginning of the names of the rest: `sigill-03`."""

SETTINGS: Mapping[str, str] = {
    "booking_method": "STRICT",
    "infer_tolerance_from_cost": "FALSE",
    "inferred_tolerance_default": "",
    "name_assets": "Assets",
    "name_equity": "Equity",
    "name_expenses": "Expenses",
    "name_income": "Income",
    "name_liabilities": "Liabilities",
    "operating_currency": "",
    "plugin_processing_mode": "default",
    "tolerance_multiplier": "0.5",
    "use_precise_interpolation": "FALSE",
}
"""The options that decide what is booked and what is let pass, each with the value that is not stated in a seal."""

_DAY = timedelta(days=1)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BOKSLUT = "bokslut"
_CLEARING = f":{CLEARING}"
_PLACE = frozenset(("filename", "lineno"))


def is_bookkeeping(entry: data.Directive) -> bool:
    """Tell whether a directive says anything about the books: saved queries and Fava's settings do not."""
    if isinstance(entry, data.Query):
        return False
    return not (isinstance(entry, data.Custom) and str(entry.type).startswith("fava-"))


def is_of_seal(key: str) -> bool:
    """Tell whether a bokslut's metadata is its seal."""
    return key == SIGILL or key.startswith(f"{SIGILL}-")


def canonical(entry: data.Directive, folder: str) -> str:
    """Return the canonical form of a directive; documents are named by their path from the ledger's folder."""
    day = entry.date.isoformat()
    if not isinstance(entry, data.Transaction):
        return "\n".join([" ".join([day, _word(entry), *_parts(entry, folder)]), *_metadata(entry)])
    rows = [_posting(posting) for posting in entry.postings if not posting.account.endswith(_CLEARING)]
    rows.sort()
    head = f"{day} {entry.flag} {quoted(entry.payee or '')} {quoted(entry.narration or '')}{_marks(entry)}"
    return "\n".join([head, *_meta_lines(entry.meta, "  "), *rows])


def booked_day(entry: data.Directive) -> date:
    """Return the day that a directive belongs to: a balance is what an account held at the end of the day before."""
    return entry.date - _DAY if isinstance(entry, data.Balance) and entry.date > date.min else entry.date


def settings_of(options: Mapping[str, Any]) -> str:
    """Return how a ledger is read: `operating_currency SEK; tolerance_multiplier 0; plugin forbundsbok.federation`."""
    told = [f"{name} {text}" for name in SETTINGS if (text := _setting(options.get(name))) not in ("", SETTINGS[name])]
    for name, config in options.get("plugin") or ():
        told.append(f"plugin {name}" if config is None else f"plugin {name} {quoted(config)}")
    return "; ".join(told)


def _setting(value: Any) -> str:
    """Return the value of an option on one line; "" where there is none."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case Decimal():
            return number(value)
        case Mapping():
            return ",".join(sorted(f"{key}:{_setting(each)}" for key, each in value.items()))
        case list() | tuple():
            return ",".join(map(_setting, value))
    return str(getattr(value, "value", value))


def quoted(text: str) -> str:
    r"""Return a text between quotes and on one line, with `\\`, `\"` and `\n` in it."""
    if "\\" in text or '"' in text or "\n" in text:
        text = text.replace("\r\n", "\n").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'


def unquoted(text: str) -> str:
    """Return the text that `quoted` gave another, quotes included."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text[1:-1])


def number(given: Decimal) -> str:
    """Return a number as 1000.5: no zeros at the end of its decimals, no exponent, no -0."""
    text = str(given)
    if "E" in text:
        text = f"{given:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _posting(posting: data.Posting) -> str:
    name, units, cost, price, flag, meta = posting
    text = f"  {name} {_amount(units)}"
    if cost is not None:
        text += f" {{{_cost(cost)}}}"
    if price is not None:
        text += f" @ {_amount(price)}"
    if flag:
        text = f"  {flag} {text[2:]}"
    # Nearly every posting has its place only: worth asking first.
    if not meta or (len(meta) == 2 and "lineno" in meta and "filename" in meta):
        return text
    return "\n".join([text, *_meta_lines(meta, "    ")])


def _amount(amount: Any) -> str:
    if isinstance(amount, Amount) and isinstance(amount.number, Decimal):
        return f"{number(amount.number)} {amount.currency}"
    return "?"  # left out, in a ledger that Beancount reports


def _cost(cost: Any) -> str:
    parts = [getattr(cost, name, None) for name in ("number", "currency", "date", "label")]
    if not isinstance(parts[0], Decimal):
        return "?"
    lot = [f"{number(parts[0])} {parts[1]}"]
    lot += [str(parts[2])] if parts[2] else []
    lot += [quoted(str(parts[3]))] if parts[3] else []
    return ", ".join(lot)


def _marks(entry: Any) -> str:
    """Return tags and links, each after a space."""
    if not entry.tags and not entry.links:
        return ""
    return "".join(
        [*(f" #{tag}" for tag in sorted(entry.tags or ())), *(f" ^{link}" for link in sorted(entry.links or ()))]
    )


def _word(entry: data.Directive) -> str:
    return type(entry).__name__.lower()


def _parts(entry: Any, folder: str) -> list[str]:
    """Return what follows the directive's word."""
    match entry:
        case data.Open():
            booking = [quoted(entry.booking.name)] if entry.booking else []
            return [entry.account, *([",".join(sorted(entry.currencies))] if entry.currencies else []), *booking]
        case data.Close():
            return [entry.account]
        case data.Commodity():
            return [entry.currency]
        case data.Balance():
            tolerance = ["~", number(entry.tolerance)] if entry.tolerance is not None else []
            return [entry.account, _amount(entry.amount), *tolerance]
        case data.Pad():
            return [entry.account, entry.source_account]
        case data.Note():
            return [entry.account, quoted(entry.comment) + _marks(entry)]
        case data.Document():
            return [entry.account, quoted(path_from(folder, entry.filename)) + _marks(entry)]
        case data.Event():
            return [quoted(entry.type), quoted(entry.description)]
        case data.Price():
            return [entry.currency, _amount(entry.amount)]
        case data.Custom():
            return [quoted(entry.type), *(_custom_value(value) for value in entry.values or ())]
    return []


def path_from(folder: str, filename: str) -> str:
    """Return a document's path from the ledger's folder."""
    return Path(os.path.relpath(filename, folder)).as_posix() if Path(filename).is_absolute() else filename


def _custom_value(given: Any) -> str:
    return str(given.value) if given.dtype == account.TYPE else _value(given.value)


def _metadata(entry: data.Directive) -> list[str]:
    if isinstance(entry, data.Custom) and entry.type == _BOKSLUT:
        return _meta_lines({key: value for key, value in entry.meta.items() if not is_of_seal(key)}, "  ")
    return _meta_lines(entry.meta, "  ")


def _meta_lines(meta: Mapping[str, Any], indent: str) -> list[str]:
    # Keys that begin with "__" are Beancount's own notes.
    lines = [
        f"{indent}{key}: {quoted(value) if type(value) is str else _value(value)}"
        for key, value in meta.items()
        if key not in _PLACE and key[:2] != "__"
    ]
    lines.sort()
    return lines


def _value(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, Amount):
        return _amount(value)
    if isinstance(value, date):
        return value.isoformat()
    return quoted(str(value))
