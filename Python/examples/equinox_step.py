"""Equinox: the exact implicit step of an MLP, back in the module, and the distance of gradient descent from it."""

import equinox as eqx
import jax
import jax.numpy as jnp
from verify_cli import VerifyCLI
from verify_cli.equinox import case_from_equinox, equinox_like

jax.config.update("jax_enable_x64", True)
alpha = 2.0
model = eqx.nn.MLP(10, 3, 16, 2, activation=jnp.tanh, key=jax.random.key(0), dtype=jnp.float64)
x, labels = jax.random.normal(jax.random.key(1), (6, 10)), jnp.arange(6) % 3


def loss(model):
    logits = jax.vmap(model)(x)
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1).mean()


cli = VerifyCLI()
case = case_from_equinox(model, x, labels, "softmax-cross-entropy")
after = equinox_like(model, cli.prox(case, alpha))
slope = eqx.filter_grad(loss)(after)
weights = [eqx.filter(tree, eqx.is_array_like) for tree in (after, model, slope)]
residuals = jax.tree.map(lambda new, old, g: jnp.abs(new - old + alpha * g).max(), *weights)
print(f"loss {loss(model):.3f} -> {loss(after):.3f}")
print("implicit equation holds by jax.grad:", max(map(float, jax.tree.leaves(residuals))) < 1e-9)
print(cli.compare(case, [0.1, alpha], rules=["bp", "il-prox"])[["alpha", "rule", "relativeDistance"]].to_string(index=False))
