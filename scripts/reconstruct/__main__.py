"""Write the ledger of 2023 and 2024 anew from the printed report: `python -m forbundsbok.scripts.reconstruct`.

    python -m forbundsbok.scripts.reconstruct --report ledger/printed/2024.csv --out ledger

The same report gives the same files, byte for byte.
"""

from pathlib import Path

import click

from forbundsbok.scripts.reconstruct.journal import write_ledger
from forbundsbok.scripts.reconstruct.solve import solve


@click.command()
@click.option("--report", type=click.Path(path_type=Path, exists=True), default=Path("ledger/printed/2024.csv"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("ledger"))
def main(report: Path, out: Path) -> None:
    """Reconstruct the vouchers behind a printed annual report, and write them as a ledger."""
    solution = solve(report)
    click.echo(f"{len(solution.contradicted)} printed figures contradict the others:")
    for figure in solution.contradicted:
        click.echo(f"  {figure.table}  {figure.row}  {figure.column}: {figure.tkr}")
    write_ledger(solution, out)
    click.echo(f"The ledger stands in {out}.")


if __name__ == "__main__":
    main()
