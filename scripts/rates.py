"""Findings per 30 days of a trace, by rule: python3 scripts/rates.py TRACE FINDINGS"""

import collections
import datetime
import gzip
import json
import sys


def lines(path):
    with gzip.open(path, "rt") if path.endswith(".gz") else open(path) as file:
        yield from map(json.loads, file)


def main(trace, findings):
    times = [datetime.datetime.fromisoformat(record["timestamp"]) for record in lines(trace)]
    months = (max(times) - min(times)).total_seconds() / (30 * 86_400)
    rules = collections.Counter((f["severity"], f["score"], f["title"]) for f in lines(findings))
    for (severity, score, title), count in sorted(rules.items(), key=lambda rule: (-rule[0][1], rule[0][2])):
        print(f"{count / months:8.2f}  {severity:13} {score:5.1f}  {title}")
    warned = sum(count for (severity, *_), count in rules.items() if severity in ("medium", "high", "critical"))
    print(f"{warned / months:8.2f}  medium and above")
    print(f"{rules.total() / months:8.2f}  all, in {months:.1f} times 30 days")


if __name__ == "__main__":
    main(*sys.argv[1:])
