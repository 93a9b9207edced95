"""Numbers of every library, one or several, and batches in the shapes that users have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from verify_cli import Case, CaseError, Layer, VerifyCLI
from verify_cli.pytorch import case_from_torch

from models import batch, chain_case, model


@pytest.fixture
def case() -> Case:
    network = model(4, 5, 3, activation="tanh")
    x, y = batch(4, 3, 2, "softmax-cross-entropy")
    return chain_case(network, x, y, "softmax-cross-entropy")


@pytest.mark.parametrize(
    "alpha", [np.float64(0.1), np.float32(0.125), torch.tensor(0.1, dtype=torch.float64), np.array(0.1), 1])
def test_scalars_of_numpy_and_torch(cli: VerifyCLI, case: Case, alpha: Any) -> None:
    exact = cli.prox(case, alpha, tolerance=np.float64(1e-9))
    assert exact.report.iloc[0].alpha == pytest.approx(float(np.asarray(alpha).item()))


def test_one_learning_rate_or_several(cli: VerifyCLI, case: Case) -> None:
    pairs: list[tuple[Any, int]] = [(0.1, 1), (np.float64(0.1), 1), ([0.1, 1], 2), (np.array([0.1, 1.0]), 2)]
    for alphas, count in pairs:
        frame = cli.compare(case, alphas, rules="bp")
        assert len(frame) == count
    assert len(cli.audit(case, case.with_layers([
        Layer(layer.weight * 1.01, layer.bias) for layer in case.layers]), 0.5).results) == 1
    with pytest.raises(CaseError, match="no learning rate"):
        cli.compare(case, [])
    with pytest.raises(CaseError, match="alpha must be one number, found 'fast'"):
        cli.prox(case, "fast")  # type: ignore[arg-type]


def test_an_audit_of_two_different_problems_is_refused(cli: VerifyCLI, case: Case) -> None:
    for change, what in [
        ({"x": case.x + 1}, "different x"), ({"y": case.y[::-1] * 0 + 1 / 3}, "different y"),
        ({"activations": ("relu",)}, "has activations"), ({"loss": "squared-error"}, "has loss"),
    ]:
        with pytest.raises(CaseError, match=what):
            cli.audit(case, replace(case, **change))  # type: ignore[arg-type]


def test_shapes_that_one_call_mends() -> None:
    network = model(4, 3, activation="tanh")
    ones = torch.ones
    with pytest.raises(CaseError, match=r"call x.reshape\(len\(x\), -1\) first"):
        case_from_torch(network, ones(5, 2, 2).double(), ones(5, 3).double(), "squared-error", check=False)
    with pytest.raises(CaseError, match=r"for one example call x.reshape\(1, -1\) first"):
        case_from_torch(network, ones(4).double(), ones(1, 3).double(), "squared-error", check=False)
    with pytest.raises(CaseError, match=r"call y.reshape\(len\(y\), -1\) first"):
        case_from_torch(network, ones(5, 4).double(), ones(5, 3, 1).double(), "squared-error", check=False)


def test_a_number_for_each_example_fits_one_output() -> None:
    network = nn.Sequential(nn.Linear(4, 1)).double()
    case = chain_case(network, torch.ones(5, 4).double(), torch.ones(5).double(), "squared-error")
    assert case.y.shape == (5, 1)


@pytest.mark.parametrize("loss", ["softmax-cross-entropy", "squared-error", "sigmoid-cross-entropy"])
def test_the_cases_own_loss_is_the_programs(cli: VerifyCLI, loss: Any) -> None:
    for activation in ["identity", "relu", "leaky-relu", "tanh", "sigmoid", "softplus", "gelu"]:
        network = model(4, 5, 3, activation=activation)  # type: ignore[arg-type]
        x, y = batch(4, 3, 2, loss)
        case = chain_case(network, x, y, loss)
        assert cli.prox(case, 1e-3).report.iloc[0].lossBefore == pytest.approx(case.mean_loss(), rel=1e-12)
