"""Where the code of other works is: at a commit each, cloned once; nothing of it is in this repository."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Name, place, commit.
SOURCES = {
    "PredictiveCoding-MQSeqIL": ("nalonso2/PredictiveCoding-MQSeqIL", "4f9ca0f"),
    "Torch2PC": ("RobertRosenbaum/Torch2PC", "00c6c50"),
    "PRECO": ("bjornvz/PRECO", "c8709c4"),
    "jpc": ("thebuckleylab/jpc", "7d6cc05"),
    "covariance-learning-PCNs": ("C16Mftang/covariance-learning-PCNs", "b2431e7"),
}


def spare(*names: str) -> None:
    """Empty modules for libraries that are not installed and that the parts used here do not call."""
    for name in names:
        try:
            __import__(name)
        except ModuleNotFoundError:
            empty = types.ModuleType(name)
            empty.__spec__ = importlib.machinery.ModuleSpec(name, None)
            empty.__getattr__ = lambda attribute: None  # type: ignore[method-assign]
            sys.modules[name] = empty


def place(name: str) -> Path:
    """The checkout of one work at its commit, from $PUBLISHED_CODE if it is there, else cloned into .build."""
    given = Path(os.environ.get("PUBLISHED_CODE", ROOT / ".build" / "published-code")) / name
    repository, commit = SOURCES[name]
    if not given.exists():
        given.parent.mkdir(parents=True, exist_ok=True)
        # A clone that was interrupted has another name, and is made anew.
        partial = given.with_name(f"{name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        subprocess.run(["git", "clone", "-q", f"https://github.com/{repository}", partial], check=True)
        subprocess.run(["git", "-C", partial, "checkout", "-q", commit], check=True)
        partial.rename(given)
    head = subprocess.run(["git", "-C", given, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout
    if not head.startswith(commit):
        raise SystemExit(f"{given} is at {head[:7]}, expected {commit}: remove it, and it is cloned anew")
    return given


def module(name: str, *path: str) -> types.ModuleType:
    """One module of a work, and nothing of the names that it brings along."""
    folder = str(place(name))
    sys.path.insert(0, folder)
    try:
        return __import__(path[0], fromlist=["*"])
    finally:
        sys.path.remove(folder)


def part(name: str, package: str, *files: str) -> types.ModuleType:
    """The last of some files of a package, without the package's own imports; the others are its neighbours."""
    parent = types.ModuleType("published")
    parent.__path__ = [str(place(name) / package)]
    sys.modules["published"] = parent
    loaded = parent
    for file in files:
        spec = importlib.util.spec_from_file_location(f"published.{file}", place(name) / package / f"{file}.py")
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[f"published.{file}"] = loaded
        spec.loader.exec_module(loaded)
    return loaded
