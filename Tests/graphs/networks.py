"""Networks that are graphs, each twice: as PyTorch functions and as the description that a case file carries.

The descriptions are written by hand, so that neither the program nor the Python package has a part in them. All
numbers are double precision. A forward function takes the dictionary of tensors and the inputs, B × shape.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import torch
import torch.nn.functional as F

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Network:
    name: str
    description: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    forward: Callable[[Tensors, torch.Tensor], torch.Tensor]
    loss: str
    outputs: int


def node(name, activation, *edges):
    return {"name": name, "activation": activation, "from": list(edges)}


def edge(source, *maps):
    return {"node": source, "maps": list(maps)}


def dense(weight, bias=None, transposed=False):
    return {"kind": "dense", "weight": weight, **({"bias": bias} if bias else {}),
            **({"transposed": True} if transposed else {})}


def convolution(name, stride, padding, groups=1, bias=True):
    return {"kind": "convolution", "weight": f"{name}.weight", **({"bias": f"{name}.bias"} if bias else {}),
            "stride": stride, "padding": padding, "groups": groups}


def pool(size, stride, padding):
    return {"kind": "average-pool", "size": size, "stride": stride, "padding": padding}


def described(shape, *nodes):
    return {"version": 1, "input": {"name": "x", "shape": list(shape)}, "nodes": list(nodes),
            "output": nodes[-1]["name"]}


FLATTEN = {"kind": "flatten"}


def affine(*names_and_shapes):
    """The shapes of weights and biases; a layer's bias has one entry for each row or output channel."""
    shapes = {}
    for name, shape in names_and_shapes:
        shapes[f"{name}.weight"] = shape
        shapes[f"{name}.bias"] = shape[:1]
    return shapes


def lenet():
    """Two convolutions, each with average pooling, and two dense layers, on 1 × 14 × 14."""
    def forward(w, x):
        a = torch.tanh(F.conv2d(x, w["conv1.weight"], w["conv1.bias"]))
        a = torch.tanh(F.conv2d(F.avg_pool2d(a, 2), w["conv2.weight"], w["conv2.bias"], padding=1))
        a = torch.tanh(F.linear(F.avg_pool2d(a, 2, padding=1).flatten(1), w["fc1.weight"], w["fc1.bias"]))
        return F.linear(a, w["fc2.weight"], w["fc2.bias"])

    return Network(
        "LeNet-like, average pooling",
        described(
            (1, 14, 14),
            node("conv1", "tanh", edge("x", convolution("conv1", [1, 1], [0, 0]))),
            node("conv2", "tanh", edge("conv1", pool([2, 2], [2, 2], [0, 0]),
                                       convolution("conv2", [1, 1], [1, 1]))),
            node("fc1", "tanh", edge("conv2", pool([2, 2], [2, 2], [1, 1]), FLATTEN,
                                     dense("fc1.weight", "fc1.bias"))),
            node("fc2", "identity", edge("fc1", dense("fc2.weight", "fc2.bias")))),
        affine(("conv1", (4, 1, 5, 5)), ("conv2", (6, 4, 3, 3)), ("fc1", (16, 54)), ("fc2", (5, 16))),
        forward, "softmax-cross-entropy", 5)


def residual():
    """A dense layer, two residual blocks whose sum is not activated, a dense layer."""
    def forward(w, x):
        stream = F.linear(x, w["in.weight"], w["in.bias"])
        for n in (1, 2):
            inner = torch.tanh(F.linear(stream, w[f"up{n}.weight"], w[f"up{n}.bias"]))
            stream = stream + 0.5 * F.linear(inner, w[f"down{n}.weight"], w[f"down{n}.bias"])
        return F.linear(stream, w["out.weight"], w["out.bias"])

    def block(n, stream):
        return [
            node(f"up{n}", "tanh", edge(stream, dense(f"up{n}.weight", f"up{n}.bias"))),
            node(f"sum{n}", "identity", edge(stream), edge(
                f"up{n}", dense(f"down{n}.weight", f"down{n}.bias"), {"kind": "scale", "factor": 0.5}))]

    return Network(
        "residual MLP",
        described(
            (10,), node("in", "identity", edge("x", dense("in.weight", "in.bias"))),
            *block(1, "in"), *block(2, "sum1"),
            node("out", "identity", edge("sum2", dense("out.weight", "out.bias")))),
        affine(("in", (8, 10)), ("up1", (12, 8)), ("down1", (8, 12)), ("up2", (12, 8)), ("down2", (8, 12)),
               ("out", (4, 8))),
        forward, "softmax-cross-entropy", 4)


def autoencoder():
    """The decoder's weights are the encoder's, transposed; the biases are their own."""
    def forward(w, x):
        a = torch.tanh(F.linear(x, w["one.weight"], w["one.bias"]))
        code = torch.tanh(F.linear(a, w["two.weight"], w["two.bias"]))
        a = torch.tanh(F.linear(code, w["two.weight"].t(), w["back2"]))
        return F.linear(a, w["one.weight"].t(), w["back1"])

    return Network(
        "tied autoencoder",
        described(
            (12,), node("one", "tanh", edge("x", dense("one.weight", "one.bias"))),
            node("two", "tanh", edge("one", dense("two.weight", "two.bias"))),
            node("back", "tanh", edge("two", dense("two.weight", "back2", transposed=True))),
            node("out", "identity", edge("back", dense("one.weight", "back1", transposed=True)))),
        {**affine(("one", (9, 12)), ("two", (5, 9))), "back2": (9,), "back1": (12,)},
        forward, "squared-error", 12)


