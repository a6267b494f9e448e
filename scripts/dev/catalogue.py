"""The catalogue of rules, made from where they are enforced and from the ledgers that break them.

    python -m forbundsbok.scripts.dev.catalogue > docs/regler.md

What a rule is, why it holds and how a breach is mended stands beside its function; the example and its
message are the failing ledger of its test, so that neither can drift from the code.
"""

import re
from pathlib import Path
from types import ModuleType

import click

from forbundsbok.plugins.federation import MODULES
from forbundsbok.plugins.language import tr
from forbundsbok.plugins.rulebook import RULES, Rule

LEDGERS = Path(__file__).parents[2] / "tests" / "rules"

HEAD = """# The rules

Made by `make docs` from the rules of `plugins/` and the failing ledgers of `tests/rules/`: do not edit.

Every message of `bean-check` that begins with a code is one of these. `forbundsbok rule S201` prints one.
"""


def catalogue() -> str:
    """Return the whole catalogue as Markdown."""
    parts = [HEAD]
    for module in MODULES:
        name = module.__name__.rsplit(".", 1)[1]
        parts.append(f"## {name}\n\n{_opening(module)}\n")
        rules = sorted((rule for rule in RULES.values() if rule.module == name), key=lambda rule: rule.code)
        parts += [_section(rule, LEDGERS / name / f"{rule.code}.bean") for rule in rules]
    return "\n".join(parts)


def _opening(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().splitlines()[0]


def _section(rule: Rule, ledger: Path) -> str:
    text = ledger.read_text(encoding="utf-8")
    expected = re.findall(r"^; \S+:\d+: (.*)$", text, re.MULTILINE)
    messages = "\n".join(message.replace("\\n", "\n") for message in expected)
    return (
        f"### {rule.code}\n\n{tr(rule.title)}\n\n**Why.** {tr(rule.why)}\n\n**Mend.** {tr(rule.mend)}\n\n"
        f"```beancount\n{_example(text)}\n```\n\n```\n{messages}\n```\n"
    )


def _example(text: str) -> str:
    """Return what is particular to a failing ledger: without options, plugin, include and expectations."""
    skipped = re.compile(r'(option|plugin|include) "|; \S+:\d+: ')
    lines = [line for line in text.splitlines() if not skipped.match(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


if __name__ == "__main__":
    click.echo(catalogue(), nl=False)
