"""Writes Tests/Theory/CertificatesTests/ExactUpdateReferences.swift: exact implicit updates of small networks to 50 digits.

python3 Tests/certificates/exact_updates.py     (needs mpmath)

Independent of the toolkit: weights are the variables, and Δ + α∇L(θ_b + Δ) = 0 is solved by Newton's method with a
Jacobian of differences at 90 digits, along a path of growing α. Activations with kinks are smoothed until the path ends; units
that are then near 0 are held at h = 0, with their slopes as further variables, and the slopes must come out between the
one-sided ones. The parameters are multiples of 1/512, so both programs have the same numbers.
"""

import pathlib

from mpmath import erfc, exp, log, matrix, mp, mpf, lu_solve, npdf, sqrt, tanh

mp.dps = 90
WIDTHS = [3, 4, 3, 2]


def dyadic(k):
    """The k-th number of a fixed sequence of multiples of 1/512 in [−1, 1]; the Swift test makes the same."""
    return mpf((k * 7919 + 13) % 1021 - 510) / 512


def sigmoid(h):
    return 1 / (1 + exp(-h))


def normal(h):
    return erfc(-h / sqrt(mpf(2))) / 2


RATES = {
    "tanh": (tanh, lambda h: 1 - tanh(h) ** 2),
    "sigmoid": (sigmoid, lambda h: sigmoid(h) * (1 - sigmoid(h))),
    "softplus": (lambda h: log(1 + exp(h)), sigmoid),
    "gelu": (lambda h: h * normal(h), lambda h: normal(h) + h * npdf(h)),
}
# The slope on the left of the kink; the toolkit's double for leaky-relu.
LEFT = {"relu": mpf(0), "leaky-relu": mpf(0.01)}
# Of the smoothed activations, softplus(sharpness·h)/sharpness; doubled along a second path up to the last.
sharpness, LAST_SHARPNESS = mpf(8), mpf(4096)


def rates(activation, sides):
    """φ and φ′ of unit k of the hidden units of one example: with sides, of the linear piece that they name."""
    if activation in RATES:
        value, slope = RATES[activation]
        return (lambda h, k: value(h)), (lambda h, k: slope(h))
    left = LEFT[activation]
    if sides is not None:
        return (lambda h, k: sides[k] * h), (lambda h, k: sides[k])
    soft = lambda h: log(1 + exp(sharpness * h)) / sharpness if abs(sharpness * h) < 400 else max(h, mpf(0))
    return ((lambda h, k: left * h + (1 - left) * soft(h)),
            (lambda h, k: left + (1 - left) * (sigmoid(sharpness * h) if abs(sharpness * h) < 400 else mpf(h > 0))))


def output_error(loss, h, y):
    if loss == "squared-error":
        return [a - b for a, b in zip(h, y)]
    if loss == "softmax-cross-entropy":
        total = sum(exp(a) for a in h)
        return [exp(a) / total * sum(y) - b for a, b in zip(h, y)]
    return [sigmoid(a) - b for a, b in zip(h, y)]


def passes(theta, x, y, activation, loss, sides=None):
    """∇ℓ of one example by plain backpropagation, and its hidden activities; theta is all layers, row by row, the bias
    last in its row."""
    value, slope = rates(activation, sides)
    layers, k = [], 0
    for below, above in zip(WIDTHS, WIDTHS[1:]):
        layers.append([theta[k + i * (below + 1):k + (i + 1) * (below + 1)] for i in range(above)])
        k += above * (below + 1)
    inputs, activities, hidden = [x + [mpf(1)]], [], []
    for n, rows in enumerate(layers):
        activities.append([sum(w * a for w, a in zip(row, inputs[n])) for row in rows])
        first = len(hidden)
        if n + 1 < len(layers):
            hidden += activities[-1]
            inputs.append([value(h, first + j) for j, h in enumerate(activities[-1])] + [mpf(1)])
    error, result = output_error(loss, activities[-1], y), []
    for n in reversed(range(len(layers))):
        result = [e * a for e in error for a in inputs[n]] + result
        if n > 0:
            first = sum(WIDTHS[1:n])
            error = [slope(activities[n - 1][j], first + j) * sum(e * row[j] for e, row in zip(error, layers[n]))
                     for j in range(WIDTHS[n])]
    return result, hidden


def newton(equation, point):
    """A zero near the point; steps are shortened where 20 whole ones did not do."""
    start = point
    for iteration in range(80):
        value = equation(point) if iteration != 20 else equation(point := start)
        if max(map(abs, value)) < mpf(10) ** -70:
            return point
        jacobian, step = matrix(len(point), len(point)), mpf(10) ** -40
        for k in range(len(point)):
            moved = point[:]
            moved[k] += step
            for i, entry in enumerate(equation(moved)):
                jacobian[i, k] = (entry - value[i]) / step
        change, length, size = lu_solve(jacobian, matrix(value)), mpf(1), sum(v * v for v in value)
        next_point = [p - c for p, c in zip(point, change)]
        while iteration >= 20 and length > mpf(2) ** -20:
            next_point = [p - length * c for p, c in zip(point, change)]
            if sum(v * v for v in equation(next_point)) < size:
                break
            length /= 2
        point = next_point
    raise SystemExit("no convergence")


