"""What a PyTorch model may consist of: modules that compute what their type says, and parameters that can be named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from .errors import CaseError


@dataclass(frozen=True)
class Reference:
    """A weight by the name of the tensor that holds it, perhaps seen transposed."""

    name: str
    shape: tuple[int, ...]
    transposed: bool = False

    def t(self) -> Reference:
        """The transposed matrix."""
        return Reference(self.name, self.shape[::-1], not self.transposed)


class Parameters:
    """The parameters of a model by name. Those on the same memory have one name, that of the first.

    Attributes:
        by_name: one parameter for each name.
    """

    def __init__(self, model: nn.Module) -> None:
        self.by_name: dict[str, nn.Parameter] = {}
        self._references: dict[int, Reference] = {}
        spans: list[tuple[int, int, str, nn.Parameter]] = []
        for name, parameter in model.named_parameters():
            same = self._on_the_same_memory(parameter)
            if same is None:
                self.by_name[name] = parameter
                self._references[id(parameter)] = Reference(name, tuple(parameter.shape))
                spans.append((*_span(parameter), name, parameter))
            else:
                self._references[id(parameter)] = same
        _require_disjoint(spans)

    def __getitem__(self, parameter: nn.Parameter) -> Reference:
        return self._references[id(parameter)]

    def __contains__(self, parameter: object) -> bool:
        return id(parameter) in self._references

    def gradients(self, found: Mapping[int, Tensor | None]) -> dict[str, Tensor]:
        """Gradients by name, summed over the parameters that share memory; `found` is by `id`."""
        total = {name: torch.zeros_like(parameter) for name, parameter in self.by_name.items()}
        for identity, reference in self._references.items():
            gradient = found.get(identity)
            if gradient is not None:
                total[reference.name] += gradient.t() if reference.transposed else gradient
        return total

    def _on_the_same_memory(self, parameter: nn.Parameter) -> Reference | None:
        if parameter.numel() == 0 or parameter.device.type == "meta":
            return None
        for name, other in self.by_name.items():
            if other.data_ptr() != parameter.data_ptr() or other.device != parameter.device:
                continue
            reference = self._references[id(other)]
            if other.shape == parameter.shape and other.stride() == parameter.stride():
                return reference
            if other.ndim == 2 and other.t().shape == parameter.shape and other.t().stride() == parameter.stride():
                return reference.t()
        return None


def require_plain_modules(model: nn.Module) -> None:
    """Refuses modules that compute something else than their code says, or from weights that are no parameters.

    Raises:
        CaseError: for hooks, parametrised, pruned or weight-normalised modules, by name.
    """
    for name, module in model.named_modules():
        full = f"{name} ({type(module).__name__})" if name else "the model"
        if parametrize.is_parametrized(module):
            raise CaseError(
                f"{full}: its parameters are computed by a parametrization (weight_norm, spectral_norm, …); "
                "call torch.nn.utils.parametrize.remove_parametrizations first")
        # Before hooks, which weight_norm and prune also leave: their own words say more.
        for tensor in ["weight", "bias"]:
            if isinstance(getattr(module, tensor, None), Tensor) and tensor not in module._parameters:
                derived = ", ".join(n for n, _ in module.named_parameters() if n.startswith(tensor))
                raise CaseError(
                    f"{full}: its {tensor} is computed from {derived or 'other tensors'} (pruning or "
                    "weight_norm); make it a parameter first (prune.remove, remove_weight_norm)")
        for kind in ["_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks"]:
            if getattr(module, kind, None):
                raise CaseError(
                    f"{full}: it has {kind.strip('_').replace('_', ' ')}, which may change what it "
                    "computes; remove them first")


def _span(parameter: Tensor) -> tuple[int, int]:
    """The first byte of a parameter, and the one behind its last."""
    if parameter.numel() == 0 or parameter.device.type == "meta":
        return 0, 0
    reach = sum((size - 1) * stride for size, stride in zip(parameter.shape, parameter.stride(), strict=True))
    return parameter.data_ptr(), parameter.data_ptr() + (reach + 1) * parameter.element_size()


def _require_disjoint(spans: list[tuple[int, int, str, nn.Parameter]]) -> None:
    """Two parameters that share a part of their memory move together, which no case can say."""
    reached, holder = 0, ""
    for first, end, name, _ in sorted(spans, key=lambda span: span[:2]):
        if first < reached:
            raise CaseError(
                f"{name} shares its memory with {holder}, and is neither the same matrix nor its transpose")
        if end > reached:
            reached, holder = end, name
