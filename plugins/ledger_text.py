r"""The one writer of ledger text: directives as the ledger's files have them, aligned as `bean-format` would.

    2025-03-14 ! "Okänd" "Inbetalning 55400000" ^K-2025-0083
      ver: "I 14"
      bankref: "5490000000123"
      Assets:FK:1610-Internbank                   1250.00 SEK
      Liabilities:FK:2890-Observationskonto      -1250.00 SEK
        projekt: "P1"

Whatever is offered to paste, or written into the books, comes from here. Texts are quoted, with `\\`, `\"` and `\n` in
them, so that what is written is read as it was meant. The canonical form that seals digest (plugins.canonical) is
another one, frozen, and stands apart.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import account, data
from beancount.core.amount import Amount
from beancount.core.position import Cost, CostSpec
from beancount.parser import parser
from beancount.parser.grammar import ValueType
from beancount.scripts.format import align_beancount

from forbundsbok.plugins.canonical import canonical
from forbundsbok.plugins.money import ledger_number

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""Characters that end a line somewhere, turn its direction, or that nobody sees."""
_OTHER_LINE_ENDS = re.compile("[\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")


class TextError(Exception):
    """A directive that cannot be written so that it is read as it was proposed."""


def posting(name: str, number: Decimal, currency: str, meta: Mapping[str, Any] | None = None) -> data.Posting:
    """Return a posting to write."""
    return data.Posting(name, Amount(number, currency), None, None, None, dict(meta or {}))


def voucher(
    day: date, narration: str, ver: str, rows: Iterable[data.Posting], payee: str | None = None
) -> data.Transaction:
    """Return a voucher to write."""
    return data.Transaction({"ver": ver}, day, "*", payee, narration, data.EMPTY_SET, data.EMPTY_SET, list(rows))


def opening(name: str, day: date, currency: str, benamning: str = "") -> data.Open:
    """Return the directive, to write, that opens an account."""
    return data.Open({"benamning": benamning} if benamning else {}, day, name, [currency], None)


def custom_of(kind: str, day: date, values: Iterable[Any], meta: Mapping[str, Any] | None = None) -> data.Custom:
    """Return a custom directive to write; an account among its values is an AccountText."""
    typed: list[Any] = [(each, account.TYPE if isinstance(each, AccountText) else type(each)) for each in values]
    return data.Custom(dict(meta or {}), day, kind, [ValueType(*each) for each in typed])


class AccountText(str):
    """The name of an account among the values of a custom directive, which is written without quotes."""


def ledger_text(sections: Sequence[tuple[str, Sequence[data.Directive]]]) -> str:
    """Return directives as a ledger's text, in sections that are each opened by a comment. Raises TextError."""
    text = aligned("\n".join(f";; {comment}\n\n{_blocks(entries)}" for comment, entries in sections))
    refuse_unlike(text, [entry for _, entries in sections for entry in entries])
    return text


def directives_text(entries: Iterable[data.Directive]) -> str:
    """Return directives as text to paste, with a blank line between them, aligned. Raises TextError."""
    return aligned("\n\n".join(directive_text(entry) for entry in entries)).rstrip("\n")


def metadata_text(meta: Mapping[str, Any]) -> str:
    """Return metadata as the lines to paste below a directive's first line. Raises TextError."""
    return "\n".join(_metadata(meta, "  "))


def directive_text(entry: data.Directive) -> str:
    """Return a directive as text, not aligned. Raises TextError for what cannot be written."""
    head = " ".join([entry.date.isoformat(), *_parts(entry)])
    return "\n".join([head, *_metadata(entry.meta, "  "), *_rows(entry)])


def aligned(text: str) -> str:
    """Return a ledger's text with all its amounts in one column, where Beancount counts its lines as we do."""
    if _OTHER_LINE_ENDS.search(text):
        return text
    return str(align_beancount(text))  # type: ignore[no-untyped-call]


def quoted(text: str) -> str:
    r"""Return a text between quotes and on one line, with `\\`, `\"` and `\n` in it."""
    escaped = text.replace("\r\n", "\n").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def cleaned(entry: data.Directive) -> data.Directive:
    """Return a directive whose texts are each on one line, and of characters that can be written and seen."""
    fields = {name: _cleaned(value) for name, value in entry._asdict().items()}
    if isinstance(entry, data.Transaction):
        fields["postings"] = [each._replace(meta=_cleaned(each.meta)) for each in entry.postings]
    if isinstance(entry, data.Custom):
        fields["values"] = [ValueType(_cleaned(value), dtype) for value, dtype in entry.values]
    return entry._replace(**fields)


def cleaned_text(text: str) -> str:
    """Return a text on one line, of characters that can be written and seen."""
    return _SURROGATES.sub("\ufffd", _UNSEEN.sub(" ", text))


def visible(text: str) -> str:
    """Return a text of several lines, each of characters that can be written and seen."""
    return "\n".join(map(cleaned_text, text.split("\n")))


def escaped(text: str) -> str:
    """Return a text of JSON in which what nobody sees is written out: it is read as the same."""
    return "\n".join(_UNSEEN.sub(_written_out, line) for line in text.split("\n"))


