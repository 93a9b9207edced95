#!/usr/bin/env python3
"""Times one training step of predictive-coding libraries and of verify-cli, side by side.

    python Benchmarks/training_peers.py [--verify-cli PATH] [--repeats 21] [--steps 25]

Network 784-256-256-10, ReLU, single precision, processor time of one thread; prints one Markdown table. Libraries that
are not installed are left out. See README.md beside this file.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse
import json
import statistics
import subprocess
import time

import numpy as np

WIDTHS = (784, 256, 256, 10)
STEP_SIZE = 0.015
LEARNING_RATE = 0.01


def examples(batch):
    """Inputs like pixels, half of them zero, and one-hot targets."""
    generator = np.random.default_rng(1)
    x = np.maximum(0, 2 * generator.uniform(size=(batch, WIDTHS[0])) - 1).astype(np.float32)
    y = np.eye(WIDTHS[-1], dtype=np.float32)[generator.integers(WIDTHS[-1], size=batch)]
    return x, y


def pcx_step(batch, inference_steps):
    """Predictive coding as in pcx's own examples, the whole training step compiled by JAX."""
    import jax
    import jax.numpy as jnp
    import optax
    import pcx
    import pcx.functional as pxf
    import pcx.nn as pxnn
    import pcx.predictive_coding as pxc
    import pcx.utils as pxu

    class Model(pxc.EnergyModule):
        def __init__(self):
            super().__init__()
            self.layers = [pxnn.Linear(a, b) for a, b in zip(WIDTHS, WIDTHS[1:])]
            self.vodes = [pxc.Vode() for _ in WIDTHS[1:-1]] + [pxc.Vode(pxc.ce_energy)]
            self.vodes[-1].h.frozen = True

        def __call__(self, x, y):
            for n, (layer, vode) in enumerate(zip(self.layers, self.vodes)):
                x = vode(layer(x if n == 0 else jax.nn.relu(x)))
            if y is not None:
                self.vodes[-1].set("h", y)
            return self.vodes[-1].get("u")

    nodes = pxu.M(pxc.VodeParam | pxc.VodeParam.Cache).to((None, 0))

    @pxf.vmap(nodes, in_axes=(0, 0), out_axes=0)
    def forward(x, y, *, model):
        return model(x, y)

    @pxf.vmap(nodes, in_axes=(0,), out_axes=(None, 0), axis_name="batch")
    def energy(x, *, model):
        y = model(x, None)
        return jax.lax.psum(model.energy().sum(), "batch"), y

    @pxf.jit(static_argnums=0)
    def train(steps, x, y, *, model, weight_optimizer, activity_optimizer):
        model.train()
        with pxu.step(model, pxc.STATUS.INIT, clear_params=pxc.VodeParam.Cache):
            forward(x, y, model=model)
        activity_optimizer.init(pxu.M_hasnot(pxc.VodeParam, frozen=True)(model))
        for _ in range(steps):
            with pxu.step(model, clear_params=pxc.VodeParam.Cache):
                _, gradient = pxf.value_and_grad(
                    pxu.M_hasnot(pxc.VodeParam, frozen=True).to([False, True]), has_aux=True
                )(energy)(x, model=model)
            activity_optimizer.step(model, gradient["model"])
        activity_optimizer.clear()
        with pxu.step(model, clear_params=pxc.VodeParam.Cache):
            _, gradient = pxf.value_and_grad(
                pxu.M(pxnn.LayerParam).to([False, True]), has_aux=True
            )(energy)(x, model=model)
        weight_optimizer.step(model, gradient["model"])

    model = Model()
    x, y = map(jnp.asarray, examples(batch))
    with pxu.step(model, pxc.STATUS.INIT, clear_params=pxc.VodeParam.Cache):
        forward(x, y, model=model)
    activity_optimizer = pxu.Optim(lambda: optax.sgd(STEP_SIZE))
    weight_optimizer = pxu.Optim(
        lambda: optax.sgd(LEARNING_RATE / batch), pxu.M(pxnn.LayerParam)(model))

    def step():
        train(inference_steps, x, y, model=model, weight_optimizer=weight_optimizer,
              activity_optimizer=activity_optimizer)
        jax.block_until_ready(model.layers[0].nn.weight.get())

    return step


def jpc_step(batch, train):
    """A training step by jpc on its own network: `train(model, state, x, y, optimizer)` gives model and state after it."""
    import equinox
    import jax
    import jax.numpy as jnp
    import jpc
    import optax

    model = jpc.make_mlp(
        jax.random.PRNGKey(1), input_dim=WIDTHS[0], width=WIDTHS[1], depth=len(WIDTHS) - 1, output_dim=WIDTHS[-1],
        act_fn="relu", use_bias=True)
    x, y = map(jnp.asarray, examples(batch))
    optimizer = optax.sgd(LEARNING_RATE)
    state = [model, optimizer.init((equinox.filter(model, equinox.is_array), None))]

    def step():
        state[:] = train(*state, x, y, optimizer)
        jax.block_until_ready(state[0][0][1].weight)

    return step


