"""Case files in plain Python, so that a notebook needs nothing but its standard library.

A safetensors file is the length of a JSON header, the header, and the numbers.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence

Row = Sequence[float]


def write_case(path: str, tensors: Mapping[str, Sequence[Row] | Row], **metadata: str) -> None:
    """Writes matrices (lists of rows) and vectors (lists) in double precision."""
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    numbers: list[float] = []
    for name, tensor in tensors.items():
        shape, values = [len(tensor)], []
        for row in tensor:
            if isinstance(row, Sequence):
                shape = [len(tensor), len(row)]
                values += row
            else:
                values.append(row)
        start = 8 * len(numbers)
        numbers += values
        header[name] = {"dtype": "F64", "shape": shape, "data_offsets": [start, 8 * len(numbers)]}
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + struct.pack(f"<{len(numbers)}d", *numbers))


def read_case(path: str) -> dict[str, list[float]]:
    """The F64 tensors of a file, each as one flat list in row-major order."""
    with open(path, "rb") as file:
        data = file.read()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:end])
    return {
        name: list(struct.unpack_from(f"<{(stop - start) // 8}d", data, end + start))
        for name, entry in header.items() if name != "__metadata__"
        for start, stop in [entry["data_offsets"]]
    }
