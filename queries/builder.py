"""A layout applied to books: rows spread out, figures summed, labels filled in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Literal

import numpy as np

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.budget import Goal
from forbundsbok.plugins.language import N_, translation
from forbundsbok.plugins.places import NOWHERE
from forbundsbok.plugins.provisions import Provision
from forbundsbok.queries.general_ledger import OPENS, OTHER, GeneralLedger
from forbundsbok.queries.layout import ColumnLayout, Layout, RowLayout, Text
from forbundsbok.queries.registers import DEFICITS, TEXTS, loan_text, restored_until
from forbundsbok.queries.selection import Mask, Selection
from forbundsbok.queries.statement import (
    Column,
    Figure,
    Measure,
    Period,
    RegisterEntry,
    Statement,
    StatementRow,
    Sum,
    grouped,
)

AND = N_(" and ")
NOT_OVER = N_("{year} is not over: this is what is booked up to {until}. The goals are of the whole year.")
AS_OPENED = N_("{year} is as the books open: the result of that year is part of other equity.")
FOR = N_("{amount} tkr for {year}")


@dataclass(frozen=True)
class Request:
    """What is asked of a layout: periods, language, what it is about, and the numbers of the notes by key and unit.

    `asked_layout` is the presentation that was asked for by name, empty for the ledger's own.
    """

    name: str
    period: Period
    compare: Period | None
    language: str = "sv"
    unit: str = ""
    provision: Provision | None = None
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    asked_layout: str = ""


def comparative(ledger: GeneralLedger, period: Period, compare: Period | None) -> Period | None:
    """Return the period to print beside another: the same months of the year asked for, or of the year before."""
    if compare is None:
        before = period.same_months(period.year - 1)
        return before if before.year in ledger.years else None
    return period.same_months(compare.year) if compare.whole_year else compare


PART_OF_YEAR = {
    True: {"Årets": "Årets", "årets": "årets", "span": "year"},
    False: {"Årets": "Periodens", "årets": "periodens", "span": "period"},
}
"""What the labels of a whole year, and of a part of one, call it."""

Take = Callable[[ColumnLayout, Period], Figure]
"""What a line has in a column, over the column's period."""


