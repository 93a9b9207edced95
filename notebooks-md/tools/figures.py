"""Figures that a fence drew: kept, replaced or compared with the committed ones."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

from stable import same


def settle(drawn: Path, committed: Path, *, keep: bool) -> None:
    """Moves new figures to their place, unless the data that a notebook shows beside them is the same.

    A committed figure must have the labels of the new one, whether or not it is replaced: axes,
    legends and ticks, numbers but for their last digits.

    Args:
        drawn: where the fence drew; emptied.
        committed: where the repository has them.
        keep: the output beside the figure did not change.
    """
    for figure in sorted(drawn.glob("*")):
        place = committed / figure.name
        is_same = place.exists() and keep and same(_labels(place), _labels(figure))
        if not is_same and os.environ.get("NOTEBOOK_FIGURES") != "write":
            raise RuntimeError(f"{place.name} is missing or not what its command draws now")
        if not is_same:
            committed.mkdir(exist_ok=True)
            shutil.copyfile(figure, place)
        figure.unlink()


def _labels(figure: Path) -> str:
    """The texts of an SVG, one a line."""
    texts = (
        "".join(element.itertext()) for element in ElementTree.parse(figure).iter()
        if element.tag.endswith("}text"))
    return "\n".join(re.sub(r"\s+", " ", text).strip() for text in texts)
