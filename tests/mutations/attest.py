"""Mutants of what is approved, of who may approve it, and of what representation says of itself.

Left out, because they do not change who should approve what:
- an amount within the limit of who approves it: the balance of the voucher, not its approval, tells of it;
- the unit or the account that owes (25): a unit may owe for another, and clearing says so;
- another account of costs or assets of the same unit, another day within the same rights;
- another person who has the same right, another receiver, another text of purpose or participants;
- a right that no invoice needs, because another of the same person covers it or it is not used.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive, Transaction

from forbundsbok.plugins.ledger_text import custom_of
from forbundsbok.plugins.money import amount_text
from tests.mutations import (
    Change,
    Mutant,
    bought_row,
    changed,
    cost_of,
    in_account,
    number_of,
    owed_by,
    place_of,
    rebooked,
    row_on,
    scaled,
    swapped,
    unit_of,
    values_of,
    with_meta,
    with_number,
    with_open_last_year,
    without_meta,
)

MODULES = ("attest", "rights")
"""Whose rules find them."""

EACH = 15
"""How many mutants of each sort."""

NO_TEXT = (None, "", "  ", ",", Decimal(1), True, date(2024, 1, 1))


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield one change at a time."""
    decisions = [entry for entry in entries if isinstance(entry, Custom) and entry.type == "attest"]
    received = [entry for entry in entries if isinstance(entry, Transaction) and "mottagning" in entry.meta]
    invoices = [entry for entry in received if row_on(entry, ":25")]
    others = [entry for entry in entries if isinstance(entry, Transaction) and _is_charge(entry)]
    lunches = [entry for entry in invoices if row_on(entry, ":71") is not None]
    assert lunches
    rights = _Rights(decisions)
    used = [entry for entry in decisions if rights.needing(entry, invoices)]
    sorts: list[tuple[list[Any], Change]] = [
        (invoices, _unsigned),
        (invoices, _one_person),
        (others, _unapproved),
        (others, _approved_by_anybody),
        (invoices, _stranger),
        (invoices, _of_another_unit(rights)),
        (invoices, _too_large(rights)),
        (invoices, _too_soon),
        ([entry for entry in invoices if rights.ending(entry)], _too_late(rights)),
        ([entry for entry in invoices if rights.smaller(entry)], _smaller(rights)),
        (invoices, _other_unit(rights)),
        (lunches, _not_said),
        ([entry for entry in invoices if entry not in lunches], _as_representation),
        (used, _right_removed(rights, invoices)),
        (used, _right_lowered(rights, invoices)),
        (used, _right_ended(rights, invoices)),
        (used, _right_begun(rights, invoices)),
        (used, _right_of_another(rights, invoices)),
        (decisions, _right_garbled),
    ]
    yield from changed(entries, random, sorts, EACH)
    opened = with_open_last_year(entries)
    recent = [entry for entry in invoices if entry.date.year == 2024]
    # What came to books that were complete has a decision, and that is what is changed.
    later = [entry for entry in decisions if entry.date.year == 2024]
    decided = {id(entry): with_meta(entry, beslut="Direktionen 2024-03-15 § 9") for entry in later}
    opened = [decided.get(id(entry), entry) for entry in opened]
    later = list(decided.values())
    for sorts_of_open in (
        ([decided.get(id(entry), entry) for entry in decisions], _raised_by_oneself),
        (recent, _received_by_nobody),
        (recent, _approved_by_one),
        (later, _decided_afterwards),
        (recent, _decided_after_it_was_booked),
        (later, _decided_by_oneself),
    ):
        yield from changed(opened, random, [sorts_of_open], EACH)
    for entry in random.sample(recent, EACH):
        yield _of_oneself(opened, random, entry)
    divided = [
        each for each in recent if rights.of(each.meta["attest"], unit_of(each)) and bought_row(each).account[0] == "E"
    ]
    for entry in random.sample(divided, EACH):
        yield _divided(opened, random, entry, values_of(rights.of(entry.meta["attest"], unit_of(entry))[0])[2].number)
    sorts_of_frauds: list[tuple[list[Any], Change]] = [
        ([each for each in others if row_on(each, ":1610-") and each.date.year == 2024 and _pays(each)], _waits),
        ([each for each in recent if unit_of(each) in ("NAV", "RU")], _received_elsewhere),
        ([each for each in lunches if each.date.year == 2024], _said_by_no_words),
        ([each for each in recent if rights.of(each.meta["attest"], unit_of(each))], _just_below(rights)),
    ]
    yield from changed(opened, random, sorts_of_frauds, EACH)
    # What is bought at once is judged in an open year.
    unsealed = [entry for entry in entries if not (isinstance(entry, Custom) and entry.type == "bokslut")]
    at_once = [entry for entry in received if entry not in invoices]
    goods = [
        entry for entry in invoices if row_on(entry, "Expenses:") and cost_of(entry) > 100 and not row_on(entry, ":53")
    ]
    yield from changed(unsealed, random, [(at_once, _not_received), (goods, _paid_at_once)], EACH)


