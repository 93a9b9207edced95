"""Cases from PyTorch or JAX to `verify-cli`, and its answers as pandas data frames.

`verify_cli.pytorch` and `verify_cli.pytree` make cases, `VerifyCLI` runs the program on them.
"""

from .case import Activation, Case, Layer, Loss, read_layers
from .errors import CaseError, UnsolvedError, VerifyError
from .tool import Audit, ExactUpdate, VerifyCLI

__all__ = [
    "Activation", "Audit", "Case", "CaseError", "ExactUpdate", "Layer", "Loss", "UnsolvedError",
    "VerifyCLI", "VerifyError", "read_layers",
]
