"""The sections of the report about one path each: detect, normalize and forward."""

from measured import spread
from tables import table, where
from tools import PINNED


def each(rows, *keys):
    """What every run said about the same thing, by the values of `keys`, in the order of the first run."""
    found = {}
    for row in rows:
        found.setdefault(tuple(row.get(key) for key in keys), []).append(row)
    return found


def of_all(rows, value, digits=0):
    return spread([value(row) for row in rows], digits)


def detect(measured):
    # Its memory is left out: what the process had freed before is used again and not seen.
    found = each(measured["rows"], "account", "what")
    accounts = list(dict.fromkeys(account for account, _ in found))
    speed = lambda row: row["events"] / row["seconds"]
    rows = []
    for account in accounts:
        one = found[account, "rules"][0]
        restart = found[account, "restart"]
        rows.append([
            f"{account}: {one['people']:,} people, {one['per_day']:,} events a day",
            *(of_all(found[account, what], speed) for what in ("reading JSON only", "rules", "rules and behaviour")),
            f"{restart[0]['saved_kib']:,}",
            f"{restart[0]['since']:,}",
            of_all(restart, lambda row: row["restored_seconds"], 2),
        ])
    head = [
        "account", "reading JSON only, events/s", "rules, events/s", "rules and behaviour, events/s",
        "saved, KiB", "observed again after a restart, events", "… seconds",
    ]
    return f"""## Detect

{where(measured)}

{found[accounts[0], 'rules'][0]['events']:,} events of each account, from JSON to findings, through the shipped rules alone and with behaviour, on one core (runs: {measured['runs']}). Events a second
and seconds are of the time on that core. What was learned is saved; a restart goes on from there and observes the events since.

{table(head, rows)}"""


def normalize(measured):
    found = each(measured["rows"], "within", "what")
    rate = lambda row: row["records"] / row["cpu"]
    out = lambda row: row["bytes_out"] / 1e6 / row["cpu"]
    memory, files = [], []
    for (within, what), runs in found.items():
        if within == "memory":
            read = of_all(runs, lambda row: row["bytes_in"] / 1e6 / row["cpu"])
            memory.append([what, of_all(runs, rate), read, of_all(runs, out) if runs[0]["bytes_out"] else ""])
        else:
            ours = {run["run"]: run for run in found["files", "hubtrail"]}
            files.append([
                f"Tenzir ({PINNED['tenzir'][0]})" if what == "tenzir" else what,
                of_all(runs, rate),
                of_all(runs, lambda row: rate(ours[row["run"]]) / rate(row), 2),
                of_all(runs, lambda row: row["records"] / row["seconds"]),
                of_all(runs, lambda row: ours[row["run"]]["records"] / ours[row["run"]]["seconds"] / row["records"] * row["seconds"], 2),
                f"{runs[0]['bytes_out'] / runs[0]['records']:,.0f}",
            ])
    first = measured["rows"][0]
    beside = "" if ("files", "tenzir") in found else " Tenzir was not installed."
    times = "Hubtrail's are so many times that"
    head = ["", "records/s of processor time", times, "records/s by the clock", times, "bytes a record written"]
    return f"""## Normalize

{where(measured)}

{first['records']:,} records ({first['bytes_in'] / 1e6:.0f} MB) in memory into lines that are dropped, on one core, in {measured['runs']} runs; each line has the original record in it where nothing else is said.
A second is one of processor time.

{table(["format", "records/s", "MB/s read", "MB/s written"], memory)}

The same records from a file to a file as OCSF 3004 with the original record, by one thread of ours and by Tenzir as it is installed
(the processor time is of all of them, and its start is in its time); its pipeline maps the same fields (`crates/hubtrail-core/benches/normalize.rs`).{beside}

{table(head, files)}"""


def forward(measured):
    rows = [
        [
            what,
            of_all(runs, lambda row: row["events"] / row["seconds"]),
            of_all(runs, lambda row: row["bytes"] / 1e6 / row["seconds"], 1),
            of_all(runs, lambda row: row["cpu"] / row["events"] * 1e6),
            f"{runs[0]['bytes'] / runs[0]['events']:,.0f}",
            of_all(runs, lambda row: row["mib"]),
        ]
        for (what,), runs in each(measured["rows"], "what").items()
    ]
    head = ["sink", "events/s", "MB/s", "CPU ms per 1,000 events", "bytes an event", "memory afterwards, MiB"]
    return f"""## Forward

{where(measured)}

{measured['rows'][0]['events']:,} events that are in the log go to one sink after the other in batches of up to 5,000, in {measured['runs']} runs. Receivers are threads of the same process: what they
take is in its processor time and its memory. A file is turned over at 16 MiB, and with zstd compressed then; bytes are those before that.

{table(head, rows)}"""
