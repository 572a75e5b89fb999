"""What a command cost: time, processor time and peak memory; and what several runs say together."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from statistics import median

LAUNCH = pathlib.Path(__file__).parent / "launch.py"


class Failed(Exception):
    pass


def cost(command, *, cwd, env=None, stdin=None, stdout=None):
    """`stdout` is a path, or nothing. Raises `Failed` with the end of what the command said."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as said:
        outcome = pathlib.Path(folder, "outcome")
        out = open(stdout, "w") if stdout else said
        launched = [sys.executable, "-I", "-S", str(LAUNCH), str(outcome), *map(str, command)]
        try:
            given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
            environment = {**os.environ, **(env or {})}
            subprocess.run(launched, cwd=cwd, env=environment, stdout=out, stderr=said, text=True, check=True, **given)
        finally:
            if stdout:
                out.close()
        used = json.loads(outcome.read_text())
        if used["code"]:
            said.seek(0)
            raise Failed(f"{command[0]} ended with {used['code']}: {said.read()[-2000:]}")
        return used


def spread(values, digits=0):
    """The median of several runs, and between what they lie."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
