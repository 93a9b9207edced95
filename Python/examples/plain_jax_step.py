"""Plain JAX: parameters as a list of (kernel, bias), with your own function to check the case."""

import jax
import jax.numpy as jnp
from verify_cli import VerifyCLI
from verify_cli.pytree import case_from_pytree, pytree_like

jax.config.update("jax_enable_x64", True)
keys = jax.random.split(jax.random.key(0), 3)
params = [(jax.random.normal(keys[0], (10, 8)) / 10**0.5, jnp.zeros(8)),
          (jax.random.normal(keys[1], (8, 3)) / 8**0.5, jnp.zeros(3))]
x, y = jax.random.normal(keys[2], (5, 10)), jnp.eye(3)[jnp.arange(5) % 3]


def apply(params, x):
    for kernel, bias in params[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = params[-1]
    return x @ kernel + bias


def loss(params):
    return ((apply(params, x) - y) ** 2).sum(axis=1).mean() / 2


def case(params):
    return case_from_pytree(params, x, y, "squared-error", "relu", apply_fn=apply)


cli = VerifyCLI()
descended = jax.tree.map(lambda p, g: p - 0.1 * g, params, jax.grad(loss)(params))
print(cli.audit(case(params), case(descended)).text)

after = pytree_like(params, cli.prox(case(params), alpha=0.1).layers)
print(f"loss {loss(params):.4f}: gradient descent {loss(descended):.4f}, exact implicit step {loss(after):.4f}")
