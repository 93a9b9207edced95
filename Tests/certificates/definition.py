"""The definitions, in mpmath and in plain loops: loss, gradient, one-sided derivatives and curvature of the proximal objective.

A network is a list of weight matrices (rows of `mpf`, the bias as last column where there is one) with one activation for
each hidden layer. Nothing here is shared with the program.
"""

from dataclasses import dataclass
from itertools import product

import mpmath as mp
import numpy as np

mp.mp.dps = 60
UNIT = mp.mpf(2) ** -53
LEAK = mp.mpf(0.01)


def _exp(x):
    return mp.exp(x) if abs(x) < 1e6 else (mp.mpf(0) if x < 0 else mp.inf)


def logistic(x):
    return 1 / (1 + _exp(-x)) if x >= 0 else _exp(x) / (1 + _exp(x))


def softplus(x):
    return (x if x > 0 else mp.mpf(0)) + mp.log1p(_exp(-abs(x)))


def normal(x):
    if abs(x) > 1e4:
        return mp.mpf(1 if x > 0 else 0)
    return mp.erfc(-x / mp.sqrt(2)) / 2


def density(x):
    return mp.npdf(x) if abs(x) < 1e4 else mp.mpf(0)


def _tanh(x):
    return mp.tanh(x) if abs(x) < 1e4 else mp.mpf(1 if x > 0 else -1)


def _tanh_slope(x):
    return 4 * logistic(2 * x) * logistic(-2 * x)


# value, slope and curvature; at 0 of the last two the left slope.
ACTIVATIONS = {
    "identity": (lambda x: x, lambda x: mp.mpf(1), lambda x: mp.mpf(0)),
    "tanh": (_tanh, _tanh_slope, lambda x: -2 * _tanh(x) * _tanh_slope(x)),
    "sigmoid": (
        logistic,
        lambda x: logistic(x) * logistic(-x),
        lambda x: logistic(x) * logistic(-x) * (logistic(-x) - logistic(x)),
    ),
    "softplus": (softplus, logistic, lambda x: logistic(x) * logistic(-x)),
    "gelu": (
        lambda x: x * normal(x),
        lambda x: normal(x) + x * density(x),
        lambda x: density(x) * (2 - x * x),
    ),
    "relu": (lambda x: max(x, mp.mpf(0)), lambda x: mp.mpf(x > 0), lambda x: mp.mpf(0)),
    "leaky-relu": (
        lambda x: x if x > 0 else LEAK * x,
        lambda x: mp.mpf(1) if x > 0 else LEAK,
        lambda x: mp.mpf(0),
    ),
}
KINKS = {"relu": (mp.mpf(0), mp.mpf(1)), "leaky-relu": (LEAK, mp.mpf(1))}


def softmax(h):
    largest = max(h)
    powers = [_exp(v - largest) for v in h]
    return [p / mp.fsum(powers) for p in powers]


def loss(case, logits):
    """The mean loss of the mini-batch."""
    total = mp.mpf(0)
    for h, y in zip(logits, case.targets):
        if case.loss == "squared-error":
            total += mp.fsum((a - b) ** 2 for a, b in zip(h, y)) / 2
        elif case.loss == "sigmoid-cross-entropy":
            total += mp.fsum(b * softplus(-a) + (1 - b) * softplus(a) for a, b in zip(h, y))
        else:
            # log Σ exp(hⱼ − hᵢ) with its term 1 apart: near 0 it would cancel.
            total += mp.fsum(b * mp.log1p(mp.fsum(_exp(v - a) for j, v in enumerate(h) if j != i)) for i, (a, b) in enumerate(zip(h, y)) if b)
    return total / len(logits)


def loss_gradient(name, h, y):
    if name == "squared-error":
        return [a - b for a, b in zip(h, y)]
    if name == "sigmoid-cross-entropy":
        return [(1 - b) * logistic(a) - b * logistic(-a) for a, b in zip(h, y)]
    # p Σy − y, with 1 − p as the sum of the others: near 1 it would cancel.
    p = softmax(h)
    return [
        p[i] * mp.fsum(y[:i] + y[i + 1 :]) - y[i] * mp.fsum(p[:i] + p[i + 1 :]) for i in range(len(h))
    ]


def loss_hessian(name, h, y):
    size = range(len(h))
    if name == "squared-error":
        return [[mp.mpf(i == j) for j in size] for i in size]
    if name == "sigmoid-cross-entropy":
        return [[logistic(h[i]) * logistic(-h[i]) if i == j else mp.mpf(0) for j in size] for i in size]
    p, mass = softmax(h), mp.fsum(y)
    return [[mass * p[i] * ((i == j) - p[j]) for j in size] for i in size]


