"""What the figures were measured on."""

import os
import pathlib
import platform
import subprocess
from datetime import datetime, timezone

import tools


def load():
    return os.getloadavg()[0]


def facts():
    memory = next(line for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    cpu = pathlib.Path("/proc/cpuinfo").read_text().split("model name")[1].splitlines()[0].strip("\t: ")
    return {
        "cores": os.cpu_count(),
        "cpu": cpu,
        "memory_gib": round(int(memory.split()[1]) / 1024 / 1024),
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        "when": f"{datetime.now(timezone.utc):%Y-%m-%d}",
        "version": said(tools.hubtrail(), "--version"),
        "commit": said("git", "rev-parse", "--short", "HEAD"),
    }


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=tools.ROOT).stdout.strip()
