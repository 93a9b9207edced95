"""PyTorch: a convolutional network with a skip; its exact implicit step, and the distance of learning rules from it."""

import torch
import torch.nn.functional as F
from torch import nn
from verify_cli import VerifyCLI
from verify_cli.pytorch import case_from_torch, load_update


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.out = nn.Linear(4 * 4 * 4, 10)

    def forward(self, x):
        x = torch.tanh(self.first(x))
        x = torch.tanh(x + self.second(x))
        return self.out(F.avg_pool2d(x, 2).flatten(1))


torch.manual_seed(0)
model, alpha = Network().double(), 1.0
x, labels = torch.randn(2, 1, 8, 8).double(), torch.tensor([3, 7])
cli = VerifyCLI()

case = case_from_torch(model, x, labels, "softmax-cross-entropy")
exact = cli.prox(case, alpha)
load_update(model, exact)
print(f"loss {case.mean_loss():.3f} -> {exact.report.lossAfter[0]:.3f}, certified: {exact.report.isExact[0]}")

gradients = torch.autograd.grad(F.cross_entropy(model(x), labels), list(model.parameters()))
largest = max(
    float((new.detach() - torch.from_numpy(case.weights[name]) + alpha * slope).abs().max())
    for (name, new), slope in zip(model.named_parameters(), gradients))
print("implicit equation holds by autograd:", largest < 1e-9)
print(cli.compare(case, [0.1, alpha], rules=["bp", "il-prox"])[["alpha", "rule", "relativeDistance"]].to_string(index=False))
