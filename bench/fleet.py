"""Fleet: thousands of connectors in one process, a tenth of them failing in different ways: what it takes, and how punctual it is.

A few emulated accounts stand in for all of them: each connector is an account of its own to Hubtrail, and asks by itself.
"""

import contextlib
import shutil
import sqlite3
import time

from account import TOKEN, Account
from measured import percentile
from serving import Server, command

POLL_MS = 10_000
# Events a minute of each account; hundreds of connectors share one, and each collects all of them: 1,000 a minute for 2,000 connectors.
LIVE = 0.5
SETTLE_SECONDS = 60
HEALTHY = 4
FAILING = {
    "500": ("--fault-rate", "1", "--fault-kinds", "500"),
    "429": ("--fault-rate", "1", "--fault-kinds", "429-secondly"),
    "401": ("--fault-rate", "1", "--fault-kinds", "401"),
    "no scope": ("--fault-rate", "1", "--fault-kinds", "403-scope"),
    "connections reset": ("--fault-rate", "1", "--fault-kinds", "reset"),
    "no answer": ("--fault-rate", "1", "--fault-kinds", "hang"),
    "invalid JSON": ("--fault-rate", "1", "--fault-kinds", "invalid-json"),
    "every second request disturbed": ("--fault-rate", "0.5"),
}
UNLIMITED = ("--rate-limit", "off", "--daily-limit", "off")


def declare(folder, healthy, failing, connectors):
    """Writes the file that declares them all, every tenth one failing."""
    (folder / "token").write_text(TOKEN)
    failing = list(failing)
    lines = []
    for number in range(connectors):
        fails = number % 10 == 9
        account = failing[number // 10 % len(failing)] if fails else healthy[number % len(healthy)]
        lines += [
            "[[connector]]",
            f'name = "{"failing" if fails else "well"}-{number}"',
            f'base_url = "{account.url}"',
            f'token_file = "{folder / "token"}"',
            'rate_limit = "off"',
            f'poll_interval = "{POLL_MS // 1000}s"',
        ]
    (folder / "connectors.toml").write_text("\n".join(lines) + "\n")


def measure(folder, connectors, seconds):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    data = folder / "data"
    with contextlib.ExitStack() as stack:
        start = lambda *flags: stack.enter_context(Account(*UNLIMITED, "--live", str(LIVE), *flags, events=20))
        healthy = [start("--portal-id", str(1000 + number)) for number in range(HEALTHY)]
        failing = [start(*flags) for flags in FAILING.values()]
        declare(folder, healthy, failing, connectors)
        command(data, "connector", "apply", folder / "connectors.toml")
        server = stack.enter_context(Server(data))
        time.sleep(SETTLE_SECONDS)
        before, began, held = server.cpu(), time.monotonic(), entries(data)
        polls = watched(data, seconds)
        collected = entries(data) - held
        cores = (server.cpu() - before) / (time.monotonic() - began)
        used = {"cores": cores, "mib": server.memory(), "peak_mib": server.memory("VmHWM"), "ready_seconds": server.ready_seconds}
    well = {name: gaps for name, gaps in polls.items() if name.startswith("well")}
    late = [max(0, gap - POLL_MS) for gaps, _ in well.values() for gap in gaps]
    # The gap that is still open at the end counts as well: who is never answered again is the latest of all.
    late += [open_ms - POLL_MS for _, open_ms in well.values() if open_ms > POLL_MS]
    answers = [len(gaps) for gaps, _ in well.values()]
    return {
        "connectors": connectors,
        "failing": connectors - len(well),
        "kinds": list(FAILING),
        "seconds": seconds,
        **used,
        "live": LIVE,
        "collected": collected,
        "polls": sum(answers),
        "fewest": min(answers),
        "most": max(answers),
        "silent": sum(not gaps for gaps, _ in well.values()),
        "late_ms": {**{f"p{share}": percentile(late, share / 100) for share in (50, 95, 99)}, "worst": max(late)},
    }


def watched(data, seconds):
    """The times between two answers of each connector, in ms, as the log keeps them, and how long the last one was ago at the
    end; it is looked at so often that none is missed. Who was not answered at all has waited since the beginning."""
    log = sqlite3.connect(f"file:{data / 'hubtrail.db'}?mode=ro", uri=True)
    sql = "SELECT name, polled_at FROM stream JOIN connector ON connector.id = stream.connector"
    last, gaps = {}, {name: [] for (name,) in log.execute("SELECT name FROM connector")}
    began = time.time() * 1000
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name, at in log.execute(sql).fetchall():
            known = last.get(name)
            if known is not None and at is not None and at != known:
                gaps[name].append(at - known)
            last[name] = at
        time.sleep(1)
    log.close()
    ended = time.time() * 1000
    return {name: (found, ended - (last.get(name) or began)) for name, found in gaps.items()}


def entries(data):
    log = sqlite3.connect(f"file:{data / 'hubtrail.db'}?mode=ro", uri=True)
    count = log.execute("SELECT sum(entries) FROM stream").fetchone()[0]
    log.close()
    return count
