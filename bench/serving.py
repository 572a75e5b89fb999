"""A `hubtrail serve` over a data directory that is there already: started, watched from outside, and asked."""

import json
import os
import pathlib
import subprocess
import time
import urllib.parse
from http.client import HTTPConnection, RemoteDisconnected

from tools import hubtrail

TICKS = os.sysconf("SC_CLK_TCK")


def command(data, *arguments, text=""):
    run = subprocess.run([hubtrail(), "--data-dir", str(data), *map(str, arguments)], input=text, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {run.stderr[-2000:]}")
    return run.stdout


class Server:
    def __init__(self, data):
        self.log = open(f"{data}.serve.log", "w")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [hubtrail(), "--data-dir", str(data), "serve", "--listen", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True,
        )
        self.address = urllib.parse.urlsplit(self.process.stdout.readline().split()[-1]).netloc
        self.connection = HTTPConnection(self.address, timeout=120)
        while self.get("/readyz")[0] != 200:
            time.sleep(0.001)
        self.ready_seconds = time.monotonic() - began

    def get(self, path, **headers):
        """The status, and the bytes of the answer."""
        try:
            return self.ask(path, headers)
        except RemoteDisconnected:
            # The server hangs up on a connection that was silent for half a minute; the next question opens another one.
            self.connection.close()
            return self.ask(path, headers)
        except OSError:
            self.connection.close()
            raise

    def ask(self, path, headers):
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        return response.status, response.read()

    def cpu(self):
        """Seconds of a processor so far, of all its threads."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def busy_ms(self):
        """As `cpu`, in milliseconds and to the nanosecond, of the threads that there are now: for what takes less than a tick."""
        threads = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6

    def memory(self, which="VmRSS"):
        """MiB: what it has now, or with `VmHWM` the most it ever had."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(which)) / 1024

    def rest(self, share=0.02, seconds=5, patience=900):
        """Waits until it has nothing left to do: first it reads the history for what is unusual. Returns how long that took."""
        began = time.monotonic()
        while time.monotonic() - began < patience:
            before = self.cpu()
            time.sleep(seconds)
            if self.cpu() - before < share * seconds:
                break
        return time.monotonic() - began

    def close(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def token(data):
    return command(data, "token", "create", f"bench-{time.time_ns()}").strip()


def asked(server, token, path, **headers):
    """The answer's JSON, for those that must succeed."""
    status, body = server.get(path, authorization=f"Bearer {token}", **headers)
    if status != 200:
        raise RuntimeError(f"{path}: {status} {body[:500]}")
    return json.loads(body)
