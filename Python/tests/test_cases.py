"""What becomes a case, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from verify_cli import Case, CaseError, Layer, VerifyCLI, VerifyError, read_layers
from verify_cli.pytorch import case_from_torch, load_layers

from models import chain_case, model, weights


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(*shape, dtype=torch.float64)


def test_nested_models_flatten_and_class_labels() -> None:
    network = nn.Sequential(
        nn.Flatten(), nn.Sequential(nn.Linear(4, 3), nn.GELU()), nn.Linear(3, 3), nn.ReLU(),
        nn.Linear(3, 2, bias=False)).double()
    case = chain_case(network, ones(5, 2, 2), torch.tensor([0, 1, 1, 0, 1]), "softmax-cross-entropy")
    assert case.activations == ("gelu", "relu")
    assert case.x.shape == (5, 4)
    assert case.y.tolist() == [[1, 0], [0, 1], [0, 1], [1, 0], [0, 1]]
    assert case.layers[2].bias is None


def test_linear_layers_in_a_row_have_the_identity_between_them() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)).double()
    assert chain_case(network, ones(1, 2), ones(1, 2), "squared-error").activations == ("identity",)


def test_a_case_is_a_copy_of_the_weights() -> None:
    network = model(2, 3, 2, activation="tanh")
    case = chain_case(network, ones(1, 2), ones(1, 2), "squared-error")
    before = case.layers[0].weight.copy()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1)
    assert np.array_equal(case.layers[0].weight, before)


def test_round_trip_through_a_file(tmp_path: Path) -> None:
    network = model(3, 4, 2, activation="tanh")
    case = chain_case(network, ones(2, 3), ones(2, 2), "squared-error")
    case.save(tmp_path / "case.safetensors")
    for one, other in zip(case.layers, read_layers(tmp_path / "case.safetensors"), strict=True):
        assert np.array_equal(one.weight, other.weight)
        assert one.bias is not None and other.bias is not None
        assert np.array_equal(one.bias, other.bias)
    copy = model(3, 4, 2, activation="tanh")
    load_layers(copy, case.layers)
    assert torch.equal(weights(copy), weights(network))


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ([nn.Conv2d(1, 1, 3), nn.Linear(2, 2)], r"0 .Conv2d.: 0.weight takes 1 channels .* found shape \(2,\)"),
        ([nn.Linear(2, 2), nn.Softmax(dim=1)], "takes logits"),
        ([nn.Linear(2, 2), nn.Tanh()], "must end with nn.Linear"),
        ([nn.Linear(2, 2), nn.Dropout(), nn.Linear(2, 2)], "random"),
        ([nn.Linear(2, 2), nn.LeakyReLU(0.2), nn.Linear(2, 2)], "negative_slope=0.01"),
        ([nn.Linear(2, 2), nn.Softplus(beta=2), nn.Linear(2, 2)], "beta=1"),
        ([nn.Linear(2, 2), nn.GELU(approximate="tanh"), nn.Linear(2, 2)], "approximate='none'"),
        ([], "no nn.Linear"),
    ])
def test_models_that_no_case_can_express(modules: list[nn.Module], message: str) -> None:
    network = nn.Sequential(*modules).double()
    with pytest.raises(CaseError, match=message):
        case_from_torch(network, ones(1, 2), ones(1, 2), "squared-error")


def test_batches_that_do_not_fit() -> None:
    network = model(2, 3, activation="tanh")
    labels = torch.tensor([0, 3])
    with pytest.raises(CaseError, match="neither one-hot nor a probability"):
        case_from_torch(network, ones(1, 2), ones(1, 3), "softmax-cross-entropy")
    with pytest.raises(CaseError, match="from 0 to 3 do not fit 3 outputs"):
        case_from_torch(network, ones(2, 2), labels, "softmax-cross-entropy")
    with pytest.raises(CaseError, match="must be integers"):
        case_from_torch(network, ones(2, 2), labels.double(), "softmax-cross-entropy")
    with pytest.raises(CaseError, match=r"x has shape \(1, 4\), expected \(B, 2\)"):
        case_from_torch(network, ones(1, 4), ones(1, 3), "squared-error")
    with pytest.raises(CaseError, match=r"y has shape \(1, 4\), expected \(1, 3\)"):
        case_from_torch(network, ones(1, 2), ones(1, 4), "squared-error")
    with pytest.raises(CaseError, match="between 0 and 1"):
        case_from_torch(network, ones(1, 2), 2 * ones(1, 3), "sigmoid-cross-entropy")
    with pytest.raises(CaseError, match="bfloat16"):
        case_from_torch(network.bfloat16(), ones(1, 2), ones(1, 3), "squared-error")


def test_names_that_do_not_exist() -> None:
    layer = Layer(np.ones((2, 2)))
    with pytest.raises(CaseError, match="no loss 'hinge'"):
        Case((layer,), np.ones((1, 2)), np.ones((1, 2)), (), "hinge")  # type: ignore[arg-type]
    with pytest.raises(CaseError, match="no activation 'swish'"):
        Case((layer, layer), np.ones((1, 2)), np.ones((1, 2)), ("swish",), "squared-error")  # type: ignore[arg-type]


def test_what_only_the_program_can_see_is_bad_data(cli: VerifyCLI) -> None:
    case = Case((Layer(np.array([[np.nan]])),), np.ones((1, 1)), np.ones((1, 1)), (), "squared-error")
    with pytest.raises(VerifyError, match="layers.0.weight") as failure:
        cli.prox(case, 1.0)
    assert failure.value.exit_code == 65
    with pytest.raises(VerifyError) as failure:
        cli.prox(case, -1.0)
    assert failure.value.exit_code == 64


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError, match="make build"):
        VerifyCLI("/nonexistent/verify-cli")
