"""Equinox: a module that is a sequence of layers to a case, and new weights back into the module.

Equinox is not imported: its modules are known by their types and fields. Functions are known by what they and their
derivatives do to numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .arrays import ACTIVATIONS, Activation, Array, Loss, floating, targets
from .case import Case, Layer
from .errors import CaseError
from .graph import Edge, GraphCase, Network, Node
from .maps import AveragePool, Convolution, Dense, Flatten, Map, Shape
from .problem import Problem
from .pytree import with_fields
from .tool import ExactUpdate


def case_from_equinox(module: Any, x: Any, y: Any, loss: Loss, *, check: bool = True) -> Case | GraphCase:
    """The case of an Equinox module and a mini-batch.

    Args:
        module: `Linear`, `Conv1d`, `Conv2d`, `MLP`, or a `Sequential` of these, of `AvgPool1d`, `AvgPool2d`,
            `Identity`, `Dropout` in inference mode and `Lambda` with an activation or `jnp.ravel`.
        x: inputs, one example in each row; the module is called with one example, as Equinox has it.
        y: targets, B × out; for softmax also class labels.
        loss: the name of the loss.
        check: whether the module is evaluated on `x` and compared with the outputs of the case.

    Returns:
        A `Case` for dense layers, a `GraphCase` for convolutions.

    Raises:
        CaseError: for every other module and function, by name.
    """
    inputs = floating(x, "x")
    reader = _Reader(inputs.shape[1:])
    for name, layer in _flat("", module):
        reader.read(name, layer)
    network = reader.finished()
    outputs = network.shapes(reader.tensors)[network.nodes[-1].name]
    graph = GraphCase(network, reader.tensors, inputs, targets(y, loss, outputs[0]), loss)
    case = _as_chain(graph) or graph
    if check:
        case.check_against(np.stack([np.asarray(module(example)) for example in x]))
    return case


def equinox_like(module: Any, update: ExactUpdate | Problem) -> Any:
    """A copy of the module with the weights of an exact update, or of a case, in its own element types.

    Raises:
        CaseError: if they are not those of such a module.
    """
    layers = [(name, layer) for name, layer in _flat("", module) if _kind(layer) in _WEIGHTED]
    chain = update.layers if isinstance(update, ExactUpdate | Case) else ()
    new = dict(update.weights)
    filled: dict[str, Any] = {}
    for number, (name, layer) in enumerate(layers):
        stem = f"layers.{number}" if chain else name
        fields = {}
        for field in ("weight", "bias"):
            old = getattr(layer, field)
            if old is None:
                continue
            array = new.pop(_joined(stem, field), None)
            if array is None or array.size != old.size:
                raise CaseError(f"there is no {_joined(stem, field)} for an array of shape {old.shape}")
            fields[field] = np.asarray(array).reshape(old.shape).astype(old.dtype)
        filled[name] = with_fields(layer, **fields)
    if new:
        raise CaseError(f"the module has no {', '.join(new)}")
    return _rebuilt("", module, filled)


_WEIGHTED = ("Linear", "Conv1d", "Conv2d")


class _Reader:
    """Collects nodes along a sequence of layers."""

    def __init__(self, shape: Shape) -> None:
        self.input_shape, self.shape = shape, shape
        self.source = "x"
        self.maps: list[Map] = []
        self.nodes: list[Node] = []
        self.tensors: dict[str, Array] = {}
        self.seen: list[Any] = []

    def read(self, name: str, layer: Any) -> None:
        what = f"{name or 'the module'} ({_kind(layer)})"
        try:
            self._read(name, layer)
        except CaseError as error:
            raise CaseError(f"{what}: {error}") from error

    def finished(self) -> Network:
        if not self.tensors:
            raise CaseError("the module has no Linear and no convolution")
        if not self.maps:
            raise CaseError(
                f"the module ends with {self.nodes[-1].activation}; it must end with Linear, because losses take logits")
        self._node("outputs", "identity")
        return Network("x", self.input_shape, tuple(self.nodes))

    def _read(self, name: str, layer: Any) -> None:
        kind = _kind(layer)
        if kind == "Linear":
            bias = self._tensor(name, "bias", layer.bias)
            self._weighted(Dense(self._named(name, "weight", layer.weight), bias))
        elif kind in ("Conv1d", "Conv2d"):
            axes = layer.num_spatial_dims
            if layer.padding_mode != "ZEROS" or any(each != 1 for each in layer.dilation):
                raise CaseError("expected padding_mode='ZEROS' and dilation 1")
            padding = (0,) * axes if layer.padding == "VALID" else _both(layer.padding)
            weight = self._named(name, "weight", layer.weight)
            bias = self._tensor(name, "bias", layer.bias)
            self._weighted(Convolution(weight, bias, tuple(layer.stride), padding, layer.groups))
        elif kind in ("AvgPool1d", "AvgPool2d"):
            if layer.use_ceil:
                raise CaseError("expected use_ceil=False")
            self._mapped(AveragePool(tuple(layer.kernel_size), tuple(layer.stride), _both(layer.padding)))
        elif kind == "Dropout":
            if not layer.inference and layer.p:
                raise CaseError("the step would be random; call equinox.nn.inference_mode, or leave it out")
        elif kind == "Lambda":
            self._function(name, layer.fn)
        elif kind != "Identity":
            advice = "; use average pooling" if kind.startswith("MaxPool") else ""
            raise CaseError(f"unsupported{advice}; expected Linear, Conv1d, Conv2d, AvgPool1d, AvgPool2d or Lambda")

    def _function(self, name: str, function: Any) -> None:
        """An activation, the identity or `ravel`, known by a probe of the present shape and by its derivative."""
        import jax  # where there is an Equinox module, there is JAX

        count = int(np.prod(self.shape))
        probe = np.random.default_rng(1).permutation(np.linspace(-4.03, 4.07, max(count, 2))[:count])
        probe = probe.reshape(self.shape)
        try:
            result = np.asarray(function(jax.numpy.asarray(probe)))
            slope = np.asarray(jax.grad(lambda a: function(a).sum())(jax.numpy.asarray(probe)))
        except Exception as error:  # whatever a user's function raises
            raise CaseError(f"it cannot be evaluated on the shape {self.shape}: {error}") from error
        if len(self.shape) > 1 and result.shape == (count,):
            if np.allclose(result, probe.ravel()) and np.allclose(slope, 1):
                self._mapped(Flatten())
                return
        for activation, expected in ACTIVATIONS.items():
            if result.shape == self.shape and np.allclose(result, expected(probe), atol=1e-6, rtol=1e-6):
                step = 1e-6
                difference = (expected(probe + step) - expected(probe - step)) / (2 * step)
                if np.allclose(slope, difference, atol=1e-5):
                    if activation != "identity":
                        self._node(name, activation)
                    return
        raise CaseError(
            f"is none of {', '.join(ACTIVATIONS)}, and not jnp.ravel (GELU is meant with approximate=False; a "
            "stop_gradient is seen in the derivative)")

    def _weighted(self, each: Dense | Convolution) -> None:
        if any(other.has_parameters for other in self.maps):
            self._node(each.weight.removesuffix(".weight") + ".inputs", "identity")
        self._mapped(each)

    def _mapped(self, each: Map) -> None:
        self.shape = each.shape(self.shape, self.tensors)
        self.maps.append(each)

    def _node(self, name: str, activation: Activation) -> None:
        self.nodes.append(Node(name, activation, (Edge(self.source, tuple(self.maps)),)))
        self.source, self.maps = name, []

    def _named(self, name: str, field: str, value: Any) -> str:
        full = _joined(name, field)
        if _kind(value) == "NoneType":
            raise CaseError("its weight is no array")
        array = floating(value, full)
        if any(value is other for other in self.seen):
            raise CaseError(f"{full} is used at two places; Equinox moves the two apart")
        self.seen.append(value)
        self.tensors[full] = array.reshape(-1) if field == "bias" else array  # a convolution's is out × 1 × 1
        return full

    def _tensor(self, name: str, field: str, value: Any) -> str | None:
        return None if value is None else self._named(name, field, value)


def _flat(name: str, module: Any) -> Iterator[tuple[str, Any]]:
    """The layers one after the other, with their paths in the module."""
    kind = _kind(module)
    if kind == "Sequential":
        for number, layer in enumerate(module.layers):
            yield from _flat(_joined(name, f"layers.{number}"), layer)
    elif kind == "MLP":
        for number, layer in enumerate(module.layers):
            yield _joined(name, f"layers.{number}"), layer
            last = number == len(module.layers) - 1
            function = module.final_activation if last else module.activation
            yield _joined(name, f"activation.{number}"), _Function(function)
    else:
        yield name, module


class _Function:
    """A function of numbers that is no module."""

    def __init__(self, function: Any) -> None:
        self.fn = function


def _kind(value: Any) -> str:
    """The type's name, of a class of Equinox itself; others get their full name, which nothing supports."""
    if isinstance(value, _Function):
        return "Lambda"
    kind = type(value)
    return kind.__name__ if kind.__module__.startswith("equinox.") else f"{kind.__module__}.{kind.__name__}"


