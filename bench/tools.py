"""The peers: what is installed of each, into a folder of its own under target/tools/bench, and how it is asked for its version."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute()
TOOLS = TARGET / "tools" / "bench"
PEERS = ROOT / "bench" / "peers"
# Each by itself: what they depend on does not go together.
PINNED = {
    "tenzir": ["tenzir==6.20.0"],
    "dlt": ["dlt[duckdb]==1.31.0"],
    "airbyte": ["airbyte-cdk==7.39.1"],
    "client": ["hubspot-api-client==12.0.0"],
}


def install(*names):
    """All of them, or these. Stays quiet about what is there already, and works without a network then."""
    for name in names or PINNED:
        packages = PINNED[name]
        folder, wanted = TOOLS / name, "\n".join(packages)
        mark = folder / "installed"
        if mark.exists() and mark.read_text() == wanted:
            continue
        print(f"installing {wanted}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *packages], check=True)
        mark.write_text(wanted)


def program(name, binary="python"):
    return TOOLS / name / "bin" / binary


def release(name):
    """A program of ours, as it was built for the bench."""
    return TARGET / "release" / name


def hubtrail():
    return os.environ.get("HUBTRAIL_BIN") or str(release("hubtrail"))


def example(name):
    folder = os.environ.get("HUBTRAIL_EXAMPLES") or str(release("examples"))
    return os.path.join(folder, name)
