"""PyTorch modules that are graphs, as users write them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LeNet(nn.Module):
    """Convolutions with average pooling, functional and modular in turns."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 5, padding=2)
        self.pool = nn.AvgPool2d(2)
        self.conv2 = nn.Conv2d(3, 4, 3, stride=(2, 1), bias=False)
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(torch.tanh(self.conv1(x)))
        x = F.avg_pool2d(F.gelu(self.conv2(x)), 2, stride=1, padding=(1, 0))
        out: Tensor = self.fc(x.view(x.size(0), -1))
        return out


class Residual(nn.Module):
    """Two blocks x + ½ f(x), and a sum that is activated."""

    def __init__(self, width: int = 6) -> None:
        super().__init__()
        self.enter = nn.Linear(4, width)
        self.blocks = nn.ModuleList([
            nn.Sequential(nn.Linear(width, 5), nn.Tanh(), nn.Linear(5, width, bias=False)) for _ in range(2)])
        self.leave = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        for block in self.blocks:
            x = x + 0.5 * block(x)
        out: Tensor = self.leave(torch.sigmoid(x))
        return out


class Tied(nn.Module):
    """An autoencoder whose decoder is the encoder transposed."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(6, 4)
        self.offset = nn.Parameter(torch.zeros(6))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(torch.tanh(self.encoder(x)), self.encoder.weight.t(), self.offset)


class Recurrent(nn.Module):
    """One layer for the inputs and one for the state, unrolled over three steps."""

    def __init__(self) -> None:
        super().__init__()
        self.ih, self.hh, self.out = nn.Linear(2, 5), nn.Linear(5, 5, bias=False), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        state = torch.tanh(self.ih(x[:, 0]))
        for t in range(1, 3):
            state = torch.tanh(self.ih(x[:, t]) + self.hh(state))
        out: Tensor = self.out(state)
        return out


class Shortcut(nn.Module):
    """Groups, a subsampled shortcut as in ResNet, and a mean over all places."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, stride=2, padding=1, groups=2)
        self.out = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.first(x))
        shortcut = x[:, :, ::2, ::2]
        x = self.second(x)
        x += shortcut
        out: Tensor = self.out(F.gelu(x).mean(dim=(2, 3)))
        return out


class Sequence1d(nn.Module):
    """One axis; 'same' padding; adaptive pooling; squeeze and unsqueeze."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 3, padding="same")
        self.pool = nn.AdaptiveAvgPool1d(2)
        self.last = nn.Conv1d(4, 3, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.softplus(self.conv(x.unsqueeze(1)))
        out: Tensor = self.last(self.pool(x)).squeeze(2)
        return out


class LowRank(nn.Linear):
    """A layer with an addition of low rank, as LoRA has it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.down = nn.Parameter(torch.randn(inputs, 2))
        self.up = nn.Parameter(torch.randn(2, outputs))

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias) + (input @ self.down) @ self.up


class Perceptron(nn.Module):
    """A chain that is no `nn.Sequential`."""

    def __init__(self) -> None:
        super().__init__()
        self.last, self.first = nn.Linear(5, 3), nn.Linear(4, 5)

    def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
        out: Tensor = self.last(F.leaky_relu(self.first(x)))
        return out


class Forward(nn.Module):
    """A module with the layers `one` (4 → 4) and `two` (4 → 3), whose forward is a function of itself."""

    def __init__(self, function: object) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 3)
        self.register_buffer("fixed", torch.ones(4))
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        assert callable(self.function)
        out: Tensor = self.function(self, x)
        return out
