"""What a message offers to write, written as a clerk does: copied from the message, pasted where it says."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from forbundsbok.plugins.findings import Add, Below, Finding, Remove, Replace, RuleError
from tests.rule_ledgers import FAILING, load, loaded, of_modules

HEADS = (r"Lägg till i .*:", r"Lägg till i böckerna:", r"Skriv i stället för .*:", r"Skriv under första raden i .*:")
_HEAD = re.compile("|".join(f"(?:{head})" for head in HEADS))
_REMOVE = re.compile(r"Ta bort .*\.")


def copied(message: str, finding: Finding) -> list[str]:
    """Return the text below each head of a message's fix, the last ones: a message may show an example too."""
    blocks: list[list[str]] = []
    for line in message.split("\n")[1:]:
        if _HEAD.fullmatch(line) or _REMOVE.fullmatch(line):
            blocks.append([])
        elif blocks:
            blocks[-1].append(line)
    return ["\n".join(block) for block in blocks[-len(finding.fix) :]]


def block_end(lines: list[str], first: int) -> int:
    end = first + 1
    while end < len(lines) and lines[end][:1] == " " and lines[end].strip():
        end += 1
    return end


def paste(findings: list[tuple[Finding, str]], folder: Path) -> None:
    """Write the fixes as their messages show them into the copies of the files, the last lines of a file first."""
    steps = []
    for finding, message in findings:
        texts = copied(message, finding)
        assert len(texts) == len(finding.fix), message
        steps += list(zip(finding.fix, texts, strict=True))
    steps.sort(key=lambda each: -each[0].at.meta["lineno"] if not isinstance(each[0], Add) else 1)
    done: set[tuple[str, int, str]] = set()
    for step, text in steps:
        file, at = folder / Path(step.at.meta["filename"]).name, int(step.at.meta["lineno"]) - 1
        if (str(file), -1 if isinstance(step, Add) else at, text) in done:
            continue
        done.add((str(file), -1 if isinstance(step, Add) else at, text))
        lines = file.read_text(encoding="utf-8").split("\n")
        match step:
            case Add():
                lines += ["", text, ""]
            case Replace() | Remove():
                lines[at : block_end(lines, at)] = [text] if isinstance(step, Replace) else []
            case Below():
                keys = {line.split(":")[0] for line in text.split("\n")}
                old = lines[at + 1 : block_end(lines, at)]
                lines[at + 1 : block_end(lines, at)] = [text, *(each for each in old if each.split(":")[0] not in keys)]
        file.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("path", of_modules(FAILING))
def test_what_a_message_offers_is_read_when_it_is_pasted(path: Path, tmp_path: Path) -> None:
    _, errors, _ = loaded(path)
    fixable = [each for each in errors if isinstance(each, RuleError) and each.finding.fix]
    if not fixable:
        return
    for source in (path, path.with_name("base.bean")):
        shutil.copy(source, tmp_path)
    paste([(each.finding, each.message) for each in fixable], tmp_path)
    left = Counter(each.message[:4] for each in errors if each not in fixable)
    assert Counter(each.message[:4] for each in load(tmp_path / path.name)[1]) == left
