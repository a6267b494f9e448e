"""`forbundsbok rule`: what a rule says, on the screen."""

import click

from forbundsbok.plugins.federation import MODULES
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.rules import Rule, rules_of


@click.command()
@click.argument("code", metavar=N_("CODE"))
def rule(code: str) -> None:
    """Print a rule: what must hold, why, and how a breach is mended.

    \b
    forbundsbok rule S201
    """
    rules = {each.code: each for module in MODULES for each in rules_of(module)}
    if code.upper() not in rules:
        text = N_("there is no rule {code}; there are {codes}")
        raise click.ClickException(tr(text, code=code, codes=", ".join(sorted(rules))))
    click.echo(rule_text(rules[code.upper()]), nl=False)


def rule_text(described_rule: Rule) -> str:
    """Return a rule as text for the screen."""
    why, mend = (f"{part[:1].upper()}{part[1:]}" for part in (described_rule.why, described_rule.mend))
    parts = [f"{described_rule.code}  {described_rule.what}", tr("Why: {why}", why=why), tr("Mend: {mend}", mend=mend)]
    return "\n".join(click.wrap_text(part, width=100, subsequent_indent="      ") for part in parts) + "\n"
