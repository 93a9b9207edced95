"""The example scripts run as they are, and what they print says that the equations hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from verify_cli import VerifyCLI

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
WORDS = {
    "pytorch_step.py": ["Explicit SGD at α = 0.5", "certified: True", "by autograd: True"],
    "pytorch_graph.py": ["certified: True", "by autograd: True", "il-prox"],
    "equinox_step.py": ["by jax.grad: True", "il-prox"],
    "plain_jax_step.py": ["Explicit SGD at α = 0.1", "exact implicit step"],
}


def test_every_example_is_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(WORDS)


@pytest.mark.parametrize("name", WORDS)
def test_it_runs(name: str, cli: VerifyCLI) -> None:
    environment = {
        **os.environ, "PYTHONPATH": str(EXAMPLES.parent), "VERIFY_CLI": str(cli.path), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, EXAMPLES / name], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    for words in WORDS[name]:
        assert words in done.stdout, done.stdout
