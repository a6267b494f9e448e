"""The figures of statements as formulas, down to the postings.

    resultat-RT, Verksamhetens intäkter    tkr      =ROUND(ROUND(F6,2)/1000,0)
                                           kronor   =SUM(Rader!E120:E133)
    Rader, Income:RT:3010-Försäljning               =-Saldon!G45

A row that is a sum adds rows of its own sheet; any other has its lines among those of `Rader`, an account each, which
take what they need of the lists behind them (sources.py).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from forbundsbok.plugins.language import N_
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import Column, Side, Statement, StatementRow, Sum, kronor_of
from forbundsbok.scripts.render.cells import FIRST, Cell, Formula, Link, Listing, SheetNames, cell, sum_of
from forbundsbok.scripts.render.sources import TOLD, Sources

LINE_CELLS = 4
"""The column of lines at which their amounts begin: after account, name, unit and what is taken."""


@dataclass(frozen=True)
class Line:
    """A line below a row of a statement: an account, or what a register tells, with a formula for each column."""

    name: Link
    label: str
    unit: str
    taken: str
    cells: Mapping[str, Formula]


@dataclass(frozen=True)
class Block:
    """What a row of a statement is made of: lines, below a head on row `at`."""

    statement: Statement
    row: StatementRow
    lines: Sequence[Line]
    at: int

    @property
    def rows(self) -> range:
        """The rows of its lines."""
        return range(self.at + 1, self.at + 1 + len(self.lines))


class Formulas:
    """What stands where in the workbook of a report, and the formulas of its figures."""

    def __init__(self, report: AnnualReport) -> None:
        self.report = report
        names = SheetNames()
        self.sources = Sources(report, names)
        self.tr = self.sources.tr
        self.sheets = {each.full_name: names.give(each.full_name) for each in report.statements}
        self.contents_sheet = names.give(self.tr(N_("Contents")))
        self.lines_sheet = names.give(self.tr(N_("Rows")))
        self.figures_sheet = names.give(self.tr(N_("Figures")))
        self.proofs_sheet = names.give(self.tr(N_("Proofs")))

    # Statements: each figure in tkr, as it is printed, and beside it in kronor

    @cached_property
    def statement_rows(self) -> Mapping[tuple[str, str], int]:
        """Where the lines of statements stand on their sheets, by the statement's full name and the line's id."""
        return {
            (each.full_name, line.id): FIRST + place
            for each in self.report.statements
            for place, line in enumerate(each.lines)
        }

    def tkr_column(self, statement: Statement, key: str) -> int:
        """Return where the figures of a column stand in tkr: after label and note."""
        return 2 + [column.key for column in statement.columns].index(key)

    def remark_column(self, statement: Statement) -> int:
        """Return where the remarks stand: after the figures in tkr."""
        return 2 + len(statement.columns)

    def kronor_column(self, statement: Statement, key: str) -> int:
        """Return where the figures of a column stand in kronor: after a gap."""
        return self.remark_column(statement) + self.tkr_column(statement, key)

    def link_column(self, statement: Statement) -> int:
        """Return where the links stand to what the rows are made of, with what the rows must agree with beside them."""
        return self.remark_column(statement) * 2

    def tkr(self, statement: Statement, row: StatementRow, column: Column) -> Formula:
        """Return a figure in tkr: whole öre, rounded half away from zero as it is printed."""
        kronor = cell(self.statement_rows[statement.full_name, row.id], self.kronor_column(statement, column.key))
        return Formula(f"ROUND(ROUND({kronor},2)/1000,0)", row.figures[column.key].tkr)

    def kronor(self, statement: Statement, row: StatementRow, column: Column) -> Formula:
        """Return a figure in kronor: the difference of two columns, a sum of rows, or what its lines come to."""
        value = row.figures[column.key].kronor
        own = self.statement_rows[statement.full_name, row.id]
        if _is_difference(column, row):
            first, second = (cell(own, self.kronor_column(statement, key)) for key in column.difference)
            return Formula(f"{first}-{second}", value)
        if row.adds:
            lines = {line.id: line for line in statement.lines}
            added = [
                self.statement_rows[statement.full_name, part] for part in row.adds if column.key in lines[part].figures
            ]
            return Formula(sum_of(added, self.kronor_column(statement, column.key)) if added else "0", value)
        block = self.blocks[statement.full_name, row.id]
        if not any(column.key in line.cells for line in block.lines):
            return Formula("0", value)
        return Formula(sum_of(block.rows, self.line_column(statement, column.key), self.lines_sheet), value)

    def block_of(self, statement: Statement, row: StatementRow) -> Block | None:
        """Return what a row is made of; of a sum, of the first row that it adds."""
        if row.adds:
            lines = {line.id: line for line in statement.lines}
            return self.block_of(statement, lines[row.adds[0]])
        block = self.blocks.get((statement.full_name, row.id))
        return block if block and block.lines else None

    def agrees_with(self, statement: Statement, row: StatementRow) -> Link | None:
        """Return what the first figure of a row that must agree with another statement agrees with."""
        for column in statement.columns:
            for side in self.report.agreements.get(statement.address(row, column), ()):
                if side.address in self._figures:
                    other, its_row, _ = self._figures[side.address]
                    if other is not statement:
                        sheet = self.sheets[other.full_name]
                        return Link(f"= {side.text}", sheet, self.statement_rows[other.full_name, its_row.id])
        return None

    @cached_property
    def _figures(self) -> Mapping[str, tuple[Statement, StatementRow, Column]]:
        """The figures that are shown, by their addresses."""
        return {
            each.address(row, column): (each, row, column)
            for each in self.report.statements
            for row in each.rows
            for column in each.columns
            if column.key in row.figures
        }

    def _figure(self, address: str, *, in_tkr: bool = False) -> str:
        """Return the reference to a figure that is shown."""
        statement, row, column = self._figures[address]
        place = (self.tkr_column if in_tkr else self.kronor_column)(statement, column.key)
        return cell(self.statement_rows[statement.full_name, row.id], place, self.sheets[statement.full_name])

    # Rows: what each is made of

    def line_column(self, statement: Statement, key: str) -> int:
        """Return where the lines have what they give to a column."""
        return LINE_CELLS + [column.key for column in statement.columns].index(key)

    @cached_property
    def blocks(self) -> Mapping[tuple[str, str], Block]:
        """What each row that is no sum is made of, by its statement's full name and its id."""
        blocks: dict[tuple[str, str], Block] = {}
        at = FIRST
        for statement in self.report.statements:
            for row in statement.lines:
                if row.figures and not row.adds:
                    block = Block(statement, row, list(self._lines(statement, row)), at)
                    blocks[statement.full_name, row.id] = block
                    at += len(block.lines) + 2 if block.lines else 0
        return blocks

    def _lines(self, statement: Statement, row: StatementRow) -> Iterator[Line]:
        columns = [
            column for column in statement.columns if column.key in row.figures and not _is_difference(column, row)
        ]
        texts: dict[str, dict[str, str]] = defaultdict(lambda: defaultdict(str))
        amounts: dict[tuple[str, str], int] = defaultdict(int)
        conditions: dict[str, dict[str, None]] = defaultdict(dict)
        for column in columns:
            for part in row.figures[column.key].sums:
                taken = set(part.accounts)
                for account in (*part.accounts, *(() if part.side and part.flow else part.others)):
                    if text := self._taken(part, account):
                        texts[account][column.key] += ("+" if part.sign == 1 else "-") + text
                        amounts[account, column.key] += part.sign * self._ore(part, account) if account in taken else 0
                        conditions[account] |= dict.fromkeys(self._conditions(part))
        for account in sorted(texts, key=self.sources.places.__getitem__):
            own = self.sources.chart[account]
            cells = {
                key: Formula(text.removeprefix("+"), kronor_of(amounts[account, key]))
                for key, text in texts[account].items()
            }
            leads_to = Link(own.name, self.sources.postings_sheet, self.sources.first_postings.get(account, FIRST))
            yield Line(leads_to, own.label, own.unit, ", ".join(conditions[account]), cells)
        for column in columns:
            for place, entry in self.sources.told_of((statement.full_name, row.id, column.key)):
                there = Formula(cell(place, TOLD, self.sources.registers_sheet), kronor_of(entry.ore))
                leads_to = Link(entry.name, self.sources.registers_sheet, place)
                yield Line(
                    leads_to,
                    entry.text,
                    "",
                    self.tr(N_("from a register, does not follow postings")),
                    {column.key: there},
                )

    def _ore(self, part: Sum, account: str) -> int:
        amounts = self.report.ledger.amounts(part.measure, part.period, part.flow)
        return int(amounts[self.sources.places[account]])

    def _taken(self, part: Sum, account: str) -> str:
        """Return what a sum takes of an account, debit positive; on its side alone, if it takes one."""
        text = self.sources.taken(part, account)
        if not text or not part.side or part.flow:
            return text
        if not part.net:
            return f"MAX(0,{text})" if part.side == "debit" else f"MIN(0,{text})"
        together = (self.sources.taken(part, each) for each in (*part.accounts, *part.others))
        # Whole öre: else what comes to nothing may do so by a trillionth, and turn.
        return f"IF(ROUND({'+'.join(filter(None, together))},2){'>' if part.side == 'debit' else '<='}0,{text},0)"

    def _conditions(self, part: Sum) -> Iterator[str]:
        """Yield what of its accounts a sum takes, where it is not all of them."""
        if part.flow:
            yield self.tr(N_("of that {events}"), events=", ".join(part.flow))
        if part.side:
            alone = N_("debit balances") if part.side == "debit" else N_("credit balances")
            together = N_("if all come to a debit") if part.side == "debit" else N_("if all come to a credit")
            yield self.tr(together if part.net else alone)
        if part.side and part.flow:
            yield self.tr(N_("does not follow a balance that turns"))

    # Figures and proofs

    @cached_property
    def tables(self) -> Sequence[Listing]:
        """The lists, in the order of their sheets."""
        return [*self.sources.tables, *(each for each in (self.figures_table, self.proofs_table) if each.rows)]

    @cached_property
    def figures_table(self) -> Listing:
        """The sheet of every figure that is shown, by its address, and what has become of it since it was made."""
        rows: list[Sequence[Cell]] = []
        for row, (address, (statement, line, column)) in enumerate(self._figures.items(), start=FIRST):
            figure = line.figures[column.key]
            at = Link(address, self.sheets[statement.full_name], self.statement_rows[statement.full_name, line.id])
            tkr = Formula(self._figure(address, in_tkr=True), figure.tkr)
            kronor = Formula(self._figure(address), figure.kronor)
            since = Formula(f"ROUND({cell(row, 5)}-{cell(row, 6)},2)", Decimal(0))
            named = (at, statement.heading(), line.label, line.column or column.label)
            rows.append((*named, tkr, kronor, figure.kronor, since))
        about = N_("Every figure by its address, the same in all formats: as it is now, as it was, and what differs.")
        head = (
            N_("Address"),
            N_("Statement"),
            N_("Row"),
            N_("Column"),
            N_("Tkr"),
            N_("Kronor"),
            N_("As made"),
            N_("Since then"),
        )
        return Listing(self.figures_sheet, self.tr(about), tuple(map(self.tr, head)), rows)

    @cached_property
    def proofs_table(self) -> Listing:
        """The sheet of what has been proven, with both its sides."""
        rows: list[Sequence[Cell]] = []
        proofs = [(each, proof) for each in self.report.statements for proof in each.proofs]
        for row, (statement, proof) in enumerate(proofs, start=FIRST):
            sides = [self._side(side) for side in (proof.left, proof.right)]
            is_followed = len({type(side) for side in sides}) == 1  # else one side would change, and not the other
            apart = Formula(f"ROUND({cell(row, 4)}-{cell(row, 6)},2)", Decimal(0)) if is_followed else None
            named = (statement.heading(), proof.text, str(proof.period))
            rows.append((*named, proof.left.text, sides[0], proof.right.text, sides[1], apart))
        about = N_("What has been proven before anything was shown: both sides are the same amount.")
        head = (
            N_("Statement"),
            N_("Proof"),
            N_("Period"),
            N_("One side"),
            N_("Kronor"),
            N_("The other"),
            N_("Kronor"),
            N_("Difference"),
        )
        return Listing(self.proofs_sheet, self.tr(about), tuple(map(self.tr, head)), rows)

    def _side(self, side: Side) -> Formula | Decimal:
        """Return a side of a proof: the figure that is shown, its sign turned where the proof has it so."""
        if side.address not in self._figures:
            return kronor_of(side.ore)
        _, row, column = self._figures[side.address]
        sign = "" if row.figures[column.key].ore == side.ore else "-"
        return Formula(f"{sign}{self._figure(side.address)}", kronor_of(side.ore))


def _is_difference(column: Column, row: StatementRow) -> bool:
    """Whether a row has the two columns that a column is the difference of."""
    return bool(column.difference) and set(column.difference) <= set(row.figures)
