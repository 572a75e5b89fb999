"""Findings per 30 days of a trace, by rule: python3 scripts/rates.py TRACE FINDINGS ALERTS"""

import collections
import datetime
import gzip
import json
import sys

MONTH = datetime.timedelta(days=30)


def lines(path):
    with gzip.open(path, "rt") if path.endswith(".gz") else open(path) as file:
        yield from map(json.loads, file)


def time(text):
    return datetime.datetime.fromisoformat(text)


def main(trace, findings, alerts):
    times = [time(record["timestamp"]) for record in lines(trace)]
    first, last = min(times), max(times)
    months = (last - first) / MONTH
    findings = list(lines(findings))
    rules = collections.Counter((f["severity"], f["title"]) for f in findings)
    for (severity, title), count in sorted(rules.items(), key=lambda rule: -rule[1]):
        print(f"{count / months:8.2f}  {severity:13} {title}")
    warned = sum(f["severity"] in ("medium", "high", "critical") for f in findings)
    print(f"{warned / months:8.2f}  medium and above")
    print(f"{rules.total() / months:8.2f}  all, in {months:.1f} times 30 days")
    alerts = list(lines(alerts))
    middle = first + (last - first) / 2
    for name, part in (("first", [f for f in alerts if time(f["time"]) < middle]),
                       ("second", [f for f in alerts if time(f["time"]) >= middle])):
        outside = sum(f["severity"] == "critical" for f in part)
        print(f"{len(part) / months * 2:8.2f}  alerts in the {name} half, of them {outside / months * 2:.2f} critical ones outside the budget")


if __name__ == "__main__":
    main(*sys.argv[1:])
