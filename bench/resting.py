"""Start-up and rest: how soon a server over a log of millions is ready, and what an idle one takes with one connector."""

import shutil
import time

from account import TOKEN, Account
from serving import Server, command

WATCHED_SECONDS = 60


def measure(log, runs):
    """`log` is the data directory with the filled log: each start is of a process of its own."""
    with Server(log) as server:
        busy = server.rest()
        large = {"busy_seconds": busy, "busy_cpu": server.cpu(), "peak_mib": server.memory("VmHWM"), **watched(server)}
    starts = []
    for _ in range(max(runs, 5)):
        with Server(log) as server:
            starts.append(server.ready_seconds)
    data = log.with_name("idle")
    shutil.rmtree(data, ignore_errors=True)
    with Account(events=1000) as account:
        command(data, "connector", "add", "idle", "--base-url", account.url, "--token-stdin", text=TOKEN)
        with Server(data) as server:
            server.rest()
            small = watched(server)
    return {"ready_seconds": starts, "over_the_log": large, "one_connector": small}


def watched(server):
    before, began = server.cpu(), time.monotonic()
    time.sleep(WATCHED_SECONDS)
    share = (server.cpu() - before) / (time.monotonic() - began)
    return {"idle_percent": share * 100, "idle_mib": server.memory()}
