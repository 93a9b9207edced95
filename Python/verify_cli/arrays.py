"""Arrays in double or single precision, activations and losses: what chains and graphs share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

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
