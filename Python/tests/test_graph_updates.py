"""Exact updates of graphs satisfy the implicit equation by torch's autograd, weights shared or not."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from verify_cli import CaseError, GraphCase, Loss, VerifyCLI, VerifyError
from verify_cli.pytorch import case_from_torch, load_update
from verify_cli.training import ImplicitSGD

from graphs import LeNet, LowRank, Recurrent, Residual, Sequence1d, Tied
from models import batch, gradient, value, weights

SHAPES: dict[type[nn.Module], tuple[tuple[int, ...], int]] = {
    LeNet: ((1, 8, 8), 3), Residual: ((4,), 3), Tied: ((6,), 6), Recurrent: ((3, 2), 3), Sequence1d: ((8,), 3)}


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("size", [1, 4])
def test_implicit_equation(cli: VerifyCLI, kind: type[nn.Module], size: int) -> None:
    shape, outputs = SHAPES[kind]
    before, alpha = kind().double(), 2.0
    loss: Loss = "squared-error" if kind is Tied else "softmax-cross-entropy"
    _, y = batch(1, outputs, size, loss)
    x = torch.randn(size, *shape).double()
    case = case_from_torch(before, x, y, loss)
    assert isinstance(case, GraphCase)
    exact = cli.prox(case, alpha)
    after = deepcopy(before)
    load_update(after, exact)
    step = weights(after) - weights(before)
    assert (step + alpha * gradient(after, x, y, loss)).norm() < 1e-8 * step.norm()
    report = exact.report.iloc[0]
    assert report.lossBefore == pytest.approx(value(before, x, y, loss), rel=1e-12)
    assert report.lossAfter == pytest.approx(value(after, x, y, loss), rel=1e-12)
    assert report.isExact and exact.layers == ()


def test_distances_are_those_that_torch_computes(cli: VerifyCLI) -> None:
    loss: Loss = "softmax-cross-entropy"
    before = nn.Sequential(LowRank(4, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    x, y = batch(4, 3, 2, loss)
    case = case_from_torch(before, x, y, loss)
    after = deepcopy(before)
    load_update(after, cli.prox(case, 0.5))
    exact = weights(after) - weights(before)
    row = cli.compare(case, 0.5, rules="bp").iloc[0]
    distance = (-0.5 * gradient(before, x, y, loss) - exact).norm() / exact.norm()
    assert row.relativeDistance == pytest.approx(float(distance), rel=1e-7)


def test_implicit_sgd_trains_a_network_with_tied_weights(cli: VerifyCLI) -> None:
    model, criterion = Tied().double(), nn.MSELoss()
    optimizer = ImplicitSGD(model.parameters(), lr=20.0, model=model, criterion=criterion, cli=cli)
    x = torch.randn(5, 6).double()
    losses = [float(optimizer.step(lambda: criterion(model(x), x)).detach()) for _ in range(4)]
    assert losses == sorted(losses, reverse=True) and losses[-1] < 0.8 * losses[0]


def test_a_step_on_a_graph_is_audited(cli: VerifyCLI) -> None:
    model, criterion = Tied().double(), nn.MSELoss()
    x = torch.randn(3, 6).double()
    before = case_from_torch(model, x, x, "squared-error")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    torch.autograd.backward(criterion(model(x), x))
    optimizer.step()
    audit = cli.audit(before, case_from_torch(model, x, x, "squared-error"))
    # nn.MSELoss averages over six outputs as well, and has no half.
    assert audit.verdict == "explicit" and audit.alpha == pytest.approx(0.3 * 2 / 6)
    exact = cli.prox(before, 2.0)
    assert cli.audit(before, before.with_weights(exact.weights), 2.0).verdict == "implicit"


def test_what_the_program_has_for_chains_only_is_said(cli: VerifyCLI) -> None:
    model = Tied().double()
    x = torch.randn(2, 6).double()
    case = case_from_torch(model, x, x, "squared-error")
    assert isinstance(case, GraphCase)
    with pytest.raises(VerifyError, match="proved"):
        cli.prox(case, 1.0, proved=True)
    with pytest.raises(CaseError, match="give the weights by name"):
        cli.audit(case, [])