def jpc_discrete_step(batch, inference_steps):
    """Predictive coding by jpc's discrete updates, the whole training step compiled by JAX."""
    import equinox
    import jpc
    import optax

    # jpc's energy is a mean over examples, so an activity's step is the mini-batch times smaller than its own energy's.
    activity_optimizer = optax.sgd(STEP_SIZE * batch)

    @equinox.filter_jit
    def train(model, state, x, y, optimizer):
        activities = jpc.init_activities_with_ffwd(model=model, input=x)
        # The output's activity is among them; the energy reads the target instead of it, so it stays where it is.
        activity_state = activity_optimizer.init(activities)
        for _ in range(inference_steps):
            result = jpc.update_pc_activities(
                params=(model, None), activities=activities, optim=activity_optimizer, opt_state=activity_state,
                output=y, input=x, loss_id="ce")
            activities, activity_state = result["activities"], result["opt_state"]
        result = jpc.update_pc_params(
            params=(model, None), activities=activities, optim=optimizer, opt_state=state, output=y, input=x,
            loss_id="ce")
        return result["model"], result["opt_state"]

    return jpc_step(batch, train)


def jpc_solver_step(batch, inference_steps):
    """Predictive coding by jpc's `make_pc_step`, its activities integrated by as many Euler steps."""
    import diffrax
    import jpc

    step_size = STEP_SIZE * batch

    def train(model, state, x, y, optimizer):
        result = jpc.make_pc_step(
            model, optim=optimizer, opt_state=state, output=y, input=x, loss_id="ce", ode_solver=diffrax.Euler(),
            max_t1=inference_steps * step_size, dt=step_size, stepsize_controller=diffrax.ConstantStepSize())
        return result["model"], result["opt_state"]

    return jpc_step(batch, train)


def torch_step(batch, _):
    """Plain backpropagation in PyTorch."""
    import torch

    torch.set_num_threads(1)
    layers = []
    for a, b in zip(WIDTHS, WIDTHS[1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    x, y = map(torch.from_numpy, examples(batch))

    def step():
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


PEERS = {
    "pcx": pcx_step,
    "jpc, discrete updates": jpc_discrete_step,
    "jpc, make_pc_step": jpc_solver_step,
    "PyTorch, backpropagation": torch_step,
}


def median_time(step, repeats):
    """The median over slices of about 0.2 s of their mean processor time, after compilation."""
    for _ in range(3):
        step()
    began = time.process_time()
    step()
    count = max(3, int(0.2 / max(1e-6, time.process_time() - began)))
    times = []
    for _ in range(repeats):
        began = time.process_time()
        for _ in range(count):
            step()
        times.append((time.process_time() - began) / count)
    return statistics.median(times)


def verify_cli_times(path, repeats):
    """The training rows of `verify-cli bench`."""
    output = subprocess.run(
        [path, "bench", "--training", "--repeats", str(repeats), "--format", "json", "--quiet"],
        check=True, capture_output=True, text=True).stdout
    tables = [part for part in find_tables(json.loads(output)) if "Training steps" in part["title"]]
    times = {}
    for row in tables[0]["rows"]:
        times.setdefault(f"verify-cli, {row['rule']}", {})[row["batch"]] = row["seconds"]
    return times


def find_tables(value):
    """All tables of a JSON document, wherever they are."""
    if isinstance(value, dict):
        if "rows" in value and "title" in value:
            yield value
        for part in value.values():
            yield from find_tables(part)
    elif isinstance(value, list):
        for part in value:
            yield from find_tables(part)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify-cli", help="the built executable; left out if not given")
    parser.add_argument("--repeats", type=int, default=21, help="slices whose median counts")
    parser.add_argument("--steps", type=int, default=25, help="inference steps of the peers")
    options = parser.parse_args()

    times = {}
    for name, make in PEERS.items():
        for batch in (1, 64):
            try:
                step = make(batch, options.steps)
            except ImportError as error:
                print(f"<!-- {name}: {error} -->")
                break
            times.setdefault(name, {})[batch] = median_time(step, options.repeats)
    if options.verify_cli:
        times.update(verify_cli_times(options.verify_cli, options.repeats))

    print("| one training step | mini-batch 1 | mini-batch 64 |")
    print("|---|---|---|")
    for name, row in times.items():
        cells = [f"{1e3 * row[batch]:.3g} ms" if batch in row else "–" for batch in (1, 64)]
        print(f"| {name} | {cells[0]} | {cells[1]} |")


if __name__ == "__main__":
    main()
