"""Models, batches and derivatives that owe nothing to the toolkit: torch's own autograd."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from verify_cli import Activation, Case, Loss
from verify_cli.pytorch import case_from_torch, torch_loss

MODULES: dict[Activation, type[nn.Module]] = {
    "identity": nn.Identity, "relu": nn.ReLU, "leaky-relu": nn.LeakyReLU, "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid, "softplus": nn.Softplus, "gelu": nn.GELU,
}


def model(*widths: int, activation: Activation, bias: bool = True) -> nn.Sequential:
    """A multilayer perceptron in double precision."""
    modules: list[nn.Module] = []
    for n, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        if n:
            modules.append(MODULES[activation]())
        modules.append(nn.Linear(inputs, outputs, bias=bias))
    return nn.Sequential(*modules).double()


def batch(inputs: int, outputs: int, size: int, loss: Loss) -> tuple[Tensor, Tensor]:
    x = torch.randn(size, inputs, dtype=torch.float64)
    if loss == "squared-error":
        return x, torch.randn(size, outputs, dtype=torch.float64)
    if loss == "sigmoid-cross-entropy":
        return x, torch.randint(0, 2, (size, outputs)).double()
    return x, nn.functional.one_hot(torch.randint(0, outputs, (size,)), outputs).double()


def chain_case(network: nn.Module, x: Tensor, y: Tensor, loss: Loss, *, check: bool = True) -> Case:
    """The case of a model that must be read as a chain of dense layers."""
    case = case_from_torch(network, x, y, loss, check=check)
    assert isinstance(case, Case)
    return case


def weights(network: nn.Module) -> Tensor:
    """All parameters as one vector, copied."""
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def gradient(network: nn.Module, x: Tensor, y: Tensor, loss: Loss) -> Tensor:
    """∇L by autograd."""
    value = torch_loss(network(x), y, loss)
    return torch.cat([g.flatten() for g in torch.autograd.grad(value, list(network.parameters()))])


def value(network: nn.Module, x: Tensor, y: Tensor, loss: Loss) -> float:
    with torch.no_grad():
        return float(torch_loss(network(x), y, loss))


def relative(a: Tensor, b: Tensor) -> float:
    """‖a − b‖/‖b‖."""
    return float((a - b).norm() / b.norm())
