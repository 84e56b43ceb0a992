"""One training loop for the companions: Muon, averaged weights, a checkpoint every minute; its draws depend on the step alone."""

import time

import numpy as np
import torch

from . import state
from .optim import Average, Muon


#: Seconds that one step counts at most: a machine that stood still meanwhile has not trained.
LONGEST = 10


def trained(module):
    """The parameters that a module learns, by name."""
    return {k: p for k, p in module.named_parameters() if p.requires_grad}


class _Part:
    """What `Average` needs of a module, for its trained parameters alone."""

    def __init__(self, parameters):
        self.parameters = parameters

    def state_dict(self):
        return self.parameters


def run(path, name, module, seconds, lr, loss_of, log, seed, decay=0.995, warm=20, weight_decay=0.01, every=None):
    """Trains `module` for a time, interruptions not counted, and leaves the averaged weights in it.

    `loss_of(rng, generator)` draws its own batch from the two sources of chance and returns a scalar; `every`, asked every 100 steps,
    returns a line for the log."""
    parameters = trained(module)
    optimizer = Muon(parameters.values(), lr=lr, weight_decay=weight_decay)
    average = Average(_Part(parameters), decay)
    spent, step, sums = 0.0, 0, []
    old = state.load(path)
    if old:
        for k, p in parameters.items():
            p.data.copy_(old["model"][k])
        optimizer.load_state_dict(old["optimizer"])
        average.shadow, average.count, spent, step = old["average"], old["average_count"], old["spent"], old["step"]
        log(f"{name} resumes at step {step}")
    saved = spent

    def checkpoint():
        state.save(path, model={k: p.detach() for k, p in parameters.items()}, optimizer=optimizer.state_dict(),
                   average=average.shadow, average_count=average.count, spent=spent, step=step)

    while spent < seconds:
        start = time.time()
        rng, generator = np.random.default_rng((seed, step)), torch.Generator().manual_seed(seed * 100000 + step)
        optimizer.param_groups[0]["lr"] = lr * min(1, (step + 1) / warm) * max(0.02, min(1, (1 - spent / seconds) / 0.7))
        loss = loss_of(rng, generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
        optimizer.step()
        average.update(_Part(parameters))
        step += 1
        spent += min(time.time() - start, LONGEST)
        sums.append(loss.item())
        if step % 50 == 0:
            log(f"{name} step {step} {spent:.0f} s loss {np.mean(sums):.4f}")
            sums = []
        if every and step % 100 == 0:
            log(every())
        if spent - saved > state.EVERY or spent >= seconds:
            saved = spent
            checkpoint()
    for k, p in parameters.items():
        p.data.copy_(average.shadow[k])
    log(f"{name} done after {step} steps, {spent:.0f} s")