def _joined(name: str, part: str) -> str:
    return f"{name}.{part}" if name else part


def _both(padding: Any) -> Shape:
    if isinstance(padding, str) or any(before != after for before, after in padding):
        raise CaseError(f"expected the same padding before and behind, as numbers, found {padding!r}")
    return tuple(before for before, _ in padding)


def _as_chain(graph: GraphCase) -> Case | None:
    """The same case as a chain, where it is dense layers."""
    layers = []
    for number, node in enumerate(graph.network.nodes):
        *before, last = node.edges[0].maps
        if not isinstance(last, Dense) or (before and (number or not isinstance(before[0], Flatten))):
            return None
        layers.append(Layer(graph.tensors[last.weight], None if last.bias is None else graph.tensors[last.bias]))
    return Case(
        tuple(layers), graph.x.reshape(len(graph.x), -1), graph.y,
        tuple(node.activation for node in graph.network.nodes[:-1]), graph.loss)


def _rebuilt(name: str, module: Any, filled: Mapping[str, Any]) -> Any:
    if _kind(module) in ("Sequential", "MLP"):
        layers = [
            _rebuilt(_joined(name, f"layers.{number}"), layer, filled) for number, layer in enumerate(module.layers)]
        return with_fields(module, layers=type(module.layers)(layers))
    return filled.get(name, module)
