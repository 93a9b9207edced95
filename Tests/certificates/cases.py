"""Adversarial cases, and the files that the program reads."""

import json
import struct
from dataclasses import dataclass, field

import mpmath as mp
import numpy as np


@dataclass
class Case:
    """What the file holds, exactly, and the options."""

    kind: str
    activations: list
    loss: str
    alpha: float
    tensors: dict = field(repr=False)
    single: bool = False

    def __post_init__(self):
        self.depth = sum(1 for name in self.tensors if name.endswith(".weight"))
        self.biases = [f"layers.{n}.bias" in self.tensors for n in range(self.depth)]
        exact = {name: np.asarray(t, np.float32 if self.single else np.float64) for name, t in self.tensors.items()}
        self.tensors = exact
        self.inputs = [[mp.mpf(float(v)) for v in row] for row in exact["x"]]
        self.targets = [[mp.mpf(float(v)) for v in row] for row in exact["y"]]

    def weights(self, tensors=None):
        tensors = tensors or self.tensors
        result = []
        for n in range(self.depth):
            rows = [[mp.mpf(float(v)) for v in row] for row in tensors[f"layers.{n}.weight"]]
            if self.biases[n]:
                rows = [row + [mp.mpf(float(b))] for row, b in zip(rows, tensors[f"layers.{n}.bias"])]
            result.append(rows)
        return result

    def write(self, path):
        header, data = {}, b""
        for name, tensor in self.tensors.items():
            raw = np.ascontiguousarray(tensor).tobytes()
            header[name] = {
                "dtype": "F32" if self.single else "F64",
                "shape": list(tensor.shape),
                "data_offsets": [len(data), len(data) + len(raw)],
            }
            data += raw
        text = json.dumps(header).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def random_case(widths, seed, activation, loss, alpha, examples=1):
    """A network with biases, Gaussian examples and a class as the target of each."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for n, (below, above) in enumerate(zip(widths, widths[1:])):
        tensors[f"layers.{n}.weight"] = rng.normal(size=(above, below)) / np.sqrt(below)
        tensors[f"layers.{n}.bias"] = rng.normal(size=above) * 0.3
    tensors["x"] = rng.normal(size=(examples, widths[0]))
    tensors["y"] = np.eye(widths[-1])[(seed + np.arange(examples)) % widths[-1]]
    return Case("random", [activation] * (len(widths) - 2), loss, alpha, tensors)


def read(path):
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    kinds = {"F32": np.float32, "F64": np.float64}
    return {
        name: np.frombuffer(raw[8 + size + t["data_offsets"][0] : 8 + size + t["data_offsets"][1]], kinds[t["dtype"]]).reshape(t["shape"])
        for name, t in header.items()
        if name != "__metadata__"
    }


KINDS = [
    "ordinary", "scales", "rates", "dead", "zero", "repeated", "rank-deficient", "batch-above-width", "targets-are-outputs",
    "single", "zero-input", "no-outgoing", "pixels", "held-mini-batch",
]
NAMES = ["relu", "leaky-relu", "relu", "leaky-relu", "tanh", "sigmoid", "softplus", "gelu", "identity"]
LOSSES = ["squared-error", "softmax-cross-entropy", "sigmoid-cross-entropy"]


def draw(index):
    """Case number `index`, always the same."""
    rng = np.random.default_rng([7, index])
    kind = KINDS[index % len(KINDS)]
    depth = int(rng.integers(1, 5)) if kind == "ordinary" else int(rng.integers(2, 4))
    widths = [int(v) for v in rng.integers(1, 5, depth + 1)]
    count = int(rng.choice([1, 1, 2, 3]))
    if kind == "batch-above-width":
        count = max(widths[:-1]) + 2
    activations = [str(rng.choice(NAMES))] * (depth - 1) if rng.random() < 0.7 else [str(rng.choice(NAMES)) for _ in range(depth - 1)]
    loss = str(rng.choice(LOSSES))
    if widths[-1] == 1 and loss == "softmax-cross-entropy":
        loss = "squared-error"
    has_bias = rng.random() < 0.6
    tensors = {}
    for n in range(depth):
        scale = rng.choice([0.1, 1, 3])
        tensors[f"layers.{n}.weight"] = scale * rng.normal(size=(widths[n + 1], widths[n])) / np.sqrt(widths[n])
        if has_bias:
            tensors[f"layers.{n}.bias"] = scale * rng.normal(size=widths[n + 1])
    x = rng.normal(size=(count, widths[0]))
    y = rng.normal(size=(count, widths[-1]))
    if loss != "squared-error":
        y = np.eye(widths[-1])[rng.integers(0, widths[-1], count)] if loss.startswith("soft") else rng.integers(0, 2, y.shape).astype(float)
    alpha = float(10 ** rng.uniform(-3, 3))
    if kind == "scales":
        for name in tensors:
            tensors[name] = tensors[name] * 10.0 ** rng.choice([-100, -30, -8, 0, 0, 8, 30, 100])
        x = x * 10.0 ** rng.choice([-100, -8, 0, 0, 8, 100])
    elif kind == "rates":
        alpha = float(10 ** rng.uniform(-300, 12))
    elif kind == "dead" and has_bias and depth > 1:
        tensors["layers.0.bias"] = tensors["layers.0.bias"] - 10
    elif kind == "zero":
        for name in list(tensors):
            if rng.random() < 0.8:
                tensors[name] = np.zeros_like(tensors[name])
    elif kind == "repeated":
        for n in range(depth - 1):
            for name in (f"layers.{n}.weight", f"layers.{n}.bias"):
                if name in tensors:
                    tensors[name][:] = tensors[name][:1]
        tensors[f"layers.{depth - 1}.weight"][:] = tensors[f"layers.{depth - 1}.weight"][:, :1]
    elif kind == "rank-deficient":
        for n in range(depth):
            w = tensors[f"layers.{n}.weight"]
            tensors[f"layers.{n}.weight"] = np.outer(w[:, 0], w[0])
        x[:] = x[:1]
    elif kind == "zero-input":
        x[:] = 0
    elif kind == "pixels":
        # Wide inputs of 0 to 255 as they are read, targets of one class, and a large α.
        tensors["layers.0.weight"] = rng.normal(size=(widths[1], 24)) / np.sqrt(24)
        x = rng.integers(0, 256, (1, 24)).astype(float)
        y = np.eye(widths[-1])[rng.integers(0, widths[-1], 1)]
        loss, alpha = "squared-error", 100.0
    elif kind == "held-mini-batch":
        count = int(rng.integers(2, 7))
        activations = [str(rng.choice(["relu", "leaky-relu"]))] * (depth - 1)
        x, y = rng.normal(size=(count, widths[0])), rng.normal(size=(count, widths[-1]))
        loss, alpha = "squared-error", float(10 ** rng.uniform(-1, 1.5))
    elif kind == "no-outgoing":
        tensors[f"layers.{depth - 1}.weight"][:] = 0
    tensors["x"], tensors["y"] = x, y
    case = Case(kind, activations, loss, alpha, tensors, single=kind == "single")
    if kind == "targets-are-outputs" and loss == "squared-error":
        case = Case(kind, activations, loss, alpha, dict(tensors, y=outputs(case)))
    return case


def outputs(case):
    """The logits in double precision, as a user would compute them."""
    from definition import run

    weights = case.weights()
    zero = [[[mp.mpf(0)] * len(row) for row in layer] for layer in weights]
    return np.array([[float(v) for v in h] for h in run(case, weights, zero).activities[-1]])
