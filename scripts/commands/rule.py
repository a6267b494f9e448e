"""`forbundsbok rule`: what a rule says, on the screen."""

import click

from forbundsbok.plugins import federation  # noqa: F401 - all rules
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.rulebook import RULES, Rule
from forbundsbok.scripts.commands.options import say


@click.command()
@click.argument("code", metavar=N_("CODE"))
def rule(code: str) -> None:
    """Print a rule: what must hold, why, and how a breach is mended.

    \b
    forbundsbok rule S201
    """
    if code.upper() not in RULES:
        alike = [each for each in sorted(RULES) if each[:1] == code[:1].upper()]
        if not alike:
            text = N_("there is no rule {code}; they begin with {letters}, and stand in docs/regler.md")
            raise click.ClickException(tr(text, code=code, letters=", ".join(sorted({each[0] for each in RULES}))))
        text = N_("there is no rule {code}; there are {codes}")
        raise click.ClickException(tr(text, code=code, codes=", ".join(alike)))
    say(rule_text(RULES[code.upper()]), nl=False)


def rule_text(told: Rule) -> str:
    """Return a rule as text for the screen."""
    why, mend = tr("Why: {why}", why=tr(told.why)), tr("Mend: {mend}", mend=tr(told.mend))
    parts = [f"{told.code}  {tr(told.title)}", why, mend]
    return "\n".join(click.wrap_text(part, width=100, subsequent_indent="      ") for part in parts) + "\n"
