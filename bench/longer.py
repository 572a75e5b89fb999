"""Makes a filled log longer: each account gets the same years again before its own, with other objects.

    python bench/longer.py FROM TO TIMES

`just bench search --log-times TIMES` does so, with what comes before: `fill_log`, and a service that looks for what is unusual. Ten million events take `fill_log` an hour on a busy machine, and detection as long again; this takes minutes. What is looked up is as it would
be: names, times, hours and days, and each index in the order in which entries come. What was detected stays that of the newest years, and
the leaf hashes are stand-ins, which only `hubtrail doctor` would notice.
"""

import hashlib
import pathlib
import shutil
import sqlite3
import sys
import time

DAY_MS = 86_400_000
# What is kept of a record that says nothing beyond its names and its time but `meta`: it is the same for another object on another day.
REST = ("=inteufs:", "=inteufs*:")
ENTRY = "INSERT INTO entry VALUES (" + ", ".join("?" * 12) + ")"


# As the log makes them when entries are appended: weeks are made of days, and quarters of weeks.
SPANS = """
    DELETE FROM rollup_span;
    INSERT INTO rollup_span SELECT stream, 1, hour - hour % 86400000, kind, entries FROM rollup WHERE TRUE
    ON CONFLICT (stream, days, start, kind) DO UPDATE SET entries = entries + excluded.entries;
    INSERT INTO rollup_span SELECT stream, 7, start - start % 604800000, kind, entries FROM rollup_span WHERE days = 1
    ON CONFLICT (stream, days, start, kind) DO UPDATE SET entries = entries + excluded.entries;
    INSERT INTO rollup_span SELECT stream, 91, start - start % 7862400000, kind, entries FROM rollup_span WHERE days = 7
    ON CONFLICT (stream, days, start, kind) DO UPDATE SET entries = entries + excluded.entries;
"""


def main(source, target, times):
    target = pathlib.Path(target)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("filled", "*.lock"))
    log = sqlite3.connect(target / "hubtrail.db", isolation_level=None)
    log.executescript("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;")
    streams = [row[0] for row in log.execute("SELECT id FROM stream WHERE entries > 100000")]
    if not streams:
        raise SystemExit("no account has more than 100,000 events: fill a longer log first")
    objects = log.execute("SELECT max(id) FROM object").fetchone()[0]
    head = position = log.execute("SELECT head FROM log").fetchone()[0]
    began = time.monotonic()
    for stream in streams:
        first, last = log.execute("SELECT min(hour), max(hour) FROM rollup WHERE stream = ?", [stream]).fetchone()
        days, before = (last - first) // DAY_MS + 2, position
        log.execute("BEGIN")
        for turn in range(int(times) - 1, 0, -1):
            counted(log, stream, turn, turn * days * DAY_MS, turn * objects, objects, first)
            position = again(log, stream, turn, turn * days, turn * objects, head, position)
        log.execute("UPDATE stream SET entries = entries + ? WHERE id = ?", [position - before, stream])
        log.execute("COMMIT")
        print(f"{position:,} entries after {time.monotonic() - began:.0f} s", flush=True)
    log.executescript(SPANS)
    log.execute("UPDATE log SET head = ?", [position])
    # Nothing is to be detected in what was added.
    log.execute("UPDATE reader SET position = ?", [position])
    log.execute("UPDATE detection SET unjoined = NULL")
    log.execute("PRAGMA journal_mode = WAL")
    log.close()
    (target / "filled").write_text(f"Filled with {head:,} events and made longer from these by `bench/longer.py`.")


def counted(log, stream, turn, shift, higher, objects, first):
    """The objects, and what is kept of each hour and day."""
    of_stream = [stream, first - DAY_MS]
    for sql, values in (
        ("INSERT INTO object SELECT id + ?, stream, ? || object_id, object_name FROM object WHERE stream = ? AND id <= ?", [higher, turn, stream, objects]),
        ("INSERT INTO rollup SELECT stream, hour - ?, kind, entries FROM rollup WHERE stream = ? AND hour > ?", [shift, *of_stream]),
        ("INSERT INTO person_day SELECT stream, day - ?, person, entries FROM person_day WHERE stream = ? AND day > ?", [shift, *of_stream]),
        ("INSERT INTO object_day SELECT stream, day - ?, object + ?, entries FROM object_day WHERE stream = ? AND day > ?", [shift, higher, *of_stream]),
    ):
        log.execute(sql, values)


def again(log, stream, turn, days, higher, head, position):
    """The stream's own entries, so many days earlier and with objects that are numbered so much higher."""
    mark = bytes([turn])
    rows = log.execute("SELECT * FROM entry WHERE stream = ? AND position <= ? ORDER BY position", [stream, head])
    while found := rows.fetchmany(5_000):
        made = []
        for _, _, timestamp, kind, person, thing, future, seen, unparsed, event, _, raw in found:
            position += 1
            if not raw.startswith(REST):
                raise SystemExit(f"a record whose days cannot be told apart from its text: {raw}")
            leaf = hashlib.sha256(mark + event).digest()
            event = leaf[:16]
            at, seen = timestamp - days * DAY_MS, seen - days * DAY_MS
            made.append((position, stream, at, kind, person, thing + higher, future, seen, unparsed, event, leaf, raw))
        log.executemany(ENTRY, made)
    return position


if __name__ == "__main__":
    main(*sys.argv[1:])
