"""`proved`: the bounds hold for a solve that is much more exact than the one that was proved."""

from __future__ import annotations

import numpy as np

from verify_cli import ExactUpdate, Loss, VerifyCLI

from models import batch, chain_case, model

LOSS: Loss = "softmax-cross-entropy"


def test_a_loose_solve_lies_within_its_proved_distance_of_a_tight_one(cli: VerifyCLI) -> None:
    case = chain_case(model(5, 6, 3, activation="tanh"), *batch(5, 3, 3, LOSS), LOSS)

    def update(exact: ExactUpdate) -> np.ndarray:
        return np.concatenate([(exact.weights[name] - old).ravel() for name, old in case.weights.items()])

    tight = update(cli.prox(case, 2.0, tolerance=1e-13))
    exact = cli.prox(case, 2.0, tolerance=1e-4, proved=True)
    row, loose = exact.report.iloc[0], update(exact)
    assert row.certificate == "enclosed" and row.notEnclosed is None
    found = float(np.linalg.norm(loose - tight) / np.linalg.norm(tight))
    assert 1e-9 < found <= row.provedDistance < 1e-2


def test_proved_distances_have_bounds(cli: VerifyCLI) -> None:
    case = chain_case(model(5, 6, 3, activation="tanh"), *batch(5, 3, 3, LOSS), LOSS)
    plain = cli.compare(case, 0.5, rules="bp").iloc[0]
    proved = cli.compare(case, 0.5, rules="bp", proved=True).iloc[0]
    assert proved.relativeDistanceLower < plain.relativeDistance < proved.relativeDistanceUpper
    assert proved.relativeDistanceUpper - proved.relativeDistanceLower < 1e-6 * plain.relativeDistance
    assert proved.cosineLower - 1e-9 <= plain.cosine <= proved.cosineUpper + 1e-9
