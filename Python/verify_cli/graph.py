"""A network that is a graph: convolutions, pooling, skips, shared weights; with a mini-batch and a loss.

Nodes stand in topological order. A node's activity is the sum over its edges, each a few linear maps of the rates of
an earlier node or of the input; its rates are its activation of that. The file carries it as JSON under `network`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .arrays import ACTIVATIONS, Activation, Array, Loss
from .errors import CaseError
from .maps import Map, Shape
from .problem import Problem, require_same_names


@dataclass(frozen=True)
class Edge:
    """Maps applied one after the other to the rates of a node; at most one of them has parameters."""

    source: str
    maps: tuple[Map, ...] = ()


@dataclass(frozen=True)
class Node:
    """One node: its activity is the sum over the edges, its rates the activation of that."""

    name: str
    activation: Activation
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Network:
    """Nodes from input to output; the last one holds the logits.

    Attributes:
        input: the name by which edges call the input.
        shape: the shape of one example.
        nodes: in topological order.
    """

    input: str
    shape: Shape
    nodes: tuple[Node, ...]

    def description(self) -> str:
        """The JSON that the case file carries."""
        nodes = [
            {"name": node.name, "activation": node.activation, "from": [
                {"node": edge.source, "maps": [each.description() for each in edge.maps]}
                for edge in node.edges]}
            for node in self.nodes]
        return json.dumps({
            "version": 1, "input": {"name": self.input, "shape": list(self.shape)}, "nodes": nodes,
            "output": self.nodes[-1].name})

    def shapes(self, tensors: Mapping[str, Array]) -> dict[str, Shape]:
        """The shape of each node's activity.

        Raises:
            CaseError: for a description that is none: names that are missing or taken, an edge with two maps that
                have parameters, shapes that do not fit.
        """
        shapes = {self.input: self.shape}
        for node in self.nodes:
            if node.name in shapes:
                raise CaseError(f"two nodes are called {node.name!r}")
            if node.activation not in ACTIVATIONS:
                raise CaseError(f"{node.name}: there is no activation {node.activation!r}")
            found: dict[Shape, str] = {}
            for edge in node.edges:
                if edge.source not in shapes:
                    raise CaseError(f"{node.name} comes from {edge.source!r}, which is no node before it")
                if sum(each.has_parameters for each in edge.maps) > 1:
                    raise CaseError(f"{node.name}: an edge has at most one map with parameters")
                shape = shapes[edge.source]
                for each in edge.maps:
                    try:
                        shape = each.shape(shape, tensors)
                    except KeyError as error:
                        raise CaseError(f"{node.name}: there is no tensor {error}") from error
                found[shape] = edge.source
            if len(found) != 1:
                raise CaseError(f"{node.name}: its edges have the shapes {', '.join(map(str, found)) or 'of none'}")
            shapes[node.name] = next(iter(found))
        return shapes


@dataclass(frozen=True)
class GraphCase(Problem):
    """A graph with its weights, a mini-batch and a loss.

    Attributes:
        network: the description.
        tensors: weights by name, in PyTorch's layouts.
        x: inputs, B × shape.
        y: targets, B × out.
        loss: the name of the loss.
    """

    network: Network
    tensors: Mapping[str, Array]
    x: Array
    y: Array
    loss: Loss

    def __post_init__(self) -> None:
        if not self.network.nodes:
            raise CaseError("there is no node")
        if reserved := [name for name in self.tensors if name in ("x", "y") or name.startswith("extra.")]:
            raise CaseError(f"a weight cannot be called {reserved[0]!r}: the file has that name for something else")
        if self.x.shape[1:] != self.network.shape:
            raise CaseError(f"x has shape {self.x.shape}, expected (B, {', '.join(map(str, self.network.shape))})")
        output = self.network.shapes(self.tensors)[self.network.nodes[-1].name]
        if len(output) != 1:
            raise CaseError(f"the outputs of one example have shape {output}, expected a vector; flatten them")
        self._check_targets(output[0])

    @property
    def weights(self) -> Mapping[str, Array]:
        """The weights by name."""
        return self.tensors

    def with_weights(self, weights: Mapping[str, Array]) -> GraphCase:
        """The same case with other weights."""
        require_same_names(self.tensors, weights)
        return replace(self, tensors=dict(weights))

    def architecture(self) -> dict[str, str]:
        """The description of the graph."""
        return {"network": self.network.description()}

    def logits(self) -> Array:
        """The outputs of the network for each example, B × out, in double precision."""
        tensors = {name: np.asarray(tensor, dtype=np.float64) for name, tensor in self.tensors.items()}
        rates: dict[str, Array] = {self.network.input: np.asarray(self.x, dtype=np.float64)}
        result = rates[self.network.input]
        for node in self.network.nodes:
            total: Array | None = None
            for edge in node.edges:
                part = rates[edge.source]
                for each in edge.maps:
                    part = each.apply(part, tensors)
                total = part if total is None else total + part
            assert total is not None  # every node has an edge, see `shapes`
            result = rates[node.name] = ACTIVATIONS[node.activation](total)
        return result
