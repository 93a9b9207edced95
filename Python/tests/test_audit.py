"""What real optimizers' steps are audited as."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from verify_cli import Audit, Loss, VerifyCLI
from verify_cli.pytorch import case_from_torch, load_layers, torch_loss

from models import batch, model

LOSS: Loss = "softmax-cross-entropy"


def audit_step(
    cli: VerifyCLI, network: nn.Sequential, x: Tensor, y: Tensor, loss: Loss,
    optimizer: Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer],
    value: Callable[[Tensor], Tensor] | None = None, alphas: tuple[float, ...] = (),
) -> Audit:
    """One step of the optimizer on `value(logits)`, by default the toolkit's own loss."""
    before = case_from_torch(network, x, y, loss)
    stepper = optimizer(network.parameters())
    logits = network(x)
    result = torch_loss(logits, y, loss) if value is None else value(logits)
    torch.autograd.backward(result)
    stepper.step()
    return cli.audit(before, case_from_torch(network, x, y, loss), alphas)


@pytest.mark.parametrize("single", [False, True])
def test_sgd_is_explicit(cli: VerifyCLI, single: bool) -> None:
    network = model(6, 8, 7, 3, activation="relu")
    x, y = batch(6, 3, 4, LOSS)
    if single:
        network, x, y = network.float(), x.float(), y.float()
    audit = audit_step(cli, network, x, y, LOSS, lambda p: torch.optim.SGD(p, lr=0.5))
    assert audit.verdict == "explicit"
    assert audit.alpha == pytest.approx(0.5, rel=1e-5)
    assert audit.held_fixed == ()


def test_the_exact_update_is_implicit(cli: VerifyCLI) -> None:
    network = model(6, 8, 7, 3, activation="tanh")
    x, y = batch(6, 3, 1, LOSS)
    case = case_from_torch(network, x, y, LOSS)
    after = deepcopy(network)
    load_layers(after, cli.prox(case, 0.7).layers)
    audit = cli.audit(case, case_from_torch(after, x, y, LOSS), [0.7])
    assert audit.verdict == "implicit"
    assert audit.alpha == pytest.approx(0.7)
    assert audit.results.iloc[0].implicitDistance < 1e-8


def test_the_first_step_of_adam_is_recognised(cli: VerifyCLI) -> None:
    network = model(6, 8, 7, 3, activation="tanh")
    x, y = batch(6, 3, 4, LOSS)
    audit = audit_step(cli, network, x, y, LOSS, lambda p: torch.optim.Adam(p, lr=0.01))
    assert audit.verdict == "adam"
    assert audit.alpha == pytest.approx(0.01, rel=1e-6)


def test_weight_decay_is_recognised(cli: VerifyCLI) -> None:
    network = model(6, 8, 7, 3, activation="tanh")
    x, y = batch(6, 3, 4, LOSS)
    audit = audit_step(
        cli, network, x, y, LOSS, lambda p: torch.optim.SGD(p, lr=0.5, weight_decay=0.1))
    assert audit.verdict == "explicit-with-decay"
    assert audit.alpha == pytest.approx(0.5, rel=1e-6)


def test_frozen_biases_are_named(cli: VerifyCLI) -> None:
    network = model(6, 8, 3, activation="tanh")
    x, y = batch(6, 3, 4, LOSS)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.endswith("bias"))
    audit = audit_step(cli, network, x, y, LOSS, lambda p: torch.optim.SGD(p, lr=0.5))
    assert audit.verdict == "explicit"
    assert audit.held_fixed == ("layers.0.bias", "layers.1.bias")


@pytest.mark.parametrize(
    ("loss", "value", "factor"),
    [
        ("softmax-cross-entropy", nn.CrossEntropyLoss(), 1.0),
        ("squared-error", nn.MSELoss(), 2 / 3),
        ("sigmoid-cross-entropy", nn.BCEWithLogitsLoss(), 1 / 3),
    ])
def test_learning_rates_of_torchs_own_losses(
    cli: VerifyCLI, loss: Loss, value: nn.Module, factor: float
) -> None:
    """The factors that `torch_loss` documents, for three outputs."""
    network = model(6, 8, 3, activation="tanh")
    x, y = batch(6, 3, 4, loss)
    audit = audit_step(
        cli, network, x, y, loss, lambda p: torch.optim.SGD(p, lr=0.6),
        value=lambda logits: value(logits, y))
    assert audit.verdict == "explicit"
    assert audit.alpha == pytest.approx(0.6 * factor, rel=1e-9)


def test_no_step_is_unchanged(cli: VerifyCLI) -> None:
    network = model(6, 8, 3, activation="tanh")
    x, y = batch(6, 3, 1, LOSS)
    case = case_from_torch(network, x, y, LOSS)
    assert cli.audit(case, case).verdict == "unchanged"
