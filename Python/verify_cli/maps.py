"""What stands on an edge of a network that is a graph: linear maps, with parameters or without.

Each knows its shape, its description in a case file, and what it computes; arrays are B × shape, in double precision.
Shapes are of one example. Convolutions and pooling have channels first and one or two further axes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .arrays import Array
from .errors import CaseError

Shape = tuple[int, ...]
Tensors = Mapping[str, Array]


class Map:
    """A linear map from the rates of one node towards the activity of another."""

    #: Whether it has weights. An edge has at most one such map.
    has_parameters = False

    def description(self) -> dict[str, Any]:
        """The map as the case file says it."""
        raise NotImplementedError

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        """The shape of its result.

        Raises:
            CaseError: if the map does not fit such inputs.
        """
        raise NotImplementedError

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        """Its result for a batch."""
        raise NotImplementedError


@dataclass(frozen=True)
class Dense(Map):
    """W a + b, or Wᵀ a + b; the tensor W is out × in, or in × out where it is transposed."""

    weight: str
    bias: str | None = None
    transposed: bool = False
    has_parameters = True

    def description(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"kind": "dense", "weight": self.weight}
        if self.bias is not None:
            entry["bias"] = self.bias
        if self.transposed:
            entry["transposed"] = True
        return entry

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        outputs, width = self._matrix(tensors).shape
        if inputs != (width,):
            raise CaseError(
                f"{self.weight} takes vectors of {width} numbers, found shape {inputs}; flatten first")
        return (outputs,)

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        result: Array = inputs @ self._matrix(tensors).T
        return result if self.bias is None else result + tensors[self.bias]

    def _matrix(self, tensors: Tensors) -> Array:
        return tensors[self.weight].T if self.transposed else tensors[self.weight]


@dataclass(frozen=True)
class Convolution(Map):
    """A convolution as PyTorch has it; weights are out × in/groups × kernel, one bias for each output channel."""

    weight: str
    bias: str | None
    stride: Shape
    padding: Shape
    groups: int = 1
    has_parameters = True

    def description(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"kind": "convolution", "weight": self.weight}
        if self.bias is not None:
            entry["bias"] = self.bias
        return entry | {
            "stride": list(self.stride), "padding": list(self.padding), "groups": self.groups}

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        weight = tensors[self.weight]
        channels = weight.shape[1] * self.groups
        if len(inputs) != weight.ndim - 1 or inputs[0] != channels:
            raise CaseError(
                f"{self.weight} takes {channels} channels with {weight.ndim - 2} further axes, found shape {inputs}")
        return (weight.shape[0], *_places(self.weight, inputs[1:], weight.shape[2:], self.stride, self.padding))

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        weight = tensors[self.weight]
        patches = _windows(inputs, weight.shape[2:], self.stride, self.padding)
        axes = weight.ndim - 2
        outputs = []
        for group, kernels in enumerate(np.split(weight, self.groups)):
            channels = patches[:, group * weight.shape[1]:(group + 1) * weight.shape[1]]
            # Channels and kernel axes are summed; batch × places × out remains.
            summed = [1, *range(2 + axes, 2 + 2 * axes)]
            outputs.append(np.tensordot(channels, kernels, (summed, range(1, 2 + axes))))
        result: Array = np.moveaxis(np.concatenate(outputs, axis=-1), -1, 1)
        if self.bias is not None:
            result = result + tensors[self.bias].reshape(-1, *[1] * axes)
        return result


@dataclass(frozen=True)
class AveragePool(Map):
    """The mean over windows; padding counts as zeros, as in PyTorch with `count_include_pad`."""

    size: Shape
    stride: Shape
    padding: Shape

    def description(self) -> dict[str, Any]:
        return {
            "kind": "average-pool", "size": list(self.size), "stride": list(self.stride),
            "padding": list(self.padding)}

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        if len(inputs) != len(self.size) + 1:
            raise CaseError(f"average pooling over {len(self.size)} axes of the shape {inputs}")
        return (inputs[0], *_places("average pooling", inputs[1:], self.size, self.stride, self.padding))

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        windows = _windows(inputs, self.size, self.stride, self.padding)
        result: Array = windows.mean(axis=tuple(range(-len(self.size), 0)))
        return result


@dataclass(frozen=True)
class Flatten(Map):
    """All numbers of an example as one vector."""

    def description(self) -> dict[str, Any]:
        return {"kind": "flatten"}

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        return (math.prod(inputs),)

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        return inputs.reshape(len(inputs), -1)


@dataclass(frozen=True)
class Reshape(Map):
    """The same numbers in the same order in another shape."""

    to: Shape

    def description(self) -> dict[str, Any]:
        return {"kind": "reshape", "shape": list(self.to)}

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        if math.prod(inputs) != math.prod(self.to):
            raise CaseError(f"the shape {inputs} cannot become {self.to}")
        return self.to

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        return inputs.reshape(len(inputs), *self.to)


@dataclass(frozen=True)
class Subsample(Map):
    """Every stride-th place along each axis behind the channels."""

    stride: Shape

    def description(self) -> dict[str, Any]:
        return {"kind": "subsample", "stride": list(self.stride)}

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        return (inputs[0], *(-(-n // s) for n, s in zip(inputs[1:], self.stride, strict=True)))

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        return inputs[(slice(None), slice(None), *(slice(None, None, s) for s in self.stride))]


@dataclass(frozen=True)
class Slice(Map):
    """Some consecutive numbers of the flattened example, as a vector."""

    start: int
    length: int

    def description(self) -> dict[str, Any]:
        return {"kind": "slice", "start": self.start, "length": self.length}

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        return (self.length,)

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        return inputs.reshape(len(inputs), -1)[:, self.start:self.start + self.length]


@dataclass(frozen=True)
class Scale(Map):
    """A fixed factor."""

    factor: float

    def description(self) -> dict[str, Any]:
        return {"kind": "scale", "factor": self.factor}

    def shape(self, inputs: Shape, tensors: Tensors) -> Shape:
        return inputs

    def apply(self, inputs: Array, tensors: Tensors) -> Array:
        return self.factor * inputs


def _places(name: str, inputs: Shape, size: Shape, stride: Shape, padding: Shape) -> Shape:
    places = tuple((n + 2 * p - k) // s + 1 for n, k, s, p in zip(inputs, size, stride, padding, strict=True))
    if min(places) < 1:
        raise CaseError(f"{name}: a window of {size} does not fit into {inputs} with padding {padding}")
    return places


def _windows(inputs: Array, size: Shape, stride: Shape, padding: Shape) -> Array:
    """Batch × channels × places × window."""
    padded = np.pad(inputs, [(0, 0), (0, 0), *((p, p) for p in padding)])
    every: Array = sliding_window_view(padded, size, axis=tuple(range(2, padded.ndim)))
    return every[(slice(None), slice(None), *(slice(None, None, s) for s in stride))]
