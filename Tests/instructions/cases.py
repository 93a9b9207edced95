"""Cases for instruction counts, written without any library and the same on every machine."""

import json
import struct


class Uniform:
    """Numbers in [0, 1) by a linear congruential generator (Knuth's MMIX constants)."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self):
        self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2**53


def write_case(path, widths, examples):
    """A safetensors file of a network with weights in ±1/√fan-in and a mini-batch of inputs like pixels."""
    uniform = Uniform(7)
    tensors = {}
    for n, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
        bound = fan_in**-0.5
        tensors[f"layers.{n}.weight"] = [fan_out, fan_in], [bound * (2 * uniform() - 1) for _ in range(fan_in * fan_out)]
        tensors[f"layers.{n}.bias"] = [fan_out], [bound * (2 * uniform() - 1) for _ in range(fan_out)]
    tensors["x"] = [examples, widths[0]], [max(0.0, 2 * uniform() - 1) for _ in range(examples * widths[0])]
    classes = [int(widths[-1] * uniform()) for _ in range(examples)]
    tensors["y"] = [examples, widths[-1]], [float(i == c) for c in classes for i in range(widths[-1])]
    header, data = {}, b""
    for name, (shape, values) in tensors.items():
        packed = struct.pack(f"<{len(values)}d", *values)
        header[name] = {"dtype": "F64", "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
