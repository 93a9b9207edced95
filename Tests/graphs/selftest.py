"""The reference by itself, without the program: derivatives, a dense Newton solve, and the descriptions.

    selftest.py        prints one line for each check; the exit code is 1 if any fails
"""
from __future__ import annotations

import sys

import torch

import interpreter
from definition import Case, Objective, flat, solve
from networks import NETWORKS


def checks():
    for name, (network, sizes) in NETWORKS.items():
        large = sum(torch.tensor(shape).prod().item() for shape in network.shapes.values()) > 10_000
        for size in sizes:
            case = Case.random(network, size, seed=1)
            yield f"{name}, B = {size}: description against functions", description_error(case), 1e-13
            yield f"{name}, B = {size}: gradient against differences", gradient_error(case), 1e-7
            if not large:
                yield f"{name}, B = {size}: Newton–CG against dense Newton", dense_error(case, 1.0), 1e-10


def description_error(case: Case) -> float:
    """Logits of the functions and of the description, which plain loops interpret."""
    ours = interpreter.logits(case.network.description, case.tensors, case.x)
    theirs = case.network.forward(case.tensors, case.x)
    return float((ours - theirs).abs().max() / theirs.abs().max())


def gradient_error(case: Case) -> float:
    """The slope in a direction, half the gradient's and half random, against a central difference."""
    objective = Objective(case, 0.7)
    generator = torch.Generator().manual_seed(5)
    point, other = (torch.randn(len(objective.base), dtype=torch.float64, generator=generator) for _ in range(2))
    point = 0.3 * point / point.norm()
    gradient = objective.gradient(point)
    direction = gradient / gradient.norm() + other / other.norm()
    size = 1e-5
    slope = float(objective.gradient(point) @ direction)
    difference = float(objective(point + size * direction) - objective(point - size * direction)) / (2 * size)
    return abs(slope - difference) / abs(slope)


def dense_error(case: Case, alpha: float) -> float:
    """Against Newton's method with the whole Hessian and a direct solve, damped by nothing."""
    objective = Objective(case, alpha)
    update = torch.zeros_like(objective.base)
    found = solve(case, alpha).update
    # From a point nearby, so that both go to the same minimum.
    update = 0.999 * found
    for _ in range(12):
        hessian = torch.autograd.functional.hessian(objective, update, vectorize=True)
        update = update - torch.linalg.solve(hessian, objective.gradient(update))
    smallest = float(torch.linalg.eigvalsh(hessian)[0])
    if not smallest > 0:
        return float("inf")
    return float((update - found).norm() / found.norm())


failed = False
for what, error, bound in checks():
    failed |= not error <= bound
    print(f"{'ok  ' if error <= bound else 'FAIL'} {what}: {error:.1e}", flush=True)
sys.exit(failed)
