"""JAX: a pytree of layers to a case, and new weights back into the same structure.

Nothing here imports JAX: its arrays convert to NumPy by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .case import Activation, Array, Case, Layer, Loss, floating, targets
from .errors import CaseError


def case_from_pytree(
    params: Any, x: Any, y: Any, loss: Loss, activation: Activation | Sequence[Activation]
) -> Case:
    """The case of a pytree of dense layers and a mini-batch.

    Args:
        params: a sequence of layers, or a mapping whose keys sort by the numbers in them
            (`Dense_0`, `Dense_1`, …). A layer is a mapping or a sequence with one matrix, in × out as
            JAX's libraries have it (`h @ kernel + bias`), and at most one vector.
        x: inputs, B × in.
        y: targets, B × out; for softmax also class labels.
        loss: the name of the loss.
        activation: one for all hidden layers, or one for each.

    Raises:
        CaseError: for whatever a case file cannot express.
    """
    layers = tuple(_layer(layer, f"layer {n}") for n, layer in enumerate(_ordered(params)))
    if not layers:
        raise CaseError("there is no layer")
    hidden = len(layers) - 1
    activations = (activation,) * hidden if isinstance(activation, str) else tuple(activation)
    outputs = layers[-1].weight.shape[0]
    return Case(layers, floating(x, "x"), targets(y, loss, outputs), activations, loss)


def pytree_like(params: Any, layers: Sequence[Layer]) -> Any:
    """The weights as NumPy arrays in the structure, layout and element types of `params`."""
    items = _ordered(params)
    if len(items) != len(layers):
        raise CaseError(f"{len(layers)} layers for a pytree with {len(items)}")
    new = [_filled(item, layer) for item, layer in zip(items, layers, strict=True)]
    if isinstance(params, Mapping):
        keys = sorted(params, key=_number)
        by_key = dict(zip(keys, new, strict=True))
        return {key: by_key[key] for key in params}
    return type(params)(new)


def _number(key: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", key))


def _ordered(params: Any) -> list[Any]:
    if isinstance(params, Mapping):
        if not all(_number(str(key)) for key in params):
            raise CaseError(
                f"cannot order the layers {', '.join(map(str, params))}; expected numbers in their "
                "names, or a list")
        return [params[key] for key in sorted(params, key=_number)]
    if isinstance(params, list | tuple):
        return list(params)
    raise CaseError(f"expected a sequence or mapping of layers, found {type(params).__name__}")


def _leaves(layer: Any, name: str) -> list[Any]:
    if isinstance(layer, Mapping):
        return list(layer.values())
    if isinstance(layer, list | tuple):
        return list(layer)
    raise CaseError(f"{name}: expected a kernel and a bias, found {type(layer).__name__}")


def _layer(layer: Any, name: str) -> Layer:
    arrays = [floating(leaf, name) for leaf in _leaves(layer, name)]
    kernels = [array for array in arrays if array.ndim == 2]
    biases = [array for array in arrays if array.ndim == 1]
    if len(kernels) != 1 or len(biases) > 1 or len(arrays) > 2:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise CaseError(f"{name}: expected one matrix and at most one vector, found {shapes}")
    return Layer(np.ascontiguousarray(kernels[0].T), biases[0] if biases else None)


def _filled(old: Any, layer: Layer) -> Any:
    def replacement(leaf: Any) -> Array:
        array = np.asarray(leaf)
        new = layer.weight.T if array.ndim == 2 else layer.bias
        if new is None or new.shape != array.shape:
            raise CaseError(f"weights do not fit an array of shape {array.shape}")
        return np.ascontiguousarray(new.astype(array.dtype))

    if isinstance(old, Mapping):
        return {key: replacement(leaf) for key, leaf in old.items()}
    return type(old)(replacement(leaf) for leaf in old)
