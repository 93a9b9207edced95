"""`verify-cli` as functions that take cases and return data frames."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .arrays import Array, number
from .case import Case, Layer, layers_of, read_weights
from .errors import CaseError, UnsolvedError, VerifyError
from .problem import Problem
from .program import find_program

#: Weights alone: by name, or the layers of a chain.
Weights = Mapping[str, Array] | Sequence[Layer]


@dataclass(frozen=True)
class ExactUpdate:
    """The exact implicit update of a case.

    Attributes:
        report: one row: objective, losses, implicit residual, curvature, …
        weights: the new weights θ⁺ by the names of the case, in double precision.
        layers: the same as layers, where the case is a chain; empty for a graph.
    """

    report: pd.DataFrame
    weights: Mapping[str, Array]
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Audit:
    """What somebody's own update is.

    Attributes:
        verdict: `explicit`, `implicit`, `implicit-equation`, `explicit-or-implicit`, the name of a
            rule, `ascent`, one with an addition (`explicit-with-decay`, `explicit-layerwise`, `adam`,
            `momentum`, …), `neither`, `unchanged` or `hidden-by-rounding`.
        text: the verdict in words.
        alpha: the learning rate of the match, if there is one.
        fits: the learning rates that fit best, one row for each hypothesis.
        results: one row for each learning rate asked for.
        parameters: one row for each tensor: how far it moved.
        held_fixed: tensors that did not move although their gradient is not zero.
    """

    verdict: str
    text: str
    alpha: float | None
    fits: pd.DataFrame
    results: pd.DataFrame
    parameters: pd.DataFrame
    held_fixed: tuple[str, ...]


class VerifyCLI:
    """The program, by path.

    Provenance (version, command, BLAS) is in the `attrs["provenance"]` of every data frame.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        """Finds the program at `path`, or where `find_program` says.

        Raises:
            FileNotFoundError: if it is nowhere.
        """
        self.path = find_program() if path is None else Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"no verify-cli at {self.path}; run 'make build' first")

    def prox(
        self, case: Problem, alpha: float, *, tolerance: float = 1e-10, starts: int = 0, proved: bool = False
    ) -> ExactUpdate:
        """Solves for the exact implicit update.

        Args:
            alpha: the learning rate; NumPy's and torch's scalars will do.
            tolerance: the bound on the implicit residual.
            starts: look for other local minima from this many random starts.
            proved: also prove that an exact update exists near this one; the report's columns that begin with
                `proved` say how near (`provedDistance` bounds ‖Δ − Δ*‖ relative to ‖Δ*‖), `notEnclosed` why not.

        Raises:
            UnsolvedError: if the tolerance was not reached.
            VerifyError: for bad data.
        """
        with tempfile.TemporaryDirectory() as folder:
            plus = Path(folder, "plus.safetensors")
            output = self._run(
                ["prox", _saved(case, folder), f"--alpha={number(alpha, 'alpha')!r}",
                 f"--tolerance={number(tolerance, 'tolerance')!r}",
                 f"--starts={starts}", "--output", str(plus), *(["--proved"] if proved else [])])
            weights = read_weights(plus)
        return ExactUpdate(_frame([output]), weights, layers_of(weights) if isinstance(case, Case) else ())

    def compare(
        self, case: Problem, alphas: float | Sequence[float], *, rules: str | Sequence[str] | None = None,
        proved: bool = False
    ) -> pd.DataFrame:
        """How far the rules' updates are from the exact one: a row for each α and rule.

        Args:
            rules: names of rules, all by default.
            proved: also prove the distances: columns that end in `Lower` and `Upper` bound them.
        """
        if isinstance(rules, str):
            rules = [rules]
        with tempfile.TemporaryDirectory() as folder:
            chosen = ["--rules", ",".join(rules)] if rules is not None else []
            chosen += ["--proved"] if proved else []
            return _frame(
                self._run(["compare", _saved(case, folder), f"--alpha={_list(alphas)}", *chosen]))

    def audit(
        self, before: Problem, after: Problem | Weights, alphas: float | Sequence[float] = (), *,
        previous: Problem | Weights | None = None
    ) -> Audit:
        """What the step from `before` to `after` is.

        Args:
            after: the case with the new weights, or only the weights: by name, or the layers of a chain.
            alphas: learning rates to compare at as well; those that fit best are found anyway.
            previous: the weights one step before `before`, from which momentum is recognised.

        Raises:
            CaseError: if `before` and `after` differ in more than their weights.
        """
        if isinstance(after, Problem):
            _require_same_problem(before, after)
        with tempfile.TemporaryDirectory() as folder:
            def weights(name: str, source: Problem | Weights) -> str:
                path = str(Path(folder, f"{name}.safetensors"))
                _with_weights(before, source).save(path)
                return path

            chosen = [f"--alpha={_list(alphas)}"] if np.size(alphas) else []
            if previous is not None:
                chosen.append(f"--previous={weights('previous', previous)}")
            output = self._run(["audit", _saved(before, folder), weights("after", after), *chosen])
        fits = [
            {"hypothesis": name, **output[name]}
            for name in ("nearestExplicit", "consistentImplicit", "nearestImplicit") if output[name]
        ]
        attributes = output["provenance"]
        return Audit(
            verdict=output["verdict"], text=output["verdictText"], alpha=output["verdictAlpha"],
            fits=_frame(fits, attributes), results=_frame(output["results"], attributes),
            parameters=_frame(output["parameters"], attributes),
            held_fixed=tuple(output["heldFixed"]))

    def _run(self, arguments: list[str]) -> Any:
        done = subprocess.run(
            [str(self.path), *arguments, "--format", "json", "--quiet"],
            capture_output=True, text=True, check=False)
        message = done.stderr.strip()
        if done.returncode == 70 and done.stdout:
            raise UnsolvedError(message, json.loads(done.stdout))
        if done.returncode != 0:
            raise VerifyError(done.returncode, message)
        return json.loads(done.stdout)


