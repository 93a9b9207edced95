"""PyTorch: `nn.Sequential` to a case, and new weights back into the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .case import Activation, Array, Case, Layer, Loss, floating, targets
from .errors import CaseError


def case_from_torch(model: nn.Sequential, x: Tensor, y: Tensor, loss: Loss) -> Case:
    """The case of a model and a mini-batch.

    Args:
        model: `nn.Linear` layers with one activation between each two, and logits at the end; a
            leading `nn.Flatten` and nested `nn.Sequential` are fine. Two linear layers in a row have
            the identity between them.
        x: inputs; all but the first dimension are flattened if the model begins with `nn.Flatten`.
        y: targets, B × out; for softmax also class labels.
        loss: see `torch_loss` for how it relates to PyTorch's own losses.

    Raises:
        CaseError: for whatever a case file cannot express.
    """
    linear, activations, flattens = _read(model)
    if flattens:
        x = x.flatten(start_dim=1)
    layers = tuple(
        Layer(
            _array(layer.weight, f"layers.{n}.weight"),
            None if layer.bias is None else _array(layer.bias, f"layers.{n}.bias"))
        for n, layer in enumerate(linear))
    outputs = linear[-1].out_features
    return Case(
        layers, _array(x, "x"), targets(_numpy(y, "y"), loss, outputs), activations, loss)


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
    between: Activation | None = None
    activations: list[Activation] = []
    flattens = False
    for name, module in _modules(model):
        if isinstance(module, nn.Linear):
            if any(module.weight is other.weight for other in linear):
                raise CaseError(f"{name} shares its weights with another layer")
            if linear:
                activations.append(between or "identity")
            linear.append(module)
            between = None
        elif isinstance(module, nn.Flatten) and not linear and not between:
            flattens = True
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
        raise CaseError(
            f"the model ends with {between}; it must end with nn.Linear, because losses take logits")
    return linear, tuple(activations), flattens


def _modules(model: nn.Sequential, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    if not isinstance(model, nn.Sequential):
        raise CaseError(f"expected nn.Sequential, found {type(model).__name__}")
    for name, module in enumerate(model):  # `named_children` would leave out a repeated module
        if isinstance(module, nn.Sequential):
            yield from _modules(module, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name} ({type(module).__name__})", module


def _activation(name: str, module: nn.Module) -> Activation:
    match module:
        case nn.Identity():
            return "identity"
        case nn.ReLU():
            return "relu"
        case nn.LeakyReLU(negative_slope=0.01):
            return "leaky-relu"
        case nn.Tanh():
            return "tanh"
        case nn.Sigmoid():
            return "sigmoid"
        case nn.Softplus(beta=1, threshold=threshold) if threshold >= 20:
            return "softplus"
        case nn.GELU(approximate="none"):
            return "gelu"
        case nn.LeakyReLU() | nn.Softplus() | nn.GELU():
            raise CaseError(
                f"{name}: {module}: expected the defaults of its constants "
                "(negative_slope=0.01, beta=1, threshold=20, approximate='none')")
        case nn.Softmax() | nn.LogSoftmax():
            raise CaseError(f"{name}: leave it out; softmax-cross-entropy takes logits")
        case nn.Dropout():
            raise CaseError(f"{name}: the step would be random; leave it out")
        case _:
            raise CaseError(
                f"{name}: unsupported; expected nn.Linear, nn.ReLU, nn.LeakyReLU, nn.Tanh, "
                "nn.Sigmoid, nn.Softplus, nn.GELU or nn.Identity")


def _numpy(tensor: Tensor, name: str) -> Any:
    if tensor.dtype in (torch.bfloat16, torch.float16):
        raise CaseError(f"{name} is {tensor.dtype}; convert it to float32 or float64 first")
    return tensor.detach().cpu().numpy()


def _array(tensor: Tensor, name: str) -> Array:
    return np.array(floating(_numpy(tensor, name), name))