@dataclass
class Pass:
    """A forward and a backward pass over the mini-batch; lists over layers, then examples."""

    activities: list  # h_1 … h_N
    radii: list  # how far weights within one rounding move each activity
    rates: list  # ā_0 … ā_{N−1}, with the 1 of a bias
    slopes: list  # of hidden layers 1 … N−1
    feedback: list  # c = Wᵀδ of hidden layers
    errors: list  # δ_1 … δ_N
    kinks: dict  # (layer, unit, example) → slope


def dot(a, b):
    return mp.fsum(x * y for x, y in zip(a, b))


def run(case, weights, update, choice=None):
    """The passes at `weights`; slopes at kinks from the implicit equation, or `choice` where that leaves them open."""
    alpha, count = case.alpha, len(case.inputs)
    activities, radii, rates, rate_radii = [], [], [], []
    values = [list(x) for x in case.inputs]
    spreads = [[mp.mpf(0)] * len(x) for x in case.inputs]
    for n, layer in enumerate(weights):
        has_bias = case.biases[n]
        rates.append([v + [mp.mpf(1)] * has_bias for v in values])
        rate_radii.append([s + [mp.mpf(0)] * has_bias for s in spreads])
        activities.append([[dot(row, a) for row in layer] for a in rates[n]])
        radii.append(
            [
                [
                    mp.fsum(
                        UNIT * (abs(w) + abs(d)) * (abs(x) + r) + abs(w) * r
                        for w, d, x, r in zip(row, change, a, s)
                    )
                    for row, change in zip(layer, update[n])
                ]
                for a, s in zip(rates[n], rate_radii[n])
            ]
        )
        if n + 1 < len(weights):
            value, slope, _ = ACTIVATIONS[case.activations[n]]
            values = [[value(h) for h in hs] for hs in activities[n]]
            # Slopes here are at most 1.13 (gelu).
            spreads = [[mp.mpf("1.13") * r + 4 * UNIT * abs(v) for r, v in zip(rs, vs)] for rs, vs in zip(radii[n], values)]
    top = len(weights) - 1
    errors = [None] * len(weights)
    errors[top] = [loss_gradient(case.loss, h, y) for h, y in zip(activities[top], case.targets)]
    feedback, slopes, kinks = [None] * top, [None] * top, {}
    for n in range(top, 0, -1):
        name = case.activations[n - 1]
        width = len(weights[n - 1])
        feedback[n - 1] = [
            [dot([row[j] for row in weights[n]], delta) for j in range(width)] for delta in errors[n]
        ]
        slopes[n - 1] = [[ACTIVATIONS[name][1](h) for h in hs] for hs in activities[n - 1]]
        if name in KINKS:
            for j in range(width):
                on = [i for i in range(count) if abs(activities[n - 1][i][j]) <= 2 * radii[n - 1][i][j]]
                if on:
                    found = balance(case, update[n - 1][j], rates[n - 1], slopes[n - 1], feedback[n - 1], j, on, KINKS[name], choice)
                    for i, s in zip(on, found):
                        slopes[n - 1][i][j] = s
                        kinks[(n, j, i)] = s
        errors[n - 1] = [
            [s * c for s, c in zip(ss, cs)] for ss, cs in zip(slopes[n - 1], feedback[n - 1])
        ]
    return Pass(activities, radii, rates, slopes, feedback, errors, kinks)


def balance(case, row, rates, slopes, feedback, j, on, kink, choice):
    """The slopes of unit j in the examples `on` for which its row of the implicit equation holds best."""
    left, right = kink
    kappa = case.alpha / len(rates)
    rest = [
        -w - kappa * mp.fsum(slopes[i][j] * feedback[i][j] * rates[i][k] for i in range(len(rates)) if i not in on)
        for k, w in enumerate(row)
    ]
    columns = [rates[i] for i in on]
    try:
        gram = mp.matrix([[dot(a, b) for b in columns] for a in columns])
        solution = mp.lu_solve(gram, mp.matrix([dot(a, rest) for a in columns]))
    except (ZeroDivisionError, ValueError):
        solution = None
    if solution is None and choice is None:
        return near_middle(kink, columns, [kappa * feedback[i][j] for i in on], rest)
    result = []
    for position, i in enumerate(on):
        c = feedback[i][j]
        if solution is None or c == 0:
            result.append(right if choice == "right" else left)
        else:
            result.append(min(max(solution[position] / kappa / c, left), right))
    return result


