"""Which modules, functions and methods of PyTorch are which operations; all others are refused."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ..arrays import Activation
from ..errors import CaseError
from .operations import Operations
from .signals import BATCH, Signal


def advice(module: nn.Module) -> str:
    kind = type(module).__name__
    if "MaxPool" in kind:
        return "max-pooling is not supported; use average pooling"
    if "Norm" in kind:
        return "normalisation is not linear in the rates, so no graph has it"
    if kind in ("Softmax", "LogSoftmax"):
        return "leave it out; softmax-cross-entropy takes logits"
    if kind in ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"):
        return "unsupported; unroll a recurrence of nn.Linear layers, e.g. torch.tanh(self.ih(x[:, t]) + self.hh(h))"
    return (
        "unsupported; expected nn.Linear, nn.Conv1d, nn.Conv2d, nn.AvgPool1d, nn.AvgPool2d, nn.Flatten, nn.ReLU, "
        "nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.Softplus, nn.GELU or nn.Identity themselves, no subclasses")


def _convolution_module(axes: int) -> Callable[..., Signal]:
    def read(reader: Operations, module: Any, signal: Any) -> Signal:
        if module.padding_mode != "zeros":
            raise CaseError(f"padding_mode={module.padding_mode!r} is not supported")
        return reader.convolve(
            signal, reader.parameters[module.weight], None if module.bias is None else reader.parameters[module.bias],
            module.stride, module.padding, module.dilation, module.groups, axes=axes)
    return read


def _linear_module(reader: Operations, module: Any, signal: Any) -> Signal:
    return reader.linear(
        signal, reader.parameters[module.weight], None if module.bias is None else reader.parameters[module.bias])


def _activation(activation: Activation) -> Callable[..., Signal]:
    return lambda reader, signal, inplace=False: reader.activate(signal, activation)


def _activation_module(activation: Activation) -> Callable[..., Signal]:
    return lambda reader, module, signal: reader.activate(signal, activation)


#: Module types that are read as they are; subclasses are traced into.
MODULES: dict[type[nn.Module], Callable[..., Any]] = {
    nn.Linear: _linear_module, nn.Conv1d: _convolution_module(1), nn.Conv2d: _convolution_module(2),
    nn.AvgPool1d: lambda r, m, x: r.pool(
        x, m.kernel_size, m.stride, m.padding, m.ceil_mode, m.count_include_pad, axes=1),
    nn.AvgPool2d: lambda r, m, x: r.pool(
        x, m.kernel_size, m.stride, m.padding, m.ceil_mode, m.count_include_pad, m.divisor_override, axes=2),
    nn.AdaptiveAvgPool1d: lambda r, m, x: r.adaptive_pool(x, m.output_size, axes=1),
    nn.AdaptiveAvgPool2d: lambda r, m, x: r.adaptive_pool(x, m.output_size, axes=2),
    nn.Flatten: lambda r, m, x: r.flatten(x, m.start_dim, m.end_dim),
    nn.Unflatten: lambda r, m, x: r.reshape(x, BATCH, *(m.unflattened_size if m.dim == 1 else [None])),
    nn.Identity: lambda r, m, x: r.unchanged(x),
    nn.ReLU: _activation_module("relu"), nn.Tanh: _activation_module("tanh"),
    nn.Sigmoid: _activation_module("sigmoid"),
    nn.LeakyReLU: lambda r, m, x: r.leaky(x, m.negative_slope),
    nn.Softplus: lambda r, m, x: r.softplus(x, m.beta, m.threshold),
    nn.GELU: lambda r, m, x: r.gelu(x, m.approximate),
    **{kind: lambda r, m, x: r.dropout(x, m.p, m.training)
       for kind in (nn.Dropout, nn.AlphaDropout, nn.Dropout1d, nn.Dropout2d)},
}

_POOLS = {
    1: lambda r, x, *a, **k: r.pool(x, *a, **k, axes=1), 2: lambda r, x, *a, **k: r.pool(x, *a, **k, axes=2)}
_ADAPTIVE = {
    1: lambda r, x, s: r.adaptive_pool(x, s, axes=1), 2: lambda r, x, s: r.adaptive_pool(x, s, axes=2)}
_CONVOLUTIONS = {
    1: lambda r, x, *a, **k: r.convolve(x, *a, **k, axes=1), 2: lambda r, x, *a, **k: r.convolve(x, *a, **k, axes=2)}

#: Functions by themselves.
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    F.linear: Operations.linear, F.conv1d: _CONVOLUTIONS[1], F.conv2d: _CONVOLUTIONS[2],
    torch.conv1d: _CONVOLUTIONS[1], torch.conv2d: _CONVOLUTIONS[2],
    F.avg_pool1d: _POOLS[1], F.avg_pool2d: _POOLS[2],
    F.adaptive_avg_pool1d: _ADAPTIVE[1], F.adaptive_avg_pool2d: _ADAPTIVE[2],
    F.relu: _activation("relu"), torch.relu: _activation("relu"), F.relu_: _activation("relu"),
    torch.relu_: _activation("relu"), torch.tanh: _activation("tanh"), F.tanh: _activation("tanh"),
    torch.sigmoid: _activation("sigmoid"), F.sigmoid: _activation("sigmoid"),
    F.leaky_relu: Operations.leaky, F.softplus: Operations.softplus, F.gelu: Operations.gelu, F.dropout: Operations.dropout,
    torch.flatten: Operations.flatten, torch.reshape: Operations.reshape, torch.squeeze: Operations.squeeze,
    torch.unsqueeze: Operations.unsqueeze, torch.mean: Operations.mean, torch.unbind: Operations.unbind,
    torch.chunk: Operations.chunk, torch.split: Operations.split,
    torch.add: Operations.add, operator.add: Operations.add, operator.iadd: Operations.add,
    torch.sub: Operations.subtract, operator.sub: Operations.subtract, operator.isub: Operations.subtract,
    torch.mul: Operations.scale, operator.mul: Operations.scale, operator.imul: Operations.scale,
    torch.div: Operations.divide, operator.truediv: Operations.divide, operator.itruediv: Operations.divide,
    operator.neg: lambda r, x: r.scale(x, -1), torch.neg: lambda r, x: r.scale(x, -1),
    torch.matmul: Operations.multiply_matrices, operator.matmul: Operations.multiply_matrices,
    torch.mm: Operations.multiply_matrices, torch.t: Operations.transpose, torch.transpose: Operations.transpose,
    operator.getitem: Operations.item, getattr: Operations.attribute,
}

#: Methods by name.
METHODS: dict[str, Callable[..., Any]] = {
    "relu": _activation("relu"), "relu_": _activation("relu"), "tanh": _activation("tanh"),
    "sigmoid": _activation("sigmoid"), "flatten": Operations.flatten, "view": Operations.reshape,
    "reshape": Operations.reshape, "squeeze": Operations.squeeze, "unsqueeze": Operations.unsqueeze, "mean": Operations.mean,
    "add": Operations.add, "add_": Operations.add, "sub": Operations.subtract, "mul": Operations.scale, "div": Operations.divide,
    "neg": lambda r, x: r.scale(x, -1), "matmul": Operations.multiply_matrices, "mm": Operations.multiply_matrices,
    "t": Operations.transpose, "transpose": Operations.transpose, "size": Operations.size,
    "dim": lambda r, x: len(r.size(x)), "unbind": Operations.unbind, "chunk": Operations.chunk, "split": Operations.split,
    "contiguous": Operations.unchanged, "clone": Operations.unchanged,
}

#: Arithmetic of plain numbers, such as those of shapes.
PLAIN: dict[Any, Callable[..., Any]] = {
    each: each for each in (
        operator.add, operator.sub, operator.mul, operator.floordiv, operator.getitem, operator.neg, math.prod)}

#: Operations that overwrite their first argument.
IN_PLACE = {operator.iadd, operator.isub, operator.imul, operator.itruediv, F.relu_, torch.relu_, "relu_", "add_"}
