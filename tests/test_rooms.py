"""The rooms of the house: what each may import, upward in docs/arkitektur.md and never back; a name has one meaning."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "plugins": set(),
    "importers": {"plugins"},
    "queries": {"plugins"},
    "scripts": {"queries", "importers", "plugins", "web.listening", "web.serve", "web.users"},
    "web": {"queries", "plugins", "scripts.store", "scripts.render", "scripts.commands.options"},
}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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


def test_a_class_has_a_name_of_its_own() -> None:
    homes = defaultdict(list)
    for room in MAY_IMPORT:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(str(path.relative_to(ROOT)))
    assert homes
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}
