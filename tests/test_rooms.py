"""The rooms of the house: what each may import, upward in docs/arkitektur.md and never back; a name has one meaning."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.scripts.commands.language import parts_of
from forbundsbok.scripts.forbundsbok import COMMANDS, main

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "plugins": set(),
    "importers": {"plugins"},
    "queries": {"plugins"},
    "scripts": {"queries", "importers", "plugins", "web.listening", "web.serve", "web.users"},
    "web": {"queries", "plugins", "scripts.store", "scripts.render", "scripts.commands.options"},
}


@cache
def nodes(path: Path) -> list[ast.AST]:
    return [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef)
    ]


def imported(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_from_the_rooms_below_it(room: str) -> None:
    allowed = {room, *MAY_IMPORT[room]}
    strangers = {
        (path.name, module)
        for path in (ROOT / room).rglob("*.py")
        for module in imported(path)
        if module.count(".") >= 2 and module.startswith("forbundsbok.")
        if not any(f"{module}.".startswith(f"forbundsbok.{each}.") for each in allowed)
    }
    assert strangers == set()


HEAVY = {"pandas", "numpy", "scipy", "beanquery", "fava", "duckdb", "openpyxl", "pikepdf", "typst", "babel"}


@pytest.mark.parametrize(
    ("asked", "needed"),
    [
        ("--help", set()),
        ("--version", set()),
        ("rule S201", set()),
        ("lock --help", set()),
        ("check --ledger ledger/main.bean", {"pandas", "numpy", "beanquery"}),
    ],
)
def test_a_command_loads_what_it_needs_alone(asked: str, needed: set[str]) -> None:
    """What stands ready for other commands takes longer to load than most of them last."""
    program = (
        "import sys; from forbundsbok.scripts.forbundsbok import main; main(sys.argv[1:], standalone_mode=False);"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program, *asked.split()], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout
    assert set(run.stderr.split()) & HEAVY == needed


def test_the_list_of_commands_says_of_each_what_its_own_help_does() -> None:
    listed = CliRunner().invoke(main, ["--help"], terminal_width=400, max_content_width=400).output
    lines = dict(line.strip().split(maxsplit=1) for line in listed.partition("Kommandon:")[2].strip().splitlines())
    list(parts_of(main))
    assert list(lines) == sorted(COMMANDS)
    assert lines == {name: command.get_short_help_str(400) for name, command in main.commands.items()}


def test_a_class_has_a_name_of_its_own() -> None:
    homes = defaultdict(list)
    for room in MAY_IMPORT:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in nodes(path):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(str(path.relative_to(ROOT)))
    assert homes
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}
