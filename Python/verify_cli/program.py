"""Where the program is: in an installed wheel, on the search path, or in a checkout's build folder."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_CARRIED = _HERE / "program" / "verify-cli"


def find_program() -> Path:
    """The program: `$VERIFY_CLI`, the one that the installed package carries, the search path, or this
    checkout's build, the first that there is."""
    if named := os.environ.get("VERIFY_CLI"):
        return Path(named)
    if _CARRIED.is_file():
        return _CARRIED
    if found := shutil.which("verify-cli"):
        return Path(found)
    return _HERE.parents[1] / ".build" / "release" / "verify-cli"


def main() -> None:
    """The command `verify-cli` of an installed wheel: becomes the program that it carries.

    It looks nowhere else: `$VERIFY_CLI` and the search path may name this very command.
    """
    if not _CARRIED.is_file():
        sys.exit(f"no verify-cli at {_CARRIED}; this package was installed without its program")
    os.execv(_CARRIED, [str(_CARRIED), *sys.argv[1:]])
