"""Models that look like `nn.Sequential` of `nn.Linear` and compute something else: each is refused by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune

from verify_cli import CaseError
from verify_cli.pytorch import case_from_torch, load_layers

from models import chain_case, weights


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()


def first(model: nn.Sequential) -> nn.Linear:
    linear = model[0]
    assert isinstance(linear, nn.Linear)
    return linear


class Summed(nn.Linear):
    """A linear layer with an addition that is no layer."""

    def forward(self, input: Tensor) -> Tensor:
        return nn.functional.linear(input, self.weight, self.bias) + input.sum(dim=1, keepdim=True)


class Shifted(nn.Sequential):
    def forward(self, input: Tensor) -> Tensor:
        out: Tensor = super().forward(input) + 1  # type: ignore[no-untyped-call]
        return out


def pruned(model: nn.Sequential) -> None:
    prune.l1_unstructured(model[0], "weight", 0.3)  # type: ignore[no-untyped-call]


def normalised(model: nn.Sequential) -> None:
    parametrizations.weight_norm(first(model))


def spectral(model: nn.Sequential) -> None:
    parametrizations.spectral_norm(first(model))


def hooked(model: nn.Sequential) -> None:
    first(model).register_forward_hook(lambda module, given, output: 2 * output)


def hooked_between(model: nn.Sequential) -> None:
    model[1].register_forward_pre_hook(lambda module, given: (2 * given[0],))


def hooked_outside(model: nn.Sequential) -> None:
    model.register_forward_hook(lambda module, given, output: 2 * output)


def summed(model: nn.Sequential) -> None:
    model[0] = Summed(4, 6).double()


def one_storage(model: nn.Sequential) -> None:
    storage = torch.randn(30, dtype=torch.float64)
    first(model).weight = nn.Parameter(storage[:24].view(6, 4))
    model[2].weight = nn.Parameter(storage[12:].view(3, 6))


def ends_with_sigmoid(model: nn.Sequential) -> None:
    model.append(nn.Sigmoid())


def drops_out(model: nn.Sequential) -> None:
    model.insert(1, nn.Dropout(0.5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (pruned, r"0 \(Linear\): its weight is computed from weight_orig"),
        (normalised, r"0 \(ParametrizedLinear\): its parameters are computed by a parametrization"),
        (spectral, "its parameters are computed by a parametrization"),
        (hooked, r"0 \(Linear\): it has forward hooks"),
        (hooked_between, r"1 \(Tanh\): it has forward pre hooks"),
        (hooked_outside, "the model: it has forward hooks"),
        (summed, r"sum in 0 \(Summed\): unsupported"),
        (one_storage, "2.weight shares its memory with 0.weight, and is neither the same matrix nor its transpose"),
        (ends_with_sigmoid, "ends with sigmoid.*takes logits"),
        (drops_out, r"1 \(Dropout\): the step would be random; call model.eval\(\)"),
    ])
def test_it_is_named(change: Callable[[nn.Sequential], None], message: str) -> None:
    model = network()
    change(model)
    outputs = model(torch.zeros(1, 4, dtype=torch.float64)).shape[1]
    x, y = torch.zeros(2, 4).double(), torch.zeros(2, outputs).double()
    with pytest.raises(CaseError, match=message):
        case_from_torch(model, x, y, "squared-error")
    with pytest.raises(CaseError, match=message):
        load_layers(model, [])


def test_the_old_weight_norm_is_named() -> None:
    model = network()
    with pytest.warns(FutureWarning):
        nn.utils.weight_norm(first(model))
    with pytest.raises(CaseError, match="its weight is computed from weight_g, weight_v"):
        case_from_torch(model, torch.zeros(1, 4).double(), torch.zeros(1, 3).double(), "squared-error")


def test_a_sequential_with_a_forward_of_its_own_is_named() -> None:
    model = Shifted(*network())
    with pytest.raises(CaseError, match=r"add in the model \(Shifted\): adds the constant 1, which is no parameter"):
        case_from_torch(model, torch.zeros(1, 4).double(), torch.zeros(1, 3).double(), "squared-error")


def test_dropout_that_is_switched_off_is_the_identity() -> None:
    model = network()
    plain = chain_case(model, torch.ones(1, 4).double(), torch.zeros(1, 3).double(), "squared-error")
    drops_out(model)
    model.eval()
    case = chain_case(model, torch.ones(1, 4).double(), torch.zeros(1, 3).double(), "squared-error")
    assert case.activations == ("tanh",)
    assert case.mean_loss() == plain.mean_loss()
    load_layers(model, plain.layers)
    assert weights(model).numel() == 24 + 6 + 18 + 3


def test_weights_side_by_side_in_one_storage_are_separate() -> None:
    """A flat buffer of all parameters, as some optimizers keep it, is no sharing."""
    model, storage = network(), torch.randn(42, dtype=torch.float64)
    first(model).weight = nn.Parameter(storage[:24].view(6, 4))
    model[2].weight = nn.Parameter(storage[24:].view(3, 6))
    case_from_torch(model, torch.ones(1, 4).double(), torch.zeros(1, 3).double(), "squared-error")


def test_what_no_type_tells_is_seen_in_the_outputs() -> None:
    model = network()
    first(model).forward = lambda input: 2 * nn.functional.linear(  # type: ignore[method-assign]
        input, first(model).weight, first(model).bias)
    x, y = torch.ones(1, 4).double(), torch.zeros(1, 3).double()
    with pytest.raises(CaseError, match="the case is not this network: its loss on the batch is"):
        case_from_torch(model, x, y, "squared-error")
    assert chain_case(model, x, y, "squared-error", check=False).activations == ("tanh",)
