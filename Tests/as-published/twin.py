"""The rules of the code published with the paper, in float64, from their description in docs/as-published.md.

Plain numpy over one network (ReLU, with biases) and one mini-batch; rows are examples, as in PyTorch. Each function
returns the weights and biases after one update; `adam` makes several of them with Adam in between.

`response` is the loss's: softmax, or the logistic function where outputs are trained with binary cross-entropy. Targets
are mixed with softmax all the same.
"""
import numpy as np


def relu(h):
    return np.maximum(h, 0)


def softmax(h):
    exponentials = np.exp(h - h.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def logistic(h):
    return 1 / (1 + np.exp(-h))


def affine(layer, a):
    weight, bias = layer
    return a @ weight.T + bias


def moved(layer, error, rates, size, *, biases=True):
    """A layer after `size` times the mean outer product of error and rates."""
    weight, bias = layer
    examples = len(rates)
    new_bias = bias + size * error.sum(0) / examples if biases else bias
    return weight + size * error.T @ rates / examples, new_bias


def bp(layers, x, y, alpha, *, response=softmax, biases=False):
    """Explicit SGD; biases stay, but not with Adam."""
    rates = [x]
    for layer in layers[:-1]:
        rates.append(relu(affine(layer, rates[-1])))
    error = y - response(affine(layers[-1], rates[-1]))
    result = []
    for n in reversed(range(len(layers))):
        result.insert(0, moved(layers[n], error, rates[n], alpha, biases=biases))
        error = (error @ layers[n][0]) * (rates[n] > 0)
    return result


def bp_prox(layers, x, y, alpha, epsilon, *, response=softmax):
    """Backpropagation of IL-prox's first output error; each layer divided by its mean squared rate, biases stay."""
    activities = [x]
    for layer in layers:
        activities.append(affine(layer, relu(activities[-1])))
    rates = [relu(h) for h in activities[:-1]]
    c = alpha * ((rates[-1] ** 2).sum(1).mean() + epsilon)
    error = (softmax(activities[-1]) + c * y) / (1 + c) - response(activities[-1])
    result = []
    for n in reversed(range(len(layers))):
        norm = (rates[n] ** 2).sum(1).mean() + epsilon
        with np.errstate(divide="ignore", invalid="ignore"):
            result.insert(0, moved(layers[n], error, rates[n], 1 / norm, biases=False))
        error = (error @ layers[n][0]) * (activities[n] > 0)
    return result


def il(layers, x, y, alpha, *, response=softmax, nudge=None, steps=25, error_step=0.02, leak_step=0.015):
    """Standard inference learning on rates: linear map, then ReLU; half of the output's error is fed back.

    A nudged output aims at a mixture of the target and softmax of the prediction before the last step.
    """
    def predictions(h):
        return [relu(affine(layer, a)) for layer, a in zip(layers[:-1], h)], affine(layers[-1], h[-1])

    def target(logits):
        return y if nudge is None else (1 - nudge) * softmax(logits) + nudge * y

    h = [x]
    for layer in layers[:-1]:
        h.append(relu(affine(layer, h[-1])))
    p, logits = predictions(h)
    aim = target(logits)
    for _ in range(steps):
        own = [a - b for a, b in zip(h[1:], p)]
        back = [e * (q > 0) for e, q in zip(own, p)] + [(aim - response(logits)) / 2]
        h = [x] + [
            a - leak_step * e + error_step * (b @ layer[0])
            for a, e, b, layer in zip(h[1:], own, back[1:], layers[1:])
        ]
        aim = target(logits)
        p, logits = predictions(h)
    errors = [(a - q) * (q > 0) for a, q in zip(h[1:], p)] + [aim - response(logits)]
    return [moved(layer, e, a, alpha) for layer, e, a in zip(layers, errors, h)]


def il_prox(layers, x, y, alpha, epsilon, *, response=softmax, steps=25, error_step=0.015, leak_step=0.015):
    """IL-prox with unit precisions, the target mixed from the prediction before, and its own way with norms."""
    def predictions(h):
        return [affine(layer, relu(a)) for layer, a in zip(layers, h)]

    def target(norm, logits):
        c = alpha * norm
        return (softmax(logits) + c * y) / (1 + c)

    h = [x]
    for layer in layers[:-1]:
        h.append(affine(layer, relu(h[-1])))
    p = predictions(h)
    aim = target((relu(h[-1]) ** 2).sum(1).mean() + epsilon, p[-1])
    for _ in range(steps):
        errors = [a - q for a, q in zip(h[1:], p)] + [aim - response(p[-1])]
        h = [x] + [
            a - leak_step * e + error_step * (above @ layer[0]) * (a > 0)
            for a, e, above, layer in zip(h[1:], errors, errors[1:], layers[1:])
        ]
        aim = target((relu(h[-1]) ** 2).sum() + 1 + epsilon, p[-1])
        p = predictions(h)
    errors = [a - q for a, q in zip(h[1:], p)] + [aim - response(p[-1])]
    return [
        moved(layer, e, relu(a), 1 / ((relu(a) ** 2).sum(1).mean() + 1 + epsilon))
        for layer, e, a in zip(layers, errors, h)
    ]


def il_prox_fast(layers, x, y, alpha, epsilon, *, response=softmax):
    """IL-prox with 12 steps of 0.025 and no leak."""
    return il_prox(layers, x, y, alpha, epsilon, response=response, steps=12, error_step=0.025, leak_step=0)


def adam(step, layers, size, updates):
    """Several updates by Adam (means 0.9 and 0.999, 1e-8) along what `step` makes of the weights."""
    # In the precision of the weights.
    one = layers[0][0].dtype.type(1)
    first, second = one * 9 / 10, one * 999 / 1000
    means = squares = [one * 0] * (2 * len(layers))
    for count in range(1, updates + 1):
        weights = [a for layer in layers for a in layer]
        directions = [after - before for after, before in zip([a for layer in step(layers) for a in layer], weights)]
        means = [first * m + (1 - first) * d for m, d in zip(means, directions)]
        squares = [second * v + (1 - second) * d ** 2 for v, d in zip(squares, directions)]
        weights = [
            w + size * m / (1 - first ** count) / (np.sqrt(v / (1 - second ** count)) + 1e-8)
            for w, m, v in zip(weights, means, squares)
        ]
        layers = list(zip(weights[::2], weights[1::2]))
    return layers


def bp_adam(layers, x, y, size, updates, *, response=softmax):
    return adam(lambda now: bp(now, x, y, 1, response=response, biases=True), layers, size, updates)


def il_adam(layers, x, y, size, updates, *, response=softmax, nudge=None):
    """20 steps, of 0.02 for the errors fed back and of 0.01 for a layer's own."""
    return adam(
        lambda now: il(now, x, y, 1, response=response, nudge=nudge, steps=20, leak_step=0.01), layers, size, updates)


def il_prox_adam(layers, x, y, size, updates, epsilon, *, response=softmax):
    """20 steps of 0.02 and 0.015; the α of the target is 100."""
    return adam(
        lambda now: il_prox(now, x, y, 100, epsilon, response=response, steps=20, error_step=0.02), layers, size, updates)


# Rules that `compare --rules` takes, each with its function and whether that takes ε.
RULES = {
    "bp-published": (bp, False),
    "bp-prox-published": (bp_prox, True),
    "il-published": (il, False),
    "il-prox-published": (il_prox, True),
    "il-prox-fast-published": (il_prox_fast, True),
}
WITH_ADAM = {
    "bp-published": (bp_adam, False),
    "il-published": (il_adam, False),
    "il-prox-published": (il_prox_adam, True),
}
