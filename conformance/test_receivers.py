"""Splunk, Elasticsearch and DNIF as their makers describe them, and `hubtrail serve`, which has to get on with them."""

import json
import unittest
from datetime import datetime
from pathlib import Path

import dnif_receiver
from account import ms
from dnif import Extractor
from dnif_receiver import Dnif
from elasticsearch_receiver import Elasticsearch
from forwarding import BATCH, EVENTS, ODD, PASSWORD, TOKEN, USER, WRONG, Forwarding, Together
from receivers import BREAK, CRASH, TAKE, Answer
from splunk_receiver import Splunk

INTEGRATIONS = Path(__file__).parent.parent / "integrations"
TEMPLATE = json.loads((INTEGRATIONS / "elastic/index-template.json").read_text())
BASIC = {"method": "basic", "user": USER}
KEY = {"method": "api_key"}


def load_tests(_loader, tests, _pattern):
    return Together(tests)


def seconds(time):
    return datetime.fromisoformat(time).timestamp()


def started(receiver, plan=(), **is_so):
    """A receiver of which some things are so."""
    receiver.plan.extend(plan)
    for name, value in is_so.items():
        setattr(receiver, name, value)
    return receiver


def encodings(sink):
    return {request.headers.get("content-encoding") for request in sink.receiver.deliveries}