def near_middle(kink, columns, pulled, rest):
    """Where the columns are dependent: of the best slopes those nearest to the middle of the one-sided ones."""
    left, right = kink
    middle = (left + right) / 2
    basis = [[c * a for a in column] for c, column in zip(pulled, columns)]
    rest = [r - middle * mp.fsum(column[k] for column in basis) for k, r in enumerate(rest)]
    values, vectors = mp.eigsy(mp.matrix([[dot(a, b) for b in basis] for a in basis]))
    target = [dot(column, rest) for column in basis]
    size = range(len(basis))
    shift = [mp.mpf(0)] * len(basis)
    for k in size:
        if values[k] > mp.mpf(10) ** -40 * max(values):
            along = mp.fsum(vectors[i, k] * target[i] for i in size) / values[k]
            shift = [s + along * vectors[i, k] for i, s in enumerate(shift)]
    return [min(max(middle + s, left), right) for s in shift]


def gradient(case, found):
    count = len(case.inputs)
    return [
        [
            [mp.fsum(found.errors[n][i][j] * found.rates[n][i][k] for i in range(count)) / count for k in range(len(found.rates[n][0]))]
            for j in range(len(found.errors[n][0]))
        ]
        for n in range(len(found.errors))
    ]


def norm(layers):
    return mp.sqrt(mp.fsum(x * x for layer in layers for row in layer for x in row))


def residual(case, update, found):
    """‖Δ + α∇L‖/‖Δ‖."""
    slope = gradient(case, found)
    deviation = norm(
        [[[d + case.alpha * g for d, g in zip(ds, gs)] for ds, gs in zip(dl, gl)] for dl, gl in zip(update, slope)]
    )
    if deviation == 0:
        return mp.mpf(0)
    size = norm(update)
    return deviation / size if size else mp.inf


def is_constant(case, found, n, i):
    """Whether no small change of the weights moves layer n in example i: it has no bias, and inputs that stay zero."""
    if case.biases[n - 1] or any(found.rates[n - 1][i]):
        return False
    if n == 1 or is_constant(case, found, n - 1, i):
        return True
    below = zip(found.activities[n - 2][i], found.radii[n - 2][i])
    return case.activations[n - 2] == "relu" and all(h < -2 * r for h, r in below)


def falls_beside_kink(case, weights, found):
    """Whether c is negative at a kinked unit that can move, beyond what rounding of the terms explains."""
    for (n, j, i) in found.kinks:
        if is_constant(case, found, n, i):
            continue
        terms = mp.fsum(abs(row[j] * d) for row, d in zip(weights[n], found.errors[n][i]))
        if found.feedback[n - 1][i][j] < -1e-12 * terms:
            return True
    return False


def deciding(case, weights, update, found, tolerance):
    """The kinked units that the implicit equation holds on their kinks, and those whose kinks decide nothing. What is at the end
    of its slopes gets that one."""
    held, open_units = [], []
    kappa = case.alpha / len(case.inputs)
    for (n, j, i), s in found.kinks.items():
        if is_constant(case, found, n, i):
            continue
        left, right = KINKS[case.activations[n - 1]]
        c = found.feedback[n - 1][i][j]
        terms = mp.fsum(abs(row[j] * d) for row, d in zip(weights[n], found.errors[n][i]))
        if c <= 1e-12 * terms:
            open_units.append((n, j, i))
            continue
        size = mp.sqrt(mp.fsum(a * a for a in found.rates[n - 1][i]))
        margin = 4 * tolerance * norm(update) / (kappa * c * size) if size else mp.inf
        if s - left > margin and right - s > margin:
            held.append((n, j, i))
        else:
            found.slopes[n - 1][i][j] = left if s - left < right - s else right
    return held, open_units


def smallest_curvature(case, weights, update, found, tolerance):
    """The least eigenvalue of α∇²P scaled to a unit diagonal, on directions tangent to the kinks that decide, over both
    sides of those that do not. `None` if there are more than eight of these."""
    held, open_units = deciding(case, weights, update, found, tolerance)
    if len(open_units) > 8:
        return None
    least = None
    for sides in product((0, 1), repeat=len(open_units)):
        for (n, j, i), side in zip(open_units, sides):
            found.slopes[n - 1][i][j] = KINKS[case.activations[n - 1]][side]
        value = _least_eigenvalue(*_hessian(case, weights, found, held))
        least = value if least is None else min(least, value)
    return least