def _saved(case: Problem, folder: str) -> str:
    path = str(Path(folder, "case.safetensors"))
    case.save(path)
    return path


def _with_weights(case: Problem, source: Problem | Weights) -> Problem:
    if isinstance(source, Problem):
        return case.with_weights(source.weights)
    if isinstance(source, Mapping):
        return case.with_weights(source)
    if not isinstance(case, Case):
        raise CaseError("the case is a graph; give the weights by name")
    return case.with_layers(source)


def _require_same_problem(before: Problem, after: Problem) -> None:
    if type(before) is not type(after):
        raise CaseError("one of the two cases is a chain of dense layers, the other a graph")
    for what in ["activations", "network", "loss"]:
        one, other = getattr(before, what, None), getattr(after, what, None)
        if one != other:
            raise CaseError(f"the case before the step has {what} {one}, the one after it {other}")
    for what in ["x", "y"]:
        if not np.array_equal(getattr(before, what), getattr(after, what)):
            raise CaseError(
                f"the two cases have different {what}; make both with the mini-batch of the step")


def _list(alphas: Any) -> str:
    """One learning rate or several, as the command line takes them."""
    if not hasattr(alphas, "__len__") or np.ndim(alphas) == 0:
        return repr(number(alphas, "alpha"))
    if not len(alphas):
        raise CaseError("no learning rate was given")
    return ",".join(repr(number(alpha, "alpha")) for alpha in alphas)


def _frame(rows: list[dict[str, Any]], provenance: Any = None) -> pd.DataFrame:
    origin = provenance or (rows[0].get("provenance") if rows else None)
    frame = pd.DataFrame([{k: v for k, v in row.items() if k != "provenance"} for row in rows])
    frame.attrs["provenance"] = origin
    return frame
