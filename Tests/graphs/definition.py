"""The exact update by its definition, in weight space: min L(w) + ‖w − w_b‖²/(2α) by Newton's method.

Nothing here knows of activities or Gram matrices. Gradients and Hessian products are PyTorch's autograd in double
precision; the Newton system is solved by conjugate gradients, and a step is halved until the objective falls.
"""
from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from networks import Network, Tensors


def mean_loss(logits: torch.Tensor, y: torch.Tensor, loss: str) -> torch.Tensor:
    """Half squares, or cross-entropies summed over outputs; the mean over examples."""
    if loss == "squared-error":
        return ((logits - y) ** 2).sum(1).mean() / 2
    if loss == "softmax-cross-entropy":
        return -(y * F.log_softmax(logits, dim=1)).sum(1).mean()
    return (F.softplus(logits, threshold=40) - y * logits).sum(1).mean()


@dataclass(frozen=True)
class Case:
    """A network with weights and a mini-batch."""

    network: Network
    tensors: Tensors
    x: torch.Tensor
    y: torch.Tensor

    @staticmethod
    def random(network: Network, examples: int, seed: int) -> Case:
        """Weights of variance 1/fan-in, Gaussian inputs; one-hot targets, or Gaussian ones for squared error."""
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> torch.Tensor:
            return torch.randn(*shape, dtype=torch.float64, generator=generator)

        tensors = {}
        for name, shape in network.shapes.items():
            fan_in = torch.tensor(shape[1:]).prod().item() if len(shape) > 1 else 100
            tensors[name] = normal(*shape) / fan_in ** 0.5
        x = normal(examples, *network.description["input"]["shape"])
        if network.loss == "squared-error":
            y = normal(examples, network.outputs)
        else:
            labels = torch.randint(0, network.outputs, (examples,), generator=generator)
            y = F.one_hot(labels, network.outputs).double()
        return Case(network, tensors, x, y)

    def loss(self, tensors: Tensors) -> torch.Tensor:
        return mean_loss(self.network.forward(tensors, self.x), self.y, self.network.loss)


@dataclass(frozen=True)
class Solution:
    """An update with how far it is from solving Δ + α∇L = 0."""

    update: torch.Tensor
    objective: float
    loss_before: float
    loss_after: float
    relative_gradient: float
    iterations: int
    products: int


class Objective:
    """P(Δ) = L(w_b + Δ) + ‖Δ‖²/(2α) of a vector Δ."""

    def __init__(self, case: Case, alpha: float) -> None:
        self.case, self.alpha = case, alpha
        self.base = flat(case.tensors)

    def loss(self, update: torch.Tensor) -> torch.Tensor:
        return self.case.loss(unflat(self.base + update, self.case.tensors))

    def __call__(self, update: torch.Tensor) -> torch.Tensor:
        return self.loss(update) + (update @ update) / (2 * self.alpha)

    def gradient(self, update: torch.Tensor) -> torch.Tensor:
        point = update.detach().requires_grad_()
        return torch.autograd.grad(self(point), point)[0]

    def product(self, update: torch.Tensor):
        """v ↦ ∇²P(Δ) v, with one graph for all products."""
        point = update.detach().requires_grad_()
        slope = torch.autograd.grad(self(point), point, create_graph=True)[0]

        def apply(vector: torch.Tensor) -> torch.Tensor:
            return torch.autograd.grad(slope, point, vector, retain_graph=True)[0]
        return apply


def solve(
    case: Case, alpha: float, tolerance: float = 1e-12, start: torch.Tensor | None = None
) -> Solution:
    """Newton's method from Δ = 0 or `start` until ‖Δ + α∇L‖ ≤ tolerance·‖Δ‖, or until no step helps any more."""
    objective = Objective(case, alpha)
    zero = torch.zeros_like(objective.base)
    before = float(objective.loss(zero))
    update = zero if start is None else start
    iterations = products = 0
    gradient = objective.gradient(update)

    def relative() -> float:
        size = float(update.norm())
        return alpha * float(gradient.norm()) / size if size else float("inf")

    def finished() -> Solution:
        return Solution(
            update, float(objective(update)), before, float(objective.loss(update)), relative(), iterations, products)

    while relative() > tolerance and iterations < 200:
        apply = objective.product(update)
        # The forcing term makes the last steps as exact as rounding allows.
        forcing = min(0.1, float(gradient.norm()) ** 0.5, max(1e-13, 0.1 * relative()))
        step, count = conjugate_gradients(apply, -gradient, max(forcing, 1e-13))
        products += count
        length, value = 1.0, float(objective(update))
        while True:
            candidate = update + length * step
            slope = objective.gradient(candidate)
            # Near the solution values are equal to rounding; there the gradient decides.
            falls = float(objective(candidate)) <= value + 1e-4 * length * float(gradient @ step)
            if falls or (relative() < 1e-5 and float(slope.norm()) < float(gradient.norm())):
                break
            length /= 2
            if length < 1e-12:
                return finished()
        update, gradient, iterations = candidate, slope, iterations + 1
    return finished()


def conjugate_gradients(apply, right, forcing, limit=2000):
    """Steihaug's method without a radius: stops at negative curvature with what it has."""
    solution, residual = torch.zeros_like(right), right.clone()
    direction, square = residual.clone(), float(right @ right)
    goal = forcing * square ** 0.5
    for count in range(1, limit + 1):
        image = apply(direction)
        curvature = float(direction @ image)
        if curvature <= 0:
            return (solution if count > 1 else right), count
        size = square / curvature
        solution = solution + size * direction
        residual = residual - size * image
        new = float(residual @ residual)
        if new ** 0.5 <= goal:
            break
        direction = residual + (new / square) * direction
        square = new
    return solution, count


def flat(tensors: Tensors) -> torch.Tensor:
    return torch.cat([tensor.reshape(-1) for tensor in tensors.values()])


def unflat(vector: torch.Tensor, like: Tensors) -> Tensors:
    parts = vector.split([tensor.numel() for tensor in like.values()])
    return {name: part.view(tensor.shape) for (name, tensor), part in zip(like.items(), parts)}