def _decided_afterwards(random: Random, right: Custom) -> tuple[str, list[Directive], str, str]:
    """Name a decision of a later day than the one from which a right holds."""
    day = right.date + timedelta(days=random.randint(1, 200))
    late = with_meta(right, beslut=f"Direktionen {day} § {random.randint(1, 90)}")
    return f"decided {day}", [late], "A642", place_of(right)


def _decided_after_it_was_booked(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    day = entry.date + timedelta(days=random.randint(1, 90))
    late = with_meta(entry, **{random.choice(("beslut", "underlag")): f"Direktionen {day} § {random.randint(1, 90)}"})
    # What is decided of a year once it has ended is booked on its last day.
    return f"decided {day}", [late._replace(date=min(entry.date, date(2024, 12, 30)))], "A642", ""


def _decided_by_oneself(random: Random, right: Custom) -> tuple[str, list[Directive], str, str]:
    sign, decided = values_of(right)[0], right.date - timedelta(days=random.randint(1, 60))
    own = with_meta(right, beslut=f"{sign} {decided} § {random.randint(1, 90)}")
    return f"decided by {sign}", [own], "A643", place_of(right)


def _of_oneself(entries: list[Directive], random: Random, entry: Transaction) -> Mutant:
    """Give who has approved or received an invoice the surname of whom it is from, or the name in its text."""
    sign = entry.meta[random.choice(("attest", "mottagning"))].split(",")[0]
    person = custom_of("person", date(2023, 1, 1), (sign, "Vera Lindkvist"))
    person = person._replace(meta={"filename": "register.bean", "lineno": 1})
    own = random.choice(
        (entry._replace(payee="Lindkvist Konsult AB"), entry._replace(narration="Arvode till Vera Lindkvist"))
    )
    return Mutant(
        f"of {sign}'s own: {place_of(entry)}", [person, *swapped(entries, entry, own)], "A6(14|44)", place_of(entry)
    )


def _divided(entries: list[Directive], random: Random, entry: Transaction, limit: Decimal) -> Mutant:
    """Divide a purchase on two invoices within a week, each below what its approver may, or on two names like one."""
    part = (limit * random.randint(60, 90) / 100).quantize(Decimal("0.01"))
    days = random.randint(0, 6)
    first = scaled(entry, part)._replace(payee="Leverantör 999 Delar", links=frozenset())
    second = with_meta(first, ver="L 9001", lineno=99_999)._replace(
        date=first.date + timedelta(days=days), narration="Fortsatt uppdrag"
    )
    if days and random.random() < 0.5:
        second = second._replace(payee="Leverantör 999 Dellar")
    name = entry.meta["filename"].rsplit("/", 1)[-1]
    return Mutant(
        f"divided in two within {days} days: {place_of(entry)}",
        rebooked(entries, entry, first, second),
        "A6(17|19)",
        f"{name}:99999" if days else "Leverantör 999 Delar",
    )


class _Rights:
    """Who may approve what in the real ledger, told without the module that is tested."""

    def __init__(self, decisions: list[Custom]) -> None:
        self.decisions = decisions

    def of(self, sign: str, unit: str) -> list[Custom]:
        return [entry for entry in self.decisions if values_of(entry)[:2] == [sign, unit]]

    def covers(self, right: Custom, invoice: Transaction) -> bool:
        sign, unit, limit = values_of(right)
        in_time = right.date <= invoice.date <= right.meta.get("till", date.max)
        return bool(
            sign == invoice.meta["attest"] and unit == unit_of(invoice) and in_time and owed_by(invoice) <= limit.number
        )

    def needing(self, right: Custom, invoices: list[Transaction]) -> list[Transaction]:
        """Return the invoices that are approved by a right and no other."""
        others = [each for each in self.decisions if each is not right]
        return [
            invoice
            for invoice in invoices
            if self.covers(right, invoice) and not any(self.covers(each, invoice) for each in others)
        ]

    def ending(self, invoice: Transaction) -> list[Custom]:
        return [entry for entry in self.of(invoice.meta["attest"], unit_of(invoice)) if "till" in entry.meta]

    def smaller(self, invoice: Transaction) -> list[Custom]:
        """Return the rights for the unit that the invoice is too large for."""
        return [
            entry
            for entry in self.decisions
            if values_of(entry)[1] == unit_of(invoice)
            and values_of(entry)[2].number < owed_by(invoice)
            and entry.date <= invoice.date <= entry.meta.get("till", date.max)
        ]


def _may(entry: Custom) -> str:
    """Return how a message tells a right."""
    sign, unit, _ = values_of(entry)
    return f"{sign} får attestera för {unit}"


# Signatures


def _raised_by_oneself(random: Random, entry: Any) -> tuple[str, list[Directive], str, str]:
    """A right is raised, or given for another unit, without a decision."""
    sign, unit, limit = entry.values
    units = [unit.value] if random.random() < 0.5 else ["MC", "VOC", "NVS"]
    more = limit._replace(value=Amount(limit.value.number * 10, limit.value.currency))
    values = [sign, unit._replace(value=random.choice(units)), more]
    undecided = with_meta(without_meta(entry, "beslut"), lineno=entry.meta["lineno"] + 100_000)
    raised = undecided._replace(date=date(2024, random.randint(1, 12), 15), values=values)
    return "raised", [entry, raised], "A631", place_of(raised)


def _received_by_nobody(random: Random, entry: Any) -> tuple[str, list[Directive], str, str]:
    other = random.choice(("X", "EK", "hl", "någon"))
    return f"received by {other}", [with_meta(entry, mottagning=other)], "A633", place_of(entry)


def _approved_by_one(random: Random, entry: Any) -> tuple[str, list[Directive], str, str]:
    signs = [random.choice(("EK", "X", "Anna")), entry.meta["attest"]]
    random.shuffle(signs)
    return "approved by one of two", [with_meta(entry, attest=", ".join(signs))], "A632", place_of(entry)


def _pays(entry: Transaction) -> bool:
    bank = row_on(entry, ":1610-")
    return bool(bank and number_of(bank) < 0)


def _waits(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    return "paid and waits", [entry._replace(flag="!")], "A636", place_of(entry)


def _received_elsewhere(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    sign = random.choice([each for each in ("HL-MC", "HL-NVS", "HL-RU", "HL-NAV") if each != f"HL-{unit_of(entry)}"])
    return f"received by {sign}", [with_meta(entry, mottagning=sign)], "A638", place_of(entry)


def _said_by_no_words(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    key, words = random.choice(
        (
            ("syfte", ("möte", "Arbetslunch", "Diverse", "lunch med gäster")),
            ("deltagare", ("se lista", "Alla", "m.fl.")),
        )
    )
    said = random.choice(words if key == "deltagare" else words[:3])
    return f"{key} is {said}", [with_meta(entry, **{key: said})], "A639", place_of(row_on(entry, ":71"))


def _just_below(rights: "_Rights") -> Change:
    def change(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
        sign, unit = entry.meta["attest"], unit_of(entry)
        of_day = [each for each in rights.of(sign, unit) if each.date <= entry.date <= each.meta.get("till", date.max)]
        limit = max(values_of(each)[2].number for each in of_day)
        payee = "Leverantör 998 Bygg"
        first = scaled(entry, (limit * Decimal(random.randint(91, 99)) / 100).quantize(Decimal("0.01")))
        first = first._replace(payee=payee)
        second = scaled(entry, (limit * Decimal(random.randint(91, 99)) / 100).quantize(Decimal("0.01")))
        later = entry.date + timedelta(random.randint(8, 14))
        second = with_meta(second, lineno=entry.meta["lineno"] + 1, ver="L 9001")._replace(payee=payee, date=later)
        return f"two just below {limit}", [first, second], "A6(17|19)", f"{first.meta['ver']} ("

    return change


def _unsigned(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    keys = random.choice([("attest",), ("mottagning",), ("attest", "mottagning")])
    if random.random() < 0.5:
        return f"without {keys}", [without_meta(entry, *keys)], "A601", place_of(entry)
    value = random.choice(NO_TEXT)
    return f"{keys} are {value!r}", [with_meta(entry, **dict.fromkeys(keys, value))], "A601", place_of(entry)


def _is_charge(entry: Transaction) -> bool:
    """Tell whether a voucher is approved and no invoice: a payment, pay, tax, an accrual, a transfer of a surplus."""
    return "attest" in entry.meta and not row_on(entry, ":25")


def _not_received(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    if random.random() < 0.5:
        return "without mottagning", [without_meta(entry, "mottagning")], "A618", place_of(entry)
    value = random.choice(NO_TEXT)
    return f"mottagning is {value!r}", [with_meta(entry, mottagning=value)], "A618", place_of(entry)


def _paid_at_once(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    """Book an invoice past the suppliers: paid from the bank, owed on another account, or set off."""
    row = row_on(entry, ":25")
    unit = unit_of(entry)
    others = (f"Assets:{unit}:1510-Kundfordringar", "Liabilities:FK:2890-Övriga-kortfristiga-skulder")
    account = random.choice(("Assets:FK:1610-Internbank", *others))
    postings = [each._replace(account=account) if each is row else each for each in entry.postings]
    changed_to = without_meta(entry, "mottagning")._replace(postings=postings, links=frozenset())
    return f"against {account}", [changed_to], "A618", place_of(entry)


def _unapproved(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    if random.random() < 0.5:
        return "without attest", [without_meta(entry, "attest")], "A611", place_of(entry)
    value = random.choice(NO_TEXT)
    return f"attest is {value!r}", [with_meta(entry, attest=value)], "A611", place_of(entry)


def _approved_by_anybody(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    return "approved by XX", [with_meta(entry, attest="XX")], "A603", place_of(entry)


def _one_person(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    sign = entry.meta["attest"]
    written = random.choice([sign, sign.lower(), f" {sign} ", f"{entry.meta['mottagning']}, {sign}"])
    return f"received by {written!r}", [with_meta(entry, mottagning=written)], "A602", place_of(entry)


def _stranger(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    sign = random.choice(["XX", "ac", entry.meta["attest"][:-1] + "?", f"{entry.meta['attest']} vik."])
    return f"approved by {sign}", [with_meta(entry, attest=sign)], "A603", place_of(entry)


def _of_another_unit(rights: _Rights) -> Change:
    def change(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
        signs = sorted({values_of(each)[0] for each in rights.decisions})
        sign = random.choice([sign for sign in signs if not rights.of(sign, unit_of(entry))])
        return f"approved by {sign}", [with_meta(entry, attest=sign)], "A603", place_of(entry)

    return change


def _smaller(rights: _Rights) -> Change:
    def change(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
        sign = values_of(random.choice(rights.smaller(entry)))[0]
        return f"approved by {sign}", [with_meta(entry, attest=sign)], "A605", place_of(entry)

    return change


# Amounts, days, units


def _too_large(rights: _Rights) -> Change:
    def change(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
        limit = max(values_of(each)[2].number for each in rights.of(entry.meta["attest"], unit_of(entry)))
        owed = limit + random.choice([Decimal("0.01"), Decimal(random.randint(1, 10**8)) / 100])
        return f"of {owed}", [scaled(entry, owed)], "A605", place_of(entry)

    return change


def _too_soon(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    day = date(2023, 1, 1) - timedelta(days=random.randint(1, 400))
    return f"dated {day}", [entry._replace(date=day)], "A604", place_of(entry)


def _too_late(rights: _Rights) -> Change:
    def change(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
        day = rights.ending(entry)[0].meta["till"] + timedelta(days=random.choice([1, 1, 30, 200]))
        return f"dated {day}", [entry._replace(date=day)], "A604", place_of(entry)

    return change


def _other_unit(rights: _Rights) -> Change:
    def change(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
        sign, bought = entry.meta["attest"], bought_row(entry)
        units = sorted({values_of(each)[1] for each in rights.decisions})
        without = [unit for unit in units if not rights.of(sign, unit)]
        if not without:  # the director may approve for all of them
            return _stranger(random, entry)
        unit = random.choice(without)
        account = bought.account.replace(f":{unit_of(entry)}:", f":{unit}:")
        if random.random() < 0.5:
            return f"for {unit}", [in_account(entry, account)], "A603", place_of(entry)
        part = (number_of(bought) / 10).quantize(Decimal("0.01"))
        rows = [with_number(bought, number) for number in (number_of(bought) - part, part)]
        postings = [
            rows[0],
            rows[1]._replace(account=account),
            *(each for each in entry.postings if each is not bought),
        ]
        return f"a part for {unit}", [entry._replace(postings=postings)], "A603", place_of(entry)

    return change


# Representation


def _not_said(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    keys = random.choice([("syfte",), ("deltagare",), ("syfte", "deltagare")])
    if random.random() < 0.5:
        return f"without {keys}", [without_meta(entry, *keys)], "A606", place_of(entry)
    value = random.choice([each for each in NO_TEXT if each != ","])
    return f"{keys} are {value!r}", [with_meta(entry, **dict.fromkeys(keys, value))], "A606", place_of(entry)


def _as_representation(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    if cost_of(entry) < 0:  # what is given back need not be told
        return _unsigned(random, entry)
    account = f"Expenses:{unit_of(entry)}:7110-Representation"
    return "as representation", [in_account(entry, account)], "A606", entry.meta["ver"]


# Rights


def _right_removed(rights: _Rights, invoices: list[Transaction]) -> Change:
    def change(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
        return "removed", [], "A60[345]", f"{values_of(entry)[0]} får "

    return change


def _right_lowered(rights: _Rights, invoices: list[Transaction]) -> Change:
    def change(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
        largest = max(rights.needing(entry, invoices), key=owed_by)
        limit = owed_by(largest) - random.choice([Decimal("0.01"), Decimal(random.randint(1, 10_000)) / 100])
        values = [*entry.values[:2], entry.values[2]._replace(value=Amount(limit, "SEK"))]
        sign, unit, _ = values_of(entry)
        told = f"{sign} får attestera högst {amount_text(limit, 'sv')} kr för {unit}, men har attesterat"
        return f"to {limit}", [entry._replace(values=values)], "A605", told

    return change


def _right_ended(rights: _Rights, invoices: list[Transaction]) -> Change:
    def change(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
        last = max(rights.needing(entry, invoices), key=lambda invoice: invoice.date)
        end = max(entry.date, last.date - timedelta(days=random.choice([1, 10, 100])))
        if end == last.date:
            return _right_removed(rights, invoices)(random, entry)
        return f"to {end}", [with_meta(entry, till=end)], "A604", f"{_may(entry)} från {entry.date} till {end}"

    return change


def _right_begun(rights: _Rights, invoices: list[Transaction]) -> Change:
    def change(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
        first = min(rights.needing(entry, invoices), key=lambda invoice: invoice.date)
        start = first.date + timedelta(days=random.choice([1, 2, 7]))
        return f"from {start}", [entry._replace(date=start)], "A604", f"{_may(entry)} från {start}"

    return change


def _right_of_another(rights: _Rights, invoices: list[Transaction]) -> Change:
    def change(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
        index = random.randrange(2)
        given = values_of(entry)[index]
        other = random.choice([value for value in (("AC", "XX"), ("FK", "NAV", "DSO"))[index] if value != given])
        values = [each._replace(value=other) if i == index else each for i, each in enumerate(entry.values)]
        return f"of {other}", [entry._replace(values=values)], "A60[345]", f"{values_of(entry)[0]} får "

    return change


def _right_garbled(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
    sign, unit, limit = entry.values
    instead = random.choice(
        [
            [],
            [sign],
            [sign, unit],
            [sign, unit, limit, limit],
            [limit, unit, sign],
            [sign._replace(value=" "), unit, limit],
            [sign._replace(value="AC, FD"), unit, limit],
            [sign, unit._replace(value="XYZ"), limit],
            [sign, unit, limit._replace(value=Amount(Decimal(-1), "SEK"))],
            [sign, unit, limit._replace(value=Amount(Decimal(1000), "EUR"))],
            [sign, unit, limit._replace(value=Decimal(1000))],
        ]
    )
    if random.random() < 0.3:
        end = random.choice([None, "2024-12-31", True, Decimal(2024), entry.date - timedelta(days=1)])
        return f"to {end!r}", [with_meta(entry, till=end)], "A609", place_of(entry)
    return "garbled", [entry._replace(values=instead)], "A609", place_of(entry)
