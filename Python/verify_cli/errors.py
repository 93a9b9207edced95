"""What can go wrong, one class for each thing that a caller may want to tell apart."""

from __future__ import annotations

from typing import Any


class CaseError(ValueError):
    """A model, pytree or batch that no case file can express; the message says what to change."""


class VerifyError(RuntimeError):
    """`verify-cli` ended with an exit code other than 0.

    Attributes:
        exit_code: 64 wrong usage, 65 bad data, 70 a solve that did not reach its tolerance.
        message: what it wrote to standard error.
    """

    def __init__(self, exit_code: int, message: str) -> None:
        super().__init__(f"verify-cli ended with exit code {exit_code}: {message}")
        self.exit_code = exit_code
        self.message = message


class UnsolvedError(VerifyError):
    """A solve stopped short of its tolerance (exit code 70), so there is no exact update.

    Attributes:
        output: the JSON that was printed all the same, with the outcome and its reason.
    """

    def __init__(self, message: str, output: Any) -> None:
        super().__init__(70, message)
        self.output = output
