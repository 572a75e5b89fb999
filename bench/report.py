"""The report: tables from what was measured, and what was found behind them."""

import pathlib
from statistics import median

from measured import spread
from path_sections import detect, forward, normalize
from tables import table, where

FINDINGS = pathlib.Path(__file__).parent / "findings.md"
INTRODUCTION = """# Benchmarks

Written by `just bench`, which installs the peers itself: everything here can be repeated with the commands over the tables.
Release build, one machine, everything over loopback. A value is the median of the runs, and in brackets what they lay between; runs of
different tools took turns, so that what disturbs the machine disturbs all of them. **Look at ratios and at processor time first**: where
other work ran on the machine, times and events a second say as much about that work as about any tool.

Each section is of its own run, as the line below its title says: a run that measures some parts leaves the others as they are here. Where
a log was filled and then made longer, `--log-times 5` takes the same steps: it fills a fifth of the events, lets a service look for
what is unusual in them, and has `bench/longer.py` give each account the same years four times more, with other objects.
"""


def of(kept, before):
    """From what was kept of each part; a part that was not keeps the section that it has in the report from before."""
    sections = (
        ("collect", "Collect", collect), ("detect", "Detect", detect), ("normalize", "Normalize", normalize),
        ("forward", "Forward", forward), ("search", "Search", search), ("pages", "Pages", pages),
        ("disk", "Bytes on disk", disk), ("rest", "Start-up and rest", rest), ("fleet", "Fleet", fleet),
    )
    known = {section.partition("\n")[0]: f"## {section}" for section in f"\n{before}".split("\n## ")[1:]}
    parts = [INTRODUCTION]
    for name, title, section in sections:
        if name in kept:
            parts.append(section(kept[name]))
        elif title in known:
            parts.append(known[title])
    if FINDINGS.exists():
        parts.append(FINDINGS.read_text())
    return "\n\n".join(part.strip() for part in parts) + "\n"


def collect(measured):
    events, runs = measured["events"], {}
    for row in measured["rows"]:
        runs.setdefault(row["tool"], []).append(row)
    well = {tool: [run for run in ran if "failed" not in run] for tool, ran in runs.items()}
    rates = {tool: {run["run"]: events / run["seconds"] for run in ran} for tool, ran in well.items() if ran}
    spent = {tool: {run["run"]: run["cpu"] / events * 1e6 for run in ran} for tool, ran in well.items() if ran}
    ours = next((tool for tool in rates if tool.startswith("hubtrail")), None)
    rows = []
    for tool, ran in runs.items():
        if tool not in rates:
            rows.append([tool, "failed", *[""] * 5, ran[0]["failed"][:80].replace("\n", " ")])
            continue
        last = well[tool][-1]
        wrong = [f"{last[what]:,} {what}" for what in ("lost", "doubled", "altered") if last[what]]
        # Runs of one turn are compared, because the machine was the same for them.
        faster = [rates[ours][run] / rate for run, rate in rates[tool].items() if ours and run in rates[ours]]
        cheaper = [cpu / spent[ours][run] for run, cpu in spent[tool].items() if ours and run in spent[ours]]
        rows.append([
            tool,
            spread(rates[tool].values()),
            spread(faster, 2) if faster else "",
            spread(spent[tool].values()),
            spread(cheaper, 2) if cheaper else "",
            spread([run["peak_kib"] / 1024 for run in well[tool]]),
            ", ".join(wrong) or "nothing",
            last["keeps"],
        ])
    head = [
        "", "events/s", "Hubtrail's are so many times that", "CPU ms per 1,000 events", "so many times Hubtrail's", "peak MiB",
        "lost, doubled or altered", "what is there afterwards",
    ]
    served = median([run["emulator_cpu"] for ran in well.values() for run in ran if run["emulator_cpu"]] or [0]) / events * 1e6
    return f"""## Collect

{where(measured)}

{events:,} events of an emulated account, 100 a page ({measured['pages']:,} pages), limits off, in {measured['runs']} turns; those that take minutes had every second one. What was lost,
doubled or altered is told by the emulator's own truth. Its cursor is a time in milliseconds: a loop that follows it misses what shares the last
millisecond of a page. The floor reads the same pages from a file with `serde_json` and inserts the same rows into the same tables and
indexes, a page a transaction, and does nothing else (`crates/hubtrail/examples/floor.rs`): it makes no request, and the emulator, which
uses {served:.0f} ms per 1,000 events beside each of the others, is not beside it. The start of each tool is in its time.

{table(head, rows)}"""


def milliseconds(summary):
    took = [f"{summary[name]:.1f}" for name in ("p50", "p95", "p99", "worst")]
    return [*took, *(f"{summary['cpu'][name]:.1f}" for name in ("p50", "p95"))]


