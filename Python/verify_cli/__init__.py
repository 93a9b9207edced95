"""Cases from PyTorch or JAX to `verify-cli`, and its answers as pandas data frames.

`verify_cli.pytorch` and `verify_cli.pytree` make cases, `VerifyCLI` runs the program on them.
"""

from .arrays import Activation, Loss
from .case import Case, Layer, read_layers, read_weights
from .errors import CaseError, UnsolvedError, VerifyError
from .graph import GraphCase
from .tool import Audit, ExactUpdate, VerifyCLI

__all__ = [
    "Activation", "Audit", "Case", "CaseError", "ExactUpdate", "GraphCase", "Layer", "Loss", "UnsolvedError",
    "VerifyCLI", "VerifyError", "read_layers", "read_weights",
]
