"""JAX: the exact update satisfies the implicit equation by JAX's own gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from verify_cli import CaseError, VerifyCLI
from verify_cli.pytree import case_from_pytree, pytree_like

jax = pytest.importorskip("jax")
jnp = jax.numpy
jax.config.update("jax_enable_x64", True)


def parameters(*widths: int) -> list[tuple[Any, Any]]:
    keys = jax.random.split(jax.random.key(3), 2 * len(widths))
    return [
        (jax.random.normal(keys[2 * n], shape) / shape[0] ** 0.5,
         jax.random.normal(keys[2 * n + 1], shape[1:]))
        for n, shape in enumerate(zip(widths, widths[1:]))
    ]


def loss(params: Any, x: Any, y: Any) -> Any:
    """Softmax cross-entropy of a softplus network, as a JAX user writes it."""
    *hidden, (kernel, bias) = params
    for weight, offset in hidden:
        x = jax.nn.softplus(x @ weight + offset)
    return -(y * jax.nn.log_softmax(x @ kernel + bias)).sum(axis=1).mean()


@pytest.mark.parametrize("size", [1, 4])
def test_implicit_equation(cli: VerifyCLI, size: int) -> None:
    params = parameters(5, 8, 6, 3)
    x = jax.random.normal(jax.random.key(1), (size, 5))
    labels = jnp.arange(size) % 3
    alpha = 2.0
    case = case_from_pytree(params, x, labels, "softmax-cross-entropy", "softplus")
    after = pytree_like(params, cli.prox(case, alpha).layers)
    slope = jax.grad(loss)(after, x, jax.nn.one_hot(labels, 3))
    step = jax.tree.map(lambda new, old: new - old, after, params)
    deviation = jax.tree.map(lambda d, g: d + alpha * g, step, slope)

    def norm(tree: Any) -> float:
        return float(np.sqrt(sum((leaf**2).sum() for leaf in jax.tree.leaves(tree))))

    assert norm(deviation) < 1e-8 * norm(step)


def test_a_gradient_step_is_explicit(cli: VerifyCLI) -> None:
    params = parameters(5, 8, 3)
    x, y = jax.random.normal(jax.random.key(1), (4, 5)), jnp.eye(3)[jnp.array([0, 2, 1, 2])]
    slope = jax.grad(loss)(params, x, y)
    after = jax.tree.map(lambda p, g: p - 0.5 * g, params, slope)
    before = case_from_pytree(params, x, y, "softmax-cross-entropy", "softplus")
    audit = cli.audit(before, case_from_pytree(after, x, y, "softmax-cross-entropy", "softplus"))
    assert audit.verdict == "explicit"
    assert audit.alpha == pytest.approx(0.5, rel=1e-9)


def test_mappings_are_ordered_by_their_numbers() -> None:
    widths = range(2, 14)
    tree = {
        f"Dense_{n}": {"bias": np.zeros(w + 1), "kernel": np.ones((w, w + 1))}
        for n, w in enumerate(widths)
    }
    shuffled = {key: tree[key] for key in sorted(tree)}  # Dense_0, Dense_1, Dense_10, …
    case = case_from_pytree(shuffled, np.ones((1, 2)), np.ones((1, 14)), "squared-error", "tanh")
    assert [layer.weight.shape for layer in case.layers] == [(w + 1, w) for w in widths]
    back = pytree_like(shuffled, case.layers)
    assert list(back) == list(shuffled)
    assert back["Dense_10"]["kernel"].shape == (12, 13)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ([(np.ones((2, 2)), np.ones((2, 2)))], "layer 0: expected one matrix"),
        ({"encoder": {"kernel": np.ones((2, 2))}, "decoder": {"kernel": np.ones((2, 2))}},
         "cannot order the layers encoder, decoder.*several orders"),
        ([np.ones((2, 2))], "expected a kernel and a bias"),
        ([], "no layer"),
    ])
def test_pytrees_that_no_case_can_express(params: Any, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        case_from_pytree(params, np.ones((1, 2)), np.ones((1, 2)), "squared-error", "tanh")
