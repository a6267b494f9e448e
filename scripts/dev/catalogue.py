"""The catalogue of rules, made from where they are enforced and from the ledgers that break them.

    python -m forbundsbok.scripts.dev.catalogue > docs/regler.md

What a rule is, why it holds and how a breach is mended stands beside its function; the example and its
message are the failing ledger of its test, so that neither can drift from the code.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from forbundsbok.plugins import years
from forbundsbok.plugins.directives import Kind
from forbundsbok.plugins.federation import MODULES
from forbundsbok.plugins.language import tr
from forbundsbok.plugins.roles import ABOUT, SLAG
from forbundsbok.plugins.rulebook import RULES, Rule

LEDGERS = Path(__file__).parents[2] / "tests" / "rules"

HEAD = """# Reglerna

Skriven av `make docs` efter reglerna i `plugins/` och de böcker i `tests/rules/` som bryter mot dem: ändra inte här.

Varje meddelande som börjar med en kod är en av dessa. `forbundsbok rule S201` skriver en av dem,
`forbundsbok check --explain` skriver varje fel med sin regel.
"""

TITLES = {
    "organisation": "Förbundet",
    "units": "Enheter, konton och avräkning",
    "chart": "Kontoplanen",
    "closures": "Det som upphör",
    "labels": "Benämningar",
    "budget": "Budget och mål",
    "fees": "Medlemsavgifter",
    "surplus": "Överskott",
    "provisions": "Avsättningar",
    "loans": "Lån",
    "commitments": "Leasing, panter och ansvar",
    "balanced_budget": "Balanskrav",
    "internal": "Interna poster",
    "vouchers": "Verifikationer",
    "templates": "Mallar för verifikationer",
    "words": "Felskrivna ord",
    "imports": "Inläsning",
    "seal": "Bokslut och sigill",
    "journal": "Sigilljournalen",
    "locks": "Låsta månader",
    "main_file": "Hur böckerna läses",
    "left_out": "Filer utanför böckerna",
    "rights": "Attesträtt",
    "attest": "Attest",
    "internal_control": "Internkontroll",
    "capitalisation": "Inventarier och investeringar",
    "assets": "Anläggningstillgångar",
    "flows": "Händelser: vad som flödar",
    "investment_grants": "Bidrag till investeringar",
    "vat": "Moms",
    "open_items": "Öppna poster",
    "payment_files": "Betalfiler",
    "credit_notes": "Kreditfakturor",
    "payouts": "Utbetalningar",
    "grants": "Beslutade bidrag",
    "plausibility": "Rimlighet",
    "recurrence": "Det som återkommer",
    "accruals": "Periodiseringar",
    "particulars": "Underlag, motpart och förfallodag",
    "payroll": "Löner och månadens skulder",
    "acknowledgements": "Kvittenser",
}
"""What the chapter of each module of rules is called."""


def catalogue() -> str:
    """Return the whole catalogue as Markdown."""
    parts = [HEAD]
    for module in MODULES:
        name = module.__name__.rsplit(".", 1)[1]
        parts.append(f"## {TITLES[name]}\n")
        rules = sorted((rule for rule in RULES.values() if rule.module == name), key=lambda rule: rule.code)
        parts += [_section(rule, LEDGERS / name / f"{rule.code}.bean") for rule in rules]
    return "\n".join([*parts, *_kinds(), *_directives(), *_mistakes()])


def _kinds() -> Iterator[str]:
    """Yield the chapter of what accounts may be, from the tree of kinds."""
    yield "## Kontoslagen\n"
    yield (
        "Vad ett konto är, efter numret om böckerna inte säger något annat med `kontoslag`. Ett streck bland numren "
        "betyder att slaget bara håller ihop andra: inget konto är av det. `?` är en siffra vilken som helst, och den "
        "längsta början på numret gäller.\n"
    )
    yield "| slag | nummer | |"
    yield "|---|---|---|"
    for slag in SLAG.values():
        numbers = "-" if slag.is_class else " ".join(slag.numbers)
        about = tr(ABOUT[slag.name]) if slag.name in ABOUT else ""
        yield f"| {'&nbsp;&nbsp;' * len(slag.classes)}`{slag.name}` | {numbers} | {about} |"
    yield ""


def _directives() -> Iterator[str]:
    """Yield the chapter of the directives, from their descriptions."""
    yield "## Direktiven\n"
    yield "Hur de skrivs, efter den beskrivning som de läses med.\n"
    kinds = {each for module in (*MODULES, years) for each in vars(module).values() if isinstance(each, Kind)}
    for kind in sorted(kinds, key=lambda kind: kind.type):
        required = [field.name for field in kind.meta if field.required]
        optional = [field.name for field in kind.meta if not field.required]
        told = [f"Värden: {', '.join(tr(field.name) for field in kind.values)}."]
        told += [f"På rader under: {', '.join(f'`{name}`' for name in required)}."] if required else []
        told += [f"Där får också stå {', '.join(f'`{name}`' for name in optional)}."] if optional else []
        yield f"### {kind.type}\n\n{' '.join(told)}\n\n```beancount\n{kind.example}\n```\n"


def _mistakes() -> Iterator[str]:
    """Yield the chapter of what is caught: the mistakes of tests/mistakes by kind, and which of them are missed."""
    from tests.mistakes.mistake import FEL, INTE, KINDS, VARNING
    from tests.mistakes.trial import MISTAKES, costly_caught, listed

    missed = listed("missed.txt")
    yield "## Vad som upptäcks\n"
    yield (
        f"{len(MISTAKES)} misstag, gjorda ett i taget i böcker för januari till juni 2025, var och ett med vad som ska "
        f"sägas om det (`tests/mistakes/`). Av dem som kostar pengar eller gör en siffra fel, och som böckerna kan "
        f"visa, upptäcks {costly_caught():.0%}. Det som inte kan upptäckas står i listan med varför.\n"
    )
    yield "| slag | misstag | ska ge fel | ska ge minst varning | missas | kan inte upptäckas |"
    yield "|---|---|---|---|---|---|"
    for kind in KINDS:
        own = [mistake for mistake in MISTAKES if mistake.kind == kind]
        counts = [sum(mistake.expected == level for mistake in own) for level in (FEL, VARNING, INTE)]
        lacking = sum(mistake.id in missed for mistake in own)
        yield f"| {kind} | {len(own)} | {counts[0]} | {counts[1]} | {lacking} | {counts[2]} |"
    lines = "\n".join(f"- {mistake.did}" for mistake in MISTAKES if mistake.id in missed)
    yield f"\nDe som missas:\n\n{lines}\n" if missed else ""


def _section(rule: Rule, ledger: Path) -> str:
    text = ledger.read_text(encoding="utf-8")
    expected = re.findall(r"^; \S+:\d+: (.*)$", text, re.MULTILINE)
    messages = "\n".join(message.replace("\\n", "\n") for message in expected)
    head = f"### {rule.code}, varning" if rule.warns else f"### {rule.code}"
    return (
        f"{head}\n\n{tr(rule.title)}\n\n**Varför.** {tr(rule.why)}\n\n**Gör så.** {tr(rule.mend)}\n\n"
        f"{_silence(rule)}```beancount\n{_example(text)}\n```\n\n```\n{messages}\n```\n"
    )


def _silence(rule: Rule) -> str:
    """Return which rules' findings about the same thing are the cause of this one's, and make it silent."""
    return f"Tyst när samma sak redan bryter mot {', '.join(rule.after)}.\n\n" if rule.after else ""


def _example(text: str) -> str:
    """Return what is particular to a failing ledger: without options, plugin, include and expectations."""
    skipped = re.compile(r'(option|plugin|include) "|; \S+:\d+: ')
    lines = [line for line in text.splitlines() if not skipped.match(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


if __name__ == "__main__":
    click.echo(catalogue(), nl=False)
