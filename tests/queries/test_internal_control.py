"""Internal control: a sample follows from books, item and period alone, and is of all amounts and as many units."""

from collections import Counter
from datetime import date
from decimal import Decimal
from hashlib import sha256

from beancount.core import data
from hypothesis import given
from hypothesis import strategies as st

from forbundsbok.plugins.internal_control import Candidate, Control, Interval
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.numbers import Ver
from forbundsbok.queries.internal_control import drawn

FIRST, SECOND = (Interval(Month(2025, first), Month(2025, first + 5)) for first in (1, 7))


def control(name: str, sample: int) -> Control:
    return Control(name, "Leverantörsfakturor", "Redovisning", "Controller", 2, (), sample)


def candidate(number: int, unit: str, kronor: int) -> Candidate:
    entry = data.Transaction({}, date(2025, 1, 1), "*", None, "", data.EMPTY_SET, data.EMPTY_SET, [])
    return Candidate(entry, Ver(2025, "L", number), unit, Decimal(kronor))


there = st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 50)), max_size=40).map(
    lambda drawn: [candidate(number, *each) for number, each in enumerate(drawn, 1)]
)


@given(there, st.integers(1, 7), st.randoms(use_true_random=False))
def test_a_sample_has_a_voucher_of_each_class_of_amounts_from_the_unit_least_taken(
    vouchers: list[Candidate], count: int, random: st.DataObject
) -> None:
    own = control("2b", count)
    sample = drawn(own, FIRST, vouchers)
    assert len({each.ver for each in sample}) == len(sample) == min(count, len(vouchers))
    shuffled = list(vouchers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert drawn(own, FIRST, shuffled) == sample
    ordered = sorted(vouchers, key=lambda each: (each.amount, each.ver))
    taken: Counter[str] = Counter()
    for number in reversed(range(len(sample))):
        among = ordered[number * len(ordered) // len(sample) : (number + 1) * len(ordered) // len(sample)]
        [each] = [each for each in sample if each in among]
        assert taken[each.unit] == min(taken[other.unit] for other in among)
        taken[each.unit] += 1


def test_a_sample_is_of_its_item_and_period() -> None:
    vouchers = [candidate(number, "ABCDE"[number % 5], 100 * number) for number in range(1, 101)]
    samples = [
        tuple(each.ver.number for each in drawn(control(name, 5), interval, vouchers))
        for name in ("2a", "2b", "2c")
        for interval in (FIRST, SECOND)
    ]
    assert len(set(samples)) == len(samples)
    # Five classes and five units: each of both has one.
    assert all({(number - 1) // 20 for number in sample} == {number % 5 for number in sample} for sample in samples)


def test_the_lot_can_be_drawn_again_by_hand() -> None:
    vouchers = [candidate(number, "A", 100) for number in range(1, 10)]
    lots = {sha256(f"2b 2025-01--06 L {number}".encode()).hexdigest(): number for number in range(1, 10)}
    [each] = drawn(control("2b", 1), FIRST, vouchers)
    assert each.ver.number == lots[min(lots)]
