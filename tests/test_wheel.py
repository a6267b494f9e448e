"""The wheel, installed in an environment of its own beside books that have folders named as the project's rooms."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.federations.skola import skola
from tests.scripts.test_hook import BOOKS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

ROOT = Path(__file__).parent.parent
OWN = """
__plugins__ = ("check",)


def check(entries, options_map):
    print("the federation's own plugin has read the books")
    return entries, []
"""


def run(*command: object, folder: Path) -> str:
    """Return what a command prints in a folder, with nothing of the project's own paths around it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which only the wheel is installed. Nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    # Built from a copy, since building leaves files behind, and takes in what an earlier build has left.
    unneeded = shutil.ignore_patterns(".*", "build", "docs", "ledger", "tests", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, folder / "project", ignore=unneeded)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    offline = ("--quiet", "--no-deps", "--no-index")
    run(*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", folder, folder / "project", folder=folder)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "environment", folder=folder)
    python = folder / "environment" / "bin" / "python"
    run(*pip, "--python", python, "install", *offline, *folder.glob("*.whl"), folder=folder)
    return folder / "environment"


@pytest.fixture(scope="module")
def packages(environment: Path) -> Path:
    """The folder of that environment in which packages are installed."""
    (folder,) = environment.glob("lib/python*/site-packages")
    return folder


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Books with plugins and queries of their own, and the folders of the other rooms beside them."""
    for room in ("plugins", "queries", "importers", "scripts"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "plugins" / "own.py").write_text(OWN, encoding="utf-8")
    main = tmp_path / "main.bean"
    main.write_text(f'option "insert_pythonpath" "TRUE"\nplugin "plugins.own"\n{BOOKS}', encoding="utf-8")
    return main


def test_one_name_is_installed_and_the_first_federation_is_not(packages: Path) -> None:
    assert sorted(path.name.partition("-")[0] for path in packages.iterdir()) == ["forbundsbok", "forbundsbok"]
    installed = {path.relative_to(packages / "forbundsbok") for path in (packages / "forbundsbok").rglob("*.py")}
    here = {
        path.relative_to(ROOT)
        for room in ("plugins", "importers", "queries", "scripts", "web")
        for path in (ROOT / room).rglob("*.py")
    }
    front = {path.relative_to(ROOT / "forbundsbok") for path in (ROOT / "forbundsbok").glob("*.py")}
    kept_back = {path for path in here if path.parts[:2] in (("scripts", "reconstruct"), ("scripts", "dev"))}
    assert kept_back
    assert installed == (here - kept_back) | front


def test_it_works_beside_books_with_folders_of_the_same_names(environment: Path, packages: Path, books: Path) -> None:
    # What the project needs is found where it is installed for these tests; the project itself is not, by that way.
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    python, forbundsbok = environment / "bin" / "python", environment / "bin" / "forbundsbok"
    found = run(python, "-c", "from forbundsbok import plugins; print(plugins.__file__)", folder=books.parent)
    assert Path(found.strip()).is_relative_to(packages)
    assert run(forbundsbok, "--version", folder=books.parent).startswith("forbundsbok")
    bean_check = (python, "-m", "beancount.scripts.check", "-C", books.name)
    # Whoever checks says that they know the plugin; bean-check cannot ask.
    for check in ((forbundsbok, "check", "--plugin", "plugins.own", "--ledger", books.name), bean_check):
        assert "the federation's own plugin has read the books" in run(*check, folder=books.parent)
    shown = run(forbundsbok, "show", "resultat", "--year", 2024, "--ledger", books.name, folder=books.parent)
    assert "Årets resultat" in shown


def test_the_layouts_beside_the_books_are_used_and_the_laws_come_with_the_wheel(
    environment: Path, packages: Path, books: Path
) -> None:
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    folder, source = packages / "forbundsbok" / "queries" / "layouts", ROOT / "queries" / "layouts"
    installed = {path.relative_to(folder): path for path in folder.rglob("*.toml")}
    assert set(installed) == {path.relative_to(source) for path in source.rglob("*.toml")}
    before = {name: path.read_bytes() for name, path in installed.items()}
    (books.parent / "layouts").mkdir()
    (books.parent / "layouts" / "resultat.toml").write_text(
        'utgar = "lag"\n\n[[row]]\nid = "medlemsbidrag"\nlabel = "Förbundsbidrag"\n', encoding="utf-8"
    )
    asked = ("show", "resultat", "--year", 2024, "--ledger", books.name)
    forbundsbok = environment / "bin" / "forbundsbok"
    own = run(forbundsbok, *asked, folder=books.parent)
    law = run(forbundsbok, *asked, "--layout", "lag", folder=books.parent)
    assert "  Förbundsbidrag " in own
    assert [line.split()[-1] for line in own.splitlines()] == [line.split()[-1] for line in law.splitlines()]
    assert "  Medlemsbidrag " in law
    assert {name: path.read_bytes() for name, path in installed.items()} == before


def test_another_federations_figures_come_out_of_an_empty_folder(
    environment: Path, packages: Path, tmp_path: Path
) -> None:
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    federation = skola()
    main = federation.write(tmp_path, closed=federation.sheet.years)
    forbundsbok = environment / "bin" / "forbundsbok"
    run(forbundsbok, "export", "--ledger", main.name, "--year", 2025, "--out", "out", "--yes", folder=tmp_path)
    told = json.loads((tmp_path / "out" / "figures.json").read_text(encoding="utf-8"))
    kronor = {
        (shown["id"], row["id"]): figure["kronor"]
        for shown in told["statements"]
        for row in shown["rows"]
        for figure in row["figures"]
        if not shown["unit"] and figure["column"] == "2025"
    }
    lines = [line for line in federation.sheet.lines() if line.year == 2025 and (line.table, line.row) in kronor]
    assert {line.table for line in lines} == {"resultat", "balans", "kassaflode", "balanskrav"}
    assert len(lines) > 60
    assert [line for line in lines if kronor[line.table, line.row] != f"{line.amount:.2f}"] == []
