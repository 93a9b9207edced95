"""The values of a trace, and the nodes that they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..arrays import Activation
from ..errors import CaseError
from ..graph import Edge, Node
from ..maps import Convolution, Dense, Map, Shape
from ..modules import Parameters, Reference


class ShapeNeeded(Exception):
    """An operation needs the shape of its input, which was not given."""


class Batch:
    """The number of examples, as the model's code asks for it."""


BATCH = Batch()


@dataclass(frozen=True)
class Signal:
    """A value of the trace: the sum of its edges, with the shape of one example, or `None` where it is unknown."""

    edges: tuple[Edge, ...]
    shape: Shape | None

    @property
    def has_parameters(self) -> bool:
        return any(each.has_parameters for edge in self.edges for each in edge.maps)


class Builder:
    """Collects the nodes of a graph.

    Attributes:
        what: the operation that is being read, in words, for errors.
    """

    def __init__(self, parameters: Parameters, shape: Shape | None, examples: int | None) -> None:
        self.parameters, self.input_shape, self.examples = parameters, shape, examples
        self.nodes: list[Node] = []
        self.names: set[str] = set()
        self.input = ""
        self.what = ""

    def _signal(self, value: Any) -> Signal:
        if not isinstance(value, Signal):
            raise CaseError(f"{self.what}: expected a value that depends on the input, found {kind(value)}")
        return value

    def _shape(self, signal: Signal) -> Shape:
        if signal.shape is None:
            raise ShapeNeeded
        return signal.shape

    def _unused(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self.names:
            candidate, number = f"{name}_{number}", number + 1
        self.names.add(candidate)
        return candidate

    def _node(self, signal: Signal, name: str, activation: Activation) -> Signal:
        """A new node that holds the signal."""
        unique = self._unused(name)
        self.nodes.append(Node(unique, activation, signal.edges))
        return Signal((Edge(unique),), signal.shape)

    def _mapped(self, signal: Signal, each: Map, shape: Shape | None) -> Signal:
        """The signal through one more fixed map."""
        return Signal(tuple(Edge(edge.source, (*edge.maps, each)) for edge in signal.edges), shape)

    def _layer(self, signal: Signal, each: Dense | Convolution, shape: Shape | None) -> Signal:
        """The signal through a map with parameters; it stands on an edge of its own."""
        if len(signal.edges) != 1 or signal.has_parameters:
            signal = self._node(signal, f"{each.weight.removesuffix('.weight')}.inputs", "identity")
        return self._mapped(signal, each, shape)

    def _source(self, signal: Signal) -> Node | None:
        """The node that the signal is, if it is one as it stands."""
        if len(signal.edges) == 1 and not signal.edges[0].maps:
            return next((node for node in self.nodes if node.name == signal.edges[0].source), None)
        return None

    def _reference(self, value: Any, axes: int) -> Reference:
        if not isinstance(value, Reference) or len(value.shape) != axes:
            raise CaseError(f"expected a parameter with {axes} axes as weight, found {kind(value)}")
        if value.transposed and axes != 2:
            raise CaseError("a transposed kernel is not supported")
        return value

    def _offset(self, value: Any, outputs: int) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Reference) or value.shape != (outputs,):
            raise CaseError(f"expected a parameter of shape ({outputs},) as bias, found {kind(value)}")
        return value.name


def tuple_of(value: Any, axes: int) -> tuple[int, ...]:
    result = (value,) * axes if isinstance(value, int) else tuple(value)
    return result * axes if len(result) == 1 else result


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kind(value: Any) -> str:
    if isinstance(value, Signal):
        return "a value that depends on the input"
    if isinstance(value, Reference):
        return f"the parameter {value.name} of shape {value.shape}"
    return "the number of examples" if value is BATCH else repr(value)
