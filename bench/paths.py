"""One path each: detect, normalize and forward, by a benchmark of cargo that does nothing else. Each run is a process of its own.

A benchmark shows its table on stderr, and says each row of it as a line of JSON on stdout.
"""

import json
import os
import subprocess

import tools

NAMES = ("detect", "normalize", "forward")


def built(name):
    """The benchmark's program: started by itself, so that cargo is not beside it."""
    build = ["cargo", "bench", "--locked", "--no-run", "--bench", name, "--message-format=json"]
    said = subprocess.run(build, cwd=tools.ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    messages = [json.loads(line) for line in said.splitlines()]
    return next(message["executable"] for message in messages if message.get("executable") and message["target"]["name"] == name)


def measure(program, runs):
    # Where `normalize` looks for the encoders that it measures beside ours.
    beside = os.pathsep.join((os.environ["PATH"], str(tools.program("tenzir").parent)))
    rows = []
    for run in range(runs):
        done = subprocess.run([program, "--bench"], env={**os.environ, "PATH": beside}, stdout=subprocess.PIPE, text=True, check=True)
        rows += [{"run": run, **json.loads(line)} for line in done.stdout.splitlines()]
    return {"runs": runs, "rows": rows}