def exact_update(activation, loss, alpha, examples, shift=0):
    count = sum(b * (a + 1) for a, b in zip(WIDTHS, WIDTHS[1:]))
    before = [dyadic(shift + k) for k in range(count)]
    batch = [([dyadic(1000 + 400 * i + (1 + 2 * i) * k) for k in range(WIDTHS[0])], [mpf(i % 2 == 0), mpf(i % 2 == 1)])
             for i in range(examples)]

    def all_passes(delta, sides=None):
        theta = [a + b for a, b in zip(before, delta)]
        return [passes(theta, x, y, activation, loss, sides and sides[i]) for i, (x, y) in enumerate(batch)]

    def equation(delta, rate, sides=None):
        found = all_passes(delta, sides)
        return [d + rate / examples * sum(g[k] for g, _ in found) for k, d in enumerate(delta)]

    global sharpness
    sharpness, delta, rate = mpf(8), [mpf(0)] * count, min(alpha, mpf(1) / 4)
    while True:
        delta = newton(lambda point: equation(point, rate), delta)
        if rate == alpha:
            break
        rate = min(alpha, rate * 2)
    if activation in RATES:
        return delta, 0
    while sharpness < LAST_SHARPNESS:
        sharpness *= 2
        delta = newton(lambda point: equation(point, alpha), delta)
    left = LEFT[activation]
    hidden = [h for _, h in all_passes(delta)]
    held = [(i, k) for i, row in enumerate(hidden) for k, h in enumerate(row) if abs(h) < 12 / LAST_SHARPNESS]
    sides = [[mpf(1) if h > 0 else left for h in row] for row in hidden]

    def with_slopes(point):
        for (i, k), slope in zip(held, point[count:]):
            sides[i][k] = slope
        found = all_passes(point[:count], sides)
        return equation(point[:count], alpha, sides) + [found[i][1][k] for i, k in held]

    point = newton(with_slopes, delta + [(1 + left) / 2] * len(held))
    assert all(left < slope < 1 for slope in point[count:]), "a slope is outside of the one-sided ones"
    for (i, row) in enumerate([h for _, h in all_passes(point[:count], sides)]):
        assert all((i, k) in held or (h > 0) == (sides[i][k] == 1) for k, h in enumerate(row)), "a unit changed sides"
    return point[:count], len(held)


def main():
    lines = []
    for activation, loss, alpha, examples, shift in [
        ("tanh", "softmax-cross-entropy", "1", 1, 0), ("tanh", "squared-error", "0.0625", 1, 0),
        ("sigmoid", "sigmoid-cross-entropy", "4", 1, 0), ("softplus", "squared-error", "0.5", 1, 0),
        ("gelu", "softmax-cross-entropy", "2", 1, 0), ("tanh", "softmax-cross-entropy", "0.5", 2, 0),
        ("leaky-relu", "softmax-cross-entropy", "4", 1, 100),
        # More examples than any layer is wide, and a unit of a mini-batch that is on its kink.
        ("tanh", "softmax-cross-entropy", "0.5", 6, 0), ("gelu", "squared-error", "1", 5, 40),
        ("leaky-relu", "squared-error", "1", 4, 200),
    ]:
        entries = []
        update, held = exact_update(activation, loss, mpf(alpha), examples, shift)
        print(activation, loss, alpha, examples, "held:", held)
        for value in update:
            # What is left of a zero by the last Newton step.
            value = value if abs(value) > mpf(10) ** -60 else mpf(0)
            high = float(value)
            entries.append(f"({high.hex()}, {float(value - mpf(high)).hex()})")
        body = "".join(f"            {entry},\n" for entry in entries)
        lines.append(f'        Row(activation: "{activation}", loss: "{loss}", learningRate: {float(alpha)}, examples: {examples}, shift: {shift}, held: {held}, update: [\n{body}        ]),\n')
    path = pathlib.Path(__file__).parents[1] / "Theory/CertificatesTests/ExactUpdateReferences.swift"
    path.write_text(
        "/// Exact implicit updates of 3-4-3-2 by mpmath, each weight as a double and what is left of it; made by\n"
        "/// `Tests/certificates/exact_updates.py`.\n"
        "enum ExactUpdateReferences {\n    struct Row: Sendable {\n        let activation: String\n        let loss: String\n"
        "        let learningRate: Double\n        let examples: Int\n        /// Where the fixed sequence of parameters begins.\n"
        "        let shift: Int\n"
        "        /// How many units are on their kinks, over all examples.\n        let held: Int\n        /// All layers, row by row, the bias last in its row.\n"
        "        let update: [(Double, Double)]\n    }\n\n    static let rows: [Row] = [\n" + "".join(lines) + "    ]\n}\n")


if __name__ == "__main__":
    main()
