"""What the notebooks' cog blocks call: run the code fence above, and print its real output.

`sh()` runs a shell fence, `tables(…)` one that prints Markdown, of which it shows some tables,
`verdicts()` one with `verify-cli theorems`, and `python()` a Python fence; all fences of a notebook run in one folder, Python's in one namespace.
Output that differs from the old one in its last digits only is replaced by the old one.

Environment: `VERIFY_CLI` the program, `NOTEBOOK_FIGURES` what to do with figures: `check` or `write`.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import cog

from figures import settle
from sections import select
from stable import RELATIVE, same

_FOLDER = Path(tempfile.mkdtemp(prefix="notebook-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
_PROGRAM = Path(os.environ["VERIFY_CLI"]).resolve()
os.environ["PATH"] = f"{_PROGRAM.parent}:{os.environ['PATH']}"
_NAMES: dict[str, Any] = {"__name__": "notebook"}


def sh(relative: float = RELATIVE) -> None:
    """Runs the shell fence above and shows its standard output."""
    _show(f"```text\n{_shell(_fence('sh')).strip()}\n```", relative)


def tables(*titles: str, drop: tuple[str, ...] = (), relative: float = RELATIVE) -> None:
    """Runs the shell fence above and shows the tables whose titles begin so.

    Times, and the columns and rows of `drop`, are left out.
    """
    _show(select(_shell(_fence("sh")), titles, drop + ("ms", "time", "seconds")), relative)


def verdicts() -> None:
    """Runs the shell fence above, a `verify-cli theorems`, and shows the verdicts and nothing else.

    Margins, and which cases are discarded because a solve stalled, depend on rounding.
    """
    table = select(
        _shell(_fence("sh")), ("Verdicts",),
        ("paper", "time", "worst margin", "discarded", "replay token of the worst"))
    _show("\n".join(line for line in table.split("\n") if line.startswith("|")), RELATIVE)


def python(relative: float = RELATIVE) -> None:
    """Runs the Python fence above and shows what it prints, if anything."""
    output = io.StringIO()
    source = _fence("python")
    with _working_directory(), contextlib.redirect_stdout(output):
        exec(compile(source, f"{cog.inFile} (fence above line {cog.firstLineNum})", "exec"), _NAMES)
    text = output.getvalue().rstrip()
    _show(f"```text\n{text}\n```" if text else "", relative)


def _fence(language: str) -> str:
    """The last code fence before the calling cog block."""
    lines = Path(cog.inFile).read_text(encoding="utf-8").split("\n")[: cog.firstLineNum - 1]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines or lines[-1].strip() != "```":
        raise ValueError(f"{cog.inFile}:{cog.firstLineNum}: no code fence just above")
    end = len(lines) - 1
    start = max((n for n in range(end) if lines[n].startswith("```")), default=-1)
    if start < 0 or lines[start] != f"```{language}":
        raise ValueError(f"{cog.inFile}:{cog.firstLineNum}: expected a fence of {language}")
    return "\n".join(lines[start + 1:end]) + "\n"


def _shell(script: str) -> str:
    (_FOLDER / "figures").mkdir(exist_ok=True)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=_FOLDER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"{cog.inFile}:{cog.firstLineNum}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def _show(output: str, relative: float) -> None:
    """Prints the output, or the old one if they say the same; figures follow the decision."""
    old = cog.previous.strip()
    unchanged = same(old, output, relative)
    settle(_FOLDER / "figures", Path(cog.inFile).parent / "figures", keep=unchanged)
    shown = old if unchanged else output
    cog.out(f"\n{shown}\n\n" if shown else "")


@contextlib.contextmanager
def _working_directory() -> Any:
    before = os.getcwd()
    os.chdir(_FOLDER)
    try:
        yield
    finally:
        os.chdir(before)
