"""`torch.fx` records a model's operations; each is read or refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import fx, nn

from ..errors import CaseError
from ..graph import Edge, Network, Node
from ..maps import Convolution, Dense, Shape
from ..modules import Parameters, Reference, require_plain_modules
from .operations import Operations
from .signals import Batch, Signal
from .tables import FUNCTIONS, IN_PLACE, METHODS, MODULES, PLAIN, advice


@dataclass(frozen=True)
class Traced:
    """A model as a graph, with its parameters by name."""

    network: Network
    parameters: Parameters


class _Model(nn.Module):
    """The model with its input as the only argument, so that others keep their defaults."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Any) -> Any:
        return self.model(x)


def trace(model: nn.Module, shape: Shape | None, examples: int | None = None) -> Traced:
    """The graph of a model.

    Args:
        model: any module whose `forward` takes the inputs alone.
        shape: the shape of one example; without it, dense layers only.
        examples: the size of the batch, should the model's code have it as a number.

    Raises:
        CaseError: for every operation that is not linear in the parameters, by name.
        ShapeNeeded: without a shape, if one is needed.
    """
    require_plain_modules(model)
    parameters = Parameters(model)
    try:
        recorded = fx.Tracer().trace(_Model(model))
    except Exception as error:  # whatever the model's own code raises when it meets a symbol
        raise CaseError(
            f"the model cannot be traced: {type(error).__name__}: {error}; its code may not depend on the values "
            "or the number of the examples") from error
    network = _Reader(model, parameters, shape, examples).read(recorded)
    used = {
        name for node in network.nodes for edge in node.edges for each in edge.maps
        if isinstance(each, Dense | Convolution) for name in (each.weight, each.bias)}
    if not used:
        raise CaseError("the model has no nn.Linear and no convolution")
    if unused := [name for name in parameters.by_name if name not in used]:
        raise CaseError(f"the parameters {', '.join(unused)} are not used by the model's forward; remove them first")
    return Traced(network, parameters)


