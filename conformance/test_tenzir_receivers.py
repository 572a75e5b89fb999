"""Receivers for Splunk's and Elasticsearch's protocols that others wrote: Tenzir's. `./scripts/test --long` installs it."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from account import Account
from service import Service

UNLIMITED = ("--rate-limit", "off", "--daily-limit", "off")
EVENTS = 500
PATIENCE = 60
TOKEN = "0f6a5c0e-5d1c-4c1f-9a3b-2b8d1f5e7a90"


class Pipeline:
    """A pipeline that accepts entries and writes what it got, one a line."""

    def __init__(self, accept):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.got = tempfile.NamedTemporaryFile("w+")
        pipeline = accept.format(endpoint=f'"127.0.0.1:{self.port}"') + " | write_ndjson"
        quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(["tenzir", pipeline], stdout=self.got, **quiet)
        end = time.monotonic() + PATIENCE
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"tenzir does not listen: {pipeline}")
            time.sleep(0.1)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def lines(self):
        with open(self.got.name) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.got.close()


@unittest.skipUnless(shutil.which("tenzir"), "Tenzir is not installed")
class TenzirReceivers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.account = Account(*UNLIMITED, events=EVENTS)
        cls.addClassCleanup(cls.account.close)
        cls.service = Service({"acme": cls.account})
        cls.addClassCleanup(cls.service.close)
        cls.token_file = os.path.join(cls.service.dir.name, "hec-token")
        with open(cls.token_file, "w") as file:
            file.write(TOKEN)

    def forwarded(self, accept, *settings):
        """What the pipeline has once the sink has nothing left to deliver."""
        pipeline = Pipeline(accept)
        self.addCleanup(pipeline.close)
        name = f"tenzir-{pipeline.port}"
        url = ("--set", f"url=http://127.0.0.1:{pipeline.port}")
        self.service.run("sink", "add", name, *url, "--start", "beginning", "--only-events", *settings)
        self.addCleanup(self.service.run, "sink", "remove", name)
        token = self.service.token(name)
        end = time.monotonic() + PATIENCE
        status = {}
        while status.get("lag") != 0 and time.monotonic() < end:
            status = json.loads(self.service.status("GET", f"/api/v1/sinks/{name}/status", token)[1])
            time.sleep(0.1)
        self.assertEqual((status["lag"], status["deadLetters"], status["lastError"]), (0, 0, None), status)
        while len(pipeline.lines()) < EVENTS and time.monotonic() < end:
            time.sleep(0.1)
        return pipeline.lines()

    def judge(self, objects):
        truth = [record["objectId"] for record in self.account.truth()]
        self.assertEqual(sorted(objects), sorted(truth))

    def test_splunk(self):
        got = self.forwarded(
            f'accept_splunk {{endpoint}}, hec_token="{TOKEN}"',
            *("--kind", "splunk_hec", "--format", "raw", "--token-file", self.token_file),
        )
        self.judge([event["event"]["objectId"] if "event" in event else event["objectId"] for event in got])

    def test_elasticsearch(self):
        got = self.forwarded("accept_elasticsearch {endpoint}", "--kind", "elasticsearch", "--format", "raw")
        self.judge([document["hubspot"]["objectId"] for document in got])

    def test_opensearch_with_ecs(self):
        got = self.forwarded("accept_opensearch {endpoint}", "--kind", "elasticsearch", "--format", "ecs", "--set", "gzip=true")
        originals = [json.loads(document["event"]["original"]) for document in got]
        self.judge([record["objectId"] for record in originals])


if __name__ == "__main__":
    unittest.main()
