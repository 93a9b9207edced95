"""Equinox modules with convolutions, read layer by layer; functions are known by what they do."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from verify_cli import Case, CaseError, GraphCase
from verify_cli.equinox import case_from_equinox, equinox_like

jax = pytest.importorskip("jax")
equinox = pytest.importorskip("equinox")
jnp = jax.numpy
jax.config.update("jax_enable_x64", True)
nn = equinox.nn
KEYS = jax.random.split(jax.random.key(0), 8)


def random(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).normal(size=shape)


def cnn() -> Any:
    return nn.Sequential([
        nn.Conv2d(2, 4, 3, stride=(2, 1), padding=1, groups=2, key=KEYS[0], dtype=jnp.float64),
        nn.Lambda(jnp.tanh), nn.AvgPool2d(2, 2, padding=1),
        nn.Sequential([nn.Conv2d(4, 3, 2, use_bias=False, key=KEYS[1], dtype=jnp.float64), nn.Lambda(jax.nn.relu)]),
        nn.Lambda(jnp.ravel), nn.Linear(18, 5, key=KEYS[2], dtype=jnp.float64), nn.Identity(),
        nn.Linear(5, 3, key=KEYS[3], dtype=jnp.float64)])


def test_a_convolutional_sequential_is_a_graph_and_comes_back() -> None:
    module, x = cnn(), random(3, 2, 7, 6)
    case = case_from_equinox(module, x, np.array([0, 2, 1]), "softmax-cross-entropy")
    assert isinstance(case, GraphCase)
    expected = np.asarray(jax.vmap(module)(x))
    assert np.abs(case.logits() - expected).max() < 1e-13
    assert set(case.tensors) == {
        "layers.0.weight", "layers.0.bias", "layers.3.layers.0.weight", "layers.5.weight", "layers.5.bias",
        "layers.7.weight", "layers.7.bias"}
    doubled = equinox_like(module, case.with_weights({name: 2 * array for name, array in case.tensors.items()}))
    for new, old in zip(jax.tree.leaves(doubled), jax.tree.leaves(module), strict=True):
        if equinox.is_array_like(old) and np.ndim(old):
            assert np.array_equal(new, 2 * old)
    with pytest.raises(CaseError, match="there is no layers.0.weight for an array"):
        equinox_like(nn.MLP(2, 2, 2, 1, key=KEYS[0]), case.with_weights(case.tensors))


@pytest.mark.parametrize(
    ("function", "name"),
    [(jax.nn.relu, "relu"), (jnp.tanh, "tanh"), (jax.nn.sigmoid, "sigmoid"), (jax.nn.softplus, "softplus"),
     (jax.nn.leaky_relu, "leaky-relu"), (partial(jax.nn.gelu, approximate=False), "gelu"), (lambda a: a, "identity")])
def test_functions_are_known_by_what_they_do(function: Any, name: str) -> None:
    module = nn.MLP(4, 3, 6, 2, activation=function, key=KEYS[0], dtype=jnp.float64)
    case = case_from_equinox(module, random(2, 4), random(2, 3), "squared-error")
    assert isinstance(case, Case)
    assert case.activations == (name, name)
    same = equinox_like(module, case)
    assert np.array_equal(same.layers[1].weight, module.layers[1].weight)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (nn.Lambda(jax.nn.gelu), r"layers.1 \(Lambda\): is none of .*GELU is meant with approximate=False"),
        (nn.Lambda(jax.lax.stop_gradient), r"layers.1 \(Lambda\): .*stop_gradient"),
        (nn.Lambda(lambda a: a + 1), r"layers.1 \(Lambda\): is none of"),
        (nn.MaxPool2d(2), r"layers.1 \(MaxPool2d\): unsupported; use average pooling"),
        (nn.LayerNorm((4, 3, 3)), r"layers.1 \(LayerNorm\): unsupported"),
        (nn.Dropout(0.5), r"layers.1 \(Dropout\): the step would be random"),
        (nn.AvgPool2d(2, 1, use_ceil=True), "use_ceil=False"),
        (nn.Conv2d(4, 4, 2, padding="SAME", key=KEYS[0]), "same padding before and behind"),
        (nn.Conv2d(4, 4, 2, dilation=2, key=KEYS[0]), "dilation 1"),
        (nn.Linear(3, 3, key=KEYS[0]), r"layers.1 \(Linear\): layers.1.weight takes vectors of 3 numbers"),
    ])
def test_it_is_refused_by_name(layer: Any, message: str) -> None:
    module = nn.Sequential([nn.Conv2d(1, 4, 2, key=KEYS[0]), layer, nn.Lambda(jnp.ravel), nn.Linear(36, 2, key=KEYS[1])])
    with pytest.raises(CaseError, match=message):
        case_from_equinox(module, random(2, 1, 4, 4), random(2, 2), "squared-error")


def test_a_module_of_the_users_own_is_refused() -> None:
    class Own(equinox.Module):  # type: ignore[misc, name-defined]
        layer: Any

        def __call__(self, x: Any) -> Any:
            return self.layer(x) ** 2

    with pytest.raises(CaseError, match="Own.*unsupported"):
        case_from_equinox(Own(nn.Linear(2, 2, key=KEYS[0])), random(2, 2), random(2, 2), "squared-error")


def test_a_layer_used_twice_is_refused() -> None:
    one = nn.Linear(3, 3, key=KEYS[0])
    module = nn.Sequential([one, nn.Lambda(jnp.tanh), one])
    with pytest.raises(CaseError, match="used at two places"):
        case_from_equinox(module, random(2, 3), random(2, 3), "squared-error")
