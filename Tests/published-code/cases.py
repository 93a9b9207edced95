"""A case as verify-cli reads it, and its rules' updates as it writes them."""

from __future__ import annotations

import json
import struct
import subprocess
from pathlib import Path

import numpy as np

Layers = list[tuple[np.ndarray, np.ndarray]]


def write(path: Path, layers: Layers, x: np.ndarray, y: np.ndarray) -> None:
    tensors = {"x": x, "y": y}
    for n, (weight, bias) in enumerate(layers):
        tensors[f"layers.{n}.weight"], tensors[f"layers.{n}.bias"] = weight, bias
    header: dict[str, object] = {}
    blobs, offset = [], 0
    for name, values in tensors.items():
        blob = np.ascontiguousarray(values, dtype="<f8").tobytes()
        header[name] = {"dtype": "F64", "shape": list(values.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read(path: Path) -> Layers:
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    tensors = {
        name: np.frombuffer(
            data, "<f8", offset=8 + length + entry["data_offsets"][0], count=int(np.prod(entry["shape"]))
        ).reshape(entry["shape"])
        for name, entry in json.loads(data[8:8 + length]).items() if name != "__metadata__"
    }
    return [
        (tensors[f"layers.{n}.weight"], tensors[f"layers.{n}.bias"])
        for n in range(sum(name.endswith("weight") for name in tensors))
    ]


def draw(seed: int, examples: int, widths: list[int], outputs: str = "classes") -> tuple[Layers, np.ndarray, np.ndarray]:
    """Weights by PyTorch's rule; inputs in [0, 1], so that ReLU leaves them; one-hot or normal targets."""
    random = np.random.default_rng(seed)
    layers = []
    for below, above in zip(widths, widths[1:]):
        bound = below ** -0.5
        layers.append((random.uniform(-bound, bound, (above, below)), random.uniform(-bound, bound, above)))
    x = random.uniform(0, 1, (examples, widths[0]))
    y = np.eye(widths[-1])[random.integers(0, widths[-1], examples)]
    return layers, x, y if outputs == "classes" else random.normal(size=y.shape)


def updated(program: str, folder: Path, layers: Layers, x: np.ndarray, y: np.ndarray, rule: str, alpha: float,
            activation: str, loss: str, *options: str) -> Layers:
    """The weights after one update of verify-cli's rule."""
    write(folder / "case.safetensors", layers, x, y)
    done = subprocess.run(
        [program, "compare", folder / "case.safetensors", "--rules", rule, "--alpha", str(alpha), "--save-updates", folder,
         "--activation", activation, "--loss", loss, "--iteration-limit", "1", *options],
        capture_output=True, text=True, check=False)
    # 70: the exact update was not found, which nobody asked for here.
    if done.returncode not in (0, 70):
        raise SystemExit(f"{rule}: {done.stderr}")
    return read(folder / f"{rule}-{float(alpha)}.safetensors")


def distance(found: Layers, expected: Layers, before: Layers) -> float:
    """The relative distance of two updates."""
    def move(layers: Layers) -> np.ndarray:
        return np.concatenate([(a - b).ravel() for layer, old in zip(layers, before) for a, b in zip(layer, old)])
    return float(np.linalg.norm(move(found) - move(expected)) / np.linalg.norm(move(expected)))
