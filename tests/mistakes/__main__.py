"""`python -m tests.mistakes [kind or id ...]`: each mistake tried, a table by kind, and what is missed.

`legal` tries the legal bookings.

`--missed` tries only what `missed.txt` and `refused.txt` name, and takes the lines away of what is mended.
`--write` writes both anew, for their diff to be read.
"""

import sys
from collections.abc import Iterable, Sequence

from tests.mistakes.books import books_2025
from tests.mistakes.legal import LEGAL
from tests.mistakes.mistake import VARNING, Legal, Mistake
from tests.mistakes.trial import HERE, MISTAKES, Outcome, listed, refusals, table, tried_in_two

HEADS = {
    "missed.txt": "# Misstag som reglerna missar i dag. En rad tas bort när regeln finns; ingen läggs till.",
    "refused.txt": "# Lagliga bokningar som vägras i dag. En rad tas bort när de går; ingen läggs till.",
}


def main(words: Sequence[str]) -> None:
    """Try the mistakes that are wanted, all when none is named, and print."""
    wanted = {word for word in words if not word.startswith("--")}
    legal: list[Legal] = LEGAL if not wanted or "legal" in wanted else []
    if "--missed" in words:
        wanted |= listed("missed.txt")
        legal = [booking for booking in LEGAL if booking.id in listed("refused.txt")]
    outcomes = tried_in_two([mistake for mistake in MISTAKES if not wanted or {mistake.id, mistake.kind} & wanted])
    print("\n".join(table(outcomes)))
    for outcome in outcomes:
        if outcome.missed or wanted:
            print(described(outcome))
    with books_2025() as books:
        refused = refusals(legal, books)
    print(f"{len(legal)} lagliga bokningar, {len(refused)} vägrade")
    for booking, messages in refused:
        print(f"\nvägrad {booking.id}: {booking.did}\n  " + "\n  ".join(messages))
    if "--missed" in words or "--write" in words:
        write("missed.txt", (outcome.mistake for outcome in outcomes if outcome.missed))
        write("refused.txt", (booking for booking, _ in refused))


def write(name: str, rows: Iterable[Mistake | Legal]) -> None:
    """Write a list of what is missed or refused."""
    lines = [HEADS[name], *(f"{row.id:14} {row.did}" for row in rows)]
    (HERE / name).write_text("\n".join(lines) + "\n", "utf-8")


def described(outcome: Outcome) -> str:
    """Return a mistake as it was tried: what was done, what should be said, what is said."""
    mistake = outcome.mistake
    at_least = "minst varning" if mistake.expected == VARNING else mistake.expected
    lines = [f"{mistake.id} {mistake.did}", f"  väntat: {at_least}: {mistake.says or mistake.why}"]
    lines += [f"  sägs ({told.level}): {told.message.splitlines()[0]}" for told in outcome.told[:3]]
    return "\n" + "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
