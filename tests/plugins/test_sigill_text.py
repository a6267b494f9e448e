"""The seal as docs/sigill.md tells it: a program written from that text alone, without the code of plugins/.

It recomputes the example of the text, and the seals of the real books, and must agree with the project.
"""

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from beancount import loader
from beancount.core import account, amount, data
from beancount.parser import booking, parser

from forbundsbok.plugins.documents import digests, line_of, named_by  # what is tested, and nothing else of it
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.locks import booked_in, sigill_of
from forbundsbok.plugins.sigill import year_to_seal
from forbundsbok.scripts.store.anchors import anchor_text
from forbundsbok.scripts.store.beside import kept_files

TEXT = Path(__file__).parent.parent.parent / "docs" / "sigill.md"
P = 2**61 - 1


def blocks(language: str) -> list[str]:
    """Return the blocks of a language in the text."""
    return re.findall(rf"^```{language}\n(.*?)\n```$", TEXT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def digest(lines: list[str]) -> str:
    return sha256("\n".join(lines).encode("utf-8")).hexdigest()


# The canonical form of a directive


def text(value: str) -> str:
    for plain, written in (("\r\n", "\n"), ("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        value = value.replace(plain, written)
    return f'"{value}"'


def number(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits)) or "0")
    if exponent >= 0:
        plain, decimals = str(whole * 10**exponent), ""
    else:
        padded = str(whole).rjust(1 - exponent, "0")
        plain, decimals = padded[:exponent], padded[exponent:].rstrip("0")
    written = f"{plain}.{decimals}" if decimals else plain
    return f"-{written}" if sign and written != "0" else written


def amount_(value: Any) -> str:
    return f"{number(value.number)} {value.currency}"


def value_(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Decimal):
        return number(value)
    return amount_(value) if isinstance(value, amount.Amount) else str(value.isoformat())


def metadata(meta: dict[str, Any], indent: int, *, bokslut: bool = False) -> list[str]:
    own = {key: value for key, value in meta.items() if key not in ("filename", "lineno") and not key.startswith("__")}
    if bokslut:
        own = {key: value for key, value in own.items() if key != "sigill" and not key.startswith("sigill-")}
    return sorted(" " * indent + f"{key}: {value_(value)}" for key, value in own.items())


def posting_(posting: data.Posting) -> str:
    words = [posting.flag] if posting.flag else []
    words += [posting.account, amount_(posting.units)]
    if posting.cost:
        lot = [
            amount_(posting.cost),
            str(posting.cost.date or ""),
            text(posting.cost.label) if posting.cost.label else "",
        ]
        words.append("{" + ", ".join(filter(None, lot)) + "}")
    if posting.price:
        words += ["@", amount_(posting.price)]
    return "\n".join(["  " + " ".join(words), *metadata(posting.meta or {}, 4)])


def marks(entry: Any) -> list[str]:
    return [f"#{tag}" for tag in sorted(entry.tags or ())] + [f"^{link}" for link in sorted(entry.links or ())]


def parts(entry: Any, folder: str) -> list[str]:
    match type(entry).__name__:
        case "Transaction":
            return [text(entry.payee or ""), text(entry.narration or ""), *marks(entry)]
        case "Open":
            currencies = [",".join(sorted(entry.currencies))] if entry.currencies else []
            return [entry.account, *currencies, *([text(entry.booking.value)] if entry.booking else [])]
        case "Commodity":
            return [entry.currency]
        case "Balance":
            tolerance = ["~", number(entry.tolerance)] if entry.tolerance is not None else []
            return [entry.account, amount_(entry.amount), *tolerance]
        case "Pad":
            return [entry.account, entry.source_account]
        case "Note":
            return [entry.account, text(entry.comment), *marks(entry)]
        case "Document":
            return [entry.account, text(str(PurePosixPath(entry.filename).relative_to(folder))), *marks(entry)]
        case "Event":
            return [text(entry.type), text(entry.description)]
        case "Price":
            return [entry.currency, amount_(entry.amount)]
        case "Custom":
            given = [each.value if each.dtype == account.TYPE else value_(each.value) for each in entry.values or ()]
            return [text(entry.type), *given]
    return [entry.account]


def canonical(entry: Any, folder: str) -> str:
    voucher = isinstance(entry, data.Transaction)
    word = entry.flag if voucher else type(entry).__name__.lower()
    bokslut = isinstance(entry, data.Custom) and entry.type == "bokslut"
    rows = [posting_(row) for row in entry.postings if not row.account.endswith(":1790-Avräkning")] if voucher else []
    head = " ".join([str(entry.date), word, *parts(entry, folder)])
    return "\n".join([head, *metadata(entry.meta, 2, bokslut=bokslut), *sorted(rows)])


# The check sums


def name(entry: Any) -> str:
    word = type(entry).__name__.lower()
    match word:
        case "transaction":
            return str(entry.meta["ver"]) if isinstance(entry.meta.get("ver"), str) else text(entry.narration)
        case "commodity" | "price":
            return f"{word} {entry.currency}"
        case "event":
            return f"{word} {text(entry.type)}"
        case "custom":
            texts = [text(each.value) for each in entry.values or () if isinstance(each.value, str)]
            return " ".join([word, text(entry.type), *texts, str(entry.date.year)])
    return f"{word} {entry.account}"


def units(entry: Any) -> set[str]:
    if isinstance(entry, data.Transaction):
        accounts = [posting.account for posting in entry.postings]
    elif isinstance(entry, data.Custom):
        accounts = [each.value for each in entry.values or () if each.dtype == account.TYPE]
    else:
        accounts = [entry.account] if hasattr(entry, "account") else []
    return {each.split(":")[1] for each in accounts} or {"-"}


def fifteen(hexadecimal: str) -> int:
    return int(hexadecimal[:15], 16)


def check_sums(entries: list[Any], folder: str) -> str:
    texts = names = 0
    touching = defaultdict(list)
    for entry in entries:
        own = digest([canonical(entry, folder)])
        texts += fifteen(own)
        names += fifteen(own) * fifteen(digest([name(entry)]))
        for unit in units(entry):
            touching[unit].append(own)
    checks = [f"{unit} {digest(sorted(digests))[:4]}" for unit, digests in sorted(touching.items())]
    return " ".join([str(len(entries)), f"{texts % P:016x}", f"{names % P:016x}", *checks])


# The years


def is_sealed(entry: Any) -> bool:
    return not isinstance(entry, data.Query) and not (isinstance(entry, data.Custom) and entry.type.startswith("fava-"))


def day(entry: Any) -> date:
    return entry.date - timedelta(days=1) if isinstance(entry, data.Balance) else entry.date


def settings(main: Path) -> str:
    """Return the line of a main file's options, read as text: those that the tests' ledgers have."""
    written = re.findall(r'^(option|plugin) "(.*?)"(?: "(.*?)")?$', main.read_text(encoding="utf-8"), re.MULTILINE)
    unstated = {
        "booking_method": "STRICT",
        "infer_tolerance_from_cost": "FALSE",
        "inferred_tolerance_default": None,
        "name_assets": "Assets",
        "operating_currency": None,
        "plugin_processing_mode": "default",
        "tolerance_multiplier": "0.5",
        "use_precise_interpolation": "FALSE",
    }
    options = {name: value for word, name, value in written if word == "option"}
    lines = [f"{name} {options[name]}" for name, value in unstated.items() if options.get(name, value) != value]
    lines += [
        f"plugin {name}" + (f" {text(value)}" if value else "") for word, name, value in written if word == "plugin"
    ]
    return "; ".join(lines)


def documents(entries: list[Any], folder: str) -> dict[str, str]:
    """Return the line of the documents, where there are any."""
    paths = {
        entry.meta["underlag"] for entry in entries if isinstance(entry, data.Transaction) and "underlag" in entry.meta
    }
    paths |= {
        str(PurePosixPath(entry.filename).relative_to(folder)) for entry in entries if isinstance(entry, data.Document)
    }
    there = [(path, Path(folder) / path) for path in paths if (Path(folder) / path).is_file()]
    lines = sorted(f"underlag {text(path)} {sha256(file.read_bytes()).hexdigest()}" for path, file in there)
    return {"underlag": f"{len(lines)} {digest(lines)}"} if lines else {}


def seals(entries: list[Any], folder: str, main: str = "main.bean") -> list[tuple[Any, dict[str, str], list[str]]]:
    """Return each bokslut with the seal that it should have, and the lines that are digested to it."""
    boksluts = [entry for entry in entries if isinstance(entry, data.Custom) and entry.type == "bokslut"]
    found, start, before = [], date.min, "-"
    for bokslut in boksluts:
        held = [entry for entry in entries if start < day(entry) <= bokslut.date and is_sealed(entry)]
        months = defaultdict(list)
        for entry in held:
            months[f"{day(entry).month:02}" if day(entry).year == bokslut.date.year else "00"].append(entry)
        sums = {month: check_sums(group, folder) for month, group in months.items()}
        sums |= {"installningar": settings(Path(folder) / main)} | documents(held, folder)
        lines = ["forbundsbok sigill 2", str(bokslut.date.year), before]
        lines += [f"{month} {line}" for month, line in sorted(sums.items())]
        lines += sorted(digest([canonical(entry, folder)]) for entry in held)
        start, before = bokslut.date, digest(lines)
        found.append((bokslut, {"sigill": before} | {f"sigill-{month}": line for month, line in sums.items()}, lines))
    return found


def parsed(path: Path) -> list[Any]:
    """Return the directives of a ledger as parsed and booked."""
    entries, errors, options = parser.parse_file(str(path))
    for included in options["include"]:
        more, more_errors, _ = parser.parse_file(str(path.parent / included))
        entries, errors = entries + more, errors + more_errors
    in_order = sorted(entries, key=data.entry_sortkey)
    booked, more_errors = booking.book(in_order, options)  # type: ignore[no-untyped-call]
    assert not errors + more_errors
    return list(booked)


def stated(bokslut: Any) -> dict[str, str]:
    return {key: value for key, value in bokslut.meta.items() if key.startswith("sigill")}


@pytest.fixture
def example(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    path.write_text(blocks("beancount")[0] + "\n", encoding="utf-8")
    return path


def test_the_example_is_a_ledger_without_errors(example: Path) -> None:
    loader.initialize(use_cache=False)
    assert loader.load_file(str(example))[1] == []


def test_the_example_is_computed_as_the_text_tells(example: Path) -> None:
    entries = parsed(example)
    voucher = next(entry for entry in entries if isinstance(entry, data.Transaction) and entry.date.year == 2024)
    computed = seals(entries, str(example.parent))
    for bokslut, seal, _ in computed:
        assert stated(bokslut) == seal
    form = canonical(voucher, str(example.parent))
    assert blocks("text") == [form, digest([form]), "\n".join(computed[-1][2])]


@pytest.mark.slow
def test_the_real_books_are_sealed_as_the_text_tells(sjuharad: Path) -> None:
    for bokslut, seal, _ in seals(parsed(sjuharad), str(sjuharad.parent)):
        if "sigill" in bokslut.meta:
            assert stated(bokslut) == seal


EVERYTHING = """
option "operating_currency" "SEK"
option "title" "Norra"
option "booking_method" "FIFO"
option "inferred_tolerance_default" "SEK:0.05"
plugin "beancount.plugins.leafonly"
plugin "forbundsbok.federation"
plugin "beancount.plugins.check_drained" "{'a': 1}"
pushtag #ny
2021-01-01 commodity SEK
  name: "Svensk krona"
2021-01-01 open Assets:RT:1910-Kassa SEK,EUR
2021-01-01 open Assets:RT:1310-Aktier "FIFO"
2021-01-01 open Assets:UTB:1920-Bank EUR, SEK
2021-01-01 open Equity:RT:2010-Eget-kapital
2021-01-02 pad Assets:UTB:1920-Bank Equity:RT:2010-Eget-kapital
2021-01-03 balance Assets:UTB:1920-Bank 1,000.10 ~ 0.10 SEK
2021-02-01 txn "Börsen" "Aktier
  på två \\\\rader \\"A\\"" ^a #b
  antal: 10
  pris: 100.50 SEK
  dag: 2021-01-31
  klar: TRUE
  kvar: FALSE
  saknas:
  konto: Assets:UTB:1920-Bank
  valuta: EUR
  tagg: #c
  Assets:RT:1310-Aktier  10 ERIC {100.50 SEK, 2021-01-31, "lott"} @ 101.00 SEK
  ! Assets:RT:1910-Kassa  -1005.00 SEK
    rad: "1"
2021-02-02 ! "Växling"
  Assets:UTB:1920-Bank  -100.00 SEK @@ 9.50 EUR
  Assets:RT:1910-Kassa
2021-02-03 * "" "Nollor"
  ver: "M 1"
  underlag: "underlag/b.pdf"
  Assets:UTB:1920-Bank  -0.00 SEK
  Assets:UTB:1920-Bank   0.00 SEK
2021-03-01 note Assets:UTB:1920-Bank "Se bilaga" #c ^d
2021-03-01 document Assets:UTB:1920-Bank "underlag/a.pdf" #e
2021-03-01 event "plats" "Norrby"
2021-03-01 price ERIC 102.000 SEK
2021-03-01 custom "fava-option" "language" "sv"
2021-03-01 query "kassa" "select account"
2021-03-01 custom "allt" Assets:UTB:1920-Bank "Assets:UTB:1920-Bank" 1.50 2.00 SEK TRUE 2021-03-01
2022-01-01 balance Assets:UTB:1920-Bank 900.10 SEK
2021-12-01 close Assets:RT:1310-Aktier
2021-12-31 custom "bokslut" 2021
  beslut: "§ 12"
poptag #ny
"""


def test_every_kind_of_directive_is_sealed_as_the_text_tells(tmp_path: Path) -> None:
    path = tmp_path / "main.bean"
    path.write_text(EVERYTHING, encoding="utf-8", newline="")
    for name in ("a", "b"):
        (tmp_path / "underlag").mkdir(exist_ok=True)
        (tmp_path / "underlag" / f"{name}.pdf").write_text(name)
    entries, _, options = loader.load_file(str(path))
    sealed, before = year_to_seal(entries, options, 2021)
    found = digests(tmp_path, named_by(sealed.items, str(tmp_path)))
    assert len(found) == 2
    assert sealed.computed(before, line_of(found)).metadata() == seals(parsed(path), str(tmp_path))[0][1]


MONTH = """
2021-01-05 * "Nollor"
  ver: "M 1"
  Assets:UTB:1920-Bank  -5.00 SEK
  Assets:RT:1910-Kassa   5.00 SEK
2021-01-31 ! "Ett"
  Assets:RT:1910-Kassa  -0.50 SEK
  Assets:RT:1920-Bank
2021-02-01 balance Assets:RT:1910-Kassa 4.50 SEK
2021-01-31 note Assets:RT:1910-Kassa "Räknad"
"""


def test_a_month_and_an_anchor_are_digested_as_the_text_tells(tmp_path: Path) -> None:
    path = tmp_path / "main.bean"
    path.write_text(MONTH, encoding="utf-8")
    entries, _, options = loader.load_file(str(path))
    items = booked_in(entries, options, ["2021-01"])["2021-01"]
    own = [entry for entry in parsed(path) if isinstance(entry, data.Transaction)]
    lines = ["forbundsbok manad 1", "2021-01", check_sums(own, str(tmp_path))]
    lines += sorted(digest([canonical(entry, str(tmp_path))]) for entry in own)
    assert len(own) == 2
    assert sigill_of(items, "2021-01") == digest(lines)

    path.write_text(blocks("beancount")[0] + "\n", encoding="utf-8")
    anchor = anchor_text(load_ledger(path), date(2025, 5, 6), kept_files(tmp_path)).splitlines()
    said = re.findall(r'sigilljournal" (\d) "(\w+)" "(\d+)" "(\w+)"', blocks("beancount")[0])
    assert anchor[3:] == [
        *(f"{year} {sigill} {count}" for (_, _, year, sigill), count in zip(said, (6, 3), strict=True)),
        f"journal 2 {digest([' '.join(line) for line in said])}",
        "filer 0",
    ]
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "balans.toml").write_text("# egen\n", encoding="utf-8")
    kept = anchor_text(load_ledger(path), date(2025, 5, 6), kept_files(tmp_path)).splitlines()
    assert kept[:-2] == anchor[:-1]
    assert kept[-2:] == ["filer 1", f'fil "layouts/balans.toml" {digest(["# egen", ""])}']
