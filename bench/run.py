"""Measures Hubtrail beside its peers and writes docs/benchmarks.md: `just bench`, or a part of it such as `just bench collect`.

What was measured is kept in target/bench, one file a part. The report is written from all that are there, each with the machine and the
day of its own run; what is not there keeps its section as it stands in the report.
"""

import argparse
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "conformance"))

import collecting
import fleet
import machine
import pages
import paths
import report
import resting
import searching
import tools

# How often each page is asked for.
PAGE_TURNS = 20
KEPT = tools.TARGET / "bench"
MEASURED = ("collect", *paths.NAMES, "search", "fleet")
PARTS = (*MEASURED, "report")


def arguments():
    parser = argparse.ArgumentParser(prog="just bench", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS[:-1])} or report; search has pages of the console, bytes on disk, start-up and rest with it; all by default")
    parser.add_argument("--events", type=int, default=200_000, help="events to collect (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each tool, in turns, and of each benchmark of one path (%(default)s)")
    parser.add_argument("--only", action="append", help="collect with these tools only: hubtrail, floor, tenzir, client, dlt, airbyte")
    parser.add_argument("--log-events", type=int, default=10_000_000, help="events in the log that is searched (%(default)s)")
    parser.add_argument("--log-times", type=int, default=1, help="fill it with a share of them only, and make it so many times longer by bench/longer.py (%(default)s)")
    parser.add_argument("--searches", type=int, default=2_000, help="queries to ask (%(default)s)")
    parser.add_argument("--connectors", type=int, default=2_000, help="connectors of the fleet (%(default)s)")
    parser.add_argument("--minutes", type=float, default=3, help="how long the fleet is watched (%(default)s)")
    parser.add_argument("--report", type=pathlib.Path, default=tools.ROOT / "docs" / "benchmarks.md", help="where to write it")
    chosen = parser.parse_args()
    unknown = [part for part in chosen.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part `{unknown[0]}`; there are {', '.join(PARTS)}")
    return chosen


def keep(part, command, measured):
    KEPT.mkdir(parents=True, exist_ok=True)
    measured = {"machine": machine.facts(), "command": command, **measured}
    (KEPT / f"{part}.json").write_text(json.dumps(measured, indent=1))


def main():
    chosen = arguments()
    parts = chosen.parts or MEASURED
    # Where conformance/account.py looks for it.
    os.environ["HUBTRAIL_BIN"] = tools.hubtrail()
    work = KEPT / "work"
    if "collect" in parts:
        tools.install()
        only = "".join(f" --only {tool}" for tool in chosen.only or [])
        command = f"just bench collect --events {chosen.events} --runs {chosen.runs}{only}"
        before = machine.load()
        measured = collecting.measure(work / "collect", chosen.events, chosen.runs, chosen.only)
        keep("collect", command, {"load_before": before, **measured})
    for name in paths.NAMES:
        if name in parts:
            if name == "normalize":
                tools.install("tenzir")
            program, before = paths.built(name), machine.load()
            keep(name, f"just bench {name} --runs {chosen.runs}", {"load_before": before, **paths.measure(program, chosen.runs)})
    if "search" in parts:
        longer = f" --log-times {chosen.log_times}" if chosen.log_times > 1 else ""
        command = f"just bench search --log-events {chosen.log_events}{longer} --searches {chosen.searches}"
        log = searching.filled(KEPT, chosen.log_events, chosen.log_times)
        made = searching.how_made(log)
        keep("disk", command, {"load_before": machine.load(), "made": made, **searching.bytes_by_table(log)})
        keep("rest", command, {"load_before": machine.load(), "made": made, **resting.measure(log, chosen.runs)})
        keep("search", command, {"load_before": machine.load(), "made": made, **searching.measure(log, chosen.searches)})
        keep("pages", command, {"load_before": machine.load(), "made": made, **pages.measure(log, PAGE_TURNS)})
    if "fleet" in parts:
        command = f"just bench fleet --connectors {chosen.connectors} --minutes {chosen.minutes:g}"
        before = machine.load()
        measured = fleet.measure(work / "fleet", chosen.connectors, chosen.minutes * 60)
        keep("fleet", command, {"load_before": before, **measured})
    kept = {path.stem: json.loads(path.read_text()) for path in KEPT.glob("*.json")}
    text = report.of(kept, chosen.report.read_text() if chosen.report.exists() else "")
    print(text)
    chosen.report.write_text(text)


if __name__ == "__main__":
    main()
