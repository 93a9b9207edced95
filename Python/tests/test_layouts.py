"""Which way round kernels stand and in which order layers follow: read from names and shapes, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from verify_cli import CaseError, VerifyCLI
from verify_cli.pytree import case_from_pytree, pytree_like

jax = pytest.importorskip("jax")
equinox = pytest.importorskip("equinox")
jnp = jax.numpy
jax.config.update("jax_enable_x64", True)


def random(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).normal(size=shape)


def mlp(widths: int, depth: int = 2) -> Any:
    return equinox.nn.MLP(
        widths, widths, widths, depth, activation=jnp.tanh, key=jax.random.key(0), dtype=jnp.float64)


def test_an_equinox_module_of_equal_widths_is_not_transposed(cli: VerifyCLI) -> None:
    module, alpha = mlp(5), 0.7
    x, y = jax.random.normal(jax.random.key(1), (3, 5)), np.zeros((3, 5))
    case = case_from_pytree(module, x, y, "squared-error", "tanh")
    assert np.array_equal(case.layers[1].weight, module.layers[1].weight)

    def loss(module: Any) -> Any:
        return (jax.vmap(module)(x) ** 2).sum(axis=1).mean() / 2

    after = pytree_like(module, cli.prox(case, alpha).layers)
    slope = equinox.filter_grad(loss)(after)
    for new, old, part in zip(after.layers, module.layers, slope.layers, strict=True):
        assert np.allclose(new.weight - old.weight, -alpha * part.weight, atol=1e-9)
        assert np.allclose(new.bias - old.bias, -alpha * part.bias, atol=1e-9)


def test_a_sequential_of_equinox() -> None:
    keys = jax.random.split(jax.random.key(0))
    module = equinox.nn.Sequential([
        equinox.nn.Linear(4, 6, key=keys[0], dtype=jnp.float64), equinox.nn.Lambda(jax.nn.relu),
        equinox.nn.Linear(6, 2, key=keys[1], use_bias=False, dtype=jnp.float64)])
    case = case_from_pytree(module, random(2, 4), random(2, 2), "squared-error", "relu")
    assert [layer.weight.shape for layer in case.layers] == [(6, 4), (2, 6)]
    assert case.layers[1].bias is None
    same = pytree_like(module, case.layers)
    assert np.array_equal(same.layers[2].weight, module.layers[2].weight) and same.layers[2].bias is None


def test_another_activation_is_seen_in_the_modules_own_outputs() -> None:
    with pytest.raises(CaseError, match="the case is not this network"):
        case_from_pytree(mlp(5), random(3, 5), np.zeros((3, 5)), "squared-error", "relu")


def test_modules_of_equinox_that_no_case_can_express() -> None:
    key = jax.random.key(0)
    with pytest.raises(CaseError, match="found Conv1d"):
        case_from_pytree(
            equinox.nn.Conv1d(1, 1, 1, key=key), random(3, 5), random(3, 5), "squared-error", "tanh")
    norm = equinox.nn.Sequential([equinox.nn.Linear(5, 5, key=key), equinox.nn.LayerNorm(5)])
    with pytest.raises(CaseError, match=r"layers\[1\] is LayerNorm: unsupported"):
        case_from_pytree(norm, random(3, 5), random(3, 5), "squared-error", "tanh")


@pytest.mark.parametrize(
    ("field", "transposed"), [("weight", False), ("kernel", True), ("w", True)])
def test_names_say_how_a_square_kernel_stands(field: str, transposed: bool) -> None:
    kernel = random(5, 5)
    tree = {"layer_0": {field: kernel, "bias": np.zeros(5)}}
    case = case_from_pytree(tree, random(3, 5), random(3, 5), "squared-error", "tanh")
    assert np.array_equal(case.layers[0].weight, kernel.T if transposed else kernel)


def test_a_square_kernel_without_a_name_is_refused_until_the_caller_says() -> None:
    kernel = random(5, 5)
    arguments: Any = ([(kernel, np.zeros(5))], random(3, 5), random(3, 5), "squared-error", "tanh")
    with pytest.raises(CaseError, match="in × out and as out × in; say layout="):
        case_from_pytree(*arguments)
    assert np.array_equal(case_from_pytree(*arguments, layout="out-in").layers[0].weight, kernel)
    assert np.array_equal(case_from_pytree(*arguments, layout="in-out").layers[0].weight, kernel.T)


def test_shapes_say_it_where_they_can() -> None:
    """Torch's layout without names: the square kernel follows its neighbours."""
    layers = [(random(5, 4), np.zeros(5)), (random(5, 5), np.zeros(5))]
    case = case_from_pytree(layers, random(3, 4), random(3, 5), "squared-error", "tanh")
    assert np.array_equal(case.layers[1].weight, layers[1][0])
    back = pytree_like(layers, case.layers)
    assert np.array_equal(back[1][0], layers[1][0])


