"""Implicit SGD as a PyTorch optimizer, and a log that audits the steps of any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from .arrays import Loss
from .errors import CaseError
from .pytorch import case_from_torch, load_update
from .tool import VerifyCLI


def toolkit_loss(criterion: nn.Module, outputs: int) -> tuple[Loss, float]:
    """The toolkit's loss that a criterion of PyTorch is a multiple of, and the multiple.

    Raises:
        CaseError: for other criteria, and for weights, label smoothing or reductions other than the mean.
    """
    if getattr(criterion, "reduction", "mean") != "mean":
        raise CaseError(f"{criterion}: expected reduction='mean'")
    if any(getattr(criterion, name, None) is not None for name in ["weight", "pos_weight"]):
        raise CaseError(f"{criterion}: class weights are not supported")
    if type(criterion) is nn.CrossEntropyLoss:
        if criterion.label_smoothing:
            raise CaseError(f"{criterion}: smooth the targets instead and give them as probabilities")
        return "softmax-cross-entropy", 1.0
    if type(criterion) is nn.MSELoss:
        return "squared-error", 2.0 / outputs
    if type(criterion) is nn.BCEWithLogitsLoss:
        return "sigmoid-cross-entropy", 1.0 / outputs
    raise CaseError(
        f"{type(criterion).__name__}: expected nn.CrossEntropyLoss, nn.MSELoss or nn.BCEWithLogitsLoss")


class ImplicitSGD(torch.optim.Optimizer):
    """Exact implicit SGD, θ⁺ = argmin L(θ) + ‖θ − θ_b‖²/(2·lr), for small networks.

    Each step is solved by `verify-cli prox` to its tolerance, kinks of ReLU included. Use it as any other
    optimizer whose `step` takes a closure; the closure calls the model and the criterion once:

        optimizer = ImplicitSGD(model.parameters(), lr=1.0, model=model, criterion=criterion)

        def closure():
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            return loss

        optimizer.step(closure)

    Attributes:
        last_report: the one-row report of the last step: objective, losses, implicit residual, …
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float, *, model: nn.Module, criterion: nn.Module,
        cli: VerifyCLI | None = None, tolerance: float = 1e-10,
    ) -> None:
        """
        Args:
            params: all parameters of the model; it moves them all.
            lr: the learning rate, positive; `param_groups[0]["lr"]` may be changed between steps.
            model: the network, as `case_from_torch` takes it.
            criterion: the loss, see `toolkit_loss`.
            cli: the program. Default: `VerifyCLI()`.
            tolerance: the bound on the implicit residual.
        """
        if not lr > 0:
            raise ValueError(f"lr must be positive, found {lr}")
        super().__init__(params, {"lr": lr})
        given = {id(p) for group in self.param_groups for p in group["params"]}
        if len(self.param_groups) != 1 or given != {id(p) for p in model.parameters()}:
            raise ValueError("ImplicitSGD moves all parameters of the model, in one group")
        self.model, self.criterion, self.tolerance = model, criterion, tolerance
        self.cli = cli or VerifyCLI()
        self.last_report: pd.DataFrame | None = None

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One exact step on the mini-batch that the closure evaluates; returns the closure's loss.

        Raises:
            ValueError: without a closure, or if it does not call the model and the criterion once each.
            CaseError: if the model is none that a case can express.
            UnsolvedError: if the solve stopped short of its tolerance; the weights are then unchanged.
        """
        if closure is None:
            raise ValueError("ImplicitSGD.step needs a closure that evaluates the loss")
        batches: list[tuple[Tensor, Tensor]] = []
        inputs: list[Tensor] = []
        hooks = [
            self.model.register_forward_pre_hook(lambda _, given: inputs.append(given[0])),
            self.criterion.register_forward_pre_hook(
                lambda _, given: batches.append((given[0], given[1]))),
        ]
        try:
            with torch.enable_grad():
                value = closure()
        finally:
            for hook in hooks:
                hook.remove()
        if len(inputs) != 1 or len(batches) != 1:
            raise ValueError(
                f"the closure called the model {len(inputs)} times and the criterion {len(batches)} "
                "times; expected once each, with the very objects that ImplicitSGD was given: criterion(model(x), y)")
        logits, y = batches[0]
        loss, factor = toolkit_loss(self.criterion, logits.shape[1])
        case = case_from_torch(self.model, inputs[0].detach(), y, loss)
        found = float(value.detach() if isinstance(value, Tensor) else value)
        expected = factor * case.mean_loss()
        if abs(expected - found) > 1e-4 * max(1.0, abs(found)):
            raise CaseError(
                f"the closure's loss is {found:.6g}, the criterion's on this mini-batch {expected:.6g}: "
                "the closure adds something that the step would miss")
        exact = self.cli.prox(case, factor * self.param_groups[0]["lr"], tolerance=self.tolerance)
        load_update(self.model, exact)
        self.last_report = exact.report
        return value


class AuditLog:
    """Audits the steps of any optimizer in a training loop: a row for each.

        log = AuditLog(model, "softmax-cross-entropy", file="audit.csv")
        for x, y in batches:
            with log.step(x, y):
                optimizer.zero_grad()
                criterion(model(x), y).backward()
                optimizer.step()
        log.frame

    A row has `step`, `verdict`, `alpha`, `text`, the loss before and after, and what was held fixed.
    """

    def __init__(
        self, model: nn.Module, loss: Loss, *, file: str | Path | None = None, every: int = 1,
        cli: VerifyCLI | None = None,
    ) -> None:
        """
        Args:
            model: the network that is trained.
            loss: the toolkit's loss.
            file: a CSV file to which each row is appended at once.
            every: audit only each step whose number is a multiple of this.
            cli: the program. Default: `VerifyCLI()`.
        """
        if every < 1:
            raise ValueError(f"every must be at least 1, found {every}")
        self.model, self.loss, self.every = model, loss, every
        self.file = None if file is None else Path(file)
        self.cli = cli or VerifyCLI()
        self._rows: list[dict[str, Any]] = []
        self._count = 0

    @property
    def frame(self) -> pd.DataFrame:
        """All rows so far."""
        return pd.DataFrame(self._rows)

    @contextmanager
    def step(self, x: Tensor, y: Tensor) -> Iterator[None]:
        """Surrounds one step on the mini-batch `x`, `y`."""
        number, self._count = self._count, self._count + 1
        if number % self.every:
            yield
            return
        before = case_from_torch(self.model, x, y, self.loss)
        yield
        after = case_from_torch(self.model, x, y, self.loss)
        audit = self.cli.audit(before, after)
        row = {
            "step": number, "verdict": audit.verdict, "alpha": audit.alpha, "text": audit.text,
            "lossBefore": before.mean_loss(), "lossAfter": after.mean_loss(),
            "heldFixed": " ".join(audit.held_fixed),
        }
        self._rows.append(row)
        if self.file is not None:
            pd.DataFrame([row]).to_csv(
                self.file, mode="a", header=not self.file.exists(), index=False)