@dataclass(frozen=True)
class DraftRow:
    """A line that a row of the layout comes to; `take` is None for a heading and a sum."""

    id: str
    label: str
    take: Take | None = None
    note: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Builder:
    """The statement that a layout comes to for a request."""

    ledger: GeneralLedger
    layout: Layout
    request: Request

    @cached_property
    def statement(self) -> Statement:
        """The statement, unproven."""
        lines = [(row, line) for row in self.rows for line in self._lines(row)]
        return Statement(
            id=self.request.name,
            table=self._table(),
            title=self.title,
            period=self.request.period,
            columns=tuple(self._column(column) for column in self.columns),
            rows=tuple(line for row, line in lines if _is_shown(row, line)),
            unit="" if self.about_note else self.request.unit,
            footnotes=tuple(self._footnotes()),
            language=self.request.language,
            lines=tuple(line for _, line in lines),
        )

    @property
    def name(self) -> str:
        """What the statement is called among all: `resultat`, `resultat-RT`."""
        return "-".join(filter(None, (self.request.name, "" if self.about_note else self.request.unit)))

    def _column(self, column: ColumnLayout) -> Column:
        label, period = self.text(column.label), self.period_of(column)
        return Column(column.key, label, column.printed, period, self.at(column), column.difference)

    def at(self, column: ColumnLayout) -> str:
        """Return the address of a column's figures: with the year to compare with, and the layout, that were chosen."""
        parts = {other.key: other for other in self.layout.column}
        of = (*column.difference, *column.percent)
        compares = "compare" in (column.period, *(parts[part].period for part in of))
        asked = [self.request.asked_layout and f"layout={self.request.asked_layout}"]
        if compares and self.request.compare != comparative(self.ledger, self.request.period, None):
            asked.append(f"compare={self.request.compare}")
        options = "&".join(filter(None, asked))
        return f"{self.request.period}/{self.name}/{{row}}/{column.key}" + (f"?{options}" if options else "")

    @property
    def about_note(self) -> bool:
        """Whether the layout is a note's."""
        return bool(self.layout.key or self.layout.part_of)

    @property
    def scope(self) -> Literal["federation", "unit"]:
        """Whether it is a statement of one unit, internal items included, or part of the federation's."""
        return "unit" if self.request.unit and not self.about_note else "federation"

    @cached_property
    def rows(self) -> tuple[RowLayout, ...]:
        """The layout's rows that stand in this scope."""
        return tuple(row for row in self.layout.row if row.scope in ("", self.scope))

    @cached_property
    def columns(self) -> tuple[ColumnLayout, ...]:
        """The layout's columns that there is something for: a year to compare with, a budget."""
        shown: list[ColumnLayout] = []
        for column in self.layout.column:
            if column.scope not in ("", self.scope):
                continue
            if (column.forecast or column.period == "whole") and not self._is_begun_year:
                continue
            asked = column.period != "compare" or self.compare is not None
            budgeted = column.forecast or column.measure is Measure.BUDGET
            known = not budgeted or self.ledger.has_budget(
                self.months_left if column.forecast else self.period_of(column)
            )
            parts = {other.key for other in shown}
            if asked and known and parts.issuperset((*column.difference, *column.percent)):
                shown.append(column)
        return tuple(shown)

    def period_of(self, column: ColumnLayout) -> Period:
        """Return the period of a column."""
        if column.period == "whole":
            return Period(self.request.period.year)
        return self.request.period if column.period == "year" else self.compare or self.request.period

    @property
    def months_left(self) -> Period:
        """The months of the year after those that are asked for, of a year that is begun."""
        return Period(self.request.period.year, self.request.period.last_month + 1)

    @property
    def _is_begun_year(self) -> bool:
        """Whether a year is asked for from its beginning, and not to its end."""
        return self.request.period.first_month == 1 and self.request.period.last_month < 12

    @property
    def compare(self) -> Period | None:
        """The period to compare with."""
        asked = self.request.compare
        if self._is_beside_opening:
            return Period(self.request.period.year - 1)
        return Period(asked.year) if asked and self.layout.beside_year_end else asked

    @cached_property
    def _is_beside_opening(self) -> bool:
        before = Period(self.request.period.year - 1)
        if not self.layout.beside_opening or self.request.compare or not self.ledger.ends_with_opening(before):
            return False
        return bool(self.ledger.amounts(Measure.CLOSING, before)[self.within].any())

    @cached_property
    def in_use(self) -> Mask:
        """The accounts that are open at some time in the periods asked for."""
        return self.ledger.in_use(filter(None, (self.request.period, self.compare)))

    def text(self, text: Text, **more: str) -> str:
        """Return a text in the language asked for, its placeholders filled in."""
        return text[self.request.language].format(**{**self._words, **more})

    @cached_property
    def _words(self) -> Mapping[str, str]:
        """What the placeholders of texts stand for."""
        unit = self.ledger.units.get(self.request.unit)
        provision = self.request.provision
        return {
            "year": self._heading(self.request.period),
            "whole": str(self.request.period.year),
            "compare": self._heading(self.compare),
            "scope": unit.name if unit else "total",
            "unit": unit.name if unit else "",
            "name": unit.name if unit else "",
            "label": provision.label if provision else "",
            **PART_OF_YEAR[self.request.period.whole_year],
            "price_level": (provision.price_level or "Grundbelopp") if provision else "",
        }

    def _heading(self, period: Period | None) -> str:
        return period.in_words(self.request.language, "abbreviated") if period else ""

    # Figures

    @cached_property
    def eliminated(self) -> Mask:
        """The accounts that stand on no line because they sum to zero over the federation."""
        return self.ledger.matching_any(self.layout.eliminates if self.scope == "federation" else ())

    @cached_property
    def within(self) -> Mask:
        """The accounts that the statement is about."""
        about = ~self.eliminated
        if self.request.unit:
            about &= self.ledger.of("unit", self.request.unit)
        if self.request.provision:
            about &= self.ledger.below(self.request.provision.account)
        return about

    def sign_of(self, row: RowLayout) -> Literal[1, -1]:
        """Return the sign that a row prints debit amounts with; a sum as the first that it adds."""
        if row.sign is None and row.sum:
            return self.sign_of(self.layout.row_of(row.sum[0]))
        return row.sign or self.layout.sign

    def figures_of(self, row: RowLayout) -> dict[str, Figure]:
        """Return the figures of a row by column key, over all the lines that it comes to."""
        if row.id not in self._totals:
            # A part may be a row of the other scope.
            parts = [self.figures_of(self._row_of[part]) for part in row.sum if part in self._row_of]
            self._totals[row.id] = self._added(parts if row.sum else (figures for _, figures in self._drafted(row)))
        return self._totals[row.id]

    def lines_of(self, row: RowLayout) -> list[DraftRow]:
        """Return the lines that a row comes to, without their figures."""
        return list(self._drafts(row))

    @cached_property
    def _totals(self) -> dict[str, dict[str, Figure]]:
        return {}

    @cached_property
    def _row_of(self) -> dict[str, RowLayout]:
        return {row.id: row for row in self.rows}

    def _drafted(self, row: RowLayout) -> list[tuple[DraftRow, dict[str, Figure]]]:
        """Return the lines that a row comes to, with their figures; a sum's are in `_totals`."""
        if row.id not in self._known_drafts:
            # Without what takes them, which is the builder's: only the collector would free the two.
            drafts = [(replace(draft, take=None), self._figures(row, draft)) for draft in self._drafts(row)]
            self._known_drafts[row.id] = drafts
        return self._known_drafts[row.id]

    @cached_property
    def _known_drafts(self) -> dict[str, list[tuple[DraftRow, dict[str, Figure]]]]:
        return {}

    def _added(self, parts: Iterable[Mapping[str, Figure]]) -> dict[str, Figure]:
        parts = list(parts)
        return {
            column.key: sum((part[column.key] for part in parts if column.key in part), Figure(0))
            for column in self.columns
            if not column.percent
        }

    def _figures(self, row: RowLayout, draft: DraftRow) -> dict[str, Figure]:
        figures: dict[str, Figure] = {}
        for column in self.columns[: 1 if row.remaining else None]:
            if draft.take is None or column.percent:
                continue
            if column.goal:
                figures |= self._goal(row, column)
            elif column.difference:
                first, second = column.difference
                figures[column.key] = figures[first] + figures[second].times(-1)
            else:
                figures[column.key] = draft.take(column, self.period_of(column))
        return figures

    def summed(
        self,
        selections: Sequence[Selection],
        measure: Measure,
        period: Period,
        sign: Literal[1, -1],
        within: Mask,
        flow: tuple[str, ...] = (),
    ) -> Figure:
        """Return what the selections take, of the accounts `within` and of the events of `flow`."""
        amounts = self.ledger.amounts(measure, period, flow)
        total = Figure(0)
        for selection in selections:
            mask = self.ledger.taken(selection, measure, period, within)
            if flow:
                mask &= amounts != 0
            depends = selection.side or OTHER in flow
            others = self.ledger.names(self.ledger.matching(selection) & within & ~mask) if depends else ()
            if others or mask.any():
                accounts = self.ledger.names(mask)
                part = Sum(accounts, measure, period, sign, flow, selection.side, selection.net, others)
                total += Figure(sign * int(amounts[mask].sum()), (part,))
        return total

    # Lines

    def _lines(self, row: RowLayout) -> Iterable[StatementRow]:
        hidden = {other.id for other in self.rows if other.hidden}
        is_sum = row.main or not hidden.issuperset(row.sum)
        parts = (self._row_of[part] for part in row.sum if part in self._row_of)
        adds = tuple(draft.id for part in parts for draft, _ in self._drafted(part))
        for draft, own in self._drafted(row):
            figures = self.figures_of(row) if row.sum else own
            tells = own or draft.texts
            yield StatementRow(
                id=draft.id,
                label=draft.label,
                kind="sum" if is_sum else "memo" if row.memo else "line" if tells or row.sum else "heading",
                note=draft.note,
                figures=figures,
                texts=dict(draft.texts) | dict(self._percents(figures)),
                column=draft.label if row.remaining else "",
                remark=self._remark(figures) if row.goal else "",
                printed=row.printed and (self.layout.units_printed or self.scope == "federation"),
                adds=adds,
            )

    def _percents(self, figures: Mapping[str, Figure]) -> Iterator[tuple[str, str]]:
        """Yield by column what the first of two figures is more than the second, in per cent of the second."""
        for column in self.columns:
            if column.percent and set(column.percent) <= set(figures):
                now, before = (figures[key].ore for key in column.percent)
                if before:
                    percent = (Decimal(100 * (now - before)) / abs(before)).quantize(Decimal("0.1"), ROUND_HALF_UP)
                    text = f"{percent:,}".replace(",", " ")
                    yield column.key, text.replace(".", ",") if self.request.language == "sv" else text

    def _drafts(self, row: RowLayout) -> Iterable[DraftRow]:
        if row.each:
            return SPREAD[row.each](self, row)
        if row.change:
            return [self._draft(row, self._changed(row))]
        if row.register in TEXTS:
            return [replace(self._draft(row, None), texts=self._texts(row))]
        if row.register:
            return [self._draft(row, self._telling(row))]
        if row.sum or not row.accounts:
            return [self._draft(row, None)]
        return [self._draft(row, self._taking(row, self.within))]

    def _draft(self, row: RowLayout, take: Take | None) -> DraftRow:
        return DraftRow(row.id, self.text(row.label), take, self._note(row))

    def _note(self, row: RowLayout, unit: str = "") -> str:
        noted = row.note and self.layout.noted and self.scope == "federation"
        return self.request.notes.get((row.note, unit), "") if noted else ""

    def _taking(self, row: RowLayout, within: Mask) -> Take:
        def take(column: ColumnLayout, period: Period) -> Figure:
            measure = column.measure or row.measure or self.layout.measure
            about = within & self.ledger.matching_any(column.accounts) if column.accounts else within
            if column.forecast and not row.flow:
                happened = self.summed(row.accounts, Measure.MOVEMENT, period, self.sign_of(row), about)
                return happened + self.summed(row.accounts, Measure.BUDGET, self.months_left, self.sign_of(row), about)
            flow = () if measure is Measure.BUDGET else row.flow  # what is to happen is in no event yet
            figure = self.summed(row.accounts, measure, period, self.sign_of(row), about, flow)
            if column.begun and flow:
                begun = about & self.ledger.matching_any(column.begun)
                figure += self.summed(row.accounts, measure, period, self.sign_of(row), begun, (OPENS,))
            return figure

        return take

    def _changed(self, row: RowLayout) -> Take:
        def take(column: ColumnLayout, period: Period) -> Figure:
            changed = Figure(0)
            for named in row.change:
                layout, other = self.ledger.layouts.row(named)
                sign = other.sign or layout.sign
                closing = self.summed(other.accounts, Measure.CLOSING, period, sign, self.within)
                opening = self.summed(other.accounts, Measure.OPENING, period, sign, self.within)
                changed += closing + opening.times(-1)
            return changed.times(self.sign_of(row))

        return take

    # What registers tell

    def told(self, row: RowLayout, period: Period) -> list[RegisterEntry]:
        """Return what the register of a row tells of a period."""
        registers = self.ledger.registers()
        if row.register not in DEFICITS:
            return registers.amounts(row.register, period)
        return registers.deficits_of(row.register, period.year, self._results(row.follows, period))

    def _results(self, row_id: str, period: Period) -> dict[int, Decimal]:
        """Return a row's figures of the years of the books up to a period's, in kronor.

        Part of a year restores nothing, and leaves nothing to restore: its result is known when it is over.
        """
        if (row_id, period) not in self._known_results:
            alone = replace(self.layout, row=tuple(row for row in self.layout.row if not row.follows))
            years = [year for year in self.ledger.years if year < period.year + period.whole_year]
            builders = {
                year: Builder(self.ledger, alone, Request(self.request.name, Period(year), None)) for year in years
            }
            self._known_results[row_id, period] = {
                year: builder.figures_of(alone.row_of(row_id))[builder.columns[0].key].kronor
                for year, builder in builders.items()
            }
        return self._known_results[row_id, period]

    @cached_property
    def _known_results(self) -> dict[tuple[str, Period], dict[int, Decimal]]:
        return {}

    def _telling(self, row: RowLayout, name: str = "") -> Take:
        def take(_: ColumnLayout, period: Period) -> Figure:
            told = tuple(each for each in self.told(row, period) if name in ("", each.name))
            return Figure(sum(each.ore for each in told), told=told).times(row.sign or 1)

        return take

    def _texts(self, row: RowLayout) -> dict[str, str]:
        texts = {}
        for column in self.columns:
            period = self.period_of(column)
            mask = self.ledger.matching_any(row.accounts) & self.within
            closing = self.ledger.amounts(Measure.CLOSING, period)[mask].tolist()
            balances = dict(zip(self.ledger.names(mask), closing, strict=True))
            texts[column.key] = self.ledger.registers().text(row.register, balances, period, self.request.language)
        return texts

    def _per_entry(self, row: RowLayout) -> Iterable[DraftRow]:
        told = [each for column in self.columns for each in self.told(row, self.period_of(column))]
        for name in dict.fromkeys(each.name for each in told):
            yield DraftRow(f"{row.id}-{name}", self.text(row.label, name=name), self._telling(row, name))

    def _per_deficit(self, row: RowLayout) -> Iterable[DraftRow]:
        told = [each for column in self.columns for each in self.told(row, self.period_of(column))]
        for name in sorted({each.name for each in told}):
            label = self.text(row.label, name=name, until=restored_until(name))
            yield DraftRow(f"{row.id}-{name}", label, self._telling(row, name))

    def _per_unit(self, row: RowLayout) -> Iterable[DraftRow]:
        chosen = self.ledger.matching_any(row.accounts) & self.within
        for code in self.ledger.units_with(chosen & self.in_use):
            within = self.within & self.ledger.of("unit", code)
            label = self.text(row.label, code=code, name=self.ledger.units[code].name)
            yield DraftRow(f"{row.id}-{code}", label, self._taking(row, within), self._note(row, code))

    def _per_fees(self, row: RowLayout) -> Iterable[DraftRow]:
        chosen = self.ledger.matching_any(row.accounts) & self.within
        for code in self.ledger.units_with(chosen & self.in_use):
            unit = self.ledger.units[code]
            within = self.within & self.ledger.of("unit", code)
            own = unit.meta.get("avgifter", "")
            printed = own if self.scope == "unit" else unit.meta.get("avgifter-total", own)
            label = printed if printed and self.request.language == "sv" else self.text(row.label, code=code)
            yield DraftRow(f"{row.id}-{code}", label, self._taking(row, within), self._note(row, code))

    def _per_label(self, row: RowLayout) -> Iterable[DraftRow]:
        chosen = self.ledger.matching_any(row.accounts) & self.within
        for label in dict.fromkeys(self.ledger.chart.label[chosen]):
            within = self.within & self.ledger.of("label", label)
            yield DraftRow(f"{row.id}-{label}", label, self._taking(row, within))

    def _per_unit_label(self, row: RowLayout) -> Iterable[DraftRow]:
        chosen = self.ledger.matching_any(row.accounts) & self.within
        chart = self.ledger.chart[chosen]
        for code, label in dict.fromkeys(zip(chart.unit, chart.label, strict=True)):
            within = self.within & self.ledger.of("unit", code) & self.ledger.of("label", label)
            shown = label if self.request.unit else f"{label}, {code}"
            yield DraftRow(f"{row.id}-{code}-{label}", shown, self._taking(row, within))

    def _per_group(self, row: RowLayout) -> Iterable[DraftRow]:
        chosen = self.ledger.matching_any(row.accounts) & self.within
        groups = self.ledger.chart.number.str[:2]
        for code in sorted(set(groups[chosen])):
            take = self._taking(row, self.within & (groups == code).to_numpy())
            yield DraftRow(f"{row.id}-{code}", self.text(row.label, code=code), take)

    def _per_detail(self, row: RowLayout) -> Iterable[DraftRow]:
        chosen = self.ledger.matching_any(row.accounts) & self.within
        for detail in dict.fromkeys(self.ledger.chart.detail[chosen]):
            within = self.within & self.ledger.of("detail", detail)
            yield DraftRow(f"{row.id}-{detail}", detail, self._taking(row, within))

    def _per_surplus(self, row: RowLayout) -> Iterable[DraftRow]:
        unit = self.ledger.units[self.request.unit]
        if unit.meta.get("overskott-not") != "ordning":
            for draft in self._per_label(row):
                # An account without a printed label is called what its layout calls a surplus of its year.
                year = draft.label if draft.label.isdigit() else ""
                yield replace(draft, label=self.text(row.label, surplus_year=year)) if year else draft
            return
        # Labelled by position: in every column, the surplus taken in, then the one carried out.
        for offset in (-1, 0):
            label = self.text(row.label, surplus_year=str(self.request.period.year + offset))

            def take(column: ColumnLayout, period: Period, offset: int = offset) -> Figure:
                within = self.within & self.ledger.of("detail", str(period.year + offset))
                return self._taking(row, within)(column, period)

            yield DraftRow(f"{row.id}{offset}", label, take)

    def _per_provision(self, row: RowLayout) -> Iterable[DraftRow]:
        for provision in self.ledger.provisions:
            within = self.within & self.ledger.below(provision.account)
            yield DraftRow(f"{row.id}-{provision.code}", provision.label, self._taking(row, within))
        if row.label:  # what no provision is declared for
            declared = (self.ledger.below(provision.account) for provision in self.ledger.provisions)
            others = self.within & ~np.logical_or.reduce([self.eliminated, *declared])
            yield DraftRow(f"{row.id}-ovriga", self.text(row.label), self._taking(row, others))

    def _per_loan(self, row: RowLayout) -> Iterable[DraftRow]:
        """Yield a row for each loan, with its terms; for each account of loans that no register tells of, its label."""
        chosen = self.ledger.matching_any(row.accounts) & self.within
        loans = {loan.account: loan.at(self.request.period.end) for loan in self.ledger.registers().loans}
        labels = self.ledger.chart.label[chosen]
        for account in self.ledger.names(chosen):
            loan, label = loans.get(account), str(labels[account])
            if loan:
                label = loan_text(loan, self.request.language)
            elif (labels == label).sum() > 1:
                label = f"{label}, {unit_of(account)}"
            take = self._taking(row, self.within & (self.ledger.chart.index == account))
            yield DraftRow(f"{row.id}-{loan.name if loan else account}", label, take)

    def _per_plan_year(self, row: RowLayout) -> Iterable[DraftRow]:
        planned = self.request.provision.plan if self.request.provision else {}
        for year in range(min(year for _, year in planned), self.request.period.year + 1):

            def take(column: ColumnLayout, period: Period, year: int = year) -> Figure:
                within = self.within & self.ledger.of("detail", column.kind)
                schedule = Period(year, 1, self.request.period.last_month if year == self.request.period.year else 12)
                figure = self.summed(row.accounts, self.layout.measure, schedule, self.sign_of(row), within)
                return figure.times(column.sign)

            yield DraftRow(f"{row.id}-{year}", str(year), take)

    # Goals and footnotes

    def _goal(self, row: RowLayout, column: ColumnLayout) -> dict[str, Figure]:
        """Return what the goal in force asks for, by the column's key; nothing where there is none."""
        end = self.period_of(column).end
        goal = self._goal_in_force(row, end)
        if goal is None:
            return {}
        meta = goal.entry.meta if goal.entry else NOWHERE
        least = int(goal.least.scaleb(2))
        told = RegisterEntry(goal.start, goal.kind, goal.label, least, str(meta["filename"]), int(meta["lineno"]))
        return {column.key: Figure(least, told=(told,))}

    def _goal_in_force(self, row: RowLayout, day: date) -> Goal | None:
        goals = [goal for goal in self.ledger.goals if goal.kind == row.goal and goal.start <= day]
        return goals[-1] if goals else None

    def _remark(self, figures: Mapping[str, Figure]) -> str:
        """Return whether the goal is met; goals are for whole years."""
        if "least" not in figures or not self._is_whole:
            return ""
        met = figures["year"].ore >= figures["least"].ore
        return translation(N_("met") if met else N_("not met"), self.request.language)

    @property
    def _is_whole(self) -> bool:
        """Whether the year asked for is whole, and over: what is booked of another says nothing of its goals."""
        return self.request.period.whole_year and self.ledger.is_over(self.request.period.year)

    @property
    def title(self) -> str:
        """The statement's heading, without its number."""
        if self.layout.each == "unit" and self.request.language == "sv":
            printed = self.ledger.units[self.request.unit].meta.get("avgifter-not")
            if printed:
                return str(printed)
        return self.text(self.layout.title).strip()

    def _table(self) -> str:
        if self.about_note:
            return self.request.name
        if not self.layout.table:
            return "-".join(filter(None, (self.request.name, self.request.unit)))
        units = self.ledger.units_with(self.in_use)
        return self.layout.table + (f".{units.index(self.request.unit) + 1}" if self.request.unit else "")

    def _footnotes(self) -> Iterable[str]:
        language = self.request.language
        for row in self.rows:
            if row.goal and (goal := self._goal_in_force(row, self.request.period.end)):
                yield f"{self.text(row.label)}: {goal.label}."
        year = self.request.period.year
        if any(row.goal for row in self.rows) and not self.ledger.is_over(year):
            yield translation(NOT_OVER, language).format(year=year, until=self.ledger.booked_until(year))
        if self._is_beside_opening and any(row.measure is Measure.YEAR for row in self.rows):
            yield translation(AS_OPENED, language).format(year=year - 1)
        for footnote in self.layout.footnote:
            if footnote.scope not in ("", self.scope):
                continue
            within = np.ones(len(self.ledger.chart), dtype=bool)
            if self.request.unit:
                within = self.ledger.of("unit", self.request.unit)
            amounts = []
            for period in filter(None, (self.request.period, self.compare)):
                figure = self.summed(footnote.accounts, Measure.MOVEMENT, period, self.layout.sign, within)
                if figure.ore:
                    told = {"amount": grouped(figure.tkr), "year": self._heading(period)}
                    amounts.append(translation(FOR, language).format(**told))
            if amounts:
                yield f"* {footnote.label[language]} {translation(AND, language).join(amounts)}."


def _is_shown(row: RowLayout, line: StatementRow) -> bool:
    """Whether a line stands in the statement: not where only sums take it, nor nothing where it may be left out."""
    is_nothing = all(figure.ore == 0 for figure in line.figures.values()) and not any(line.texts.values())
    return not row.hidden and not (is_nothing and (row.optional or row.each in LEFT_OUT))


SPREAD: Mapping[str, Callable[[Builder, RowLayout], Iterable[DraftRow]]] = {
    "unit": Builder._per_unit,
    "fees": Builder._per_fees,
    "label": Builder._per_label,
    "unit-label": Builder._per_unit_label,
    "detail": Builder._per_detail,
    "surplus": Builder._per_surplus,
    "provision": Builder._per_provision,
    "loan": Builder._per_loan,
    "group": Builder._per_group,
    "plan-year": Builder._per_plan_year,
    "entry": Builder._per_entry,
    "deficit": Builder._per_deficit,
}
"""The ways that a row can repeat: its `each`."""

LEFT_OUT = ("label", "unit-label", "detail", "surplus", "provision", "loan", "group")
"""Those whose rows are left out where they are zero in every column."""