def distance(case, weights, update, found, tolerance):
    """‖Δ − Δ_imp‖/‖Δ_imp‖ by one step of Newton's method in all weights, in 60 digits: with held units the step keeps their
    activities at 0 and moves their slopes. `None` where the step is not determined."""
    held, open_units = deciding(case, weights, update, found, tolerance)
    if open_units:
        return None
    hessian, rows = _hessian(case, weights, found, held)
    slope = gradient(case, found)
    right = [-(d + case.alpha * g) for dl, gl in zip(update, slope) for ds, gs in zip(dl, gl) for d, g in zip(ds, gs)]
    right += [-found.activities[n - 1][i][j] for n, j, i in held]
    size, count = len(hessian), len(held)
    matrix = mp.zeros(size + count, size + count)
    for i in range(size):
        for j in range(size):
            matrix[i, j] = hessian[i][j]
    for k, row in enumerate(rows):
        for j, value in enumerate(row):
            matrix[size + k, j] = matrix[j, size + k] = value
    try:
        step = mp.lu_solve(matrix, mp.matrix(right))
    except (ZeroDivisionError, ValueError):
        return None
    flat = [x for layer in update for row in layer for x in row]
    exact = mp.sqrt(mp.fsum((x + step[k]) ** 2 for k, x in enumerate(flat)))
    return mp.sqrt(mp.fsum(step[k] ** 2 for k in range(size))) / exact if exact else mp.inf


def _hessian(case, weights, found, held):
    """α∇²P column by column, and the derivatives of the held units' activities."""
    count, top = len(case.inputs), len(weights) - 1
    entries = [(n, j, k) for n, layer in enumerate(weights) for j, row in enumerate(layer) for k in range(len(row))]
    hessian = [[mp.mpf(0)] * len(entries) for _ in entries]
    rows = [[mp.mpf(0)] * len(entries) for _ in held]
    kappa = case.alpha / count
    for column, (m, p, q) in enumerate(entries):
        hessian[column][column] += 1
        for i in range(count):
            tangents, rate_tangents = [None] * (top + 1), [None] * (top + 1)
            for n in range(m, top + 1):
                width = len(weights[n])
                if n == m:
                    tangents[n] = [found.rates[m][i][q] if j == p else mp.mpf(0) for j in range(width)]
                else:
                    tangents[n] = [dot(row[: len(rate_tangents[n])], rate_tangents[n]) for row in weights[n]]
                if n < top:
                    rate_tangents[n + 1] = [s * t for s, t in zip(found.slopes[n][i], tangents[n])]
            for row, (n, j, example) in enumerate(held):
                if example == i and n - 1 >= m:
                    rows[row][column] = tangents[n - 1][j]
            matrix = loss_hessian(case.loss, found.activities[top][i], case.targets[i])
            change = [dot(row, tangents[top]) for row in matrix]
            for n in range(top, -1, -1):
                for row, (layer, j, k) in enumerate(entries):
                    if layer != n:
                        continue
                    value = change[j] * found.rates[n][i][k]
                    if rate_tangents[n] is not None and k < len(rate_tangents[n]):
                        value += found.errors[n][i][j] * rate_tangents[n][k]
                    hessian[row][column] += kappa * value
                if n == 0:
                    break
                curvature = ACTIVATIONS[case.activations[n - 1]][2]
                below = []
                for j in range(len(weights[n - 1])):
                    pulled = mp.fsum(row[j] * d for row, d in zip(weights[n], change))
                    if m == n and q == j:
                        pulled += found.errors[n][i][p]
                    value = found.slopes[n - 1][i][j] * pulled
                    if tangents[n - 1] is not None:
                        value += curvature(found.activities[n - 1][i][j]) * tangents[n - 1][j] * found.feedback[n - 1][i][j]
                    below.append(value)
                change = below
    return hessian, rows


def _least_eigenvalue(hessian, rows):
    size = len(hessian)
    scales = [mp.sqrt(hessian[k][k]) if hessian[k][k] > 0 else mp.mpf(1) for k in range(size)]
    matrix = np.array([[float(hessian[i][j] / scales[i] / scales[j]) for j in range(size)] for i in range(size)])
    matrix = (matrix + matrix.T) / 2
    if rows:
        constraints = [[value / scale for value, scale in zip(row, scales)] for row in rows]
        lengths = [mp.sqrt(mp.fsum(v * v for v in row)) for row in constraints]
        array = np.array([[float(v / length) for v in row] for row, length in zip(constraints, lengths) if length])
        if len(array):
            _, values, right = np.linalg.svd(array)
            basis = right[int((values > 1e-10).sum()):].T
            if basis.shape[1] == 0:
                return 1.0
            matrix = basis.T @ matrix @ basis
    return float(np.linalg.eigvalsh(matrix)[0])
