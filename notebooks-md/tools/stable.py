"""Whether two outputs say the same: equal words, and numbers equal but for their last digits.

The numbers of another BLAS or another number of threads differ in the last digits. A notebook keeps
its old text where nothing else changed, so that only what means something shows in its history.
"""

from __future__ import annotations

import re

#: Relative difference of two numbers that mean the same, besides one unit of the last digit printed.
RELATIVE = 0.02
#: Below this, numbers are rounding errors, whose size says nothing.
NOISE = 1e-9

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")


def same(old: str, new: str, relative: float = RELATIVE) -> bool:
    """Compares two outputs; spaces and the dashes of table rules count as one of their kind."""
    old_words, old_numbers = _split(old)
    new_words, new_numbers = _split(new)
    return old_words == new_words and all(
        _close(one, other, relative) for one, other in zip(old_numbers, new_numbers, strict=True))


def _split(text: str) -> tuple[list[str], list[tuple[str, bool]]]:
    """The words between the numbers, and each number with whether it is a count.

    A count is written without a point and stands outside `median [lower, upper]`.
    """
    text = re.sub(r"─+|-{3,}", "─", re.sub(r"-{3,}:", "─", text))
    numbers = []
    for match in _NUMBER.finditer(text):
        statistic = text[match.end():match.end() + 2] == " [" or _inside_brackets(text, match.start())
        plain = re.fullmatch(r"[-−]?\d+", match[0]) is not None
        numbers.append((match[0].replace("−", "-"), plain and not statistic))
    words = " ".join(_NUMBER.sub("#", text).split())
    return words.split(" "), numbers


def _inside_brackets(text: str, position: int) -> bool:
    line = text[text.rfind("\n", 0, position) + 1:position]
    return line.rfind("[") > line.rfind("]")


def _close(old: tuple[str, bool], new: tuple[str, bool], relative: float) -> bool:
    (old_text, old_count), (new_text, new_count) = old, new
    if old_count and new_count:
        return int(old_text) == int(new_text)
    one, other = float(old_text), float(new_text)
    if abs(one) < NOISE and abs(other) < NOISE:
        return True
    unit = max(_last_digit(old_text), _last_digit(new_text))
    return abs(one - other) <= max(relative * max(abs(one), abs(other)), 1.01 * unit)


def _last_digit(text: str) -> float:
    mantissa, _, exponent = text.partition("e")
    digits = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - digits)
