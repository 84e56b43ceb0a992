"""Muon for matrices and convolutions, Adam for the rest; one object with one state dictionary."""

from collections import defaultdict

import torch


#: Coefficients of four quintic iterations that bring singular values near one ("Polar Express").
POLAR = ((8.2872, -23.5959, 17.3004), (4.1071, -2.9478, 0.5448), (3.9487, -2.9089, 0.5518), (3.3184, -2.4885, 0.5100))


def orthogonalise(g):
    """Iterates towards the nearest (semi-)orthogonal matrix, batched over the first axis."""
    x = g.bfloat16()
    wide = x.size(-2) <= x.size(-1)
    if not wide:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) * 1.02 + 1e-7)
    for a, b, c in POLAR:
        s = x @ x.mT
        x = a * x + (b * s + c * s @ s) @ x
    return (x if wide else x.mT).to(g.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised for every parameter of two or more dimensions and at least 8 rows and columns.

    The update of a matrix is scaled so that its mean square is that of Adam, hence one learning rate serves both.
    """

    def __init__(self, params, lr=1e-3, momentum=0.95, betas=(0.9, 0.98), weight_decay=0.01):
        super().__init__(list(params), dict(lr=lr, momentum=momentum, betas=betas, weight_decay=weight_decay))
        self.count = 0

    @staticmethod
    def is_matrix(p):
        return p.ndim >= 2 and min(p.shape[0], p[0].numel()) >= 8

    @torch.no_grad()
    def step(self):
        self.count += 1
        for group in self.param_groups:
            lr, (b1, b2), wd = group["lr"], group["betas"], group["weight_decay"]
            same = defaultdict(list)
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if self.is_matrix(p):
                    if not state:
                        state["m"] = torch.zeros_like(p)
                    m = state["m"].lerp_(p.grad, 1 - group["momentum"])
                    same[(p.shape[0], p[0].numel())].append((p, p.grad.lerp(m, group["momentum"])))
                    continue
                if not state:
                    state["m"], state["v"] = torch.zeros_like(p), torch.zeros_like(p)
                    state["t"] = 0
                state["t"] += 1
                m = state["m"].lerp_(p.grad, 1 - b1)
                v = state["v"].lerp_(p.grad * p.grad, 1 - b2)
                t = state["t"]
                p.sub_(lr * (m / (1 - b1 ** t)) / ((v / (1 - b2 ** t)).sqrt() + 1e-8))
            for (rows, columns), pairs in same.items():
                stack = torch.stack([u.reshape(rows, columns) for _, u in pairs])
                flat = orthogonalise(stack) * (0.2 * max(rows, columns) ** 0.5)
                for (p, _), u in zip(pairs, flat):
                    p.mul_(1 - lr * wd).sub_(lr * u.reshape(p.shape))


class Average:
    """Exponential moving average of a module's parameters, with a warm-up."""

    def __init__(self, module, decay=0.999):
        self.decay, self.count = decay, 0
        self.shadow = {k: v.detach().clone() for k, v in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module):
        self.count += 1
        d = min(self.decay, (1 + self.count) / (10 + self.count))
        for k, v in module.state_dict().items():
            self.shadow[k].lerp_(v, 1 - d) if v.is_floating_point() else self.shadow[k].copy_(v)
