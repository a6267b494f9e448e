"""Charts drawn as SVG, for pages: `svg(chart, "sv")`.

Amounts stand beside what they belong to, and what is told apart is so by place or pattern too: a chart can be read
without its colours. It has its title and what it says in words (`alternative`) for who listens.
"""

from collections.abc import Iterator, Sequence
from html import escape

from forbundsbok.queries.charts import Chart
from forbundsbok.queries.statement import Figure, tkr_text

WIDTH = 640
ROW = 26
LABELS = 270
"""The width that names beside bars have."""
AMOUNTS = 78
"""The width that an amount beside a bar has."""
LETTER = 7
"""The width of a letter, about."""
HEIGHT = 240
TOP = 26
FOOT = 24


def svg(chart: Chart) -> str:
    """Return a chart as an SVG element."""
    draw = {"bars": _bars, "columns": _columns, "line": _line, "waterfall": _waterfall}[chart.kind]
    parts, height = draw(chart)
    name = f"d-{chart.id}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}" aria-describedby="{name}-text">'
        f'<title id="{name}">{escape(chart.title)}</title>'
        f'<desc id="{name}-text">{escape(chart.alternative)}</desc>{"".join(parts)}</svg>'
    )


class _Scale:
    """From öre to a place between two ends; zero is always on it."""

    def __init__(self, figures: Sequence[Figure | None], first: float, last: float) -> None:
        amounts = [figure.ore for figure in figures if figure is not None] or [0]
        self.low, self.high = min(0, *amounts), max(0, *amounts)
        self.first, self.last = first, last

    def at(self, ore: int) -> float:
        span = self.high - self.low or 1
        return self.first + (self.last - self.first) * (ore - self.low) / span


def _bars(chart: Chart) -> tuple[list[str], int]:
    figures = chart.series[0].figures
    lowest = AMOUNTS if any(figure and figure.ore < 0 for figure in figures) else 0
    scale = _Scale(figures, LABELS + lowest, WIDTH - AMOUNTS)
    zero = scale.at(0)
    parts = []
    for place, (category, figure) in enumerate(zip(chart.categories, figures, strict=True)):
        y = place * ROW
        parts.append(_text(LABELS - 8, y + 17, _short(category), "end"))
        if figure is not None:
            end = scale.at(figure.ore)
            parts.append(_rect(min(zero, end), y + 4, abs(end - zero), ROW - 8, "a" if figure.ore >= 0 else "b"))
            beyond = (end + 6, "start") if figure.ore >= 0 else (end - 6, "end")
            parts.append(_text(beyond[0], y + 17, tkr_text(figure), beyond[1]))
    height = len(figures) * ROW
    return [*parts, _rule(zero, 0, zero, height)], height


def _columns(chart: Chart) -> tuple[list[str], int]:
    figures = [figure for series in chart.series for figure in series.figures]
    scale = _Scale(figures, HEIGHT - FOOT, TOP + 16)
    zero = scale.at(0)
    step = WIDTH / len(chart.categories)
    width = min(70.0, step / (len(chart.series) + 0.6))
    parts = list(_legend(chart))
    for place, category in enumerate(chart.categories):
        middle = (place + 0.5) * step
        parts.append(_text(middle, HEIGHT - 6, category, "middle"))
        for at, series in enumerate(chart.series):
            if (figure := series.figures[place]) is None:
                continue
            end = scale.at(figure.ore)
            left = middle + (at - len(chart.series) / 2) * width
            parts.append(_rect(left + 3, min(zero, end), width - 6, abs(end - zero), "ab"[at % 2]))
            parts.append(_text(left + width / 2, min(zero, end) - 4, tkr_text(figure), "middle"))
    return [*parts, _rule(0, zero, WIDTH, zero)], HEIGHT


def _line(chart: Chart) -> tuple[list[str], int]:
    figures = chart.series[0].figures
    scale = _Scale(figures, HEIGHT - FOOT, TOP)
    # The last category, part of a year, may be longer than the others: it is not to be cut off.
    beyond = max(0.0, len(chart.categories[-1]) * LETTER - WIDTH / len(figures))
    step = (WIDTH - beyond) / len(figures)
    points = [((place + 0.5) * step, figure) for place, figure in enumerate(figures) if figure is not None]
    path = " ".join(f"{x:.1f},{scale.at(figure.ore):.1f}" for x, figure in points)
    parts = [f'<polyline class="l" points="{path}"/>']
    # As many amounts as there is room for, the last always among them.
    every = max(1, -(-len(figures) // 12))
    for place, (x, figure) in enumerate(points):
        y = scale.at(figure.ore)
        parts.append(f'<circle class="a" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
        if (len(points) - 1 - place) % every == 0:
            parts.append(_text(x, y - 9, tkr_text(figure), "middle"))
            parts.append(_text(x, HEIGHT - 6, chart.categories[place], "middle"))
    zero = scale.at(0)
    return [*parts, _rule(0, zero, WIDTH, zero)], HEIGHT


def _waterfall(chart: Chart) -> tuple[list[str], int]:
    figures = [figure or Figure(0) for figure in chart.series[0].figures]
    last = len(figures) - 1
    steps: list[tuple[int, int]] = []
    level = 0
    for place, figure in enumerate(figures):
        begins = 0 if place in (0, last) else level
        level = figure.ore if place in (0, last) else level + figure.ore
        steps.append((begins, level))
    scale = _Scale([Figure(ore) for step in steps for ore in step], LABELS + AMOUNTS, WIDTH - AMOUNTS)
    parts = []
    for place, ((begins, ends), figure) in enumerate(zip(steps, figures, strict=True)):
        y = place * ROW
        left, right = sorted((scale.at(begins), scale.at(ends)))
        kind = "c" if place in (0, last) else "a" if figure.ore >= 0 else "b"
        parts.append(_text(LABELS - 8, y + 17, _short(chart.categories[place]), "end"))
        parts.append(_rect(left, y + 4, max(right - left, 1), ROW - 8, kind))
        beyond = (left - 6, "end") if kind == "b" else (right + 6, "start")
        parts.append(_text(beyond[0], y + 17, tkr_text(figure), beyond[1]))
    height = len(figures) * ROW
    zero = scale.at(0)
    return [*parts, _rule(zero, 0, zero, height)], height


def _legend(chart: Chart) -> Iterator[str]:
    if len(chart.series) > 1:
        for place, series in enumerate(chart.series):
            yield _rect(place * 160, 4, 12, 12, "ab"[place % 2])
            yield _text(place * 160 + 18, 14, series.label, "start")


def _short(label: str) -> str:
    return label if len(label) <= 36 else f"{label[:35]}\N{HORIZONTAL ELLIPSIS}"


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
