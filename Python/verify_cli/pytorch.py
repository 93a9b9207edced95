"""PyTorch: a model and a mini-batch to a case, and new weights back into the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from . import torch_maps
from .arrays import Array, Loss, floating, targets
from .case import Case, Layer
from .errors import CaseError
from .graph import GraphCase
from .maps import Dense, Flatten, Reshape
from .problem import Problem
from .tool import ExactUpdate
from .tracing import ShapeNeeded, Traced, trace


def case_from_torch(
    model: nn.Module, x: Tensor, y: Tensor, loss: Loss, *, check: bool = True
) -> Case | GraphCase:
    """The case of a model and a mini-batch.

    Args:
        model: any module that `torch.fx` can trace to these operations: `nn.Linear`, `nn.Conv1d`, `nn.Conv2d`,
            average pooling, flattening and reshaping, slices, sums, fixed factors, and the activations ReLU,
            LeakyReLU, Tanh, Sigmoid, Softplus, GELU and Identity; `nn.Dropout` in evaluation mode. Weights may be
            used at several places, also transposed by `F.linear(x, w.t())`. It ends with logits.
        x: inputs, one example in each row.
        y: targets, B × out; for softmax also class labels.
        loss: see `torch_loss` for how it relates to PyTorch's own losses.
        check: whether the model is evaluated on `x`: its outputs and its gradients must be those of the case.

    Returns:
        A `Case` where dense layers follow each other, else a `GraphCase`. Both are copies of the weights.

    Raises:
        CaseError: for whatever no case can express, by name: other modules and operations, parametrised, pruned or
            weight-normalised layers, hooks, memory that parameters share in part, parameters that are not used.
    """
    traced, chain = _traced(model, tuple(x.shape[1:]), len(x))
    if chain is None:
        case: Case | GraphCase = _graph_case(traced, x, y, loss)
    else:
        case = _chain_case(traced, chain, x, y, loss)
    if check:
        _check(model, traced, case, x)
    return case


def load_layers(model: nn.Module, layers: Sequence[Layer]) -> None:
    """Copies the layers of a chain into the model in place; its element type rounds them if it is narrower."""
    try:
        traced, chain = _traced(model, None, None)
    except ShapeNeeded:
        chain = None
    if chain is None:
        raise CaseError("the model is no chain of nn.Linear; give its exact update to load_update")
    if len(chain) != len(layers):
        raise CaseError(f"{len(layers)} layers for a model with {len(chain)}")
    for each, layer in zip(chain, layers, strict=True):
        parameter = traced.parameters.by_name[each.weight]
        if parameter.shape != layer.weight.shape:
            raise CaseError(f"weights of shape {layer.weight.shape} for {tuple(parameter.shape)}")
        if (each.bias is None) != (layer.bias is None):
            raise CaseError("the model and the weights differ in which layers have a bias")
    with torch.no_grad():
        for each, layer in zip(chain, layers, strict=True):
            traced.parameters.by_name[each.weight].copy_(torch.from_numpy(layer.weight))
            if each.bias is not None and layer.bias is not None:
                traced.parameters.by_name[each.bias].copy_(torch.from_numpy(layer.bias))


def load_update(model: nn.Module, update: ExactUpdate | Problem) -> None:
    """Copies the weights of an exact update, or of a case, into the model in place.

    Raises:
        CaseError: if they are not those of such a model; the model is then unchanged.
    """
    layers = update.layers if isinstance(update, ExactUpdate | Case) else ()
    if layers:
        load_layers(model, layers)
        return
    parameters = dict(model.named_parameters())
    for name, array in update.weights.items():
        if name not in parameters:
            raise CaseError(f"the model has no parameter {name}")
        if tuple(parameters[name].shape) != array.shape:
            raise CaseError(f"{name} has shape {array.shape}, the model's {tuple(parameters[name].shape)}")
    with torch.no_grad():
        for name, array in update.weights.items():
            parameters[name].copy_(torch.from_numpy(np.ascontiguousarray(array)))


def torch_loss(logits: Tensor, y: Tensor, loss: Loss) -> Tensor:
    """The toolkit's mini-batch loss, written in PyTorch: the mean over examples of

    `squared-error` ½‖h − y‖², `softmax-cross-entropy` −Σ y log softmax(h),
    `sigmoid-cross-entropy` the sum over outputs.

    `nn.CrossEntropyLoss()` is the same as the second. `nn.MSELoss()` is 2/d and
    `nn.BCEWithLogitsLoss()` 1/d of the others for d outputs, because they average over outputs as
    well: a step of theirs with learning rate α is one of ours with 2α/d and α/d.
    """
    if loss == "squared-error":
        return ((logits - y) ** 2).sum(dim=1).mean() / 2
    if loss == "softmax-cross-entropy":
        return nn.functional.cross_entropy(logits, y)
    if loss == "sigmoid-cross-entropy":
        terms = nn.functional.binary_cross_entropy_with_logits(logits, y, reduction="none")
        return terms.sum(dim=1).mean()
    raise CaseError(f"there is no loss {loss!r}")


def _traced(
    model: nn.Module, shape: tuple[int, ...] | None, examples: int | None
) -> tuple[Traced, list[Dense] | None]:
    """The model as a graph, and its dense layers if they follow each other.

    Dense layers need no shape. So a chain is read without, and an input that does not fit is named by the case.
    """
    try:
        traced = trace(model, None, examples)
        chain = _chain(traced)
        if chain is not None or shape is None:
            return traced, chain
    except ShapeNeeded:
        if shape is None:
            raise
    traced = trace(model, shape, examples)
    return traced, _chain(traced)


def _chain(traced: Traced) -> list[Dense] | None:
    """The dense layers of a graph in which each node follows the one before, with weights of its own."""
    source, layers = traced.network.input, []
    for number, node in enumerate(traced.network.nodes):
        if len(node.edges) != 1 or node.edges[0].source != source or not node.edges[0].maps:
            return None
        *before, last = node.edges[0].maps
        flattened = number == 0 and len(before) < 2 and all(isinstance(each, Flatten | Reshape) for each in before)
        if (before and not flattened) or not isinstance(last, Dense) or last.transposed:
            return None
        layers.append(last)
        source = node.name
    names = [name for layer in layers for name in (layer.weight, layer.bias) if name is not None]
    return layers if len(set(names)) == len(names) else None


def _chain_case(traced: Traced, chain: list[Dense], x: Tensor, y: Tensor, loss: Loss) -> Case:
    def array(name: str, tensor: str) -> Array:
        return _array(traced.parameters.by_name[name].detach(), tensor)

    layers = tuple(
        Layer(
            array(each.weight, f"layers.{n}.weight"),
            None if each.bias is None else array(each.bias, f"layers.{n}.bias"))
        for n, each in enumerate(chain))
    nodes = traced.network.nodes
    inputs = x.flatten(start_dim=1) if len(nodes[0].edges[0].maps) > 1 else x
    return Case(
        layers, _array(inputs, "x"), targets(_numpy(y, "y"), loss, len(layers[-1].weight)),
        tuple(node.activation for node in nodes[:-1]), loss)


def _graph_case(traced: Traced, x: Tensor, y: Tensor, loss: Loss) -> GraphCase:
    tensors = {name: _array(tensor.detach(), name) for name, tensor in traced.parameters.by_name.items()}
    output = traced.network.shapes(tensors)[traced.network.nodes[-1].name]
    return GraphCase(traced.network, tensors, _array(x, "x"), targets(_numpy(y, "y"), loss, output[0]), loss)


def _check(model: nn.Module, traced: Traced, case: Case | GraphCase, x: Tensor) -> None:
    """Compares the model's outputs with the case's, and its gradients with those of the trace.

    Outputs show whatever the case misses. Gradients show what only a backward pass sees: a `detach`, a
    `no_grad` or a backward function of the model's own.
    """
    first = next(iter(traced.parameters.by_name.values()))
    inputs = x.detach().to(first.dtype)
    with torch.enable_grad():
        outputs = model(inputs)
        case.check_against(_numpy(outputs, "model(x)"))
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if not trained:
            return
        y = torch.as_tensor(np.array(case.y), dtype=first.dtype, device=first.device)
        value = torch_loss(outputs, y, case.loss)
        slopes: Sequence[Tensor | None] = [None] * len(trained)
        if value.requires_grad:
            slopes = torch.autograd.grad(value, trained, allow_unused=True)
    found = traced.parameters.gradients({id(p): g for p, g in zip(trained, slopes, strict=True)})
    expected = torch_maps.gradients(traced, inputs, y, lambda logits, y: torch_loss(logits, y, case.loss))
    scale = max(float(gradient.norm()) for gradient in expected.values())
    tolerance = 1e-3 if case.has_single_precision else 1e-6
    frozen = {traced.parameters[p].name for p in model.parameters() if not p.requires_grad}
    for name, gradient in expected.items():
        distance = float((found[name] - gradient).norm())
        if name not in frozen and not distance <= tolerance * scale:
            raise CaseError(
                f"the model's own gradient of {name} is not that of its loss (they differ by {distance:.1e} of "
                f"{float(gradient.norm()):.1e}); look for detach, no_grad or a backward function of its own")


def _numpy(tensor: Tensor, name: str) -> Any:
    if tensor.dtype in (torch.bfloat16, torch.float16):
        raise CaseError(f"{name} is {tensor.dtype}; convert it to float32 or float64 first")
    return tensor.detach().cpu().numpy()


def _array(tensor: Tensor, name: str) -> Array:
    return np.array(floating(_numpy(tensor, name), name))
