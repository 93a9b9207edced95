"""JAX: a pytree of layers or an Equinox module to a case, and new weights back into the same structure.

Nothing here imports JAX or Equinox: arrays convert to NumPy by themselves, and modules are known by
their fields.

A kernel may stand as in × out (`h @ kernel + bias`: plain JAX, Flax, Haiku) or as out × in (Equinox). Which
it is follows from the names of its fields, from the shape of its bias and from the widths of its
neighbours; where these leave two readings, the case is refused until the caller says which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal

import numpy as np

from .arrays import Activation, Array, Loss, floating, targets
from .case import Case, Layer
from .errors import CaseError

Layout = Literal["in-out", "out-in"]

# What the fields of a layer are called, and which way round their kernels stand.
_LAYOUT_OF_FIELD: dict[str, Layout] = {"kernel": "in-out", "w": "in-out", "weight": "out-in"}


def case_from_pytree(
    params: Any, x: Any, y: Any, loss: Loss, activation: Activation | Sequence[Activation], *,
    order: Sequence[Any] | None = None, layout: Layout | None = None,
    apply_fn: Callable[[Any, Any], Any] | None = None,
) -> Case:
    """The case of a pytree of dense layers and a mini-batch.

    Args:
        params: a sequence of layers, a mapping of layers, an Equinox `MLP` or `Sequential`, or Flax's
            `{"params": …}`. A layer is a mapping, a sequence or an Equinox `Linear` with one matrix and
            at most one vector.
        x: inputs, B × in.
        y: targets, B × out; for softmax also class labels.
        loss: the name of the loss.
        activation: one for all hidden layers, or one for each.
        order: the keys of a mapping from input to output. Without it the keys must differ in one number
            only (`Dense_0`, `Dense_1`; `linear`, `linear_1`; 0, 1), or the widths must leave one order.
        layout: how the kernels stand, where names and shapes leave it open.
        apply_fn: the user's own network, `apply_fn(params, x)` → B × out, with which the case's outputs
            must agree. An Equinox module is asked itself, example by example.

    Raises:
        CaseError: for whatever a case file cannot express, and for what could be read in two ways.
    """
    inputs = floating(x, "x")
    width = inputs.shape[1] if inputs.ndim == 2 else None
    layers = tuple(
        Layer(_weight(item.kernel, item.layout), item.bias)
        for item in _read(params, width, order, layout))
    hidden = len(layers) - 1
    activations = (activation,) * hidden if isinstance(activation, str) else tuple(activation)
    outputs = layers[-1].weight.shape[0]
    case = Case(layers, inputs, targets(y, loss, outputs), activations, loss)
    if apply_fn is not None:
        case.check_against(apply_fn(params, x))
    elif _is_module(params):
        case.check_against(np.stack([np.asarray(params(example)) for example in x]))
    return case


def pytree_like(
    params: Any, layers: Sequence[Layer], *, order: Sequence[Any] | None = None,
    layout: Layout | None = None,
) -> Any:
    """The weights as NumPy arrays in the structure, layout and element types of `params`.

    Args:
        params: the pytree that the case was made of.
        layers: new weights, from input to output.
        order: as for `case_from_pytree`.
        layout: as for `case_from_pytree`.
    """
    width = layers[0].weight.shape[1] if layers else None
    items = _read(params, width, order, layout)
    if len(items) != len(layers):
        raise CaseError(f"{len(layers)} layers for a pytree with {len(items)}")
    new = {item.key: _filled(item, layer) for item, layer in zip(items, layers, strict=True)}
    return _rebuilt(params, new)


@dataclass(frozen=True)
class _Item:
    """One layer of a pytree: where it stands and what is in it."""

    key: Any
    value: Any
    kernel: Array
    bias: Array | None
    layout: Layout | None


def _read(
    params: Any, width: int | None, order: Sequence[Any] | None, layout: Layout | None
) -> list[_Item]:
    """The layers from input to output, each with its layout decided."""
    items = [_item(key, value) for key, value in _entries(params)]
    if not items:
        raise CaseError("there is no layer")
    by_key = {item.key: item for item in items}
    if order is not None:
        if len(set(order)) != len(order) or set(order) != set(by_key):
            raise CaseError(f"order names {list(order)}, but the layers are {list(by_key)}")
        orders = [list(order)]
    elif isinstance(_unwrapped(params), Mapping):
        orders = _orders_by_name(list(by_key)) or _orders_by_width(items, width, layout)
    else:
        orders = [list(by_key)]
    if len(orders) != 1:
        raise CaseError(
            f"cannot order the layers {', '.join(map(str, by_key))}: their names differ in more than a "
            f"number and their widths fit {'several orders' if orders else 'in no order'}; say order=[…], "
            "from input to output")
    return _with_layouts([by_key[key] for key in orders[0]], width, layout)


def _with_layouts(items: list[_Item], width: int | None, layout: Layout | None) -> list[_Item]:
    readings = _readings(items, width, layout)
    if len(readings) != 1:
        shapes = ", ".join(str(item.kernel.shape) for item in items)
        raise CaseError(
            f"the kernels {shapes} can be read as in × out and as out × in; say layout='in-out' "
            "(h @ kernel) or layout='out-in' (kernel @ h)"
            if readings else
            f"the kernels {shapes} with their biases do not follow each other from inputs of width {width}")
    return [replace(item, layout=read) for item, read in zip(items, readings[0], strict=True)]


def _readings(
    items: Sequence[_Item], width: int | None, layout: Layout | None
) -> list[tuple[Layout, ...]]:
    """Every way to read the kernels in which the widths follow each other; all stand the same way round
    unless their names say otherwise, because a library has one convention."""
    choices: tuple[Layout, ...] = (layout,) if layout else ("in-out", "out-in")
    found: list[tuple[Layout, ...]] = []
    for choice in choices:
        reading = tuple(layout or item.layout or choice for item in items)
        if reading not in found and _follows(items, reading, width):
            found.append(reading)
    # A square kernel reads the same width either way, so both readings may remain.
    return found


def _follows(items: Sequence[_Item], reading: Sequence[Layout], width: int | None) -> bool:
    for item, layout in zip(items, reading, strict=True):
        outputs, inputs = _weight(item.kernel, layout).shape
        if width is not None and inputs != width:
            return False
        if item.bias is not None and item.bias.shape != (outputs,):
            return False
        width = outputs
    return True


def _orders_by_name(keys: list[Any]) -> list[list[Any]]:
    """The order of keys that are the same but for one number; a name without one counts as 0."""
    if all(isinstance(key, int) for key in keys):
        return [sorted(keys)]
    parts = [re.fullmatch(r"(.*?)_?(\d*)", str(key)) for key in keys]
    stems = {match.group(1) for match in parts if match}
    numbers = [int(match.group(2) or 0) for match in parts if match]
    if len(stems) != 1 or len(set(numbers)) != len(numbers):
        return []
    return [[key for _, key in sorted(zip(numbers, keys, strict=True), key=lambda pair: pair[0])]]


def _orders_by_width(
    items: list[_Item], width: int | None, layout: Layout | None
) -> list[list[Any]]:
    """Up to two orders in which the widths follow each other from the inputs."""
    found: list[list[Any]] = []

    def extend(chosen: list[_Item], left: list[_Item]) -> None:
        if len(found) > 1 or (chosen and not _readings(chosen, width, layout)):
            return
        if not left:
            found.append([item.key for item in chosen])
        for item in left:
            extend([*chosen, item], [other for other in left if other is not item])

    extend([], items)
    return found


def _unwrapped(params: Any) -> Any:
    """Flax's variables hold the parameters under the one key `params`."""
    if isinstance(params, Mapping) and list(params) == ["params"]:
        return params["params"]
    return params


