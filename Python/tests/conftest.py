"""Fixtures: the program, and small random PyTorch models in double precision."""

from __future__ import annotations

import pytest
import torch

from verify_cli import VerifyCLI


@pytest.fixture(scope="session")
def cli() -> VerifyCLI:
    return VerifyCLI()


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(7)
