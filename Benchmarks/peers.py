#!/usr/bin/env python3
"""Compares verify-cli with general optimisers on the same cases, side by side.

    python Benchmarks/peers.py [--verify-cli PATH] [--sections exact] [--cases 3] [--limit 60]

Prints one Markdown table for each section. See README.md beside this file.
"""

import os

# Before NumPy and JAX are imported: everybody computes on one thread, in double precision.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse
import functools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optimistix
import scipy.optimize
from jax.flatten_util import ravel_pytree
from safetensors.numpy import load_file, save_file

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

GOAL = 1e-10
COARSE = 1e-6


# --- Cases ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """A row of the comparison: networks of one shape, fresh weights for each case."""

    widths: tuple
    batch: int
    activation: str
    repeats: int = 1

    @property
    def name(self):
        return f"{'-'.join(map(str, self.widths))} {self.activation}, {self.batch}"


@dataclass
class Case:
    """One network with a mini-batch, before the step."""

    shape: Shape
    layers: list
    x: np.ndarray
    y: np.ndarray

    @staticmethod
    def draw(shape, seed):
        """Weights uniform in ±1/√fan-in, as PyTorch draws them; inputs like pixels."""
        generator = np.random.default_rng(seed)
        layers = []
        for fan_in, fan_out in zip(shape.widths, shape.widths[1:]):
            bound = fan_in**-0.5
            layers.append((generator.uniform(-bound, bound, (fan_out, fan_in)),
                           generator.uniform(-bound, bound, fan_out)))
        x = np.maximum(0, 2 * generator.uniform(size=(shape.batch, shape.widths[0])) - 1)
        labels = generator.integers(shape.widths[-1], size=shape.batch)
        return Case(shape, layers, x, np.eye(shape.widths[-1])[labels])

    def write(self, path):
        """The case format of verify-cli."""
        tensors = {"x": self.x, "y": self.y}
        for n, (weight, bias) in enumerate(self.layers):
            tensors[f"layers.{n}.weight"] = weight
            tensors[f"layers.{n}.bias"] = bias
        save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, path)


# --- The objective, for the peers -----------------------------------------------------------------

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


class Objective:
    """P(θ) = L(θ) + ‖θ − θ_b‖²/(2α) over one flat vector, compiled once for each shape."""

    _compiled = {}

    def __init__(self, case, alpha):
        start, unravel = ravel_pytree(case.layers)
        self.start = np.asarray(start)
        self.arguments = (jnp.asarray(start), jnp.asarray(case.x), jnp.asarray(case.y), alpha)
        key = case.shape.name
        if key not in self._compiled:
            self._compiled[key] = self._compile(ACTIVATIONS[case.shape.activation], unravel)
        self.function, self._gradient, self._product = self._compiled[key]
        # The first calls compile; they do not count.
        self._product(self.start, self.start, *self.arguments)[0].block_until_ready()
        self.scale = float(np.linalg.norm(self.value_and_gradient(self.start)[1]))

    @staticmethod
    def _compile(activation, unravel):
        def value(theta, before, x, y, alpha):
            rates = x
            layers = unravel(theta)
            for n, (weight, bias) in enumerate(layers):
                activity = rates @ weight.T + bias
                rates = activation(activity) if n + 1 < len(layers) else activity
            loss = -jnp.mean(jnp.sum(y * jax.nn.log_softmax(rates), axis=1))
            change = theta - before
            return loss + change @ change / (2 * alpha)

        def product(theta, direction, *arguments):
            gradient = lambda point: jax.grad(value)(point, *arguments)
            return jax.jvp(gradient, (theta,), (direction,))[1]

        return value, jax.jit(jax.value_and_grad(value)), jax.jit(product)

    def value_and_gradient(self, theta):
        value, gradient = self._gradient(theta, *self.arguments)
        return float(value), np.asarray(gradient)

    def product(self, theta, direction):
        return np.asarray(self._product(theta, direction, *self.arguments))

    def relative_gradient(self, theta):
        return float(np.linalg.norm(self.value_and_gradient(theta)[1])) / self.scale


# --- Runs -------------------------------------------------------------------------------------


@dataclass
class Run:
    """When a method first came to each relative gradient, and the least it came to."""

    reached: dict = field(default_factory=dict)
    least: float = float("inf")

    def note(self, relative, seconds):
        self.least = min(self.least, relative)
        for goal in (COARSE, GOAL):
            if relative <= goal:
                self.reached.setdefault(goal, seconds)


