"""The optimizer's steps satisfy the implicit equation by autograd; the log says what a step was."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from verify_cli import CaseError, VerifyCLI
from verify_cli.training import AuditLog, ImplicitSGD, toolkit_loss

from models import batch, model, weights

CRITERIA = {
    "softmax-cross-entropy": nn.CrossEntropyLoss, "squared-error": nn.MSELoss,
    "sigmoid-cross-entropy": nn.BCEWithLogitsLoss,
}


@pytest.mark.parametrize("loss", ["softmax-cross-entropy", "squared-error", "sigmoid-cross-entropy"])
def test_a_step_satisfies_the_implicit_equation_of_torchs_own_loss(cli: VerifyCLI, loss: str) -> None:
    network = model(5, 7, 3, activation="tanh")
    x, y = batch(5, 3, 4, loss)  # type: ignore[arg-type]
    criterion = CRITERIA[loss]()
    optimizer = ImplicitSGD(network.parameters(), lr=3.0, model=network, criterion=criterion, cli=cli)
    before = weights(network)

    def closure() -> Tensor:
        optimizer.zero_grad()
        value: Tensor = criterion(network(x), y)
        torch.autograd.backward(value)
        return value

    start = float(optimizer.step(closure).detach())
    value = criterion(network(x), y)
    slope = torch.cat([g.flatten() for g in torch.autograd.grad(value, list(network.parameters()))])
    step = weights(network) - before
    assert (step + 3.0 * slope).norm() < 1e-8 * step.norm()
    assert float(value.detach()) < start
    assert optimizer.last_report is not None and bool(optimizer.last_report.iloc[0].isExact)


def test_no_learning_rate_makes_a_step_increase_its_loss(cli: VerifyCLI) -> None:
    """T4, in a training loop, with a scheduler that turns the learning rate up."""
    network = model(5, 6, 3, activation="relu")
    criterion = nn.CrossEntropyLoss()
    optimizer = ImplicitSGD(network.parameters(), lr=0.1, model=network, criterion=criterion, cli=cli)
    for lr in [0.1, 10.0, 1e4]:
        optimizer.param_groups[0]["lr"] = lr
        x, y = batch(5, 3, 1, "softmax-cross-entropy")
        before = optimizer.step(lambda: criterion(network(x), y)).detach()
        assert criterion(network(x), y).detach() <= before


def test_closures_that_hide_something(cli: VerifyCLI) -> None:
    network, criterion = model(5, 3, activation="tanh"), nn.MSELoss()
    x, y = batch(5, 3, 2, "squared-error")
    optimizer = ImplicitSGD(network.parameters(), lr=1.0, model=network, criterion=criterion, cli=cli)
    unchanged = weights(network)
    with pytest.raises(ValueError, match="needs a closure"):
        optimizer.step()
    with pytest.raises(ValueError, match="called the model 2 times"):
        optimizer.step(lambda: criterion(network(x), y) + criterion(network(x), y))
    with pytest.raises(ValueError, match="criterion 0 times; expected once each, with the very objects"):
        optimizer.step(lambda: nn.MSELoss()(network(x), y))
    with pytest.raises(CaseError, match="the closure adds something"):
        optimizer.step(lambda: criterion(network(x), y) + 1)
    assert torch.equal(weights(network), unchanged)


def test_arguments() -> None:
    network, criterion = model(5, 3, activation="tanh"), nn.MSELoss()
    cli = VerifyCLI()
    with pytest.raises(ValueError, match="lr must be positive"):
        ImplicitSGD(network.parameters(), lr=0.0, model=network, criterion=criterion, cli=cli)
    with pytest.raises(ValueError, match="all parameters of the model"):
        ImplicitSGD([next(network.parameters())], lr=1.0, model=network, criterion=criterion, cli=cli)
    for refused, message in [
        (nn.CrossEntropyLoss(label_smoothing=0.1), "smooth the targets"),
        (nn.CrossEntropyLoss(weight=torch.ones(3)), "class weights"),
        (nn.MSELoss(reduction="sum"), "reduction='mean'"), (nn.L1Loss(), "L1Loss: expected"),
    ]:
        with pytest.raises(CaseError, match=message):
            toolkit_loss(refused, 3)


def test_a_log_has_a_row_for_each_audited_step(cli: VerifyCLI, tmp_path: Path) -> None:
    network = model(5, 6, 3, activation="tanh")
    log = AuditLog(network, "softmax-cross-entropy", file=tmp_path / "audit.csv", every=2, cli=cli)
    for number, optimizer in enumerate([
        torch.optim.SGD(network.parameters(), lr=0.5), torch.optim.SGD(network.parameters(), lr=0.1),
        torch.optim.Adam(network.parameters(), lr=0.01),
    ]):
        x, y = batch(5, 3, 4, "softmax-cross-entropy")
        with log.step(x, y):
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(network(x), y))
            optimizer.step()
    assert list(log.frame.step) == [0, 2]
    assert list(log.frame.verdict) == ["explicit", "adam"]
    assert log.frame.alpha[0] == pytest.approx(0.5)
    written = pd.read_csv(tmp_path / "audit.csv")
    assert list(written.step) == [0, 2] and list(written.verdict) == ["explicit", "adam"]
    assert (written.lossBefore > 0).all()


def test_a_step_that_fails_leaves_the_weights(cli: VerifyCLI) -> None:
    network, criterion = model(5, 3, activation="tanh"), nn.MSELoss()
    x, y = batch(5, 3, 2, "squared-error")
    optimizer = ImplicitSGD(
        network.parameters(), lr=1.0, model=network, criterion=criterion, cli=cli, tolerance=1e-30)
    before = deepcopy(network.state_dict())
    with pytest.raises(RuntimeError, match="exit code 70"):
        optimizer.step(lambda: criterion(network(x), y))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
