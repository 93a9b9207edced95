"""The installed wheel, alone: no Swift, no torch, no search path."""

import subprocess
import sys
from pathlib import Path

import numpy as np

import verify_cli
from verify_cli import Case, Layer, VerifyCLI

assert "site-packages" in verify_cli.__file__, verify_cli.__file__
generator = np.random.default_rng(1)
layers = tuple(Layer(generator.normal(size=shape), np.zeros(shape[0])) for shape in [(6, 5), (3, 6)])
case = Case(layers, generator.normal(size=(2, 5)), np.eye(3)[:2], ("tanh",), "softmax-cross-entropy")
cli = VerifyCLI()
assert cli.path.parent.name == "program", cli.path
exact = cli.prox(case, alpha=10.0)
report = exact.report.iloc[0]
assert report.isExact and report.lossAfter < report.lossBefore
assert cli.audit(case, case.with_layers(exact.layers), [10.0]).verdict == "implicit"
# The command finds its program whatever the environment says, also where that names the command itself.
command = Path(sys.executable).parent / "verify-cli"
version = subprocess.run(
    [command, "--version"], capture_output=True, text=True, check=True, timeout=60, env={"VERIFY_CLI": str(command)})
print(f"installed wheel: verify-cli {version.stdout.strip()}, exact update with residual "
      f"{report.implicitResidual:.1e}: ok")