class Finished(Exception):
    """The goal or the time limit is reached."""


class Watched:
    """The objective as a SciPy method sees it; notes every gradient that it asks for."""

    def __init__(self, objective, limit):
        self.objective, self.limit, self.run = objective, limit, Run()
        self.began = time.process_time()

    def __call__(self, theta):
        value, gradient = self.objective.value_and_gradient(theta)
        elapsed = time.process_time() - self.began
        self.run.note(float(np.linalg.norm(gradient)) / self.objective.scale, elapsed)
        if self.run.least <= GOAL or elapsed > self.limit:
            raise Finished
        return value, gradient

    def minimize(self, method, **options):
        try:
            scipy.optimize.minimize(
                self, self.objective.start, jac=True, method=method, **options)
        except Finished:
            pass
        return self.run


def scipy_trust_ncg(objective, limit):
    return Watched(objective, limit).minimize(
        "trust-ncg", hessp=objective.product,
        options={"gtol": GOAL * objective.scale, "maxiter": 100_000})


def scipy_lbfgs(objective, limit):
    return Watched(objective, limit).minimize(
        "L-BFGS-B",
        options={"gtol": 0, "ftol": 0, "maxiter": 100_000, "maxfun": 1_000_000, "maxls": 50})


@functools.cache
def optimistix_solve(function, tolerance):
    """Compiled once for each shape of networks."""
    solver = optimistix.LBFGS(rtol=tolerance, atol=tolerance)
    return jax.jit(lambda start, arguments: optimistix.minimise(
        lambda theta, arguments: function(theta, *arguments), solver, start, args=arguments,
        max_steps=20_000, throw=False).value)


def optimistix_lbfgs(objective, limit):
    """Its own criteria end it, so it is run with stricter and stricter ones, each timed anew."""
    run = Run()
    for tolerance in (1e-4, 1e-6, 1e-8, 1e-10, 1e-12):
        solve = optimistix_solve(objective.function, tolerance)
        solve(objective.start, objective.arguments).block_until_ready()
        began = time.process_time()
        found = np.asarray(solve(objective.start, objective.arguments))
        seconds = time.process_time() - began
        run.note(objective.relative_gradient(found), seconds)
        if run.least <= GOAL or seconds > limit:
            break
    return run


def torch_lbfgs(objective, limit):
    """PyTorch's L-BFGS with strong Wolfe line search, on the same compiled objective."""
    run = Run()
    theta = torch.tensor(objective.start, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [theta], max_iter=100_000, max_eval=1_000_000, history_size=10, tolerance_grad=0,
        tolerance_change=0, line_search_fn="strong_wolfe")
    began = time.process_time()

    def closure():
        value, gradient = objective.value_and_gradient(theta.detach().numpy())
        theta.grad = torch.tensor(gradient)
        elapsed = time.process_time() - began
        run.note(float(np.linalg.norm(gradient)) / objective.scale, elapsed)
        if run.least <= GOAL or elapsed > limit:
            raise Finished
        return torch.tensor(value)

    # It gives up where y·s falls below an absolute bound or a line search fails: then it begins anew, as
    # long as that helps.
    try:
        while True:
            before = run.least
            optimizer.state.clear()
            optimizer.step(closure)
            if run.least >= before:
                break
    except Finished:
        pass
    return run


def verify_cli(program, case, alpha, directory):
    """The solve's processor time, its certificate, and the relative gradient at its point."""
    before, after = Path(directory, "case.safetensors"), Path(directory, "plus.safetensors")
    case.write(before)
    after.unlink(missing_ok=True)
    tolerance = 1e-10 if case.shape.batch == 1 else 1e-9
    result = subprocess.run(
        [program, "prox", str(before), "--activation", case.shape.activation, "--loss",
         "softmax-cross-entropy", "--alpha", str(alpha), "--tolerance", str(tolerance),
         "--repeats", str(case.shape.repeats), "--format", "json", "--output", str(after)],
        capture_output=True, text=True)
    report = json.loads(result.stdout)
    relative = float("nan")
    if after.exists():
        tensors = load_file(after)
        layers = [(tensors[f"layers.{n}.weight"], tensors[f"layers.{n}.bias"])
                  for n in range(len(case.layers))]
        relative = Objective(case, alpha).relative_gradient(np.asarray(ravel_pytree(layers)[0]))
    return report, relative


