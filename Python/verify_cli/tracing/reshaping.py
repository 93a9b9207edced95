"""Operations that keep numbers and change their shape, or choose some of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import CaseError
from ..maps import Flatten, Reshape, Shape, Slice, Subsample
from .signals import BATCH, Builder, Signal


class Reshaping(Builder):
    """Each takes what PyTorch's function or method of its name takes."""

    def flatten(self, signal: Any, start_dim: int = 0, end_dim: int = -1) -> Signal:
        value = self._signal(signal)
        if value.shape is None and (start_dim, end_dim) == (1, -1):
            return self._mapped(value, Flatten(), None)
        shape = self._shape(value)
        first, last = start_dim % (len(shape) + 1), end_dim % (len(shape) + 1)
        if first == 0:
            raise CaseError("flattens the examples together; say start_dim=1")
        return self._reshaped(value, (*shape[:first - 1], math.prod(shape[first - 1:last]), *shape[last:]))

    def reshape(self, signal: Any, *sizes: Any) -> Signal:
        value = self._signal(signal)
        if len(sizes) == 1 and isinstance(sizes[0], list | tuple):
            sizes = tuple(sizes[0])
        shape = self._shape(value)
        first, rest = sizes[0], list(sizes[1:])
        if not all(isinstance(each, int) for each in rest):
            raise CaseError("expected numbers behind the number of examples")
        if rest.count(-1) == 1:
            known = -math.prod(rest)
            rest[rest.index(-1)] = math.prod(shape) // max(known, 1)
        if first is not BATCH and first != -1 and first != self.examples or math.prod(rest) != math.prod(shape):
            raise CaseError(f"cannot bring examples of shape {shape} into {sizes}; keep the first axis as it is")
        return self._reshaped(value, tuple(rest))

    def squeeze(self, signal: Any, dim: int | None = None) -> Signal:
        value = self._signal(signal)
        shape = self._shape(value)
        if dim is None or dim % (len(shape) + 1) == 0:
            raise CaseError("expected an axis behind the examples")
        axis = dim % (len(shape) + 1) - 1
        return self._reshaped(value, (*shape[:axis], *([] if shape[axis] == 1 else [shape[axis]]), *shape[axis + 1:]))

    def unsqueeze(self, signal: Any, dim: int) -> Signal:
        value = self._signal(signal)
        shape = self._shape(value)
        axis = dim % (len(shape) + 2) - 1
        if axis < 0:
            raise CaseError("expected an axis behind the examples")
        return self._reshaped(value, (*shape[:axis], 1, *shape[axis:]))

    def item(self, value: Any, index: Any) -> Any:
        if not isinstance(value, Signal):
            return value[index]
        shape = self._shape(value)
        indices = index if isinstance(index, tuple) else (index,)
        if indices[0] not in (slice(None), Ellipsis) or not all(is_basic(each) for each in indices):
            raise CaseError("expected all examples, and numbers or ranges behind them: x[:, …]")
        if indices[0] == slice(None):
            indices = indices[1:]
        places = np.arange(math.prod(shape)).reshape(shape)
        try:
            chosen = places[indices]
        except IndexError as error:
            raise CaseError(f"{error}, in examples of shape {shape}") from error
        return self._chosen(value, chosen, shape)

    def unbind(self, signal: Any, dim: int = 0) -> tuple[Signal, ...]:
        value = self._signal(signal)
        shape = self._shape(value)
        axis = dim % (len(shape) + 1) - 1
        if axis < 0:
            raise CaseError("takes the examples apart")
        return tuple(
            self.item(value, (slice(None), *[slice(None)] * axis, place)) for place in range(shape[axis]))

    def split(self, signal: Any, size: int, dim: int = 0) -> tuple[Signal, ...]:
        value = self._signal(signal)
        shape = self._shape(value)
        axis = dim % (len(shape) + 1) - 1
        if axis < 0 or not isinstance(size, int):
            raise CaseError("expected one size, along an axis behind the examples")
        before = (slice(None), *[slice(None)] * axis)
        return tuple(
            self.item(value, (*before, slice(start, start + size))) for start in range(0, shape[axis], size))

    def chunk(self, signal: Any, chunks: int, dim: int = 0) -> tuple[Signal, ...]:
        shape = self._shape(self._signal(signal))
        axis = dim % (len(shape) + 1) - 1
        return self.split(signal, -(-shape[max(axis, 0)] // chunks), dim)

    def size(self, value: Any, dim: int | None = None) -> Any:
        shape = (BATCH, *self._shape(self._signal(value)))
        return shape if dim is None else shape[dim]

    def _reshaped(self, signal: Signal, shape: Shape) -> Signal:
        if shape == signal.shape:
            return signal
        return self._mapped(signal, Flatten() if len(shape) == 1 else Reshape(shape), shape)

    def _chosen(self, signal: Signal, chosen: Any, shape: Shape) -> Signal:
        """Some of the numbers of an example, by their places in it."""
        flat = chosen.ravel()
        if flat.size == 0:
            raise CaseError("nothing is left of the examples")
        if flat.size == math.prod(shape):
            return self._reshaped(signal, tuple(chosen.shape))
        if np.array_equal(flat, np.arange(flat[0], flat[0] + flat.size)):
            part = self._mapped(signal, Slice(int(flat[0]), int(flat.size)), (int(flat.size),))
            return self._reshaped(part, tuple(chosen.shape))
        if chosen.ndim == len(shape) > 1 and chosen.shape[0] == shape[0] and flat[0] == 0:
            each = Subsample(strides(shape, chosen))
            places = np.arange(float(math.prod(shape))).reshape(1, *shape)
            if np.array_equal(each.apply(places, {})[0], chosen):
                return self._mapped(signal, each, tuple(chosen.shape))
        raise CaseError(
            "chooses numbers that do not stand together; supported are consecutive numbers of the flattened "
            "example and every k-th place behind the channels")


def strides(shape: Shape, chosen: Any) -> Shape:
    """The steps between neighbouring places that were chosen; the whole axis where only one was."""
    first = np.array(np.unravel_index(int(chosen.flat[0]), shape))
    steps = []
    for axis in range(1, len(shape)):
        if chosen.shape[axis] == 1:
            steps.append(shape[axis])
        else:
            neighbour = chosen.take(1, axis=axis).flat[0]
            steps.append(int((np.array(np.unravel_index(int(neighbour), shape)) - first)[axis]))
    return tuple(max(step, 1) for step in steps)


def is_basic(index: Any) -> bool:
    if isinstance(index, slice):
        return all(each is None or isinstance(each, int) for each in (index.start, index.stop, index.step))
    return index is Ellipsis or (isinstance(index, int) and not isinstance(index, bool))