class _Reader(Operations):
    """Reads the operations one after the other and collects nodes."""

    def __init__(self, model: nn.Module, parameters: Parameters, shape: Shape | None, examples: int | None) -> None:
        super().__init__(parameters, shape, examples)
        self.model = model

    def read(self, graph: fx.Graph) -> Network:
        values: dict[fx.Node, Any] = {}
        for node in graph.nodes:
            if node.op == "placeholder":
                self.input = self._unused("x")
                values[node] = Signal((Edge(self.input),), self.input_shape)
            elif node.op == "output":
                return self._finished(self._argument(node.args[0], values))
            else:
                result = self._operation(node, values)
                if isinstance(result, Signal) and result.has_parameters and _uses(node) > 1:
                    result = self._node(result, _name(node), "identity")
                values[node] = result
        raise CaseError("the model returns nothing")

    def _finished(self, result: Any) -> Network:
        self.what = "the model's result"
        signal = self._signal(result)
        if signal.shape is not None and len(signal.shape) != 1:
            raise CaseError(f"the outputs of one example have shape {signal.shape}, expected a vector; flatten them")
        source = self._source(signal)
        if source is not None and source.activation != "identity":
            advice = "; leave it out, sigmoid-cross-entropy takes logits" if source.activation == "sigmoid" else ""
            raise CaseError(
                f"the model ends with {source.activation}{advice}; it must end with nn.Linear, because losses take "
                "logits")
        if source is None or source is not self.nodes[-1]:
            self._node(signal, "outputs", "identity")
        return Network(self.input, self.input_shape or (), self._live_nodes())

    def _live_nodes(self) -> tuple[Node, ...]:
        """The nodes that the last one comes from, so that what the model computes in vain is left out."""
        live: list[Node] = []
        wanted = {self.nodes[-1].name}
        for node in reversed(self.nodes):
            if node.name in wanted:
                live.append(node)
                wanted |= {edge.source for edge in node.edges}
        return tuple(reversed(live))

    def _operation(self, node: fx.Node, values: dict[fx.Node, Any]) -> Any:
        arguments = [self._argument(each, values) for each in node.args]
        named = {name: self._argument(each, values) for name, each in node.kwargs.items()}
        self.what = self._words(node)
        if node.op == "get_attr":
            return self._attribute(str(node.target))
        if node.op == "call_module":
            module = self.model.get_submodule(_inner(str(node.target)))
            read = MODULES.get(type(module))
            if read is None:
                raise CaseError(f"{self.what}: {advice(module)}")
            self._require_last_use(node, bool(getattr(module, "inplace", False)))
            return self._bound(read, module, *arguments, **named)
        if node.op == "call_function" and not touches_signals(arguments) and node.target in PLAIN:
            return self._bound(lambda _, *a, **k: PLAIN[node.target](*a, **k), *arguments, **named)
        table: Mapping[Any, Callable[..., Any]] = FUNCTIONS if node.op == "call_function" else METHODS
        operation = table.get(node.target)
        if operation is None:
            raise CaseError(
                f"{self.what}: unsupported; a graph has nn.Linear, convolutions, average pooling, activations, "
                "sums, reshapes and slices")
        self._require_last_use(node, node.target in IN_PLACE or bool(named.get("inplace")))
        return self._bound(operation, *arguments, **named)

    def _bound(self, operation: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            return operation(self, *arguments, **named)
        except TypeError as error:
            raise CaseError(f"{self.what}: called in a way that is not supported ({error})") from error
        except CaseError as error:
            if str(error).startswith(self.what):
                raise
            raise CaseError(f"{self.what}: {error}") from error

    def _argument(self, value: Any, values: dict[fx.Node, Any]) -> Any:
        return fx.node.map_aggregate(value, lambda each: values[each] if isinstance(each, fx.Node) else each)

    def _attribute(self, target: str) -> Reference:
        owner: Any = self.model
        parts = _inner(target).split(".")
        try:
            for part in parts:
                owner = getattr(owner, part)
        except AttributeError:
            owner = None  # a constant that the trace itself holds
        if not isinstance(owner, nn.Parameter) or owner not in self.parameters:
            raise CaseError(f"{self.what}: a tensor that is no parameter of the model")
        return self.parameters[owner]

    def _require_last_use(self, node: fx.Node, in_place: bool) -> None:
        """What an operation in place overwrites must not be read after it."""
        if not in_place or not node.args or not isinstance(node.args[0], fx.Node):
            return
        order = {each: number for number, each in enumerate(node.graph.nodes)}
        if any(order[user] > order[node] for user in node.args[0].users):
            raise CaseError(f"{self.what}: changes its input in place, which is used again; write it without")

    def _words(self, node: fx.Node) -> str:
        """The operation by name, and the module whose code holds it."""
        target = node.target
        if node.op in ("call_module", "get_attr"):
            name = _inner(str(target))
            if node.op == "get_attr":
                return name
            return f"{name or 'the model'} ({type(self.model.get_submodule(name)).__name__})"
        name = target if isinstance(target, str) else getattr(target, "__name__", str(target))
        stack = list((node.meta.get("nn_module_stack") or {}).values())
        if not stack:
            return f"{name}"
        path, kind = stack[-1]
        where = _inner(str(path))
        return f"{name} in {where or 'the model'} ({getattr(kind, '__name__', kind)})"


def touches_signals(arguments: Sequence[Any]) -> bool:
    return any(isinstance(each, Signal | Reference | Batch) for each in arguments)


def _uses(node: fx.Node) -> int:
    """How many operations read its numbers; its shape is none of them."""
    return sum(
        not (user.target in ("size", "dim") or (user.target is getattr and user.args[1] == "shape"))
        for user in node.users)


def _inner(target: str) -> str:
    """The path in the user's model, of a path in the module around it."""
    return target.removeprefix("model").removeprefix(".")


def _name(node: fx.Node) -> str:
    return _inner(str(node.target)) if node.op == "call_module" else node.name
