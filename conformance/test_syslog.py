"""Real receivers: what rsyslog and syslog-ng have is what HubSpot showed, in its order, over UDP, TCP and TLS."""

import json
import os
import tempfile
import time
import unittest

from account import Account
from service import Service
from papers import Papers
from syslog_receivers import PATIENCE, WAYS, Rsyslog, SyslogNg

UNLIMITED = ("--rate-limit", "off", "--daily-limit", "off")
# What a socket's usual buffer holds even when its owner is busy.
EVENTS = 120


@unittest.skipUnless(os.environ.get("HUBTRAIL_SYSLOG"), "rsyslog and syslog-ng are not unpacked: see scripts/test")
class Syslog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        papers = tempfile.TemporaryDirectory()
        cls.addClassCleanup(papers.cleanup)
        cls.papers = Papers(papers.name)
        cls.account = Account(*UNLIMITED, events=EVENTS)
        cls.addClassCleanup(cls.account.close)
        cls.service = Service({"acme": cls.account})
        cls.addClassCleanup(cls.service.close)

    def add(self, name, receiver, way, *more):
        host = "localhost" if way == "tls" else "127.0.0.1"
        tls = (
            *("--ca-file", self.papers.path("authority.crt")),
            *("--client-certificate-file", self.papers.path("client.crt")),
            *("--client-key-file", self.papers.path("client.key")),
        )
        self.service.run(
            *("sink", "add", name, "--kind", "syslog", "--set", f"address={host}:{receiver.ports[way]}"),
            *("--set", f"transport={way}", "--format", "raw", "--start", "beginning", "--batch-entries", "25"),
            "--only-events",
            *(tls if way == "tls" else ()),
            *more,
        )

    def told(self, receiver, way, count):
        """The structured data and the record of each message."""
        end = time.monotonic() + PATIENCE
        while len(receiver.lines(way)) < count and time.monotonic() < end:
            time.sleep(0.1)
        messages = []
        for line in receiver.lines(way):
            name, rest = line.split(" ", 1)
            self.assertEqual(name, "hubtrail")
            start = rest.index("{")
            messages.append((rest[:start].strip(), json.loads(rest[start:])))
        return messages

    def judge(self, receiver):
        truth = self.account.truth()
        events = {record["id"]: record for record in self.events()}
        for way in WAYS:
            messages = self.told(receiver, way, len(truth))
            self.assertEqual([record for _, record in messages], truth, way)
            ids = [data.removeprefix('[hubtrail@32473 id="').removesuffix('"]') for data, _ in messages]
            self.assertEqual(len(set(ids)), len(truth), way)
            self.assertEqual(set(ids), set(events), way)

    def events(self):
        token = self.service.token(f"events-{time.monotonic_ns()}")
        status, text = self.service.status("GET", "/api/v1/events?limit=1000", token)
        self.assertEqual(status, 200)
        return json.loads(text)["events"]

    def forwarded_to(self, kind):
        receiver = kind(self.papers)
        self.addCleanup(receiver.close)
        for way in WAYS:
            name = f"{kind.__name__}-{way}"
            self.add(name, receiver, way, *kind.without_close.get(way, ()))
            self.addCleanup(self.service.run, "sink", "remove", name)
        self.judge(receiver)

    def test_rsyslog(self):
        self.forwarded_to(Rsyslog)

    def test_syslog_ng(self):
        self.forwarded_to(SyslogNg)

    def test_a_receiver_without_our_authority_is_not_trusted(self):
        receiver = Rsyslog(self.papers)
        self.addCleanup(receiver.close)
        self.service.run(
            *("sink", "add", "untrusted", "--kind", "syslog", "--format", "raw", "--start", "beginning"),
            *("--set", f"address=localhost:{receiver.ports['tls']}"),
        )
        self.addCleanup(self.service.run, "sink", "remove", "untrusted")
        token = self.service.token("status")
        end = time.monotonic() + PATIENCE
        state = {}
        while state.get("state") != "action_needed" and time.monotonic() < end:
            state = json.loads(self.service.status("GET", "/api/v1/sinks/untrusted/status", token)[1])
            time.sleep(0.1)
        self.assertEqual(state["state"], "action_needed", state)
        self.assertIn("certificate", state["reason"])
        self.assertEqual(receiver.lines("tls"), [])


if __name__ == "__main__":
    unittest.main()