def search(measured):
    kinds = sorted(measured["kinds"].items(), key=lambda kind: -kind[1]["p95"])
    rows = [[f"**all {measured['all']['count']:,}**", *milliseconds(measured["all"])]]
    rows += [[name, *milliseconds(times)] for name, times in kinds]
    failed = f"\n\nNot answered: {measured['failed']}." if measured["failed"] else ""
    return f"""## Search

{where(measured)}

{measured['events']:,} events of ten emulated accounts. One client asks the REST API of a running server one question after the other, each kind
equally often, with values drawn from the log. Meanwhile {measured['arrived']:,} events arrived in {measured['seconds']:.0f} s, and the server used
{measured['cpu'] / measured['seconds']:.2f} of a core and {measured['peak_mib']:.0f} MiB at most. Milliseconds, with HTTP and JSON; those of a processor are of the whole server, with what it did for the events that arrived.

{table(["question", "p50", "p95", "p99", "worst", "processor p50", "p95"], rows)}{failed}"""


def pages(measured):
    kinds = sorted(measured["pages"].items(), key=lambda kind: -kind[1]["p95"])
    rows = [[f"**all {measured['all']['count']:,}**", *milliseconds(measured["all"]), "", ""]]
    rows += [[name, *milliseconds(page), f"{page['html_kib']:.0f}", f"{page['sent_kib']:.0f}"] for name, page in kinds]
    return f"""## Pages

{where(measured)}

Pages of the console over the log of the search, one after the other, by somebody who sees all accounts. Milliseconds from the request to the
last byte; the style sheet, the scripts and the icons are fetched once and kept by the browser.

{table(["page", "p50", "p95", "p99", "worst", "processor p50", "p95", "KiB of HTML", "KiB sent"], rows)}"""


def disk(measured):
    entries, sizes = measured["entries"], measured["tables"]
    total = sum(size for _, size, _ in sizes)
    share = lambda name, size: [name, f"{size / entries:.1f}", f"{size / total * 100:.1f} %"]
    rows = [share("**the file**", total), *(share(f"`{name}`", size) for name, size, _ in sizes if size / total > 0.002)]
    return f"""## Bytes on disk

{where(measured)}

{entries:,} events of ten emulated accounts. Free space in pages is counted to whatever is in them.

{table(["table or index", "bytes per event", "share"], rows)}"""


def rest(measured):
    large, small = measured["over_the_log"], measured["one_connector"]
    rows = [
        ["ready over that log, ms", spread([seconds * 1000 for seconds in measured["ready_seconds"]])],
        # A log that was made longer counts as read already.
        *([] if measured.get("made") else [
            ["at the first start all of it is read for what is unusual: seconds", f"{large['busy_seconds']:.0f}"],
            ["… processor seconds", f"{large['busy_cpu']:.0f}"],
            ["… peak memory, MiB", f"{large['peak_mib']:.1f}"],
        ]),
        ["idle over that log: memory, MiB", f"{large['idle_mib']:.1f}"],
        ["idle over that log: share of a core", f"{large['idle_percent']:.2f} %"],
        ["idle with one connector: memory, MiB", f"{small['idle_mib']:.1f}"],
        ["idle with one connector: share of a core", f"{small['idle_percent']:.2f} %"],
    ]
    return f"""## Start-up and rest

{where(measured)}

Over the log of the search. Ready is from the start of the process until `/readyz` says so; idle is a minute with nothing to do.

{table(["", ""], rows)}"""


def fleet(measured):
    late = measured["late_ms"]
    rows = [
        ["cores", f"{measured['cores']:.2f}"],
        ["memory, MiB (most)", f"{measured['mib']:.0f} ({measured['peak_mib']:.0f})"],
        ["ready, ms", f"{measured['ready_seconds'] * 1000:.0f}"],
        ["answers to healthy connectors", f"{measured['polls']:,}"],
        *([["… to one of them, fewest and most", f"{measured['fewest']:,} and {measured['most']:,}"]] if "fewest" in measured else []),
        ["healthy connectors without an answer", f"{measured['silent']:,}"],
        *([["events collected meanwhile", f"{measured['collected']:,}"]] if "collected" in measured else []),
        ["an answer is later than 10 s after the one before by, ms: p50", f"{late['p50']:,.0f}"],
        *(["… " + name, f"{late[name]:,.0f}"] for name in ("p95", "p99", "worst")),
    ]
    live = "Nothing happens in the accounts meanwhile."
    if "live" in measured:
        live = f"Each account has {measured['live']:g} events a minute, which every connector of it collects. What is still open at the end of the watch counts as lateness."
    return f"""## Fleet

{where(measured)}

{measured['connectors']:,} connectors that ask every 10 s, {measured['failing']:,} of them failing: {', '.join(measured['kinds'])}. Watched for {measured['seconds']:.0f} s,
a minute after the start; the emulators are other processes. {live}

{table(["", ""], rows)}"""
