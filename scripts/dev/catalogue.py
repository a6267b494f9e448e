"""The catalogue of rules, made from where they are enforced and from the ledgers that break them.

    python -m forbundsbok.scripts.dev.catalogue > docs/regler.md

What a rule is, why it holds and how a breach is mended stands in the docstring of its module; the
example and its message are the failing ledger of its test, so that neither can drift from the code.
"""

import re
from pathlib import Path
from types import ModuleType

import click

from forbundsbok.plugins.federation import MODULES
from forbundsbok.plugins.rules import Rule, rules_of

LEDGERS = Path(__file__).parents[2] / "tests" / "rules"

HEAD = """# The rules

Made by `make docs` from the docstrings of `plugins/` and the failing ledgers of `tests/rules/`: do not edit.

Every message of `bean-check` that begins with a code is one of these. `forbundsbok rule S201` prints one.
"""


def catalogue() -> str:
    """Return the whole catalogue as Markdown."""
    parts = [HEAD]
    for module in MODULES:
        name = module.__name__.rsplit(".", 1)[1]
        if rules := rules_of(module):
            parts.append(f"## {name}\n\n{_opening(module)}\n")
            parts += [_section(rule, LEDGERS / name / f"{rule.code}.bean") for rule in rules]
    return "\n".join(parts)


def _opening(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().splitlines()[0]


def _section(rule: Rule, ledger: Path) -> str:
    text = ledger.read_text(encoding="utf-8")
    expected = re.findall(r"^; \S+:\d+: (.*)$", text, re.MULTILINE)
    messages = "\n".join(message.replace("\\n", "\n") for message in expected)
    return (
        f"### {rule.code}\n\n{rule.what}\n\n**Why.** {_sentence(rule.why)}\n\n**Mend.** {_sentence(rule.mend)}\n\n"
        f"```beancount\n{_example(text)}\n```\n\n```\n{messages}\n```\n"
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _example(text: str) -> str:
    """Return what is particular to a failing ledger: without options, plugin, include and expectations."""
    skipped = re.compile(r'(option|plugin|include) "|; \S+:\d+: ')
    lines = [line for line in text.splitlines() if not skipped.match(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


if __name__ == "__main__":
    click.echo(catalogue(), nl=False)
