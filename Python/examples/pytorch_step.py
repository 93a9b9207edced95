"""PyTorch: what was that optimizer step, and what would the exact implicit step have been?"""

import torch
from torch import nn
from verify_cli import VerifyCLI
from verify_cli.pytorch import case_from_torch, load_update

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(20, 16), nn.Tanh(), nn.Linear(16, 4)).double()
x, labels = torch.randn(8, 20).double(), torch.randint(0, 4, (8,))
cli = VerifyCLI()

before = case_from_torch(model, x, labels, "softmax-cross-entropy")
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
nn.functional.cross_entropy(model(x), labels).backward()
optimizer.step()
after = case_from_torch(model, x, labels, "softmax-cross-entropy")
print(cli.audit(before, after).text)

exact = cli.prox(before, alpha=0.5)
load_update(model, exact)
print(f"exact implicit step: loss {before.mean_loss():.3f} -> {exact.report.lossAfter[0]:.3f}, "
      f"certified: {exact.report.isExact[0]}")

# By PyTorch's own derivative: new - old + alpha * gradient at the new weights = 0.
gradients = torch.autograd.grad(nn.functional.cross_entropy(model(x), labels), list(model.parameters()))
residual = sum(
    float(((new.detach() - torch.from_numpy(before.weights[name])) + 0.5 * slope).norm() ** 2)
    for (new, slope, name) in zip(model.parameters(), gradients, before.weights)) ** 0.5
print("implicit equation holds by autograd:", residual < 1e-9)
