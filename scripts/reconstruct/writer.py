"""The ledger's files: what stands in which, as `bean-format` leaves it.

ledger/main.bean, units.bean, opening.bean, provisions.bean, assets.bean, attest.bean,
bokslut.bean, budget/2024.bean, units/navet/{accounts,2023,2024}.bean
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from beancount.scripts.format import align_beancount

from forbundsbok.scripts.reconstruct.attest import signatory
from forbundsbok.scripts.reconstruct.budget import by_account
from forbundsbok.scripts.reconstruct.chart import (
    CLEARING,
    UNITS,
    ChartUnit,
    account,
    is_balance,
    is_internal,
    label,
    sort_key,
    unit_of,
)
from forbundsbok.scripts.reconstruct.directives import (
    OPENING_DAY,
    assets_text,
    attest_text,
    bokslut_text,
    budget_text,
    chart_text,
    joined,
    provisions_text,
    quoted,
    sek,
    unit_order,
    units_text,
)
from forbundsbok.scripts.reconstruct.solve import Solution
from forbundsbok.scripts.reconstruct.targets import Targets
from forbundsbok.scripts.reconstruct.vouchers import MONTHS, OPENING_YEAR, YEARS, Book, Draft, Ore

INVOICES = ("L", "K")
SIGNED = ("U", "M", "P", "B")  # approved by signature, where the voucher does not say by whom

HEAD = """\
;; Sjuhärads kommunalförbunds bokföring 2023 och 2024, REKONSTRUERAD UR TRYCKTA SUMMOR.
;;
;; Den tryckta årsredovisningen för 2024 visar förbundets summor; verifikationerna bakom dem är
;; inte offentliga. Beloppen i kronor är valda så att varje tryckt siffra blir sin egen avrundning,
;; och verifikationerna är påhittade så att de stämmer med beloppen: datum, texter, nummer och
;; slag av leverantörer och kunder. Namngivna motparter är de offentliga parter som
;; årsredovisningen nämner; att en enskild faktura eller betalning har funnits är inte sagt.
;;
;; Filerna skrivs av `python -m forbundsbok.scripts.reconstruct`, lika vid varje körning. Ett förbund som har
;; egen bokföring ersätter dem med den: behåll den här filens inställningar, skriv egna enheter i
;; units.bean, egna konton i units/<enhet>/accounts.bean, egna ingående balanser i opening.bean
;; och egna verifikationer i units/<enhet>/<år>.bean. Ingenting annat i projektet beror på att
;; filerna är framställda.
"""

PLUGIN = 'plugin "forbundsbok.federation"'
FAVA = '2022-12-31 custom "fava-option" "language" "sv"'
ARCHIVE = '2025-01-01 custom "arkiv" "Finns inte: verifikationerna är rekonstruerade ur tryckta summor"'
HEADINGS = {
    "Assets": "Tillgångar",
    "Liabilities": "Avsättningar och skulder",
    "Equity": "Eget kapital",
    "Income": "Intäkter",
    "Expenses": "Kostnader",
}


def ledger_files(book: Book, solution: Solution) -> dict[str, str]:
    """The text of every file by its path below `ledger/`."""
    targets = Targets(solution)
    opening = targets.opening()
    budget = by_account(solution.budget, book.moved)
    opened = opening_days(book, opening, budget)
    files = {
        "units.bean": units_text(),
        "kontoslag.bean": chart_text(),
        "opening.bean": opening_text(opening),
        "provisions.bean": provisions_text(solution),
        "assets.bean": assets_text(solution),
        "attest.bean": attest_text(),
        "bokslut.bean": bokslut_text(),
        "budget/2024.bean": budget_text(budget),
    }
    balances = year_end_balances(book, opening)
    vouchers: defaultdict[tuple[str, int], list[Draft]] = defaultdict(list)
    for voucher in book.vouchers:
        vouchers[voucher.unit, voucher.day.year].append(voucher)
    for unit in UNITS:
        folder = f"units/{unit.folder}"
        files[f"{folder}/accounts.bean"] = accounts_text(unit, opened)
        for year in YEARS:
            files[f"{folder}/{year}.bean"] = year_text(unit, year, vouchers[unit.code, year], balances, opened)
    files["main.bean"] = main_text(files)
    return {path: formatted(text) for path, text in files.items()}


def formatted(text: str) -> str:
    return str(align_beancount(text))  # type: ignore[no-untyped-call]


def main_text(files: Iterable[str]) -> str:
    options = "\n".join(
        (
            'option "title" "Sjuhärads kommunalförbund"',
            'option "operating_currency" "SEK"',
            'option "tolerance_multiplier" "0"',
            'option "display_precision" "SEK:0.01"',
        )
    )
    includes = "\n".join(f'include "{path}"' for path in files)
    return joined(HEAD, options, PLUGIN, FAVA, ARCHIVE, includes)


def opening_text(opening: dict[str, Ore]) -> str:
    lines = [f"  {name} {sek(opening[name])}" for name in sorted(opening, key=unit_order)]
    return joined(
        ";; Ingående balanser. Vad enheterna har med varandra står på deras avräkningskonton.",
        "\n".join((f'{OPENING_DAY} * "Ingående balanser {OPENING_DAY}"', '  ver: "B 1"', *lines)),
    )


def opening_days(book: Book, opening: dict[str, Ore], budget: dict[str, int]) -> dict[str, date]:
    """The day each account opens: with the opening balance, else the year that first needs it."""
    opened = {account("Assets", unit.code, CLEARING): OPENING_DAY for unit in UNITS}
    opened |= dict.fromkeys(opening, OPENING_DAY)
    for voucher in sorted(book.vouchers, key=lambda voucher: voucher.day):
        for name, _ in voucher.lines:
            opened.setdefault(name, date(voucher.day.year, 1, 1))
    for name in sorted(budget):
        opened.setdefault(name, date(2024, 1, 1))
    return opened


def accounts_text(unit: ChartUnit, opened: dict[str, date]) -> str:
    names = sorted((name for name in opened if unit_of(name) == unit.code), key=sort_key)
    parts = [f";; {unit.name}: kontoplan"]
    for root, group in groupby(names, key=lambda name: name.split(":")[0]):
        parts.append(f";; {HEADINGS[root]}\n" + "\n".join(open_text(n, opened[n]) for n in group))
    return joined(*parts)


def open_text(name: str, day: date) -> str:
    lines = [f"{day} open {name} SEK"]
    if text := label(name):
        lines.append(f'  benamning: "{text}"')
    if is_internal(name):
        lines.append("  intern: TRUE")
    return "\n".join(lines)


def year_end_balances(book: Book, opening: dict[str, Ore]) -> dict[tuple[str, int], Ore]:
    """Every balance account at every year-end; clearing takes what each unit has with the others."""
    balances: defaultdict[tuple[str, int], Ore] = defaultdict(int)
    movements = [(name, OPENING_YEAR, amount) for name, amount in opening.items()]
    movements += [(name, year, amount) for (name, year), amount in book.moved.items()]
    for name, moved_year, amount in movements:
        clearing = account("Assets", unit_of(name), CLEARING)
        for year in (OPENING_YEAR, *YEARS):
            if year >= moved_year:
                balances[clearing, year] -= amount
                if is_balance(name):
                    balances[name, year] += amount
    return balances


def balance_texts(unit: ChartUnit, year: int, balances: dict[tuple[str, int], Ore], opened: dict[str, date]) -> str:
    day = date(year + 1, 1, 1)
    names = (n for n in opened if unit_of(n) == unit.code and is_balance(n) and opened[n] < day)
    return "\n".join(f"{day} balance {name} {sek(balances[name, year])}" for name in sorted(names, key=sort_key))


def year_text(
    unit: ChartUnit, year: int, vouchers: list[Draft], balances: dict[tuple[str, int], Ore], opened: dict[str, date]
) -> str:
    parts = [f";; {unit.name}: verifikationer {year}"]
    if year == YEARS[0]:
        parts += [";; Ingående balans", balance_texts(unit, year - 1, balances, opened)]
    for month, group in groupby(vouchers, key=lambda voucher: voucher.day.month):
        parts += [f";; {MONTHS[month - 1].capitalize()}", *map(voucher_text, group)]
    parts += [";; Utgående balans", balance_texts(unit, year, balances, opened)]
    return joined(*parts)


def voucher_text(voucher: Draft) -> str:
    texts = [quoted(text) for text in (voucher.payee, voucher.narration) if text]
    head = " ".join((f"{voucher.day} *", *texts, *links(voucher)))
    return "\n".join((head, *meta_lines(voucher), *posting_lines(voucher)))


def links(voucher: Draft) -> Iterator[str]:
    """An invoice and its payment bear the same link."""
    invoice = voucher if voucher.series in INVOICES else voucher.settles
    if invoice is not None and invoice.number:
        yield f"^{invoice.series}-{invoice.day.year}-{invoice.number:04d}"


def meta_lines(voucher: Draft) -> Iterator[str]:
    yield f'  ver: "{voucher.ver}"'
    path = f"underlag/{voucher.day.year}/{voucher.series}-{voucher.number:04d}.pdf"
    usual: dict[str, str | date | Draft] = {"underlag": path}
    if voucher.series in SIGNED:
        amount = sum(amount for _, amount in voucher.lines if amount > 0)
        usual["attest"] = signatory(voucher.unit, amount, voucher.day)
    for key, value in (usual | voucher.meta).items():
        if isinstance(value, Draft):
            value = value.ver
        yield f"  {key}: {value}" if isinstance(value, date) else f'  {key}: "{value}"'


def posting_lines(voucher: Draft) -> Iterator[str]:
    return (f"  {name} {sek(amount)}" for name, amount in voucher.lines)
