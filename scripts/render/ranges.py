"""Numbers of vouchers, those that follow each other as one: `I 13-24, K 5`."""

from collections import defaultdict
from collections.abc import Iterable

from forbundsbok.plugins.numbers import VER


def ranges(vouchers: Iterable[tuple[int, str]]) -> list[str]:
    """Return the numbers of vouchers, each with its year, those that follow each other as one: ["I 13-24", "K 5"]."""
    numbers = defaultdict(list)
    for year, written in vouchers:
        if ver := VER.fullmatch(written):
            numbers[ver["series"], year].append(int(ver["number"]))
    found = []
    for (series, _), given in numbers.items():
        runs: list[list[int]] = []
        for number in sorted(given):
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        found += [f"{series} {run[0]}-{run[-1]}" if len(run) > 1 else f"{series} {run[0]}" for run in runs]
    return found
