"""What a description says, in plain loops over outputs: no convolution or pooling of PyTorch."""
from __future__ import annotations

import torch

ACTIVATIONS = {"identity": lambda h: h, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}


def logits(description, tensors, x):
    rates = {description["input"]["name"]: x}
    for node in description["nodes"]:
        total = sum(through(edge["maps"], tensors, rates[edge["node"]]) for edge in node["from"])
        rates[node["name"]] = ACTIVATIONS[node["activation"]](total)
    return rates[description["output"]]


def through(maps, tensors, a):
    for entry in maps:
        a = KINDS[entry["kind"]](entry, tensors, a)
    return a


def dense(entry, tensors, a):
    weight = tensors[entry["weight"]]
    result = a @ (weight if entry.get("transposed") else weight.T)
    return result + tensors[entry["bias"]] if "bias" in entry else result


def windows(a, size, stride, padding):
    """The patches of B × C × space as B × C × places × size, with the number of places along each axis."""
    padded = torch.nn.functional.pad(a, [p for pair in reversed(padding) for p in (pair, pair)])
    counts = [(n - k) // s + 1 for n, k, s in zip(padded.shape[2:], size, stride)]
    places = torch.cartesian_prod(*[torch.arange(n) for n in counts]).reshape(-1, len(counts))
    patches = []
    for place in places.tolist():
        slices = [slice(s * p, s * p + k) for s, p, k in zip(stride, place, size)]
        patches.append(padded[(slice(None), slice(None), *slices)].reshape(*a.shape[:2], -1))
    return torch.stack(patches, 2), counts


def convolution(entry, tensors, a):
    weight = tensors[entry["weight"]]
    patches, counts = windows(a, weight.shape[2:], entry["stride"], entry["padding"])
    outputs, groups = weight.shape[0], entry["groups"]
    channels, each = weight.shape[1], outputs // groups
    result = []
    for output in range(outputs):
        start = output // each * channels
        kernel = weight[output].reshape(channels, -1)
        result.append((patches[:, start:start + channels] * kernel[None, :, None]).sum((1, 3)))
    stacked = torch.stack(result, 1)
    if "bias" in entry:
        stacked = stacked + tensors[entry["bias"]][None, :, None]
    return stacked.reshape(len(a), outputs, *counts)


def average_pool(entry, tensors, a):
    patches, counts = windows(a, entry["size"], entry["stride"], entry["padding"])
    return patches.mean(3).reshape(*a.shape[:2], *counts)


KINDS = {
    "dense": dense, "convolution": convolution, "average-pool": average_pool,
    "flatten": lambda entry, tensors, a: a.flatten(1),
    "reshape": lambda entry, tensors, a: a.reshape(len(a), *entry["shape"]),
    "subsample": lambda entry, tensors, a: a[
        (slice(None), slice(None), *(slice(None, None, s) for s in entry["stride"]))],
    "slice": lambda entry, tensors, a: a.flatten(1)[:, entry["start"]:entry["start"] + entry["length"]],
    "scale": lambda entry, tensors, a: entry["factor"] * a,
}
