"""The numbers of `verify-cli table` for a notebook's own arithmetic."""

from __future__ import annotations

import json
import subprocess


def medians(*arguments: str) -> dict[str, dict[float, float]]:
    """The medians of the first table that `verify-cli table` prints, by row and learning rate."""
    done = subprocess.run(
        ["verify-cli", "table", "--quiet", "--format", "json", *arguments],
        capture_output=True, text=True, check=True)
    return {
        row["rule"]: {
            float(key.removeprefix("alpha=")): cell["median"]
            for key, cell in row.items() if key.startswith("alpha=") and cell is not None}
        for row in json.loads(done.stdout)["tables"][0]["rows"]}
