"""From a PyTorch model to a graph.

A value of the trace is a sum of edges: linear maps of the rates of nodes that exist already. An activation makes
a node of it; so does a layer whose input is no single node seen through fixed maps.
"""

from .signals import ShapeNeeded
from .trace import Traced, trace

__all__ = ["ShapeNeeded", "Traced", "trace"]
