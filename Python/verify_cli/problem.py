"""What every case is, a chain of dense layers or a graph: weights, a mini-batch, a loss, and outputs to check."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from .arrays import LOSSES, Array, Loss
from .errors import CaseError


class Problem(ABC):
    """A network with weights, a mini-batch with one example in each row, and a loss.

    Losses are those of the toolkit, of one example: squared error ½‖h − y‖², softmax and sigmoid
    cross-entropy summed over outputs. The mini-batch loss is their mean over the examples.
    """

    x: Array
    y: Array
    loss: Loss

    @property
    @abstractmethod
    def weights(self) -> Mapping[str, Array]:
        """The weights by the names that they have in the file."""

    @abstractmethod
    def with_weights(self, weights: Mapping[str, Array]) -> Problem:
        """The same case with other weights; names and shapes must be the same."""

    @abstractmethod
    def architecture(self) -> dict[str, str]:
        """The network without its weights, as metadata of the file."""

    @abstractmethod
    def logits(self) -> Array:
        """The outputs of the network for each example, B × out, in double precision."""

    def mean_loss(self) -> float:
        """The mini-batch loss of this case, in double precision."""
        return float(LOSSES[self.loss](self.logits(), np.asarray(self.y, dtype=np.float64)).mean())

    @property
    def has_single_precision(self) -> bool:
        """Whether weights or inputs are F32."""
        return self.x.dtype == np.float32 or any(w.dtype == np.float32 for w in self.weights.values())

    def check_against(self, logits: Any) -> None:
        """Checks that these are the outputs that the user's own network gives for `x`.

        Whatever the case misses of a network (a transposed kernel, another activation, a layer left
        out) changes its outputs on the batch. They must agree to 1e-6 of the largest output, and to
        1e-4 where weights or inputs are single precision.

        Raises:
            CaseError: if they differ, with both losses.
        """
        theirs = np.asarray(logits, dtype=np.float64)
        ours = self.logits()
        if theirs.shape != ours.shape:
            raise CaseError(
                f"the network's outputs have shape {theirs.shape}, those of the case {ours.shape}: "
                "the case is not this network")
        # Outputs and not losses, because softmax is blind to a shift.
        tolerance = 1e-4 if self.has_single_precision else 1e-6
        scale = max(float(np.abs(ours).max()), float(np.abs(theirs).max()), np.finfo(np.float64).tiny)
        distance = float(np.abs(ours - theirs).max())
        if not distance <= tolerance * scale:
            found = float(LOSSES[self.loss](theirs, np.asarray(self.y, dtype=np.float64)).mean())
            raise CaseError(
                f"the case is not this network: its loss on the batch is {self.mean_loss():.10g}, the "
                f"network's own {found:.10g} (outputs differ by {distance:.1e}); look for another "
                "activation, a transposed kernel, another order of layers, or a layer that is left out")

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the case as safetensors, with network, loss and reduction as metadata."""
        tensors = {**self.weights, "x": self.x, "y": self.y}
        contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        save_file(
            contiguous, path, metadata={**self.architecture(), "loss": self.loss, "reduction": "mean"})

    def _check_targets(self, outputs: int) -> None:
        """Checks the loss by name, the size of the batch, and the targets."""
        if self.loss not in LOSSES:
            raise CaseError(f"there is no loss {self.loss!r}; expected one of {', '.join(LOSSES)}")
        if self.y.shape != (self.x.shape[0], outputs):
            raise CaseError(
                f"y has shape {self.y.shape}, expected ({self.x.shape[0]}, {outputs})"
                f"{reshaping('y', self.y, outputs)}")
        if self.x.shape[0] == 0:
            raise CaseError("the batch is empty")
        if self.loss == "softmax-cross-entropy":
            sums = self.y.sum(axis=1)
            wrong = np.flatnonzero((np.abs(sums - 1) > 1e-5) | (self.y < 0).any(axis=1))
            if wrong.size:
                raise CaseError(
                    f"y[{wrong[0]}] is neither one-hot nor a probability distribution (its sum is "
                    f"{sums[wrong[0]]:g}); give class labels as integers, or another loss")
        if self.loss == "sigmoid-cross-entropy" and ((self.y < 0) | (self.y > 1)).any():
            raise CaseError("sigmoid-cross-entropy takes targets between 0 and 1")


def reshaping(name: str, array: Array, width: int) -> str:
    """The call that gives the array its expected shape, if there is one."""
    if array.ndim > 2 and array.shape[0] * width == array.size:
        return f"; call {name}.reshape(len({name}), -1) first"
    if array.ndim == 1 and array.size == width:
        return f"; for one example call {name}.reshape(1, -1) first"
    return ""


def require_same_names(old: Mapping[str, Array], new: Mapping[str, Array]) -> None:
    """Checks that new weights have the names and shapes of the old ones."""
    for name, tensor in old.items():
        if name not in new:
            raise CaseError(f"the new weights lack {name}")
        if new[name].shape != tensor.shape:
            raise CaseError(f"{name} has shape {new[name].shape}, expected {tensor.shape}")
    if extra := sorted(set(new) - set(old)):
        raise CaseError(f"the case has no weights {', '.join(extra)}")
