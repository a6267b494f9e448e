"""The command `forbundsbok` as a shell script starts it, answered by the process that runs the tests and has loaded it.

    run_answering("make", "import-demo", folder=ROOT, commands=tmp_path, environment=os.environ)

The folder of commands is named by the script's PATH, or as it does. That the program starts as a command of its own
tests/test_wheel.py proves.
"""

import os
import select
import subprocess
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main

COMMAND = """#!/bin/sh
here=$(dirname "$0")
printf '%s\\n' "$PWD" "$@" > "$here/asked"
read -r status < "$here/ended"
cat "$here/out"
cat "$here/err" >&2
exit "$status"
"""


def run_answering(
    *command: str, folder: Path, commands: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end, and answer what it asks of `forbundsbok`, which is put among `commands`."""
    (commands / "forbundsbok").write_text(COMMAND, encoding="utf-8")
    (commands / "forbundsbok").chmod(0o755)
    for name in ("asked", "ended"):
        (commands / name).unlink(missing_ok=True)
        os.mkfifo(commands / name)
    # Opened both ways, a pipe waits for nobody at its other end.
    asked, ended = (os.open(commands / name, os.O_RDWR) for name in ("asked", "ended"))
    with (commands / "printed").open("w+") as out, (commands / "told").open("w+") as err:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=out, stderr=err)
        at_end = os.pidfd_open(process.pid)
        try:
            while asked in select.select([asked, at_end], [], [])[0]:
                os.write(ended, b"%d\n" % _answered(os.read(asked, 1 << 16).decode(), commands))
        finally:
            for each in (asked, ended, at_end):
                os.close(each)
            process.kill()
            process.wait()
        printed, told = ((commands / name).read_text(encoding="utf-8") for name in ("printed", "told"))
    return subprocess.CompletedProcess(command, process.returncode, printed, told)


def _answered(question: str, commands: Path) -> int:
    place, *words = question.removesuffix("\n").split("\n")
    with chdir(place):
        result = CliRunner().invoke(main, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    (commands / "out").write_text(result.stdout, encoding="utf-8")
    (commands / "err").write_text(result.stderr, encoding="utf-8")
    return result.exit_code
