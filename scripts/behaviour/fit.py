#!/usr/bin/env python3
"""Fit the weights of crates/hubtrail-core/src/detect/behaviour/weight.rs. Needs numpy and scipy.

    fit.py TRACE...      each an *-injected-N.ndjson.gz of inject.py beside its labels
    ROWS names the program that prints what lenses see (target/release/examples/behaviour_rows)

Prints the table. What is suspicious may only add to a level; FREE may also take away. An act teaches
when it is the last that its lens saw in a session and lies in the last third, where the attacks are.
"""
import gzip
import json
import os
import subprocess
import sys

import numpy as np
from scipy.optimize import minimize

SIGNALS = ("rarity rarest peer_rarity acts volume tail types deep strange others hour hour_acts weekend dormant new experience pace "
           "rest undone novel carried unpublished url_mapping domain settings function created").split()
FREE = {"experience", "rest", "created", "url_mapping", "domain", "settings", "function"}
LENSES, HOUR = 6, 3_600_000
ATTACKS_COUNT, SHRINK = 5.0, 0.02


def key(record):
    return "|".join(str(record[name]) for name in ("timestamp", "userId", "event", "objectType", "objectId"))


def rows(trace):
    """Signals and whether it was an attack, for each lens."""
    with gzip.open(trace, "rt") as lines:
        events = [json.loads(line) for line in lines]
    with gzip.open(trace.replace(".ndjson.gz", ".labels.ndjson.gz"), "rt") as lines:
        attacks = {event for line in lines for event in json.loads(line)["event_keys"]}
    is_attack = [key(event) in attacks for event in events]
    text = gzip.open(trace).read()
    seen = subprocess.run([os.environ["ROWS"], "rows"], input=text, capture_output=True, check=True).stdout.splitlines()
    seen = [json.loads(line) for line in seen]
    start = min(row[1] for row in seen)
    start += (max(row[1] for row in seen) - start) * 2 // 3
    last = [{} for _ in range(LENSES)]
    kept = [[] for _ in range(LENSES)]
    for lens, at, user, signals, evidence, _ in seen:
        before = last[lens].get(user)
        if before and at - before[0] > HOUR:
            kept[lens].append(before)
        last[lens][user] = (at, signals, evidence)
    for lens in range(LENSES):
        for at, signals, evidence in kept[lens] + list(last[lens].values()):
            bad = sum(is_attack[event] for event in evidence)
            if (bad or at >= start) and (not bad or bad * 2 >= len(evidence)):
                yield lens, signals, bad > 0


def fit(signals, attack):
    scale = signals.std(0) + 1e-6
    scaled, count, sign = signals / scale, signals.shape[1], np.where(attack, 1, -1)
    weight = np.where(attack, ATTACKS_COUNT, 1.0)
    weight /= weight.sum()
    shrink = SHRINK * weight[attack].sum()

    def loss(beta):
        margin = sign * (scaled @ beta[:-1] + beta[-1])
        slope = -weight * sign / (1 + np.exp(np.clip(margin, -50, 50)))
        value = (weight * np.logaddexp(0, -margin)).sum() + shrink * (beta[:-1] ** 2).sum()
        return value, np.append(scaled.T @ slope + 2 * shrink * beta[:-1], slope.sum())

    used = signals.std(0) > 1e-6
    bounds = [((None if name in FREE else 0, None) if use else (0, 0)) for name, use in zip(SIGNALS, used)] + [(None, None)]
    best = minimize(loss, np.zeros(count + 1), jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 800}).x
    weights = np.where(abs(best[:-1]) < 0.02, 0, best[:-1] / scale)
    return weights, best[-1] - np.log(ATTACKS_COUNT)


def main(traces):
    found = [row for trace in traces for row in rows(trace)]
    for lens in range(LENSES):
        signals = np.array([row[1] for row in found if row[0] == lens])
        attack = np.array([row[2] for row in found if row[0] == lens])
        weights, bias = fit(signals, attack)
        print(f"    Weights {{ bias: {bias:.2f}, by: [{', '.join(f'{weight + 0:.2f}' for weight in weights)}] }},")


if __name__ == "__main__":
    main(sys.argv[1:])
