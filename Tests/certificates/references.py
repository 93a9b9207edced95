"""Writes Tests/Foundations/IntervalsTests/FunctionReferences.swift: values by mpmath, as the doubles below and above.

    .venv/certificates/bin/python Tests/certificates/references.py
"""

import pathlib
from math import inf, nextafter

import mpmath as mp

mp.mp.prec = 400
ARGUMENTS = [
    0.0, 1e-300, -1e-20, 1e-9, -3.1e-5, 0.1, -0.34, 0.36, 0.5, -0.75, 1.0, -1.0, 1.7, -2.5, 3.3, -5.0, 7.9, -8.9, 9.1,
    -12.0, 20.0, -36.5, 40.0, -100.0, 300.0, -700.0, 709.7,
]
FUNCTIONS = {
    "exponential": mp.exp,
    "exponentialMinusOne": mp.expm1,
    "hyperbolicTangent": mp.tanh,
    "logistic": lambda x: 1 / (1 + mp.exp(-x)),
    "logisticSlope": lambda x: 1 / ((1 + mp.exp(-x)) * (1 + mp.exp(x))),
    "softplus": lambda x: mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x)),
    "normalDensity": mp.npdf,
    "normalDistribution": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
}
HEAD = """/// Values by mpmath at 400 bits, as the doubles below and above; made by `Tests/certificates/references.py`.
enum FunctionReferences {
    struct Row {
        let function: String
        let argument: Double
        let below: Double
        let above: Double
    }

    static let rows: [Row] = [
"""


def neighbours(value):
    """The doubles on both sides of a number."""
    nearest = float(value)
    if mp.mpf(nearest) == value:
        return nearest, nearest
    if mp.mpf(nearest) > value:
        return nextafter(nearest, -inf), nearest
    return nearest, nextafter(nearest, inf)


def rows():
    for name, function in FUNCTIONS.items():
        for x in ARGUMENTS:
            below, above = neighbours(function(mp.mpf(x)))
            # Swift refuses subnormal literals.
            if any(v == inf or 0 < abs(v) < 2.0**-1022 for v in (below, above)):
                continue
            yield (
                f'        Row(function: "{name}", argument: {x.hex()}, below: {below.hex()}, above: {above.hex()}),\n'
            )


if __name__ == "__main__":
    path = pathlib.Path(__file__).parents[1] / "Foundations/IntervalsTests/FunctionReferences.swift"
    path.write_text(HEAD + "".join(rows()) + "    ]\n}\n")
