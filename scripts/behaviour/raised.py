"""What an alert budget really raised: python3 raised.py SCORE_PY TRACE LABELS ALERTS"""

import importlib.util
import sys


def main(score_py, trace, labels, alerts):
    spec = importlib.util.spec_from_file_location("score", score_py)
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    start, end = score.bounds(trace)
    middle = start + (end - start) * 2 // 3
    scorer = score.Scorer(list(score.read(labels)), middle, end)
    alerts = list(score.read(alerts))
    judged = [judged for judged in map(scorer.judge, alerts) if judged]
    found = scorer.summary(judged)
    sizes = sorted(len(finding["evidence"]) for finding in alerts) or [0]
    print(f"alerts per 30 days {len(judged) / scorer.months:.2f}, of them false {found['false_per_30_days']}; recall {found['recall']};"
          f" delay {found['delay_minutes']['median']} min and {found['delay_events']['median']} events (median),"
          f" {found['delay_minutes']['p90']} and {found['delay_events']['p90']} (p90);"
          f" evidence {sizes[len(sizes) // 2]} events (median), {sizes[-1]} at most")
    for field in ("class", "difficulty", "actor"):
        print("  " + ", ".join(f"{name} {of['found']}/{of['of']}" for name, of in found[field].items()))
    for name, part in (("first", [j for j in judged if j[0] < (middle + end) / 2]), ("second", [j for j in judged if j[0] >= (middle + end) / 2])):
        print(f"  {name} half of it: {len(part) / scorer.months * 2:.2f} alerts per 30 days, {sum(not j[3] for j in part) / scorer.months * 2:.2f} false")


if __name__ == "__main__":
    main(*sys.argv[1:])
