"""Models that are graphs: what is read of them, against the models' own outputs and gradients."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

from verify_cli import Case, CaseError, GraphCase
from verify_cli.pytorch import case_from_torch, load_layers, load_update

from graphs import Forward, LeNet, LowRank, Perceptron, Recurrent, Residual, Sequence1d, Shortcut, Tied
from models import chain_case, weights

SHAPES: dict[type[nn.Module], tuple[int, ...]] = {
    LeNet: (1, 8, 8), Residual: (4,), Tied: (6,), Recurrent: (3, 2), Shortcut: (2, 5, 7), Sequence1d: (8,)}


def graph_case(model: nn.Module, *shape: int, size: int = 4, check: bool = True) -> GraphCase:
    x = torch.randn(size, *shape, dtype=torch.float64)
    with torch.no_grad():
        outputs = model(x).shape[1]
    case = case_from_torch(model, x, torch.randn(size, outputs).double(), "squared-error", check=check)
    assert isinstance(case, GraphCase)
    return case


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("size", [1, 4])
def test_a_graph_has_the_models_outputs_and_all_its_weights(kind: type[nn.Module], size: int) -> None:
    model = kind().double()
    case = graph_case(model, *SHAPES[kind], size=size)
    with torch.no_grad():
        expected = model(torch.from_numpy(case.x)).numpy()
    assert np.abs(case.logits() - expected).max() < 1e-13 * max(1, np.abs(expected).max())
    assert set(case.tensors) == {name for name, _ in model.named_parameters()}


def described(case: GraphCase) -> Any:
    return json.loads(case.network.description())


def test_a_description_of_convolutions(tmp_path: Path) -> None:
    case = graph_case(LeNet().double(), 1, 8, 8)
    case.save(tmp_path / "case.safetensors")
    with safe_open(tmp_path / "case.safetensors", framework="numpy") as file:
        metadata = file.metadata()
        assert set(file.keys()) == {"x", "y", "conv1.weight", "conv1.bias", "conv2.weight", "fc.weight", "fc.bias"}
    assert metadata["loss"] == "squared-error" and "activation" not in metadata
    assert json.loads(metadata["network"]) == {
        "version": 1, "input": {"name": "x", "shape": [1, 8, 8]},
        "nodes": [
            {"name": "conv1", "activation": "tanh", "from": [{"node": "x", "maps": [
                {"kind": "convolution", "weight": "conv1.weight", "bias": "conv1.bias", "stride": [1, 1],
                 "padding": [2, 2], "groups": 1}]}]},
            {"name": "conv2", "activation": "gelu", "from": [{"node": "conv1", "maps": [
                {"kind": "average-pool", "size": [2, 2], "stride": [2, 2], "padding": [0, 0]},
                {"kind": "convolution", "weight": "conv2.weight", "stride": [2, 1], "padding": [0, 0],
                 "groups": 1}]}]},
            {"name": "outputs", "activation": "identity", "from": [{"node": "conv2", "maps": [
                {"kind": "average-pool", "size": [2, 2], "stride": [1, 1], "padding": [1, 0]},
                {"kind": "flatten"}, {"kind": "dense", "weight": "fc.weight", "bias": "fc.bias"}]}]},
        ],
        "output": "outputs"}


def test_a_skip_is_an_edge_without_maps_and_a_value_used_twice_is_a_node() -> None:
    nodes = described(graph_case(Residual().double(), 4))["nodes"]
    assert [node["name"] for node in nodes] == ["enter", "blocks.0.0", "add", "blocks.1.0", "sum", "outputs"]
    assert [node["activation"] for node in nodes] == ["identity", "tanh", "identity", "tanh", "sigmoid", "identity"]
    assert nodes[2]["from"] == [
        {"node": "enter", "maps": []},
        {"node": "blocks.0.0", "maps": [
            {"kind": "dense", "weight": "blocks.0.2.weight"}, {"kind": "scale", "factor": 0.5}]}]


def test_a_tied_weight_is_one_tensor_at_two_places() -> None:
    case = graph_case(Tied().double(), 6)
    assert set(case.tensors) == {"encoder.weight", "encoder.bias", "offset"}
    assert described(case)["nodes"][1]["from"][0]["maps"] == [
        {"kind": "dense", "weight": "encoder.weight", "bias": "offset", "transposed": True}]


@pytest.mark.parametrize("transposed", [False, True])
def test_two_parameters_on_one_memory_are_one_tensor(transposed: bool) -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4)).double()
    first = model[0].weight
    assert isinstance(first, nn.Parameter)
    model[2].weight = nn.Parameter(first.detach().t() if transposed else first.detach())
    case = graph_case(model, 4)
    assert set(case.tensors) == {"0.weight", "0.bias", "2.bias"}
    last = described(case)["nodes"][1]["from"][0]["maps"][0]
    assert last.get("transposed", False) == transposed and last["weight"] == "0.weight"


def test_a_module_used_twice_and_a_tied_bias() -> None:
    one = nn.Linear(2, 2)
    assert set(graph_case(nn.Sequential(one, nn.Tanh(), one).double(), 2).tensors) == {"0.weight", "0.bias"}
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2)).double()
    bias = model[0].bias
    assert isinstance(bias, nn.Parameter)
    model[2].bias = bias
    assert set(graph_case(model, 2).tensors) == {"0.weight", "0.bias", "2.weight"}


def test_a_recurrence_reads_its_steps_as_slices() -> None:
    nodes = described(graph_case(Recurrent().double(), 3, 2))["nodes"]
    assert [edge["maps"][0] for node in nodes[:3] for edge in node["from"] if edge["node"] == "x"] == [
        {"kind": "slice", "start": 2 * t, "length": 2} for t in range(3)]
    assert [len(node["from"]) for node in nodes] == [1, 2, 2, 1]


def test_a_subclass_of_a_layer_is_read_by_what_it_computes() -> None:
    case = graph_case(nn.Sequential(LowRank(4, 5), nn.Tanh(), nn.Linear(5, 3)).double(), 4)
    assert set(case.tensors) == {"0.weight", "0.bias", "0.down", "0.up", "2.weight", "2.bias"}


def test_a_module_that_is_a_chain_keeps_the_format_of_chains() -> None:
    model = Perceptron().double()
    x, y = torch.randn(2, 4).double(), torch.randn(2, 3).double()
    case = chain_case(model, x, y, "squared-error")
    assert [layer.weight.shape for layer in case.layers] == [(5, 4), (3, 5)]
    assert case.activations == ("leaky-relu",)
    other = Perceptron().double()
    load_layers(other, case.layers)
    assert torch.equal(weights(other), weights(model))


def test_new_weights_come_back_by_name() -> None:
    model, other = LeNet().double(), LeNet().double()
    case = graph_case(model, 1, 8, 8)
    load_update(other, case)
    assert torch.equal(weights(other), weights(model))
    with pytest.raises(CaseError, match="no chain of nn.Linear; give its exact update to load_update"):
        load_layers(model, [])
    with pytest.raises(CaseError, match="the model has no parameter conv1.weight"):
        load_update(Residual(), case)
    with pytest.raises(CaseError, match="the new weights lack conv1.bias"):
        case.with_weights({"conv1.weight": case.tensors["conv1.weight"]})


def by(function: Callable[[Any, Tensor], Tensor]) -> nn.Module:
    return Forward(function)


@pytest.mark.parametrize(
    ("model", "shape", "message"),
    [
        (nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 3)), (1, 5, 5),
         r"1 \(MaxPool2d\): max-pooling is not supported; use average pooling"),
        (nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 3)), (4,), r"1 \(BatchNorm1d\): normalisation"),
        (nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.Linear(4, 3)), (4,), r"1 \(LayerNorm\): normalisation"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, dilation=2), nn.Flatten(), nn.Linear(2, 3)), (1, 5, 5), "dilation"),
        (nn.Sequential(nn.Conv1d(1, 2, 3, padding=1, padding_mode="circular"), nn.Flatten(), nn.Linear(10, 3)), (1, 5),
         r"0 \(Conv1d\): padding_mode='circular'"),
        (nn.Sequential(nn.Conv1d(1, 2, 3), nn.AvgPool1d(3, padding=1, count_include_pad=False), nn.Flatten(),
                       nn.Linear(2, 3)), (1, 5), "count_include_pad=True"),
        (nn.Sequential(nn.ConvTranspose1d(1, 2, 3), nn.Flatten(), nn.Linear(14, 3)), (1, 5), "ConvTranspose1d.: unsup"),
        (nn.Sequential(nn.Linear(4, 4), nn.SiLU(), nn.Linear(4, 3)), (4,), r"1 \(SiLU\): unsupported"),
        (nn.Sequential(nn.Linear(4, 4), nn.PReLU(), nn.Linear(4, 3)), (4,), r"1 \(PReLU\): unsupported"),
        (nn.Sequential(nn.Linear(4, 3)), (2, 4), r"x has shape \(2, 2, 4\), expected \(B, 4\)"),
        (nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Linear(3, 3)), (1, 5),
         r"2 \(Linear\): takes vectors of 3 numbers, found the shape \(2, 3\)"),
        (by(lambda m, x: m.two(F.max_pool1d(m.one(x), 1))), (4,), "max_pool1d in the model.*: unsupported"),
        (by(lambda m, x: m.two(m.one(x) * x)), (4,), "multiplies two values"),
        (by(lambda m, x: m.two(m.one(x) * m.one.bias)), (4,), "multiplies two values"),
        (by(lambda m, x: m.two(m.one(x) + 1)), (4,), "adds the constant 1"),
        (by(lambda m, x: m.two(m.one(x) + m.fixed)), (4,), "a tensor that is no parameter of the model"),
        (by(lambda m, x: m.two(torch.softmax(m.one(x), 1))), (4,), "softmax"),
        (by(lambda m, x: m.two(torch.cat([m.one(x)[:, :2], x[:, 2:]], 1))), (4,), "cat"),
        (by(lambda m, x: m.two(m.one(x).detach())), (4,), "detach"),
        (by(lambda m, x: m.two(m.one(x)) if x.sum() > 0 else m.two(x)), (4,), "cannot be traced: TraceError"),
        (by(lambda m, x: m.two(x)), (4,), "one.weight, one.bias are not used by the model's forward"),
        (by(lambda m, x: m.two(torch.relu(m.one(x)[:, [0, 2, 1, 3]]))), (4,), r"expected all examples"),
        (by(lambda m, x: m.two(torch.relu(m.one(x).flip(1)))), (4,), "flip"),
        (by(lambda m, x: m.two(m.one(x)).flatten()), (4,), "flattens the examples together"),
        (by(lambda m, x: (lambda a: m.two(F.relu_(a) + a))(m.one(x))), (4,), "in place, which is used again"),
        (by(lambda m, x: m.two(m.one(x).view(4, -1))), (4,), "keep the first axis as it is"),
    ])
def test_it_is_refused_by_name(model: nn.Module, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        case_from_torch(
            model.double(), torch.ones(2, *shape).double(), torch.ones(2, 3).double(), "squared-error", check=False)


@pytest.mark.parametrize(
    "function",
    [
        lambda m, x: m.two(torch.relu(torch.add(m.one(x), x, alpha=-3))),
        lambda m, x: m.two(torch.tanh(m.one(x) - x / 4)),
        lambda m, x: m.two(sum([m.one(torch.sigmoid(m.one(x))), -x])),
        lambda m, x: m.two(torch.relu((lambda a, b: torch.tanh(m.one(a)) * 2 + b)(x, x))),
        lambda m, x: torch.tanh(x @ m.one.weight.T + m.one.bias) @ m.two.weight.mT + m.two.bias,
        lambda m, x: m.two(torch.tanh(torch.matmul(m.one(x), m.one.weight))),
        lambda m, x: m.two(F.leaky_relu(F.linear(m.one(x), m.one.weight.transpose(0, 1), m.one.bias), 0.01)),
        lambda m, x: m.two(F.gelu(m.one(x.clone().view(-1, 2, 2).flatten(1)))),
        lambda m, x: m.two(m.one(x).relu_().reshape(x.shape[0], x.shape[1])),
        lambda m, x: m.two(F.dropout(F.softplus(m.one(x)), training=False) + x),
    ])
def test_what_users_write(function: Callable[[Any, Tensor], Tensor]) -> None:
    """The check on outputs and gradients is what these pass."""
    x, y = torch.randn(3, 4).double(), torch.randn(3, 3).double()
    case = case_from_torch(Forward(function).double(), x, y, "squared-error")
    assert set(case.weights) == {"one.weight", "one.bias", "two.weight", "two.bias"} or isinstance(case, Case)


@pytest.mark.parametrize(
    "function",
    [
        lambda m, x: m.two(torch.tanh(m.one(x[:, 0]) + m.one(x[:, 1]))),
        lambda m, x: m.two(torch.tanh(m.one(x.unbind(1)[1]) - m.one(x.unbind(dim=1)[0]))),
        lambda m, x: m.two(torch.tanh(m.one(x.chunk(2, 1)[1].squeeze(1)) + m.one(torch.split(x, 1, 1)[0].flatten(1)))),
        lambda m, x: m.two(torch.tanh(m.one(x[:, 1, :]) + x.flatten(1)[:, 2:6])),
        lambda m, x: m.two(torch.tanh(m.one(x[..., 1, :])) + x.view(x.size(0), -1)[:, 4:]),
    ])
def test_parts_of_an_example(function: Callable[[Any, Tensor], Tensor]) -> None:
    graph_case(Forward(function).double(), 2, 4)


@pytest.mark.parametrize("steps", [(1, 2), (4, 3), (2, 5), (3, 1)])
def test_every_kth_place(steps: tuple[int, int]) -> None:
    class Every(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            rows, columns = -(-5 // steps[0]), -(-6 // steps[1])
            self.out = nn.Linear(2 * rows * columns, 3)

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.out(torch.tanh(x[:, :, ::steps[0], ::steps[1]]).flatten(1))
            return out

    case = graph_case(Every().double(), 2, 5, 6)
    assert described(case)["nodes"][0]["from"][0]["maps"] == [{"kind": "subsample", "stride": list(steps)}]


def frozen_part(m: Any, x: Tensor) -> Tensor:
    with torch.no_grad():
        h = m.one(x)
    out: Tensor = m.two(torch.tanh(h))
    return out


def test_gradients_that_the_model_holds_back_are_seen() -> None:
    """`no_grad` leaves no mark in outputs and in the trace."""
    x, y = torch.randn(3, 4).double(), torch.randn(3, 3).double()
    with pytest.raises(CaseError, match="the model's own gradient of one.weight is not that of its loss"):
        case_from_torch(Forward(frozen_part).double(), x, y, "squared-error")
    model = Forward(lambda m, x: m.two(torch.tanh(m.one(x)))).double()
    model.one.requires_grad_(False)  # said openly, as a user freezes a layer: an audit finds it held fixed
    assert isinstance(case_from_torch(model, x, y, "squared-error"), Case)


def test_a_weight_that_the_file_would_drop_is_refused() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.extra, self.out = nn.Linear(4, 4), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.out(torch.tanh(self.extra(x)) + x)
            return out

    with pytest.raises(CaseError, match="a weight cannot be called 'extra.weight'"):
        graph_case(Named().double(), 4)


def test_single_precision_is_kept() -> None:
    model = LeNet()
    x, labels = torch.randn(3, 1, 8, 8), torch.tensor([0, 2, 1])
    case = case_from_torch(model, x, labels, "softmax-cross-entropy")
    assert isinstance(case, GraphCase)
    assert case.tensors["conv1.weight"].dtype == np.float32 and case.y.tolist()[1] == [0, 0, 1]
