"""A chain of dense layers before a step, a mini-batch and a loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike

import numpy as np
from safetensors import safe_open

from .arrays import ACTIVATIONS, Activation, Array, Loss
from .errors import CaseError
from .problem import Problem, require_same_names, reshaping


@dataclass(frozen=True)
class Layer:
    """One layer: `weight` is out × in, `bias` has one entry for each output, or is `None`."""

    weight: Array
    bias: Array | None = None


@dataclass(frozen=True)
class Case(Problem):
    """A chain of dense layers from input to output, a batch with one example in each row, a loss.

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
        unknown = [name for name in self.activations if name not in ACTIVATIONS]
        if unknown:
            known = ", ".join(ACTIVATIONS)
            raise CaseError(f"there is no activation {unknown[0]!r}; expected one of {known}")
        if len(self.activations) != len(self.layers) - 1:
            raise CaseError(
                f"{len(self.activations)} activations for {len(self.layers) - 1} hidden layers")
        self._check_layers()
        inputs = self.layers[0].weight.shape[1]
        if self.x.ndim != 2 or self.x.shape[1] != inputs:
            raise CaseError(
                f"x has shape {self.x.shape}, expected (B, {inputs}){reshaping('x', self.x, inputs)}")
        self._check_targets(self.layers[-1].weight.shape[0])

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

    @property
    def weights(self) -> Mapping[str, Array]:
        """`layers.N.weight` and `layers.N.bias`."""
        named: dict[str, Array] = {}
        for number, layer in enumerate(self.layers):
            named[f"layers.{number}.weight"] = layer.weight
            if layer.bias is not None:
                named[f"layers.{number}.bias"] = layer.bias
        return named

    def with_weights(self, weights: Mapping[str, Array]) -> Case:
        """The same case with other weights, by the names that they have in the file."""
        require_same_names(self.weights, weights)
        return self.with_layers(layers_of(weights))

    def with_layers(self, layers: Sequence[Layer]) -> Case:
        """The same case with other weights."""
        return replace(self, layers=tuple(layers))

    def architecture(self) -> dict[str, str]:
        """The activations; all else follows from the shapes of the weights."""
        return {"activation": ",".join(self.activations)} if self.activations else {}


def layers_of(weights: Mapping[str, Array]) -> tuple[Layer, ...]:
    """The layers of tensors named `layers.N.weight` and `layers.N.bias`."""
    count = sum(name.startswith("layers.") and name.endswith(".weight") for name in weights)
    return tuple(
        Layer(weights[f"layers.{n}.weight"], weights.get(f"layers.{n}.bias")) for n in range(count))


def read_weights(path: str | PathLike[str]) -> dict[str, Array]:
    """The weights of a safetensors file, such as `verify-cli prox --output` writes, by name."""
    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys() if name not in ("x", "y")}


def read_layers(path: str | PathLike[str]) -> tuple[Layer, ...]:
    """The layers of a safetensors file of a chain."""
    return layers_of(read_weights(path))
