"""A network before a step, a mini-batch and a loss: what `verify-cli` reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from .errors import CaseError

Array = NDArray[np.floating[Any]]
Activation = Literal["identity", "relu", "leaky-relu", "tanh", "sigmoid", "softplus", "gelu"]
Loss = Literal["squared-error", "softmax-cross-entropy", "sigmoid-cross-entropy"]

ACTIVATIONS: tuple[Activation, ...] = (
    "identity", "relu", "leaky-relu", "tanh", "sigmoid", "softplus", "gelu",
)
LOSSES: tuple[Loss, ...] = ("squared-error", "softmax-cross-entropy", "sigmoid-cross-entropy")


@dataclass(frozen=True)
class Layer:
    """One layer: `weight` is out × in, `bias` has one entry for each output, or is `None`."""

    weight: Array
    bias: Array | None = None


@dataclass(frozen=True)
class Case:
    """A case: layers from input to output, a batch with one example in each row, a loss.

    Losses are those of the toolkit, of one example: squared error ½‖h − y‖², softmax and sigmoid
    cross-entropy summed over outputs. The mini-batch loss is their mean over the examples.

    Attributes:
        layers: linear layers; the last one's outputs are the logits.
        x: inputs, B × in.
        y: targets, B × out; for softmax probabilities that sum to 1 in each row.
        activations: one for each hidden layer.
        loss: the name of the loss.
    """

    layers: tuple[Layer, ...]
    x: Array
    y: Array
    activations: tuple[Activation, ...]
    loss: Loss

    def __post_init__(self) -> None:
        if not self.layers:
            raise CaseError("there is no linear layer")
        if self.loss not in LOSSES:
            raise CaseError(f"there is no loss {self.loss!r}; expected one of {', '.join(LOSSES)}")
        unknown = [name for name in self.activations if name not in ACTIVATIONS]
        if unknown:
            known = ", ".join(ACTIVATIONS)
            raise CaseError(f"there is no activation {unknown[0]!r}; expected one of {known}")
        if len(self.activations) != len(self.layers) - 1:
            raise CaseError(
                f"{len(self.activations)} activations for {len(self.layers) - 1} hidden layers")
        self._check_layers()
        self._check_batch()

    def _check_layers(self) -> None:
        width: int | None = None
        for number, layer in enumerate(self.layers):
            name = f"layers.{number}"
            shape = layer.weight.shape
            if len(shape) != 2:
                raise CaseError(f"{name}.weight has shape {shape}, expected (out, in)")
            if width is not None and shape[1] != width:
                raise CaseError(
                    f"{name}.weight takes {shape[1]} inputs, but the layer before has {width} outputs")
            width = shape[0]
            if layer.bias is not None and layer.bias.shape != (width,):
                raise CaseError(f"{name}.bias has shape {layer.bias.shape}, expected ({width},)")

    def _check_batch(self) -> None:
        inputs, outputs = self.layers[0].weight.shape[1], self.layers[-1].weight.shape[0]
        if self.x.ndim != 2 or self.x.shape[1] != inputs:
            raise CaseError(f"x has shape {self.x.shape}, expected (B, {inputs})")
        if self.y.shape != (self.x.shape[0], outputs):
            raise CaseError(f"y has shape {self.y.shape}, expected ({self.x.shape[0]}, {outputs})")
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

    def with_layers(self, layers: Sequence[Layer]) -> Case:
        """The same case with other weights."""
        return replace(self, layers=tuple(layers))

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the case as safetensors, with the activations and the loss as metadata."""
        tensors = {"x": self.x, "y": self.y}
        for number, layer in enumerate(self.layers):
            tensors[f"layers.{number}.weight"] = layer.weight
            if layer.bias is not None:
                tensors[f"layers.{number}.bias"] = layer.bias
        metadata: dict[str, str] = {"loss": self.loss}
        if self.activations:
            metadata["activation"] = ",".join(self.activations)
        contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        save_file(contiguous, path, metadata=metadata)


def read_layers(path: str | PathLike[str]) -> tuple[Layer, ...]:
    """The layers of a safetensors file, such as `verify-cli prox --output` writes."""
    with safe_open(path, framework="numpy") as file:
        names = set(file.keys())
        count = sum(name.startswith("layers.") and name.endswith(".weight") for name in names)
        return tuple(
            Layer(
                file.get_tensor(f"layers.{n}.weight"),
                file.get_tensor(f"layers.{n}.bias") if f"layers.{n}.bias" in names else None)
            for n in range(count))


def targets(y: Any, loss: Loss, outputs: int) -> Array:
    """Targets as rows: class labels (integers, one for each example) become one-hot for softmax."""
    array = np.asarray(y)
    if array.ndim == 1 and loss == "softmax-cross-entropy":
        if not np.issubdtype(array.dtype, np.integer):
            raise CaseError(f"class labels must be integers, found {array.dtype}")
        if array.size and not (0 <= array.min() and array.max() < outputs):
            raise CaseError(
                f"class labels from {array.min()} to {array.max()} do not fit {outputs} outputs")
        one_hot: Array = np.eye(outputs)[array]
        return one_hot
    return floating(array, "y")


def floating(array: Any, name: str) -> Array:
    """The numbers as F64 or F32, exactly; narrower floats are refused and integers widened."""
    result: Array = np.asarray(array)
    if result.dtype in (np.float32, np.float64):
        return result
    if np.issubdtype(result.dtype, np.integer) or result.dtype == np.bool_:
        return np.array(result, dtype=np.float64)
    raise CaseError(f"{name} is {result.dtype}; convert it to float32 or float64 first")
