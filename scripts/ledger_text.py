"""Directives as the ledger writes them, aligned as `bean-format` would.

    2025-03-14 ! "Okänd" "Inbetalning 55400000" ^K-2025-0083
      ver: "I 14"
      bankref: "5490000000123"
      Assets:FK:1610-Internbank                   1250.00 SEK
      Liabilities:FK:2890-Observationskonto      -1250.00 SEK
        projekt: "P1"

What is written is read again, and must say the same: nothing comes into the books otherwise than it was proposed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import account, data
from beancount.core.amount import Amount
from beancount.parser import parser
from beancount.parser.grammar import ValueType
from beancount.scripts.format import align_beancount

from forbundsbok.plugins.canonical import canonical, quoted
from forbundsbok.plugins.mending import kronor

_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters that end a line somewhere, or that nobody sees."""
_SURROGATES = re.compile("[\ud800-\udfff]")


class TextError(Exception):
    """A directive that would not be read as it was proposed."""


def ledger_text(sections: Sequence[tuple[str, Sequence[data.Directive]]]) -> str:
    """Return directives as a ledger's text, in sections that are each opened by a comment. Raises TextError."""
    text = aligned("\n".join(f";; {comment}\n\n{_blocks(entries)}" for comment, entries in sections))
    _refuse_unlike(text, [entry for _, entries in sections for entry in entries])
    return text


def aligned(text: str) -> str:
    """Return a ledger's text with all its amounts in one column."""
    return str(align_beancount(text))  # type: ignore[no-untyped-call]


def _blocks(entries: Iterable[data.Directive]) -> str:
    """Return directives as text, with a blank line between them but for single lines of the same kind."""
    blocks: list[str] = []
    for entry in entries:
        text = directive_text(entry)
        together = blocks and "\n" not in text and "\n" not in blocks[-1] and _kind(text) == _kind(blocks[-1])
        blocks.append(text if not blocks or together else f"\n{text}")
    return "".join(f"{block}\n" for block in blocks)


def directive_text(entry: data.Directive) -> str:
    """Return a directive as text, not aligned. Raises TextError for a kind that no document gives."""
    head = " ".join([entry.date.isoformat(), *_parts(entry)])
    return "\n".join([head, *_metadata(entry.meta, "  "), *_rows(entry)])


def cleaned(entry: data.Directive) -> data.Directive:
    """Return a directive whose texts are each on one line, and of characters that can be written."""
    fields = {name: _cleaned(value) for name, value in entry._asdict().items()}
    if isinstance(entry, data.Transaction):
        fields["postings"] = [posting._replace(meta=_cleaned(posting.meta)) for posting in entry.postings]
    if isinstance(entry, data.Custom):
        fields["values"] = [ValueType(_cleaned(value), dtype) for value, dtype in entry.values]
    return entry._replace(**fields)


def cleaned_text(text: str) -> str:
    """Return a text on one line, of characters that can be written."""
    return _SURROGATES.sub("\ufffd", _NO_TEXT.sub(" ", text))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return cleaned_text(value)
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    return value


def _refuse_unlike(text: str, entries: Sequence[data.Directive]) -> None:
    """Raise TextError for a text that is not read as directives."""
    read, errors, _ = parser.parse_string(text)
    if errors:
        line = errors[0].source["lineno"]
        raise TextError(f"{errors[0].message}: {text.splitlines()[line - 1]}")
    read.sort(key=lambda entry: entry.meta["lineno"])
    for one, other in zip(map(_canonical, entries), map(_canonical, read), strict=True):
        if one != other:
            raise TextError(f"it would be read otherwise:\n{one}\nwould be\n{other}")


def _canonical(entry: data.Directive) -> str:
    return canonical(entry, "")


def _kind(text: str) -> str:
    return " ".join(text.split(" ")[1:3] if " custom " in text else text.split(" ")[1:2])


def _parts(entry: Any) -> Iterator[str]:
    """Yield what follows the date."""
    match entry:
        case data.Transaction():
            yield str(entry.flag)
            yield from map(quoted, [entry.payee, entry.narration or ""] if entry.payee else [entry.narration or ""])
        case data.Open():
            yield from ("open", entry.account)
            yield from [",".join(entry.currencies)] if entry.currencies else []
            yield from [quoted(entry.booking.name)] if entry.booking else []
        case data.Close():
            yield from ("close", entry.account)
        case data.Balance():
            tolerance = f" ~ {_number(entry.tolerance)}" if entry.tolerance is not None else ""
            yield from ("balance", entry.account, f"{_number(entry.amount.number)}{tolerance} {entry.amount.currency}")
        case data.Note():
            yield from ("note", entry.account, quoted(entry.comment))
        case data.Event():
            yield from ("event", quoted(entry.type), quoted(entry.description))
        case data.Custom():
            yield from ("custom", quoted(entry.type))
            yield from (value if dtype == account.TYPE else _value(value) for value, dtype in entry.values)
        case _:
            raise TextError(f"no document gives a directive of this kind: {entry}")
    yield from (f"#{tag}" for tag in sorted(getattr(entry, "tags", None) or ()))
    yield from (f"^{link}" for link in sorted(getattr(entry, "links", None) or ()))


def _rows(entry: data.Directive) -> Iterator[str]:
    for posting in entry.postings if isinstance(entry, data.Transaction) else ():
        if posting.cost is not None or posting.price is not None or not isinstance(posting.units, Amount):
            raise TextError(f"a posting has an account and an amount: {posting}")
        flag = f"{posting.flag} " if posting.flag else ""
        yield f"  {flag}{posting.account}  {_value(posting.units)}"
        yield from _metadata(posting.meta or {}, "    ")


def _metadata(meta: Mapping[str, Any], indent: str) -> Iterable[str]:
    own = {key: value for key, value in meta.items() if key not in ("filename", "lineno") and key[:2] != "__"}
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
        case None:
            return ""
    raise TextError(f"no document gives a value of this kind: {value!r}")


def _number(number: Decimal | None) -> str:
    if number is None or not number.is_finite():
        raise TextError(f"this is no amount: {number}")
    return kronor(number)
