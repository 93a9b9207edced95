"""PyTorch: `nn.Sequential` to a case, and new weights back into the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from .case import Activation, Array, Case, Layer, Loss, floating, targets
from .errors import CaseError


def case_from_torch(
    model: nn.Sequential, x: Tensor, y: Tensor, loss: Loss, *, check: bool = True
) -> Case:
    """The case of a model and a mini-batch.

    Args:
        model: `nn.Linear` layers with one activation between each two, and logits at the end. Nested
            `nn.Sequential`, a leading `nn.Flatten`, and `nn.Dropout` in evaluation mode are fine. Two
            linear layers in a row have the identity between them.
        x: inputs; all but the first dimension are flattened if the model begins with `nn.Flatten`.
        y: targets, B × out; for softmax also class labels.
        loss: see `torch_loss` for how it relates to PyTorch's own losses.
        check: whether `model(x)` is evaluated and compared with the outputs of the case.

    Raises:
        CaseError: for whatever a case file cannot express: modules of other types (subclasses too),
            parametrised, pruned or weight-normalised layers, hooks, shared memory.
    """
    linear, activations, flattens = _read(model)
    inputs = x.flatten(start_dim=1) if flattens else x
    layers = tuple(
        Layer(
            _array(layer.weight, f"layers.{n}.weight"),
            None if layer.bias is None else _array(layer.bias, f"layers.{n}.bias"))
        for n, layer in enumerate(linear))
    case = Case(
        layers, _array(inputs, "x"), targets(_numpy(y, "y"), loss, linear[-1].out_features),
        activations, loss)
    if check:
        with torch.no_grad():
            outputs = model(x.to(linear[0].weight.dtype))
        case.check_against(_numpy(outputs, "model(x)"))
    return case


def load_layers(model: nn.Sequential, layers: Sequence[Layer]) -> None:
    """Copies weights into the model in place; its element type rounds them if it is narrower."""
    linear, _, _ = _read(model)
    if len(linear) != len(layers):
        raise CaseError(f"{len(layers)} layers for a model with {len(linear)}")
    with torch.no_grad():
        for module, layer in zip(linear, layers, strict=True):
            if module.weight.shape != layer.weight.shape:
                raise CaseError(
                    f"weights of shape {layer.weight.shape} for {tuple(module.weight.shape)}")
            if (module.bias is None) != (layer.bias is None):
                raise CaseError("the model and the weights differ in which layers have a bias")
            module.weight.copy_(torch.from_numpy(layer.weight))
            if layer.bias is not None:
                module.bias.copy_(torch.from_numpy(layer.bias))


def torch_loss(logits: Tensor, y: Tensor, loss: Loss) -> Tensor:
    """The toolkit's mini-batch loss, written in PyTorch: the mean over examples of

    `squared-error` ½‖h − y‖², `softmax-cross-entropy` −Σ y log softmax(h),
    `sigmoid-cross-entropy` the sum over outputs.

    `nn.CrossEntropyLoss()` is the same as the second. `nn.MSELoss()` is 2/d and
    `nn.BCEWithLogitsLoss()` 1/d of the others for d outputs, because they average over outputs as
    well: a step of theirs with learning rate α is one of ours with 2α/d and α/d.
    """
    if loss == "squared-error":
        return ((logits - y) ** 2).sum(dim=1).mean() / 2
    if loss == "softmax-cross-entropy":
        return nn.functional.cross_entropy(logits, y)
    if loss == "sigmoid-cross-entropy":
        terms = nn.functional.binary_cross_entropy_with_logits(logits, y, reduction="none")
        return terms.sum(dim=1).mean()
    raise CaseError(f"there is no loss {loss!r}")


def _read(
    model: nn.Sequential,
) -> tuple[list[nn.Linear], tuple[Activation, ...], bool]:
    """Linear layers, the activations between them, and whether the input is flattened."""
    linear: list[nn.Linear] = []
    names: list[str] = []
    between: Activation | None = None
    activations: list[Activation] = []
    flattens = False
    for name, module in _modules(model):
        if type(module) is nn.Linear:
            _require_plain_parameters(name, module)
            if linear:
                activations.append(between or "identity")
            linear.append(module)
            names.append(name)
            between = None
        elif type(module) is nn.Flatten and not linear and not between:
            if (module.start_dim, module.end_dim) != (1, -1):
                raise CaseError(f"{name}: {module}: expected nn.Flatten with start_dim=1, end_dim=-1")
            flattens = True
        elif _is_passive(module):
            continue
        else:
            activation = _activation(name, module)
            if not linear:
                raise CaseError(f"{name}: an activation before the first nn.Linear")
            if between:
                raise CaseError(f"{name}: two activations in a row")
            between = activation
    if not linear:
        raise CaseError("the model has no nn.Linear")
    if between and between != "identity":
        advice = "; leave it out, sigmoid-cross-entropy takes logits" if between == "sigmoid" else ""
        raise CaseError(
            f"the model ends with {between}{advice}; it must end with nn.Linear, because losses take "
            "logits")
    _require_separate_memory(names, linear)
    return linear, tuple(activations), flattens


def _modules(model: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    if type(model).forward is not nn.Sequential.forward:
        raise CaseError(f"{prefix or 'model'}: expected nn.Sequential, found {type(model).__name__}")
    _require_no_hooks(prefix.rstrip(".") or "the model", model)
    assert isinstance(model, nn.Sequential)
    for name, module in enumerate(model):  # `named_children` would leave out a repeated module
        full = f"{prefix}{name} ({type(module).__name__})"
        if isinstance(module, nn.Sequential):
            yield from _modules(module, f"{prefix}{name}.")
        else:
            # Before hooks, which weight_norm and prune also leave: their own words say more.
            if isinstance(module, nn.Linear) and type(module) is not nn.Linear:
                _refuse_derived_linear(full, module)
            if type(module) is nn.Linear:
                _require_plain_parameters(full, module)
            _require_no_hooks(full, module)
            yield full, module


def _refuse_derived_linear(name: str, module: nn.Linear) -> None:
    if parametrize.is_parametrized(module):
        raise CaseError(
            f"{name}: its parameters are computed by a parametrization (weight_norm, spectral_norm, …); "
            "call torch.nn.utils.parametrize.remove_parametrizations first")
    raise CaseError(
        f"{name}: a subclass of nn.Linear may compute something else; expected nn.Linear itself")


def _require_plain_parameters(name: str, module: nn.Linear) -> None:
    """A weight that is computed from other tensors at each pass would be moved in vain."""
    for tensor in ["weight", "bias"]:
        if getattr(module, tensor, None) is not None and tensor not in module._parameters:
            derived = ", ".join(n for n, _ in module.named_parameters() if n.startswith(tensor))
            raise CaseError(
                f"{name}: its {tensor} is computed from {derived or 'other tensors'} (pruning or "
                "weight_norm); make it a parameter first (prune.remove, remove_weight_norm)")


def _require_no_hooks(name: str, module: nn.Module) -> None:
    for kind in ["_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks"]:
        if getattr(module, kind, None):
            raise CaseError(
                f"{name}: it has {kind.strip('_').replace('_', ' ')}, which may change what it "
                "computes; remove them first")


def _require_separate_memory(names: Sequence[str], linear: Sequence[nn.Linear]) -> None:
    """Two parameters on the same memory move together, which no case can say."""
    spans: list[tuple[int, int, str]] = []
    for name, module in zip(names, linear, strict=True):
        for tensor, parameter in module.named_parameters():
            if parameter.numel() == 0 or parameter.device.type == "meta":
                continue
            reach = sum(
                (size - 1) * stride
                for size, stride in zip(parameter.shape, parameter.stride(), strict=True))
            first = parameter.data_ptr()
            end = first + (reach + 1) * parameter.element_size()
            spans.append((first, end, f"{name}: {tensor}"))
    spans.sort()
    reached, holder = 0, ""
    for first, end, name in spans:
        if first < reached:
            raise CaseError(f"{name} shares its memory with {holder}; a case has no shared weights")
        if end > reached:
            reached, holder = end, name


def _is_passive(module: nn.Module) -> bool:
    """Whether the module hands its input on as it is."""
    if type(module) in (nn.Dropout, nn.AlphaDropout, nn.Dropout1d):
        return not module.training or getattr(module, "p", None) == 0
    return False


def _activation(name: str, module: nn.Module) -> Activation:
    kind = type(module)
    if kind is nn.Identity:
        return "identity"
    if kind is nn.ReLU:
        return "relu"
    if kind is nn.Tanh:
        return "tanh"
    if kind is nn.Sigmoid:
        return "sigmoid"
    if isinstance(module, nn.LeakyReLU) and kind is nn.LeakyReLU and module.negative_slope == 0.01:
        return "leaky-relu"
    if (isinstance(module, nn.Softplus) and kind is nn.Softplus
            and module.beta == 1 and module.threshold >= 20):
        return "softplus"
    if isinstance(module, nn.GELU) and kind is nn.GELU and module.approximate == "none":
        return "gelu"
    if kind in (nn.LeakyReLU, nn.Softplus, nn.GELU):
        raise CaseError(
            f"{name}: {module}: expected the defaults of its constants "
            "(negative_slope=0.01, beta=1, threshold=20, approximate='none')")
    if kind in (nn.Softmax, nn.LogSoftmax):
        raise CaseError(f"{name}: leave it out; softmax-cross-entropy takes logits")
    if kind in (nn.Dropout, nn.AlphaDropout, nn.Dropout1d):
        raise CaseError(f"{name}: the step would be random; call model.eval(), or leave it out")
    raise CaseError(
        f"{name}: unsupported; expected nn.Linear, nn.ReLU, nn.LeakyReLU, nn.Tanh, "
        "nn.Sigmoid, nn.Softplus, nn.GELU or nn.Identity themselves, no subclasses")


def _numpy(tensor: Tensor, name: str) -> Any:
    if tensor.dtype in (torch.bfloat16, torch.float16):
        raise CaseError(f"{name} is {tensor.dtype}; convert it to float32 or float64 first")
    return tensor.detach().cpu().numpy()


def _array(tensor: Tensor, name: str) -> Array:
    return np.array(floating(_numpy(tensor, name), name))