def _is_module(params: Any) -> bool:
    return type(params).__module__.startswith("equinox.") and callable(params)


def _is_linear(value: Any) -> bool:
    return type(value).__module__.startswith("equinox.") and type(value).__name__ == "Linear"


def _entries(params: Any) -> list[tuple[Any, Any]]:
    params = _unwrapped(params)
    if _is_module(params):
        if _is_linear(params):
            return [(0, params)]
        if type(params).__name__ not in ("MLP", "Sequential"):
            raise CaseError(f"expected an Equinox MLP, Sequential or Linear, found {type(params).__name__}; "
                "verify_cli.equinox.case_from_equinox reads convolutions and pooling, too")
        entries = list(enumerate(params.layers))
        for number, value in entries:
            if not (_is_linear(value) or type(value).__name__ in ("Lambda", "Identity")):
                raise CaseError(f"layers[{number}] is {type(value).__name__}: unsupported; expected Linear; "
                    "verify_cli.equinox.case_from_equinox reads convolutions and pooling, too")
        return [(number, value) for number, value in entries if _is_linear(value)]
    if isinstance(params, Mapping):
        return list(params.items())
    if isinstance(params, list | tuple):
        return list(enumerate(params))
    raise CaseError(f"expected a sequence or mapping of layers, found {type(params).__name__}")


