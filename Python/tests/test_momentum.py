"""`previous`: the weights before the step before, from which momentum is recognised."""

from __future__ import annotations

import torch
from torch import nn

from verify_cli import Case, VerifyCLI

from models import batch, chain_case, model


def test_momentum_is_recognised_from_the_weights_before(cli: VerifyCLI) -> None:
    network = model(5, 6, 3, activation="tanh")
    x, y = batch(5, 3, 4, "softmax-cross-entropy")
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)

    def case() -> Case:
        return chain_case(network, x, y, "softmax-cross-entropy")

    cases = [case()]
    for _ in range(2):
        optimizer.zero_grad()
        torch.autograd.backward(nn.functional.cross_entropy(network(x), y))
        optimizer.step()
        cases.append(case())
    previous, before, after = cases
    assert cli.audit(before, after, previous=previous).verdict == "momentum"
    assert cli.audit(before, after, previous=previous.layers).verdict == "momentum"
    assert cli.audit(before, after).verdict != "momentum"