def test_names_that_the_shapes_contradict() -> None:
    tree = {"layer_0": {"weight": random(4, 6), "bias": np.zeros(6)}}
    with pytest.raises(CaseError, match="do not follow each other from inputs of width 4"):
        case_from_pytree(tree, random(3, 4), random(3, 6), "squared-error", "tanh")


def test_the_users_own_function_has_the_last_word() -> None:
    layers = [(random(5, 5), np.zeros(5))]
    arguments: Any = (layers, random(3, 5), random(3, 5), "squared-error", "tanh")

    def apply(params: Any, x: Any) -> Any:
        return x @ params[0][0] + params[0][1]

    case_from_pytree(*arguments, layout="in-out", apply_fn=apply)
    with pytest.raises(CaseError, match="a transposed kernel"):
        case_from_pytree(*arguments, layout="out-in", apply_fn=apply)


def layer(inputs: int, outputs: int) -> dict[str, Any]:
    return {"kernel": random(inputs, outputs), "bias": np.zeros(outputs)}


@pytest.mark.parametrize(
    ("tree", "order"),
    [
        ({"linear_1": layer(5, 2), "linear": layer(3, 5)}, ["linear", "linear_1"]),  # Haiku
        ({1: layer(5, 2), 0: layer(3, 5)}, [0, 1]),
        ({"decoder_0": layer(5, 2), "encoder_0": layer(3, 5)}, ["encoder_0", "decoder_0"]),
        ({"dense32_1": layer(4, 2), "dense64_0": layer(3, 4)}, ["dense64_0", "dense32_1"]),
        ({"params": {"Dense_1": layer(5, 2), "Dense_0": layer(3, 5)}}, ["Dense_0", "Dense_1"]),  # Flax
    ])
def test_orders(tree: Any, order: list[Any]) -> None:
    case = case_from_pytree(tree, random(2, 3), random(2, 2), "squared-error", "tanh")
    inner = tree.get("params", tree)
    for key, found in zip(order, case.layers, strict=True):
        assert np.array_equal(found.weight, inner[key]["kernel"].T)
    back = pytree_like(tree, case.layers)
    assert list(back.get("params", back)) == list(inner)
    for key in order:
        assert np.array_equal(back.get("params", back)[key]["kernel"], inner[key]["kernel"])


def test_an_order_that_widths_leave_open_is_refused_until_the_caller_says() -> None:
    tree = {"encoder_0": layer(5, 5), "decoder_0": layer(5, 5)}
    arguments: Any = (tree, random(2, 5), random(2, 5), "squared-error", "tanh")
    with pytest.raises(CaseError, match=r"fit several orders; say order="):
        case_from_pytree(*arguments)
    order = ["encoder_0", "decoder_0"]
    case = case_from_pytree(*arguments, order=order)
    assert np.array_equal(case.layers[0].weight, tree["encoder_0"]["kernel"].T)
    assert np.array_equal(
        pytree_like(tree, case.layers, order=order)["decoder_0"]["kernel"], tree["decoder_0"]["kernel"])
    with pytest.raises(CaseError, match="order names"):
        case_from_pytree(*arguments, order=["encoder_0"])
