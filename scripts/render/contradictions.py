"""The printed figures that contradict others, with the sums that show it, as text.

3.1.9 Resultaträkning
  Årets resultat, 2024: -1 367 is printed; the others give -1 366
     1 × -1 367  3.1.9 Årets resultat, 2024
    -1 × -1 366  3.1.9 Resultat före extraordinära poster, 2024
    come to -1 and should come to 0; rounding explains less than 1
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.queries.comparison import FigureKey
from forbundsbok.queries.statement import grouped

if TYPE_CHECKING:  # scipy takes half a second, of every command
    from forbundsbok.queries.contradictions import Contradicted, Impossible, Verdict

ONE = N_("{row}, {column}: {printed} is printed; the others give {least}")
BETWEEN = N_("{row}, {column}: {printed} is printed; the others give {least} to {most}")
ANY = N_("{row}, {column}: {printed} is printed; one of those below must be another")
COME_TO = N_("come to {sum} and should come to 0; rounding explains less than {rounding}")

SHOWN = 10
"""How many figures are named that stand on no row: all of them do in another language."""


def verdict_text(verdict: "Verdict", printed: Mapping[FigureKey, int], titles: Mapping[str, str]) -> str:
    """Return the contradicted figures by statement, and how many were judged. `titles` are the statements' by table."""
    lines: list[str] = []
    for figure in verdict.contradicted:
        title = titles.get(figure.key.table, figure.key.table)
        if title not in lines:
            lines += [*([""] if lines else []), title]
        lines.append(f"  {_said(figure)}")
        for impossible in verdict.impossible:
            if figure.key in impossible.factors:
                lines += _sum(impossible, printed)
    if verdict.unknown:
        text = N_("{count} printed figures stand on no row of the books' statements, and are not judged:")
        one = N_("1 printed figure stands on no row of the books' statements, and is not judged:")
        lines += [*([""] if lines else []), str(counted(len(verdict.unknown), one, text))]
        lines += [f"  {_named(key)}" for key in verdict.unknown[:SHOWN]]
        lines += ["  …"] * (len(verdict.unknown) > SHOWN)
    return "\n".join([*lines, *([""] if lines else []), _tally(verdict)]) + "\n"


def _tally(verdict: "Verdict") -> str:
    figures = grouped(verdict.judged)
    if not verdict.contradicted:
        return tr(N_("{figures} figures: no contradiction. There are amounts that give them all."), figures=figures)
    one = N_("1 of {figures} figures must give way; no amounts give it and all others.")
    many = N_(
        "{count} of {figures} figures must give way: the fewest that can. There are amounts that give all others."
    )
    return str(counted(len(verdict.contradicted), one, many, figures=figures))


def _said(figure: "Contradicted") -> str:
    values = {"row": figure.key.row, "column": figure.key.column, "printed": grouped(figure.printed)}
    if figure.least is None or figure.most is None:
        return tr(ANY, **values)
    values |= {"least": grouped(figure.least), "most": grouped(figure.most)}
    return tr(ONE if figure.least == figure.most else BETWEEN, **values)


def _sum(impossible: "Impossible", printed: Mapping[FigureKey, int]) -> Iterator[str]:
    cells = [(_number(factor), grouped(printed[key]), _named(key)) for key, factor in impossible.factors.items()]
    factor_width, width = (max(len(cell[at]) for cell in cells) for at in (0, 1))
    for factor, amount, name in cells:
        yield f"    {factor:>{factor_width}} × {amount:>{width}}  {name}"
    yield "    " + tr(COME_TO, sum=_number(impossible.sum), rounding=_number(impossible.rounding))


def _named(key: FigureKey) -> str:
    return f"{key.table} {key.row}, {key.column}"


def _number(number: float) -> str:
    """Return a factor or a sum, which may have halves and thirds."""
    text = grouped(round(number)) if number == round(number) else f"{number:,.2f}".replace(",", " ")
    return text.replace(".", ",") if language() == "sv" else text