def _item(key: Any, value: Any) -> _Item:
    name = f"layer {key}"
    if _is_linear(value):
        named = [("weight", value.weight)] + ([] if value.bias is None else [("bias", value.bias)])
    elif isinstance(value, Mapping):
        named = [(str(field), leaf) for field, leaf in value.items()]
    elif isinstance(value, list | tuple):
        named = [("", leaf) for leaf in value]
    else:
        raise CaseError(f"{name}: expected a kernel and a bias, found {type(value).__name__}")
    arrays = [(field, floating(leaf, name)) for field, leaf in named if leaf is not None]
    kernels = [(field, array) for field, array in arrays if array.ndim == 2]
    biases = [array for _, array in arrays if array.ndim == 1]
    if len(kernels) != 1 or len(biases) > 1 or len(arrays) > 2:
        shapes = ", ".join(str(array.shape) for _, array in arrays)
        raise CaseError(f"{name}: expected one matrix and at most one vector, found {shapes}")
    field, kernel = kernels[0]
    return _Item(key, value, kernel, biases[0] if biases else None, _LAYOUT_OF_FIELD.get(field))


def _weight(kernel: Array, layout: Layout | None) -> Array:
    """The kernel as out × in."""
    return np.ascontiguousarray(kernel.T if layout == "in-out" else kernel)


def _filled(item: _Item, layer: Layer) -> Any:
    """The layer's value with new arrays."""
    def replacement(leaf: Any) -> Any:
        if leaf is None:
            return None
        array = np.asarray(leaf)
        new = _weight(layer.weight, item.layout) if array.ndim == 2 else layer.bias
        if new is None or new.shape != array.shape:
            raise CaseError(f"weights do not fit an array of shape {array.shape}")
        return np.ascontiguousarray(new.astype(array.dtype))

    if _is_linear(item.value):
        return with_fields(
            item.value, weight=replacement(item.value.weight), bias=replacement(item.value.bias))
    if isinstance(item.value, Mapping):
        return {key: replacement(leaf) for key, leaf in item.value.items()}
    return type(item.value)(replacement(leaf) for leaf in item.value)


def _rebuilt(params: Any, new: Mapping[Any, Any]) -> Any:
    if _is_module(params):
        if _is_linear(params):
            return new[0]
        layers = (new.get(number, value) for number, value in enumerate(params.layers))
        return with_fields(params, layers=type(params.layers)(layers))
    if isinstance(params, Mapping):
        inner = _unwrapped(params)
        if inner is not params:
            return {"params": _rebuilt(inner, new)}
        return {key: new[key] for key in params}
    return type(params)(new[number] for number in range(len(params)))


def with_fields(module: Any, **changes: Any) -> Any:
    """A copy of a frozen dataclass whose constructor takes other arguments than its fields."""
    assert is_dataclass(module)
    copy = object.__new__(type(module))
    for field in fields(module):
        if hasattr(module, field.name):
            object.__setattr__(copy, field.name, changes.get(field.name, getattr(module, field.name)))
    return copy
