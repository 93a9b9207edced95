"""A traced network in PyTorch's functions, so that its gradients can be compared with the model's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from .arrays import Activation
from .maps import AveragePool, Convolution, Dense, Flatten, Map, Reshape, Scale, Slice, Subsample
from .tracing import Traced

_ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "identity": lambda h: h, "relu": torch.relu, "leaky-relu": F.leaky_relu, "tanh": torch.tanh,
    "sigmoid": torch.sigmoid, "softplus": F.softplus, "gelu": F.gelu,
}


def gradients(
    traced: Traced, x: Tensor, y: Tensor, loss: Callable[[Tensor, Tensor], Tensor]
) -> dict[str, Tensor]:
    """∇L of the traced network, by the names of its tensors."""
    tensors = {name: tensor.detach().requires_grad_() for name, tensor in traced.parameters.by_name.items()}
    rates = {traced.network.input: x}
    result = x
    with torch.enable_grad():
        for node in traced.network.nodes:
            parts = []
            for edge in node.edges:
                part = rates[edge.source]
                for each in edge.maps:
                    part = _apply(each, part, tensors)
                parts.append(part)
            result = rates[node.name] = _ACTIVATIONS[node.activation](sum(parts[1:], start=parts[0]))
        slopes = torch.autograd.grad(loss(result, y), list(tensors.values()), allow_unused=True)
    return {
        name: torch.zeros_like(tensor) if slope is None else slope
        for (name, tensor), slope in zip(tensors.items(), slopes, strict=True)}


def _apply(each: Map, value: Tensor, tensors: Mapping[str, Tensor]) -> Tensor:
    if isinstance(each, Dense):
        weight = tensors[each.weight]
        return F.linear(value, weight.t() if each.transposed else weight, tensors[each.bias] if each.bias else None)
    if isinstance(each, Convolution):
        convolve = F.conv1d if len(each.stride) == 1 else F.conv2d
        bias = tensors[each.bias] if each.bias else None
        return convolve(value, tensors[each.weight], bias, each.stride, each.padding, 1, each.groups)
    if isinstance(each, AveragePool):
        pool = F.avg_pool1d if len(each.size) == 1 else F.avg_pool2d
        return pool(value, each.size, each.stride, each.padding)
    if isinstance(each, Flatten):
        return value.flatten(1)
    if isinstance(each, Reshape):
        return value.reshape(len(value), *each.to)
    if isinstance(each, Subsample):
        return value[(slice(None), slice(None), *(slice(None, None, stride) for stride in each.stride))]
    if isinstance(each, Slice):
        return value.flatten(1)[:, each.start:each.start + each.length]
    assert isinstance(each, Scale), each
    return each.factor * value
