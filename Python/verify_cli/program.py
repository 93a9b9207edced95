"""Where the program is: in an installed wheel, on the search path, or in a checkout's build folder."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def find_program() -> Path:
    """The program: `$VERIFY_CLI`, the one that the installed package carries, the search path, or this
    checkout's build, the first that there is."""
    if named := os.environ.get("VERIFY_CLI"):
        return Path(named)
    here = Path(__file__).resolve().parent
    carried = here / "program" / "verify-cli"
    if carried.is_file():
        return carried
    if (found := shutil.which("verify-cli")) and Path(found).resolve() != Path(sys.argv[0]).resolve():
        return Path(found)
    return here.parents[1] / ".build" / "release" / "verify-cli"


def main() -> None:
    """The command `verify-cli` of an installed wheel: becomes the program that it carries."""
    program = find_program()
    if not program.is_file():
        sys.exit(f"no verify-cli at {program}; this package was installed without its program")
    os.execv(program, [str(program), *sys.argv[1:]])