class Splunks(Forwarding):
    kind = "splunk_hec"

    def splunk(self, encoding="raw", *, token=TOKEN, target=None, start="beginning", timeout=30, **is_so):
        receiver = started(Splunk(TOKEN), **is_so)
        target = {"acknowledge": receiver.acknowledges, **(target or {})}
        return self.forward(receiver, encoding, target, {"token": token}, start=start, timeout=timeout)

    def test_every_event_arrives_once_and_in_order(self):
        for acknowledges in (False, True):
            for packed in (False, True):
                with self.subTest(acknowledges=acknowledges, packed=packed):
                    sink = self.splunk(acknowledges=acknowledges, target={"gzip": packed})
                    self.nothing_refused(sink)
                    self.assertEqual(encodings(sink), {"gzip" if packed else None})
                    for (_, told), event in zip(sink.receiver.kept, self.log):
                        self.assertEqual(told["event"], event["raw"])
                        self.assertEqual(round(told["time"] * 1000), ms(event["timestamp"]))
                        self.assertEqual(told["sourcetype"], "hubtrail:raw")

    def test_every_format_is_taken(self):
        for encoding in ("ocsf", "ecs", "dnif", "cef", "leef"):
            with self.subTest(encoding):
                sink = self.splunk(encoding)
                self.nothing_refused(sink)
                self.assertEqual({told["sourcetype"] for _, told in sink.receiver.kept}, {f"hubtrail:{encoding}"})

    def test_its_own_test_arrives(self):
        for acknowledges in (False, True):
            self.passes_its_test(self.splunk(start="now", acknowledges=acknowledges))

    def test_what_only_a_person_can_mend_stops_it(self):
        unknown = self.splunk(token=WRONG)
        disabled = self.splunk(tokens={TOKEN: "disabled"})
        index = self.splunk(target={"index": "secret"})
        silent = self.splunk(target={"acknowledge": True})
        self.stopped(unknown, "invalid token")
        self.stopped(disabled, "token disabled")
        self.stopped(index, "index")
        self.stopped(silent, "acknowledge")
        for sink in (unknown, disabled, index):
            self.assertEqual(sink.receiver.kept, [])
        # It has taken what it cannot acknowledge, and that is not delivered.
        self.assertEqual(silent.receiver.ids(), self.wanted[:BATCH])
        unknown.change(credentials={"token": TOKEN})
        index.change(index="main")
        for sink in (unknown, index):
            self.all_once(sink)

    def test_an_event_that_it_refuses_becomes_a_dead_letter(self):
        bad = self.wanted[BATCH + 3]
        sinks = [self.splunk(acknowledges=acknowledges, malformed=bad) for acknowledges in (False, True)]
        for sink in sinks:
            self.assertIn("Invalid data format", self.all_but(sink, bad))
            sink.receiver.malformed = None
            sink.act("dead-letters/retry")
        for sink in sinks:
            sink.until(lambda status: status["deadLetters"] == 0, "the dead letter is delivered")
            self.assertEqual(sink.receiver.ids()[-1], bad)

    def test_a_busy_receiver_is_waited_for(self):
        busy = Answer(503, {"text": "Server is busy", "code": 9}, {"retry-after": "1"})
        full = Answer(429, {"text": "Queue at capacity", "code": 26})
        sink = self.splunk(plan=[TAKE, busy, TAKE, BREAK, TAKE, full])
        self.nothing_refused(sink)
        self.assertEqual(len(sink.receiver.deliveries), EVENTS // BATCH + 3)

    def test_it_is_left_alone_for_as_long_as_it_asks(self):
        sink = self.splunk(plan=[Answer(503, {"text": "Server is busy", "code": 9}, {"retry-after": "300"})])
        status = sink.until_state("retrying")
        self.assertGreaterEqual(seconds(status["retryAt"]), seconds(status["lastErrorAt"]) + 300)
        self.assertEqual((status["deadLetters"], sink.receiver.kept), (0, []))

    def test_what_is_not_acknowledged_is_not_delivered(self):
        sink = self.splunk(acknowledges=True, indexing=False, timeout=5)
        sink.until(lambda _: sink.receiver.asked >= 2, "it asks")
        status = sink.status()
        self.assertEqual((status["delivered"], status["position"], status["deadLetters"]), (0, 0, 0), status)
        sink.receiver.stop()
        sink.receiver.indexing = True
        sink.receiver.start()
        self.nothing_refused(sink)

    def test_what_is_lost_before_it_is_acknowledged_comes_again(self):
        sink = self.splunk(acknowledges=True, loses=1, timeout=5)
        self.nothing_refused(sink)
        self.assertEqual(len(sink.receiver.deliveries), EVENTS // BATCH + 1)

    def test_a_restart_in_the_middle_loses_nothing(self):
        crash = [TAKE, TAKE, CRASH]
        sinks = [self.splunk(acknowledges=acknowledges, plan=crash) for acknowledges in (False, True)]
        for sink in sinks:
            sink.until(lambda _: sink.receiver.down, "it is down")
            had = sink.receiver.ids()
            # Without acknowledgement the third was taken, and nobody knows.
            self.assertEqual(had, self.wanted[: (2 if sink.receiver.acknowledges else 3) * BATCH])
            sink.receiver.start()
            sink.until_delivered()
            self.assertEqual(sink.receiver.ids(), had + self.wanted[2 * BATCH :])

    def test_a_body_that_is_too_long_is_cut(self):
        sink = self.splunk(limit=2000)
        self.all_once(sink)
        self.assertEqual({refused.status for refused in sink.receiver.refused}, {413})

    def test_an_answer_that_repeats_the_token_is_not_repeated(self):
        said = f"cannot forward: Authorization: Splunk {TOKEN}"
        sink = self.splunk(plan=[Answer(500, {"text": said, "code": 8})])
        sink.until(lambda status: status["lastError"], "it is told")
        sink.until_delivered()


class Elasticsearches(Forwarding):
    kind = "elasticsearch"

    def elasticsearch(self, encoding="ecs", *, key=TOKEN, target=None, start="beginning", **is_so):
        receiver = started(Elasticsearch(TEMPLATE, api_keys=[TOKEN]), **is_so)
        return self.forward(receiver, encoding, {"auth": KEY, **(target or {})}, {"token": key}, start=start)

    def test_every_event_arrives_once_and_in_order(self):
        for accepted, auth, credentials in (
            ({}, {"method": "none"}, {}),
            ({"users": {USER: PASSWORD}}, BASIC, {"password": PASSWORD}),
            ({"api_keys": [TOKEN]}, KEY, {"token": TOKEN}),
        ):
            for packed in (False, True):
                with self.subTest(auth=auth, packed=packed):
                    receiver = Elasticsearch(TEMPLATE, **accepted)
                    sink = self.forward(receiver, "ecs", {"auth": auth, "gzip": packed}, credentials)
                    self.nothing_refused(sink)
                    self.assertEqual(encodings(sink), {"gzip" if packed else None})
                    for (_, document), event in zip(receiver.kept, self.log):
                        self.assertEqual(json.loads(document["event"]["original"]), event["raw"])
                        self.assertEqual(ms(document["@timestamp"]), ms(event["timestamp"]))
                        self.assertEqual(document["event"]["id"], event["id"])

    def test_every_other_schema_is_taken_by_its_data_stream(self):
        for encoding in ("ocsf", "dnif"):
            with self.subTest(encoding):
                self.nothing_refused(self.elasticsearch(encoding))

    def test_raw_records_are_taken_by_its_data_stream(self):
        sink = self.elasticsearch("raw")
        status = sink.until_delivered()
        # Of the odd one its mapping may think as it likes.
        self.assertLessEqual(status["deadLetters"], 1, sink.command("dead-letters", "list", sink.name)[:400])

    def test_a_document_that_the_mapping_refuses_becomes_a_dead_letter(self):
        sink = self.elasticsearch("raw", target={"index": "logs-hubspot-default"})
        odd = next(event["id"] for event in self.log if event["objectId"] == ODD)
        self.assertIn("failed to parse field [hubspot.meta.rowsUpdated]", self.all_but(sink, odd))

    def test_an_index_that_is_no_data_stream(self):
        sink = self.elasticsearch(target={"index": "hubspot"})
        self.nothing_refused(sink)
        self.assertEqual({index for index, _ in sink.receiver.documents}, {"hubspot"})

    def test_its_own_test_arrives(self):
        self.passes_its_test(self.elasticsearch(start="now"))

    def test_what_it_has_already_counts_as_delivered(self):
        sink = self.elasticsearch()
        self.all_once(sink)
        sink.act("replay", since="beginning")
        sink.until(lambda _: sink.receiver.conflicts == EVENTS, "everything comes again")
        status = sink.until_delivered()
        self.assertEqual((sink.receiver.ids(), status["deadLetters"], status["lastError"]), (self.wanted, 0, None))

    def test_what_only_a_person_can_mend_stops_it(self):
        key = self.elasticsearch(key=WRONG)
        user = Elasticsearch(TEMPLATE, users={USER: PASSWORD})
        password = self.forward(user, "ecs", {"auth": BASIC}, {"password": WRONG})
        nobody = self.forward(Elasticsearch(TEMPLATE, api_keys=[TOKEN]), "ecs", {"auth": {"method": "none"}}, {})
        reader = self.elasticsearch(may_write=False)
        nowhere = self.elasticsearch(creates=False)
        for sink in (key, password, nobody, reader, nowhere):
            self.stopped(sink)
            self.assertEqual(sink.receiver.kept, [])
        key.change(credentials={"token": TOKEN})
        password.change(credentials={"password": PASSWORD})
        reader.receiver.may_write = True
        nowhere.receiver.creates = True
        for sink in (reader, nowhere):
            sink.act("resume")
        for sink in (key, password, reader, nowhere):
            self.all_once(sink)

    def test_a_pipeline_that_is_not_there_stops_it(self):
        sink = self.elasticsearch(target={"pipeline": "nowhere"})
        sink.until(lambda status: status["lag"] == 0 or status["state"] == "action_needed", "it stops")
        self.assertEqual(sink.status()["state"], "action_needed", sink.status())
        self.stopped(sink, "pipeline")

    def test_a_busy_receiver_is_waited_for(self):
        kind = {"type": "es_rejected_execution_exception", "reason": "rejected execution of coordinating operation"}
        busy = Answer(429, {"error": {"root_cause": [kind], **kind}, "status": 429}, {"retry-after": "1"})
        self.nothing_refused(self.elasticsearch(plan=[TAKE, busy, TAKE, Answer(503), TAKE, BREAK]))

    def test_a_blocked_index_is_waited_for(self):
        full = (429, "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block")
        closed = (403, "FORBIDDEN/8/index write (api)")
        sinks = [self.elasticsearch(block=block) for block in (full, closed)]
        for sink in sinks:
            status = sink.until_state("retrying")
            self.assertIn("blocked", status["reason"])
            sink.receiver.block = None
        for sink in sinks:
            self.all_once(sink)

    def test_documents_without_room_come_again(self):
        sink = self.elasticsearch(queue_full=[0, BATCH // 2, BATCH])
        self.all_once(sink)
        self.assertEqual(sink.receiver.queue_full, [])

    def test_a_restart_in_the_middle_loses_nothing_and_doubles_nothing(self):
        sink = self.elasticsearch(plan=[TAKE, TAKE, CRASH])
        sink.until(lambda _: sink.receiver.down, "it is down")
        self.assertEqual(sink.receiver.ids(), self.wanted[: 3 * BATCH])
        sink.receiver.start()
        self.nothing_refused(sink)
        self.assertEqual(sink.receiver.conflicts, BATCH)

    def test_a_body_that_is_too_long_is_cut(self):
        sink = self.elasticsearch(limit=6000)
        self.all_once(sink)
        self.assertEqual({refused.status for refused in sink.receiver.refused}, {413})


# How the connector is told to authenticate, by a secret; how the sink is, and by which of its credentials.
WAYS = (
    (lambda secret: dnif_receiver.basic(USER, secret), BASIC, "password"),
    (dnif_receiver.bearer, {"method": "bearer"}, "token"),
    (lambda secret: dnif_receiver.shared_secret("X-Hub", secret), {"method": "shared_secret", "header": "X-Hub"}, "token"),
    (lambda secret: dnif_receiver.hmac_sha256("X-Sign", secret), {"method": "hmac", "header": "X-Sign"}, "signingSecret"),
)


class Dnifs(Forwarding):
    kind = "dnif"

    def dnif(self, way=WAYS[0], secret=PASSWORD, start="beginning", **is_so):
        connector, auth, credential = way
        receiver = started(Dnif(*connector(PASSWORD)), **is_so)
        return self.forward(receiver, "dnif", {"url": receiver.events, "auth": auth}, {credential: secret}, start=start)

    def test_each_way_to_authenticate_is_accepted(self):
        extractor = Extractor((INTEGRATIONS / "dnif/hubtrail.yml").read_text())
        for way in WAYS:
            with self.subTest(auth=way[1]):
                sink = self.dnif(way)
                self.nothing_refused(sink)
                for (_, log), event in zip(sink.receiver.kept, self.log):
                    self.assertEqual(json.loads(log["$LogEvent"]), event["raw"])
                    self.assertTrue(extractor.extract(json.dumps(log, separators=(",", ":"))))

    def test_wrong_credentials_stop_it(self):
        sinks = [(self.dnif(way, WRONG), way) for way in WAYS]
        for sink, _ in sinks:
            self.stopped(sink)
            self.assertEqual(sink.receiver.kept, [])
        for sink, (_, _, credential) in sinks:
            sink.change(credentials={credential: PASSWORD})
        for sink, _ in sinks:
            self.all_once(sink)

    def test_its_own_test_arrives(self):
        self.passes_its_test(self.dnif(start="now"))

    def test_a_busy_receiver_that_restarts_loses_nothing(self):
        sink = self.dnif(plan=[TAKE, Answer(503, None, {"retry-after": "1"}), TAKE, CRASH])
        sink.until(lambda _: sink.receiver.down, "it is down")
        self.assertEqual(sink.receiver.ids(), self.wanted[: 3 * BATCH])
        sink.receiver.start()
        sink.until_delivered()
        self.assertEqual(sink.receiver.ids(), self.wanted[: 3 * BATCH] + self.wanted[2 * BATCH :])


if __name__ == "__main__":
    unittest.main()
