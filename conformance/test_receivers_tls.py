"""The same receivers behind TLS that asks for a certificate."""

import json
import tempfile
import unittest
from pathlib import Path

import dnif_receiver
from dnif_receiver import Dnif
from elasticsearch_receiver import Elasticsearch
from forwarding import TOKEN, Forwarding, Together
from papers import Papers
from splunk_receiver import Splunk

TEMPLATE = json.loads((Path(__file__).parent.parent / "integrations/elastic/index-template.json").read_text())


def load_tests(_loader, tests, _pattern):
    return Together(tests, prepare)


def prepare():
    for whose in ("papers", "others"):
        folder = tempfile.TemporaryDirectory()
        unittest.addModuleCleanup(folder.cleanup)
        setattr(Secured, whose, Papers(folder.name))


class Secured(Forwarding):
    def secured(self, kind, receiver, encoding, *, target=None, trusted=None, shown=None, credentials=None):
        """`trusted` and `shown`: whose authority the sink trusts, and whose certificate it shows."""
        receiver.secure(self.papers)
        connection = {"ca": trusted.text("authority.crt")} if trusted else {}
        credentials = {"token": TOKEN} if credentials is None else credentials
        if shown:
            connection["clientCertificate"] = shown.text("client.crt")
            credentials = {**credentials, "clientKey": shown.text("client.key")}
        url = receiver.events if isinstance(receiver, Dnif) else receiver.url
        target = {"kind": kind, "url": url, **(target or {}), "connection": connection}
        return self.forward(receiver, encoding, target, credentials)

    def kinds(self):
        yield "splunk_hec", Splunk(TOKEN), "raw", {}
        yield "elasticsearch", Elasticsearch(TEMPLATE, api_keys=[TOKEN]), "ecs", {"auth": {"method": "api_key"}}
        yield "dnif", Dnif(*dnif_receiver.bearer(TOKEN)), "dnif", {"auth": {"method": "bearer"}}

    def test_who_shows_the_certificate_delivers(self):
        for kind, receiver, encoding, target in self.kinds():
            with self.subTest(kind):
                sink = self.secured(kind, receiver, encoding, target=target, trusted=self.papers, shown=self.papers)
                self.nothing_refused(sink)

    def waits(self, sink, *words):
        """Nothing was given up, and what stands in the way is told."""
        # Of a connection that the receiver closes after the handshake, one attempt may see no more than that it is closed.
        told = lambda status: f"{status['reason']} {status['fix']}".lower()
        waiting = lambda status: status["state"] in ("retrying", "action_needed") and all(word in told(status) for word in words)
        status = sink.until(waiting, f"it says that it waits, and {words}")
        self.assertEqual((status["delivered"], status["deadLetters"], sink.receiver.kept), (0, 0, []), status)
        # No key in any of it.
        self.assertNotIn("PRIVATE KEY", json.dumps(sink.told) + self.service.said())

    def test_a_receiver_that_nobody_vouches_for_gets_nothing(self):
        for kind, receiver, encoding, target in self.kinds():
            with self.subTest(kind):
                self.waits(self.secured(kind, receiver, encoding, target=target, shown=self.papers), "certificate")

    def test_who_shows_no_certificate_or_another_one_waits_until_it_shows_the_right_one(self):
        for kind, receiver, encoding, target in self.kinds():
            with self.subTest(kind):
                sink = self.secured(kind, receiver, encoding, target=target, trusted=self.papers)
                self.waits(sink, "certificate")
                connection = {"ca": self.papers.text("authority.crt")}
                for papers in (self.others, self.papers):
                    connection["clientCertificate"] = papers.text("client.crt")
                    sink.change({"token": TOKEN, "clientKey": papers.text("client.key")}, connection=connection)
                    if papers is self.others:
                        self.waits(sink, "certificate")
                self.nothing_refused(sink)


if __name__ == "__main__":
    unittest.main()