def recurrent():
    """tanh(U xₜ + W hₜ₋₁ + b), four times with the same weights, and a dense layer on the last state."""
    steps, inputs = 4, 3

    def forward(w, x):
        state = None
        for t in range(steps):
            h = F.linear(x[:, inputs * t:inputs * (t + 1)], w["ih.weight"], w["ih.bias"])
            state = torch.tanh(h if state is None else h + F.linear(state, w["hh.weight"]))
        return F.linear(state, w["out.weight"], w["out.bias"])

    def step(t):
        into = edge("x", {"kind": "slice", "start": inputs * t, "length": inputs}, dense("ih.weight", "ih.bias"))
        return node(f"h{t}", "tanh", into, *([edge(f"h{t - 1}", dense("hh.weight"))] if t else []))

    return Network(
        "unrolled RNN",
        described((steps * inputs,), *map(step, range(steps)),
                  node("out", "identity", edge(f"h{steps - 1}", dense("out.weight", "out.bias")))),
        {**affine(("ih", (7, inputs)), ("out", (3, 7))), "hh.weight": (7, 7)},
        forward, "softmax-cross-entropy", 3)


def small_convolutions():
    """Oblong kernels, unequal strides and paddings, groups, a subsampled skip; biases but for one layer."""
    def forward(w, x):
        a = torch.sigmoid(F.conv2d(x, w["c1.weight"], w["c1.bias"], stride=(2, 1), padding=(1, 0)))
        h = F.conv2d(a, w["c2.weight"], None, stride=2, padding=1, groups=2)
        a = torch.tanh(h + a[:, :, ::2, ::2])
        return F.linear(a.reshape(len(x), -1), w["out.weight"], w["out.bias"])

    return Network(
        "small CNN: stride, padding, groups, skip",
        described(
            (2, 7, 6), node("c1", "sigmoid", edge("x", convolution("c1", [2, 1], [1, 0]))),
            node("c2", "tanh", edge("c1", convolution("c2", [2, 2], [1, 1], groups=2, bias=False)),
                 edge("c1", {"kind": "subsample", "stride": [2, 2]})),
            node("out", "identity", edge("c2", FLATTEN, dense("out.weight", "out.bias")))),
        {**affine(("c1", (4, 2, 3, 2)), ("out", (3, 24))), "c2.weight": (4, 2, 3, 3)},
        forward, "sigmoid-cross-entropy", 3)


def sequence_convolution():
    """Convolutions along one dimension."""
    def forward(w, x):
        a = torch.tanh(F.conv1d(x, w["c1.weight"], w["c1.bias"], stride=2, padding=2))
        a = torch.tanh(F.conv1d(F.avg_pool1d(a, 2), w["c2.weight"], w["c2.bias"]))
        return F.linear(a.flatten(1), w["out.weight"], w["out.bias"])

    return Network(
        "one-dimensional CNN",
        described(
            (2, 17), node("c1", "tanh", edge("x", convolution("c1", [2], [2]))),
            node("c2", "tanh", edge("c1", pool([2], [2], [0]), convolution("c2", [1], [0]))),
            node("out", "identity", edge("c2", FLATTEN, dense("out.weight", "out.bias")))),
        affine(("c1", (3, 2, 5)), ("c2", (4, 3, 2)), ("out", (3, 12))),
        forward, "softmax-cross-entropy", 3)


def paper():
    """The convolutional network of the paper for CIFAR-10, with tanh: 515,210 weights."""
    def forward(w, x):
        a = torch.tanh(F.conv2d(x, w["conv1.weight"], w["conv1.bias"], stride=2))
        a = torch.tanh(F.conv2d(a, w["conv2.weight"], w["conv2.bias"], stride=2))
        a = torch.tanh(F.conv2d(a, w["conv3.weight"], w["conv3.bias"], stride=2))
        return F.linear(a.flatten(1), w["fc.weight"], w["fc.bias"])

    return Network(
        "the paper's CNN",
        described(
            (3, 32, 32), node("conv1", "tanh", edge("x", convolution("conv1", [2, 2], [0, 0]))),
            node("conv2", "tanh", edge("conv1", convolution("conv2", [2, 2], [0, 0]))),
            node("conv3", "tanh", edge("conv2", convolution("conv3", [2, 2], [0, 0]))),
            node("fc", "identity", edge("conv3", FLATTEN, dense("fc.weight", "fc.bias")))),
        affine(("conv1", (64, 3, 5, 5)), ("conv2", (128, 64, 5, 5)), ("conv3", (256, 128, 3, 3)), ("fc", (10, 1024))),
        forward, "softmax-cross-entropy", 10)


#: Each with the mini-batch sizes to try.
NETWORKS = {
    network.name: (network, sizes) for network, sizes in [
        (lenet(), (1, 4)), (residual(), (1, 4)), (autoencoder(), (1, 4)), (recurrent(), (1, 4)),
        (small_convolutions(), (1, 4)), (sequence_convolution(), (1, 4)), (paper(), (1, 8))]
}