# --- Sections ---------------------------------------------------------------------------------


def milliseconds(seconds):
    return "–" if seconds is None else f"{1e3 * seconds:.3g} ms"


def median(values):
    return statistics.median(values) if values else float("nan")


def summary(runs, goal):
    """The median time to a goal, or how near the worst run came to it."""
    times = [run.reached.get(goal) for run in runs]
    if None not in times:
        return median(times), milliseconds(median(times))
    return None, f"no: {max(run.least for run in runs):.0e}"


PEERS = {
    "SciPy trust-ncg": scipy_trust_ncg,
    "SciPy L-BFGS": scipy_lbfgs,
    "Optimistix L-BFGS": optimistix_lbfgs,
}
if torch is not None:
    PEERS["PyTorch L-BFGS"] = torch_lbfgs

EXACT_SHAPES = [
    Shape((8, 16, 16, 4), 1, "tanh", repeats=1001),
    Shape((784, 256, 256, 10), 1, "tanh", repeats=11),
    Shape((784, 256, 256, 10), 64, "tanh"),
    Shape((784, 256, 256, 10), 1, "relu", repeats=11),
]


def exact_section(options):
    """Time to the exact update: every peer on the same weights and the same mini-batch."""
    yield ("Time to a relative gradient of 1e-10 (for L-BFGS also of 1e-6), median of "
           f"{options.cases} cases. “no: x”: it came no nearer than x.")
    header = ["network, mini-batch", "α", "verify-cli", "its relative gradient"]
    for name in PEERS:
        header.append(name)
        if name != "SciPy trust-ncg":
            header.append("to 1e-6")
    header.append("best peer / verify-cli")
    yield "| " + " | ".join(header) + " |"
    yield "|---|" + "---:|" * (len(header) - 1)
    for shape in EXACT_SHAPES:
        if options.only and options.only not in shape.name:
            continue
        cases = [Case.draw(shape, seed) for seed in range(1, options.cases + 1)]
        for alpha in options.alpha:
            yield exact_row(options, shape, cases, alpha)


def exact_row(options, shape, cases, alpha):
    with tempfile.TemporaryDirectory() as directory:
        own = [verify_cli(options.verify_cli, case, alpha, directory) for case in cases]
    solved = all(report["isExact"] for report, _ in own)
    seconds = median([report["processorSeconds"] for report, _ in own])
    # At kinks the ordinary gradient does not vanish; the certificate uses the subdifferential.
    kinks = median([report["kinkedUnits"] for report, _ in own])
    gradient = (f"{median([relative for _, relative in own]):.0e}" if kinks == 0
                else f"{kinks:.0f} units on kinks")
    row = [shape.name, f"{alpha:g}", milliseconds(seconds) if solved else "not solved", gradient]
    objectives = [Objective(case, alpha) for case in cases]
    best = None
    for name, peer in PEERS.items():
        print(f"{shape.name}, α = {alpha:g}: {name}", file=sys.stderr)
        runs = [peer(objective, options.limit) for objective in objectives]
        time_to_goal, text = summary(runs, GOAL)
        row.append(text)
        if name != "SciPy trust-ncg":
            row.append(summary(runs, COARSE)[1])
        if time_to_goal is not None:
            best = min(best or time_to_goal, time_to_goal)
    row.append(f"{best / seconds:.3g}" if best and solved else "–")
    return "| " + " | ".join(row) + " |"


SECTIONS = {"exact": exact_section}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify-cli", default=".build/release/verify-cli")
    parser.add_argument("--sections", default=",".join(SECTIONS))
    parser.add_argument("--alpha", default="0.01,0.1,1,10,100")
    parser.add_argument("--cases", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60, help="seconds for one run of a peer")
    parser.add_argument("--only", default="", help="only rows whose name contains this")
    options = parser.parse_args()
    options.alpha = [float(value) for value in options.alpha.split(",")]
    for name in options.sections.split(","):
        for line in SECTIONS[name](options):
            print(line, flush=True)
    versions = [f"JAX {jax.__version__}", f"SciPy {scipy.__version__}",
                f"Optimistix {optimistix.__version__}"]
    versions.append(f"PyTorch {torch.__version__}" if torch else "PyTorch not installed")
    print("\n" + ", ".join(versions) + "; float64, one thread, processor times.")


if __name__ == "__main__":
    main()
