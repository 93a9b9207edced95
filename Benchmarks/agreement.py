#!/usr/bin/env python3
"""Two programs, the same random mini-batches with kinks: do their exact updates agree?

    python Benchmarks/agreement.py --before OLD/verify-cli --after NEW/verify-cli [--cases 200] [--widths 4-29]

Each case is a random network of ReLU or leaky ReLU units with a mini-batch of 2 to 16 examples. Both programs solve it
in weight space and certify what they found. Two updates closer than 1e-6 of their length are the same point.
Prints one Markdown table for each activation, and a line for each case in which something else happened.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

SAME = 1e-6
LOSSES = ["squared-error", "softmax-cross-entropy", "sigmoid-cross-entropy"]


def draw(seed, least, most):
    """Layers of `least` to `most` units, inputs, targets, α and loss of case `seed`; weights uniform in ±1/√fan-in."""
    generator = np.random.default_rng(seed)
    widths = [int(generator.integers(least, most + 1)) for _ in range(int(generator.integers(3, 6)))]
    widths[-1] = int(generator.integers(2, 8))
    batch = int(generator.integers(2, 17))
    tensors = {}
    for n, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
        bound = 1.5 * fan_in**-0.5
        tensors[f"layers.{n}.weight"] = generator.uniform(-bound, bound, (fan_out, fan_in))
        tensors[f"layers.{n}.bias"] = generator.uniform(-bound, bound, fan_out)
    tensors["x"] = generator.normal(size=(batch, widths[0]))
    tensors["y"] = np.eye(widths[-1])[generator.integers(0, widths[-1], batch)]
    return widths, tensors, 10 ** generator.uniform(-2, 2), LOSSES[seed % 3]


def solve(program, case, activation, loss, alpha, folder):
    """What `verify-cli prox` says of a case, with the update that it wrote, or None."""
    output = Path(folder) / "plus.safetensors"
    output.unlink(missing_ok=True)
    run = subprocess.run(
        [program, "prox", case, "--activation", activation, "--loss", loss, "--alpha", repr(alpha),
         "--solver", "weight-space-matrix-free", "--format", "json", "--quiet", "--output", output],
        capture_output=True, text=True)
    if run.returncode not in (0, 70):
        sys.exit(f"{program}: {run.stderr}")
    answer = json.loads(run.stdout)
    answer["update"] = None
    if output.exists():
        before, after = load_file(case), load_file(output)
        answer["update"] = np.concatenate([(after[k] - before[k]).ravel() for k in sorted(after)])
    return answer


def compare(before, after):
    """One word for a case: same, lower, higher, only-before, only-after, neither."""
    exact = before["isExact"], after["isExact"]
    if exact != (True, True):
        return {(True, False): "only-before", (False, True): "only-after", (False, False): "neither"}[exact]
    a, b = before["update"], after["update"]
    if np.linalg.norm(a - b) <= SAME * np.linalg.norm(a):
        return "same"
    return "lower" if after["proximalObjective"] < before["proximalObjective"] else "higher"


WORDS = {
    "same": "the same point, certified by both",
    "lower": "two certified points, the new one lower",
    "higher": "two certified points, the old one lower",
    "only-before": "certified before only",
    "only-after": "certified after only",
    "neither": "certified by neither",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--before", required=True)
    parser.add_argument("--after", required=True)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--widths", default="4-29", help="single precision is used from 5,000 weights on: 60-120")
    options = parser.parse_args()
    least, most = map(int, options.widths.split("-"))
    rows = {activation: dict.fromkeys(WORDS, 0) for activation in ("relu", "leaky-relu")}
    work = {activation: np.zeros((2, 3)) for activation in rows}
    strict = {activation: [0, 0] for activation in rows}
    with tempfile.TemporaryDirectory() as folder:
        case = str(Path(folder) / "case.safetensors")
        for seed in range(options.cases):
            activation = list(rows)[seed // 3 % 2]
            widths, tensors, alpha, loss = draw(seed, least, most)
            save_file(tensors, case)
            answers = [solve(p, case, activation, loss, alpha, folder) for p in (options.before, options.after)]
            word = compare(*answers)
            rows[activation][word] += 1
            for k, answer in enumerate(answers):
                work[activation][k] += [answer["iterations"], answer["hessianProducts"], answer["processorSeconds"]]
                strict[activation][k] += answer["minimum"] == "strict"
            if word != "same":
                print(f"case {seed}: {'-'.join(map(str, widths))} {activation}, B = {len(tensors['x'])}, {loss}, "
                      f"α = {alpha:.3g}: {WORDS[word]}; P = {answers[0]['proximalObjective']:.12g} before, "
                      f"{answers[1]['proximalObjective']:.12g} after "
                      f"({answers[0]['outcome']}, {answers[1]['outcome']})")
            if sys.stderr.isatty():
                print(f"\r{seed + 1}/{options.cases}", end="", file=sys.stderr, flush=True)
    print(f"\n| | {' | '.join(rows)} |\n|---|{'---:|' * len(rows)}")
    for word, text in WORDS.items():
        print(f"| {text} | {' | '.join(str(rows[a][word]) for a in rows)} |")
    for k, name in enumerate(("before", "after")):
        print(f"| strict minima, {name} | {' | '.join(str(strict[a][k]) for a in rows)} |")
    for j, name in enumerate(("iterations", "Hessian products", "seconds")):
        cells = (f"{work[a][0][j]:.4g} → {work[a][1][j]:.4g}" for a in rows)
        print(f"| {name}, all cases | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
