"""A network before a step, a mini-batch and a loss: what `verify-cli` reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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


def _sigmoid(h: Array) -> Array:
    half: Array = np.tanh(h / 2)
    return 0.5 * (1 + half)


def _gelu(h: Array) -> Array:
    erf: Array = np.vectorize(math.erf, otypes=[np.float64])(h / math.sqrt(2))
    return 0.5 * h * (1 + erf)


ACTIVATIONS: dict[Activation, Callable[[Array], Array]] = {
    "identity": lambda h: h,
    "relu": lambda h: np.maximum(h, 0),
    "leaky-relu": lambda h: np.where(h > 0, h, 0.01 * h),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "softplus": lambda h: np.logaddexp(0, h),
    "gelu": _gelu,
}

LOSSES: dict[Loss, Callable[[Array, Array], Array]] = {
    "squared-error": lambda h, y: ((h - y) ** 2).sum(axis=1) / 2,
    "softmax-cross-entropy": lambda h, y: np.logaddexp.reduce(h, axis=1) * y.sum(axis=1)
    - (y * h).sum(axis=1),
    "sigmoid-cross-entropy": lambda h, y: (np.logaddexp(0, h) - y * h).sum(axis=1),
}


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
            raise CaseError(
                f"x has shape {self.x.shape}, expected (B, {inputs}){_reshaping('x', self.x, inputs)}")
        if self.y.shape != (self.x.shape[0], outputs):
            raise CaseError(
                f"y has shape {self.y.shape}, expected ({self.x.shape[0]}, {outputs})"
                f"{_reshaping('y', self.y, outputs)}")
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

    def logits(self) -> Array:
        """The outputs of the network for each example, B × out, in double precision."""
        rates: Array = np.asarray(self.x, dtype=np.float64)
        for number, layer in enumerate(self.layers):
            activity = rates @ np.asarray(layer.weight, dtype=np.float64).T
            if layer.bias is not None:
                activity = activity + layer.bias
            if number == len(self.layers) - 1:
                return activity
            rates = ACTIVATIONS[self.activations[number]](activity)
        return rates

    def mean_loss(self) -> float:
        """The mini-batch loss of this case, in double precision."""
        return float(LOSSES[self.loss](self.logits(), np.asarray(self.y, dtype=np.float64)).mean())

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
        single = any(layer.weight.dtype == np.float32 for layer in self.layers) or self.x.dtype == np.float32
        tolerance = 1e-4 if single else 1e-6
        scale = max(float(np.abs(ours).max()), float(np.abs(theirs).max()), np.finfo(np.float64).tiny)
        distance = float(np.abs(ours - theirs).max())
        if not distance <= tolerance * scale:
            found = float(LOSSES[self.loss](theirs, np.asarray(self.y, dtype=np.float64)).mean())
            raise CaseError(
                f"the case is not this network: its loss on the batch is {self.mean_loss():.10g}, the "
                f"network's own {found:.10g} (outputs differ by {distance:.1e}); look for another "
                "activation, a transposed kernel, another order of layers, or a layer that is left out")

    def with_layers(self, layers: Sequence[Layer]) -> Case:
        """The same case with other weights."""
        return replace(self, layers=tuple(layers))

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the case as safetensors, with activations, loss and reduction as metadata."""
        tensors = {"x": self.x, "y": self.y}
        for number, layer in enumerate(self.layers):
            tensors[f"layers.{number}.weight"] = layer.weight
            if layer.bias is not None:
                tensors[f"layers.{number}.bias"] = layer.bias
        metadata: dict[str, str] = {"loss": self.loss, "reduction": "mean"}
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
    """Targets as rows.

    Class labels (integers, one for each example) become one-hot for softmax; numbers, one for each
    example, become a column where the network has one output.
    """
    array = np.asarray(y)
    if array.ndim == 1 and loss == "softmax-cross-entropy":
        if not np.issubdtype(array.dtype, np.integer):
            raise CaseError(f"class labels must be integers, found {array.dtype}")
        if array.size and not (0 <= array.min() and array.max() < outputs):
            raise CaseError(
                f"class labels from {array.min()} to {array.max()} do not fit {outputs} outputs")
        one_hot: Array = np.eye(outputs)[array]
        return one_hot
    if array.ndim == 1 and outputs == 1:
        array = array[:, np.newaxis]
    return floating(array, "y")


def floating(array: Any, name: str) -> Array:
    """The numbers as F64 or F32, exactly; narrower floats are refused and integers widened."""
    result: Array = np.asarray(array)
    if result.dtype in (np.float32, np.float64):
        return result
    if np.issubdtype(result.dtype, np.integer) or result.dtype == np.bool_:
        return np.array(result, dtype=np.float64)
    raise CaseError(f"{name} is {result.dtype}; convert it to float32 or float64 first")


def number(value: Any, name: str) -> float:
    """One number: Python's, NumPy's or a tensor of a single element."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise CaseError(f"{name} must be one number, found {value!r}") from error


def _reshaping(name: str, array: Array, width: int) -> str:
    """The call that gives the array its expected shape, if there is one."""
    if array.ndim > 2 and array.shape[0] * width == array.size:
        return f"; call {name}.reshape(len({name}), -1) first"
    if array.ndim == 1 and array.size == width:
        return f"; for one example call {name}.reshape(1, -1) first"
    return ""
