"""The exact update satisfies the implicit equation by torch's autograd, which shares no code with it."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from verify_cli import Activation, Loss, UnsolvedError, VerifyCLI
from verify_cli.pytorch import case_from_torch, load_layers

from models import batch, gradient, model, relative, value, weights

LOSSES: list[Loss] = ["squared-error", "softmax-cross-entropy", "sigmoid-cross-entropy"]
SMOOTH: list[Activation] = ["identity", "tanh", "sigmoid", "softplus", "gelu"]


@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize("alpha", [0.1, 10.0])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", SMOOTH)
def test_implicit_equation(
    cli: VerifyCLI, activation: Activation, loss: Loss, alpha: float, size: int
) -> None:
    before = model(6, 8, 7, 3, activation=activation)
    x, y = batch(6, 3, size, loss)
    exact = cli.prox(case_from_torch(before, x, y, loss), alpha)
    after = deepcopy(before)
    load_layers(after, exact.layers)
    step = weights(after) - weights(before)
    residual = (step + alpha * gradient(after, x, y, loss)).norm() / step.norm()
    assert residual < 1e-8
    # …and the reported losses are torch's.
    report = exact.report.iloc[0]
    assert report.lossBefore == pytest.approx(value(before, x, y, loss), rel=1e-10)
    assert report.lossAfter == pytest.approx(value(after, x, y, loss), rel=1e-8)
    assert report.isExact


def test_a_wrong_learning_rate_does_not_satisfy_it(cli: VerifyCLI) -> None:
    before = model(6, 8, 3, activation="tanh")
    x, y = batch(6, 3, 1, "squared-error")
    exact = cli.prox(case_from_torch(before, x, y, "squared-error"), 1.0)
    after = deepcopy(before)
    load_layers(after, exact.layers)
    step = weights(after) - weights(before)
    assert (step + 1.01 * gradient(after, x, y, "squared-error")).norm() > 5e-3 * step.norm()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", SMOOTH + ["relu", "leaky-relu"])
def test_no_weights_nearby_are_better(cli: VerifyCLI, activation: Activation, loss: Loss) -> None:
    before = model(6, 8, 7, 3, activation=activation)
    x, y = batch(6, 3, 1, loss)
    alpha = 1.0
    after = deepcopy(before)
    load_layers(after, cli.prox(case_from_torch(before, x, y, loss), alpha).layers)
    start, solution = weights(before), weights(after)

    def objective(vector: Tensor) -> float:
        other = deepcopy(before)
        nn.utils.vector_to_parameters(vector, other.parameters())
        return value(other, x, y, loss) + float((vector - start).norm() ** 2) / (2 * alpha)

    lowest = objective(solution)
    assert lowest < value(before, x, y, loss)
    for size in [1e-4, 1e-3, 1e-2]:
        for _ in range(20):
            direction = torch.randn_like(solution)
            moved = solution + size * (solution - start).norm() * direction / direction.norm()
            assert objective(moved) >= lowest


def test_units_on_a_kink_have_a_slope_between_the_one_sided_ones(cli: VerifyCLI) -> None:
    """With ReLU, autograd takes slope 0 at a kink; another slope in [0, 1] must balance it."""
    seen = 0
    for seed in range(12):
        torch.manual_seed(seed)
        before = model(5, 12, 3, activation="relu")
        x, y = batch(5, 3, 1, "squared-error")
        exact = cli.prox(case_from_torch(before, x, y, "squared-error"), 1.0)
        after = deepcopy(before)
        load_layers(after, exact.layers)
        first, last = after[0], after[2]
        assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
        with torch.no_grad():
            hidden = first(x)[0]
            error = after(x)[0] - y[0]
            backward = last.weight.T @ error
            moved = first.bias - before[0].bias  # type: ignore[operator]
            kinked = hidden.abs() < 1e-9
            # Δb₀ = −δ₁ = −s ⊙ W₁ᵀδ₂: the slope that each unit's bias says.
            slopes = -moved / backward
            expected = (hidden > 0).double()
            assert torch.allclose(slopes[~kinked], expected[~kinked], atol=1e-7)
            assert ((slopes[kinked] >= -1e-7) & (slopes[kinked] <= 1 + 1e-7)).all()
        assert exact.report.iloc[0].kinkedUnits == int(kinked.sum())
        seen += int(kinked.sum())
    assert seen > 0, "no case had a unit on a kink, so nothing was tested"


def test_distances_of_compare_are_those_that_torch_computes(cli: VerifyCLI) -> None:
    loss: Loss = "softmax-cross-entropy"
    before = model(6, 8, 7, 3, activation="tanh")
    x, y = batch(6, 3, 4, loss)
    case = case_from_torch(before, x, y, loss)
    frame = cli.compare(case, [0.1, 3.0], rules=["bp", "il-prox"])
    assert list(frame.rule) == ["bp", "il-prox"] * 2
    assert "version" in frame.attrs["provenance"]
    explicit = gradient(before, x, y, loss)
    for alpha in [0.1, 3.0]:
        after = deepcopy(before)
        load_layers(after, cli.prox(case, alpha).layers)
        exact = weights(after) - weights(before)
        row = frame[(frame.rule == "bp") & (frame.alpha == alpha)].iloc[0]
        assert row.relativeDistance == pytest.approx(relative(-alpha * explicit, exact), rel=1e-7)
        cosine = -explicit @ exact / explicit.norm() / exact.norm()
        assert row.cosine == pytest.approx(float(cosine), rel=1e-7)


def test_a_solve_that_stops_short_is_an_error_with_its_output(cli: VerifyCLI) -> None:
    before = model(6, 8, 3, activation="tanh")
    x, y = batch(6, 3, 1, "squared-error")
    case = case_from_torch(before, x, y, "squared-error")
    with pytest.raises(UnsolvedError) as failure:
        cli.prox(case, 1.0, tolerance=1e-30)
    assert failure.value.exit_code == 70
    assert failure.value.output["isExact"] is False
