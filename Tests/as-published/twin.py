"""The rules of the code published with the paper, in float64, from their description in docs/as-published.md.

Plain numpy over one network (ReLU, with biases) and one mini-batch; rows are examples, as in PyTorch. Each function
returns the weights and biases after one update.
"""
import numpy as np


def relu(h):
    return np.maximum(h, 0)


def softmax(h):
    exponentials = np.exp(h - h.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def affine(layer, a):
    weight, bias = layer
    return a @ weight.T + bias


def moved(layer, error, rates, size, *, biases=True):
    """A layer after `size` times the mean outer product of error and rates."""
    weight, bias = layer
    examples = len(rates)
    new_bias = bias + size * error.sum(0) / examples if biases else bias
    return weight + size * error.T @ rates / examples, new_bias


def bp(layers, x, y, alpha):
    """Explicit SGD; biases stay."""
    rates = [x]
    for layer in layers[:-1]:
        rates.append(relu(affine(layer, rates[-1])))
    error = y - softmax(affine(layers[-1], rates[-1]))
    result = []
    for n in reversed(range(len(layers))):
        result.insert(0, moved(layers[n], error, rates[n], alpha, biases=False))
        error = (error @ layers[n][0]) * (rates[n] > 0)
    return result


def bp_prox(layers, x, y, alpha, epsilon):
    """Backpropagation of IL-prox's first output error; each layer divided by its mean squared rate, biases stay."""
    activities = [x]
    for layer in layers:
        activities.append(affine(layer, relu(activities[-1])))
    rates = [relu(h) for h in activities[:-1]]
    c = alpha * ((rates[-1] ** 2).sum(1).mean() + epsilon)
    response = softmax(activities[-1])
    error = (response + c * y) / (1 + c) - response
    result = []
    for n in reversed(range(len(layers))):
        norm = (rates[n] ** 2).sum(1).mean() + epsilon
        with np.errstate(divide="ignore", invalid="ignore"):
            result.insert(0, moved(layers[n], error, rates[n], 1 / norm, biases=False))
        error = (error @ layers[n][0]) * (activities[n] > 0)
    return result


def il(layers, x, y, alpha, steps=25, error_step=0.02, leak_step=0.015):
    """Standard inference learning on rates: linear map, then ReLU; half of the output's error is fed back."""
    def predictions(h):
        return [relu(affine(layer, a)) for layer, a in zip(layers[:-1], h)], affine(layers[-1], h[-1])

    h = [x]
    for layer in layers[:-1]:
        h.append(relu(affine(layer, h[-1])))
    for _ in range(steps):
        p, logits = predictions(h)
        own = [a - b for a, b in zip(h[1:], p)]
        back = [e * (q > 0) for e, q in zip(own, p)] + [(y - softmax(logits)) / 2]
        h = [x] + [
            a - leak_step * e + error_step * (b @ layer[0])
            for a, e, b, layer in zip(h[1:], own, back[1:], layers[1:])
        ]
    p, logits = predictions(h)
    errors = [(a - q) * (q > 0) for a, q in zip(h[1:], p)] + [y - softmax(logits)]
    return [moved(layer, e, a, alpha) for layer, e, a in zip(layers, errors, h)]


def il_prox(layers, x, y, alpha, epsilon, steps=25, error_step=0.015, leak_step=0.015):
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
        errors = [a - q for a, q in zip(h[1:], p)] + [aim - softmax(p[-1])]
        h = [x] + [
            a - leak_step * e + error_step * (above @ layer[0]) * (a > 0)
            for a, e, above, layer in zip(h[1:], errors, errors[1:], layers[1:])
        ]
        aim = target((relu(h[-1]) ** 2).sum() + 1 + epsilon, p[-1])
        p = predictions(h)
    errors = [a - q for a, q in zip(h[1:], p)] + [aim - softmax(p[-1])]
    return [
        moved(layer, e, relu(a), 1 / ((relu(a) ** 2).sum(1).mean() + 1 + epsilon))
        for layer, e, a in zip(layers, errors, h)
    ]


def il_prox_fast(layers, x, y, alpha, epsilon):
    """IL-prox with 12 steps of 0.025 and no leak."""
    return il_prox(layers, x, y, alpha, epsilon, steps=12, error_step=0.025, leak_step=0)


RULES = {
    "bp-published": (bp, False),
    "bp-prox-published": (bp_prox, True),
    "il-published": (il, False),
    "il-prox-published": (il_prox, True),
    "il-prox-fast-published": (il_prox_fast, True),
}