def _written_out(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return cleaned_text(value)
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    return value


def refuse_unlike(text: str, entries: Sequence[data.Directive]) -> None:
    """Raise TextError for a text that is not read as directives, in their order."""
    read, errors, _ = parser.parse_string(text)
    if errors:
        line = errors[0].source["lineno"]
        raise TextError(": ".join([errors[0].message, *text.split("\n")[line - 1 : line]]))
    read.sort(key=lambda entry: entry.meta["lineno"])
    for one, other in zip(map(_canonical, entries), map(_canonical, read), strict=True):
        if one != other:
            raise TextError(f"it would be read otherwise:\n{one}\nwould be\n{other}")


def _canonical(entry: data.Directive) -> str:
    return canonical(entry, "")


def _blocks(entries: Iterable[data.Directive]) -> str:
    """Return directives as text, with a blank line between them but for single lines of the same kind."""
    blocks: list[str] = []
    for entry in entries:
        text = directive_text(entry)
        together = blocks and "\n" not in text and "\n" not in blocks[-1] and _kind(text) == _kind(blocks[-1])
        blocks.append(text if not blocks or together else f"\n{text}")
    return "".join(f"{block}\n" for block in blocks)


def _kind(text: str) -> str:
    return " ".join(text.split(" ")[1:3] if " custom " in text else text.split(" ")[1:2])


def _parts(entry: Any) -> Iterator[str]:
    """Yield what follows the date."""
    match entry:
        case data.Transaction():
            yield str(entry.flag)
            yield from [quoted(entry.payee)] if entry.payee is not None else []
            yield quoted(entry.narration or "")
        case data.Open():
            yield from ("open", entry.account)
            yield from [",".join(entry.currencies)] if entry.currencies else []
            yield from [quoted(entry.booking.name)] if entry.booking else []
        case data.Close():
            yield from ("close", entry.account)
        case data.Balance():
            tolerance = f" ~ {_number(entry.tolerance)}" if entry.tolerance is not None else ""
            yield from ("balance", entry.account, f"{_number(entry.amount.number)}{tolerance} {entry.amount.currency}")
        case data.Pad():
            yield from ("pad", entry.account, entry.source_account)
        case data.Note():
            yield from ("note", entry.account, quoted(entry.comment))
        case data.Document():
            yield from ("document", entry.account, quoted(entry.filename))
        case data.Event():
            yield from ("event", quoted(entry.type), quoted(entry.description))
        case data.Price():
            yield from ("price", entry.currency, _value(entry.amount))
        case data.Commodity():
            yield from ("commodity", entry.currency)
        case data.Query():
            yield from ("query", quoted(entry.name), quoted(entry.query_string))
        case data.Custom():
            yield from ("custom", quoted(entry.type))
            yield from _custom_values(entry.values or ())
        case _:
            raise TextError(f"this is no directive: {entry}")
    yield from (f"#{tag}" for tag in sorted(getattr(entry, "tags", None) or ()))
    yield from (f"^{link}" for link in sorted(getattr(entry, "links", None) or ()))


def _custom_values(values: Iterable[Any]) -> Iterator[str]:
    after_number = False
    for value, dtype in values:
        text = str(value) if dtype == account.TYPE else _value(value)
        # A minus after a number would be read as a subtraction.
        yield re.sub(r"^(-[0-9.]+)", r"(\1)", text) if after_number else text
        after_number = isinstance(value, Decimal)


def _rows(entry: data.Directive) -> Iterator[str]:
    for row in entry.postings if isinstance(entry, data.Transaction) else ():
        flag = f"{row.flag} " if row.flag else ""
        amount = _value(row.units) if isinstance(row.units, Amount) else ""
        price = f" @ {_value(row.price)}" if isinstance(row.price, Amount) else ""
        yield f"  {flag}{row.account}  {amount}{_cost(row.cost)}{price}".rstrip()
        yield from _metadata(row.meta or {}, "    ")


def _cost(cost: Cost | CostSpec | None) -> str:
    if cost is None:
        return ""
    if not isinstance(cost, Cost):
        raise TextError(f"a cost has an amount: {cost}")
    parts = [f"{ledger_number(cost.number)} {cost.currency}", *([str(cost.date)] if cost.date else [])]
    return f" {{{', '.join([*parts, *([quoted(cost.label)] if cost.label else [])])}}}"


def _metadata(meta: Mapping[str, Any], indent: str) -> Iterable[str]:
    # Keys that begin with "_" are Beancount's own notes.
    own = {key: value for key, value in meta.items() if key not in ("filename", "lineno") and key[:1] != "_"}
    return (f"{indent}{key}: {_value(value)}".rstrip() for key, value in own.items())


def _value(value: object) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return str(value).upper()
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case Amount():
            return f"{_number(value.number)} {value.currency}"
        case date():
            return value.isoformat()
        case int():
            return str(value)
        case None:
            return ""
    raise TextError(f"this cannot be written: {value!r}")


def _number(number: Decimal | None) -> str:
    if not isinstance(number, Decimal) or not number.is_finite():
        raise TextError(f"this is no amount: {number}")
    return ledger_number(number)
