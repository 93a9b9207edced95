#!/usr/bin/env python3
"""Where is an exact update cheaper over activities, and where over weights? And what does the automatic choice take?

    python Benchmarks/solver_choice.py VERIFY_CLI [--networks 64-32-32-10,784-64-64-10] [--examples 1,2,3,4,8]

Each case is solved by both solvers, forced, and automatically; times are processor times of one thread, medians where a
solve takes less than a tenth of a second. Prints one Markdown table, and below it in how many cases both solvers end at
the same objective, and which is lower where they do not. Needs nothing but Python.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "Tests/instructions"))
from cases import write_case

SOLVERS = ("activity-space", "weight-space-matrix-free", "automatic")
RATES = ("0.1", "1", "10")
# Objectives closer than this part of themselves are the same point: both are exact to a residual of 1e-10.
SAME = 1e-8


def solve(program, case, activation, alpha, solver):
    """What `verify-cli prox` says, from several solves if they are short."""
    def run(repeats):
        found = subprocess.run(
            [program, "prox", case, "--activation", activation, "--loss", "softmax-cross-entropy", "--alpha", alpha,
             "--solver", solver, "--repeats", str(repeats), "--format", "json", "--quiet"],
            capture_output=True, text=True, env=dict(os.environ, OPENBLAS_NUM_THREADS="1"))
        if found.returncode not in (0, 70):
            sys.exit(f"{program}: {found.stderr}")
        return json.loads(found.stdout)

    answer = run(1)
    return answer if answer["processorSeconds"] > 0.1 else run(7)


def milliseconds(seconds):
    return f"{1e3 * seconds:.3g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--networks", default="64-32-32-10,784-64-64-10,784-256-256-10")
    parser.add_argument("--examples", default="1,2,3,4,8")
    options = parser.parse_args()
    ends = {"the same": 0, "activities lower": 0, "weights lower": 0, "not both exact": 0}
    losses = []
    heads = "".join(f" α = {rate}: activities | weights | taken |" for rate in RATES)
    print(f"| network | B | activation |{heads}\n|---|---:|---|{'---:|---:|---|' * len(RATES)}")
    with tempfile.TemporaryDirectory() as folder:
        case = str(Path(folder) / "case.safetensors")
        for network in options.networks.split(","):
            for examples in map(int, options.examples.split(",")):
                write_case(Path(case), [int(width) for width in network.split("-")], examples)
                for activation in ("tanh", "relu"):
                    row = f"| {network} | {examples} | {activation} |"
                    for rate in RATES:
                        activities, weights, taken = (
                            solve(options.program, case, activation, rate, solver) for solver in SOLVERS)
                        both = [activities["proximalObjective"], weights["proximalObjective"]]
                        if not (activities["isExact"] and weights["isExact"] and taken["isExact"]):
                            ends["not both exact"] += 1
                        elif abs(both[0] - both[1]) <= SAME * both[0]:
                            ends["the same"] += 1
                        else:
                            ends["activities lower" if both[0] < both[1] else "weights lower"] += 1
                        times = [answer["processorSeconds"] for answer in (activities, weights)]
                        isActivity = taken["solver"] == "activity-space"
                        losses.append(math.log(times[0 if isActivity else 1] / min(times)))
                        word = "activities" if isActivity else "weights"
                        row += f" {milliseconds(times[0])} | {milliseconds(times[1])} | {word} |"
                    print(row, flush=True)
    print("\nObjectives: " + ", ".join(f"{count} {word}" for word, count in ends.items()) + ".")
    mean, worst = math.exp(sum(losses) / len(losses)), math.exp(max(losses))
    print(f"The choice takes {mean:.3f} times the faster solver's time in the geometric mean, {worst:.2f} times at worst.")


if __name__ == "__main__":
    main()
