"""Operations that compute: layers, pooling, sums, factors, activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import Activation
from ..errors import CaseError
from ..graph import Edge
from ..maps import AveragePool, Convolution, Dense, Scale
from ..modules import Reference
from .reshaping import Reshaping
from .signals import Signal, is_number, kind, tuple_of


class Operations(Reshaping):
    """Each takes what PyTorch's function of its name takes."""

    def activate(self, signal: Any, activation: Activation) -> Signal:
        value = self._signal(signal)
        if activation == "identity":
            return value
        edge = value.edges[0]
        layers = [each for each in edge.maps if isinstance(each, Dense | Convolution)]
        if len(value.edges) == 1 and layers:
            name = layers[0].weight.removesuffix(".weight")
        else:
            name = "sum" if len(value.edges) > 1 else activation
        return self._node(value, name, activation)

    def linear(self, signal: Any, weight: Any, bias: Any = None) -> Signal:
        value = self._signal(signal)
        matrix = self._reference(weight, 2)
        offset = self._offset(bias, matrix.shape[0])
        if value.shape is not None and value.shape != matrix.shape[1:]:
            raise CaseError(
                f"takes vectors of {matrix.shape[1]} numbers, found the shape {value.shape}"
                + ("; call flatten first" if math.prod(value.shape) == matrix.shape[1] else ""))
        return self._layer(value, Dense(matrix.name, offset, matrix.transposed), matrix.shape[:1])

    def convolve(
        self, signal: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: int = 1, *, axes: int,
    ) -> Signal:
        value = self._signal(signal)
        kernel = self._reference(weight, axes + 2)
        if any(each != 1 for each in tuple_of(dilation, axes)):
            raise CaseError(f"dilation {dilation} is not supported")
        strides, size = tuple_of(stride, axes), kernel.shape[2:]
        if padding == "same":
            if any(each % 2 == 0 for each in size) or any(each != 1 for each in strides):
                raise CaseError("padding='same' needs odd kernels and stride 1")
            padding = tuple(each // 2 for each in size)
        pads = tuple_of(0 if padding == "valid" else padding, axes)
        each = Convolution(kernel.name, self._offset(bias, kernel.shape[0]), strides, pads, groups)
        shape = each.shape(self._shape(value), {kernel.name: np.empty(kernel.shape)})
        return self._layer(value, each, shape)

    def pool(
        self, signal: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, axes: int,
    ) -> Signal:
        value = self._signal(signal)
        size, pads = tuple_of(kernel_size, axes), tuple_of(padding, axes)
        strides = size if stride is None or stride == [] else tuple_of(stride, axes)
        if ceil_mode or divisor_override is not None or (not count_include_pad and any(pads)):
            raise CaseError("expected ceil_mode=False, count_include_pad=True and no divisor_override")
        each = AveragePool(size, strides, pads)
        return self._mapped(value, each, each.shape(self._shape(value), {}))

    def adaptive_pool(self, signal: Any, output_size: Any, *, axes: int) -> Signal:
        value = self._signal(signal)
        places = self._shape(value)[1:]
        wanted = tuple(
            there if each is None else each for each, there in zip(tuple_of(output_size, axes), places, strict=True))
        if any(there % each for there, each in zip(places, wanted, strict=True)):
            raise CaseError(f"{places} places do not divide into {wanted} equal windows")
        size = tuple(there // each for there, each in zip(places, wanted, strict=True))
        return self.pool(value, size, axes=axes)

    def mean(self, signal: Any, dim: Any = None, keepdim: bool = False) -> Signal:
        value = self._signal(signal)
        shape = self._shape(value)
        axes = len(shape) - 1
        dims = sorted(each % (len(shape) + 1) for each in ([dim] if isinstance(dim, int) else dim or []))
        if not 1 <= axes <= 2 or dims != list(range(2, len(shape) + 1)):
            raise CaseError("a mean is supported over all axes behind the channels only")
        pooled = self.pool(value, shape[1:], axes=axes)
        return pooled if keepdim else self._reshaped(pooled, shape[:1])

    def add(self, one: Any, other: Any, *, alpha: float = 1) -> Any:
        if isinstance(one, Reference) or (is_number(one) and one == 0):
            if alpha != 1:
                raise CaseError("alpha is supported between values that depend on the input only")
            one, other = other, one
        value = self._signal(one)
        if is_number(other):
            if other != 0:
                raise CaseError(f"adds the constant {other}, which is no parameter")
            return value
        if isinstance(other, Reference):
            return self._with_bias(value, other)
        right = self.scale(other, alpha)
        if self._shape(value) != self._shape(right):
            raise CaseError(f"adds the shapes {value.shape} and {right.shape}")
        return Signal((*value.edges, *right.edges), value.shape)

    def subtract(self, one: Any, other: Any, *, alpha: float = 1) -> Any:
        return self.add(one, other if is_number(other) and other == 0 else self.scale(other, -1), alpha=alpha)

    def scale(self, signal: Any, factor: Any) -> Signal:
        if is_number(signal):
            signal, factor = factor, signal
        if isinstance(signal, Signal) and isinstance(factor, Signal | Reference):
            raise CaseError("multiplies two values, which is not linear in the parameters and the rates")
        value = self._signal(signal)
        if not is_number(factor) or not math.isfinite(factor):
            raise CaseError(f"expected a number as factor, found {kind(factor)}")
        return value if factor == 1 else self._mapped(value, Scale(float(factor)), value.shape)

    def divide(self, signal: Any, divisor: Any) -> Signal:
        if not is_number(divisor) or divisor == 0:
            raise CaseError(f"expected a number as divisor, found {kind(divisor)}")
        return self.scale(signal, 1 / divisor)

    def multiply_matrices(self, one: Any, other: Any) -> Signal:
        if isinstance(other, Reference):
            return self.linear(one, other.t())
        raise CaseError("a product is supported with a parameter as its right factor")

    def transpose(self, value: Any, first: int = 0, second: int = 1) -> Reference:
        if isinstance(value, Reference) and len(value.shape) == 2 and {first % 2, second % 2} == {0, 1}:
            return value.t()
        raise CaseError("transposes a value that depends on the input, which is not supported")

    def attribute(self, value: Any, name: str) -> Any:
        if name == "shape":
            return self.size(value)
        if name in ("T", "mT"):
            return self.transpose(value)
        raise CaseError(f"reads .{name} of a value that depends on the input")

    def unchanged(self, signal: Any, *_: Any, **__: Any) -> Signal:
        return self._signal(signal)

    def dropout(self, signal: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Signal:
        if training and p:
            raise CaseError("the step would be random; call model.eval(), or leave it out")
        return self._signal(signal)

    def leaky(self, signal: Any, negative_slope: float = 0.01, inplace: bool = False) -> Signal:
        return self._with_defaults(signal, "leaky-relu", negative_slope == 0.01)

    def softplus(self, signal: Any, beta: float = 1, threshold: float = 20) -> Signal:
        return self._with_defaults(signal, "softplus", beta == 1 and threshold >= 20)

    def gelu(self, signal: Any, approximate: str = "none") -> Signal:
        return self._with_defaults(signal, "gelu", approximate == "none")

    def _with_defaults(self, signal: Any, activation: Activation, fine: bool) -> Signal:
        if not fine:
            raise CaseError(
                "expected the defaults of its constants "
                "(negative_slope=0.01, beta=1, threshold=20, approximate='none')")
        return self.activate(signal, activation)

    def _with_bias(self, signal: Signal, bias: Reference) -> Signal:
        """`x @ W + b`: the bias joins the layer that stands last on the one edge."""
        edge = signal.edges[0]
        last = edge.maps[-1] if edge.maps else None
        if len(signal.edges) != 1 or not isinstance(last, Dense) or last.bias is not None:
            raise CaseError(f"adds the parameter {bias.name} to something else than a product with a weight")
        offset = self._offset(bias, signal.shape[0] if signal.shape else -1)
        with_bias = Dense(last.weight, offset, last.transposed)
        return Signal((Edge(edge.source, (*edge.maps[:-1], with_bias)),), signal.shape)
