"""The stand-ins refuse what their products refuse, so that what they take means something."""

import gzip
import json
import unittest
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import dnif_receiver
from dnif_receiver import Dnif
from elasticsearch_receiver import Elasticsearch
from splunk_receiver import Splunk

TEMPLATE = json.loads((Path(__file__).parent.parent / "integrations/elastic/index-template.json").read_text())
STREAM = "/logs-hubtrail-default/_bulk"
EVENTS = "/services/collector/event"
ACK = "/services/collector/ack"


def ask(url, body=b"", headers=None, method="POST"):
    """The number of the answer, and its JSON."""
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, read(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, read(error)


def read(response):
    text = response.read()
    return json.loads(text) if text and "json" in response.headers["content-type"] else text.decode()


class Strict(unittest.TestCase):
    def started(self, receiver):
        self.addCleanup(receiver.close)
        return receiver


class StrictSplunk(Strict):
    AUTH = {"Authorization": "Splunk t", "Content-Type": "application/json"}

    def setUp(self):
        self.plain = self.started(Splunk("t"))
        self.acknowledging = self.started(Splunk("t", acknowledges=True))

    def refused(self, code, status, body=b'{"event":1}', headers=AUTH, receiver=None, path=EVENTS, event=None):
        number, answer = ask((receiver or self.plain).url + path, body, headers)
        self.assertEqual((number, answer["code"], answer.get("invalid-event-number")), (status, code, event), answer)

    def test_who_asks(self):
        self.plain.tokens["off"] = "disabled"
        self.refused(2, 401, headers={})
        self.refused(3, 401, headers={"Authorization": "Bearer t"})
        self.refused(3, 401, headers={"Authorization": "t"})
        self.refused(4, 403, headers={"Authorization": "Splunk u"})
        self.refused(1, 403, headers={"Authorization": "Splunk off"})
        self.refused(16, 400, headers={}, path=f"{EVENTS}?token=t")

    def test_channels(self):
        self.refused(10, 400, receiver=self.acknowledging)
        self.refused(11, 400, receiver=self.acknowledging, headers={**self.AUTH, "X-Splunk-Request-Channel": "mine"})
        self.refused(14, 400, b'{"acks":[0]}', path=ACK)
        self.refused(10, 400, b'{"acks":[0]}', receiver=self.acknowledging, path=ACK)
        headers = {**self.AUTH, "X-Splunk-Request-Channel": str(uuid.uuid4())}
        for wrong in (b"[0]", b'{"acks":["0"]}', b'{"acks":[]}', b"{"):
            self.refused(6, 400, wrong, headers, self.acknowledging, ACK)

    def test_events(self):
        good = b'{"event":"a","time":1795816803.836,"fields":{"id":"h1"}}'
        self.refused(5, 400, b" \n")
        for code, wrong in (
            *((6, text) for text in (b"{", b"7", b'{"event":1,"id":"h1"}', b'{"event":1,"host":7}', b'{"event":NaN}')),
            *((12, text) for text in (b"{}", b'{"time":1}')),
            *((13, text) for text in (b'{"event":""}', b'{"event":null}')),
            *((15, b'{"event":1,"time":%s}' % time) for time in (b'"noon"', b"1795816803836", b"null", b"true")),
            *((15, b'{"event":1,"fields":%s}' % fields) for fields in (b"[]", b'{"a":{}}', b'{"a":null}', b'{"a":[[]]}')),
        ):
            with self.subTest(wrong=wrong):
                self.refused(code, 400, good + b"\n" + wrong, event=1)
        self.refused(7, 400, good + b'{"event":1,"index":"x"}', event=2)
        self.assertEqual(set(self.plain.ids()), {"h1"})
        self.assertEqual(ask(self.plain.url + EVENTS, b'{"event":1} {"event":2}', self.AUTH)[0], 200)

    def test_bodies_and_places(self):
        self.assertEqual(ask(self.plain.url + EVENTS, b"x", {**self.AUTH, "Content-Encoding": "zstd"})[0], 415)
        self.assertEqual(ask(self.plain.url + EVENTS, b"x", {**self.AUTH, "Content-Encoding": "gzip"})[0], 400)
        self.plain.limit = 5
        self.assertEqual(ask(self.plain.url + EVENTS, b'{"event":1}', self.AUTH)[0], 413)
        self.assertEqual(ask(self.plain.url + "/services/other", b"x", self.AUTH)[0], 404)
        self.assertEqual(ask(self.plain.url + EVENTS, b"x", self.AUTH, "PUT")[0], 405)

    def test_what_is_acknowledged_is_said_once_and_by_its_channel(self):
        mine, other = ({**self.AUTH, "X-Splunk-Request-Channel": str(uuid.uuid4())} for _ in range(2))
        url = self.acknowledging.url
        body = gzip.compress(b'{"event":1,"fields":{"id":"h1"}}')
        for number in (0, 1):
            answer = ask(url + EVENTS, body, {**mine, "Content-Encoding": "gzip"})
            self.assertEqual(answer, (200, {"text": "Success", "code": 0, "ackId": number}))
        self.assertEqual(ask(url + ACK, b'{"acks":[0]}', other), (200, {"acks": {"0": False}}))
        self.assertEqual(self.acknowledging.ids(), [])
        self.assertEqual(ask(url + ACK, b'{"acks":[0]}', mine), (200, {"acks": {"0": True}}))
        self.assertEqual(ask(url + ACK, b'{"acks":[0,7]}', mine), (200, {"acks": {"0": False, "7": False}}))
        self.assertEqual(self.acknowledging.ids(), ["h1"])
        self.acknowledging.stop()
        self.acknowledging.start()
        self.assertEqual(ask(url + ACK, b'{"acks":[1]}', mine), (200, {"acks": {"1": False}}))
        self.assertEqual(ask(url + EVENTS, b'{"event":1}', mine)[1]["ackId"], 0)


class StrictElasticsearch(Strict):
    HEADERS = {"Content-Type": "application/x-ndjson", "Authorization": "ApiKey k"}
    CREATE = '{"create":{"_id":"a"}}\n'
    DOCUMENT = '{"@timestamp":"2026-03-01T09:00:00.000Z"}\n'

    def setUp(self):
        self.receiver = self.started(Elasticsearch(TEMPLATE, api_keys=["k"]))

    def bulk(self, text, path=STREAM, method="POST", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(self.receiver.url + path, text.encode(), {**self.HEADERS, **named}, method)

    def refused(self, status, kind, *asked, **more):
        number, answer = self.bulk(*asked, **more)
        self.assertEqual((number, answer["error"]["type"]), (status, kind), answer)

    def item(self, document, action=CREATE, path=STREAM):
        number, answer = self.bulk(f"{action}{document}\n", path)
        self.assertEqual(number, 200, answer)
        ((entry,),) = (item.values() for item in answer["items"])
        self.assertEqual(answer["errors"], "error" in entry)
        return entry["status"], entry.get("error", {}).get("type")

    def test_who_asks(self):
        for wrong in ("Bearer k", "ApiKey other", "Basic azprCg==", "k"):
            self.refused(401, "security_exception", self.CREATE + self.DOCUMENT, Authorization=wrong)
        number, _ = ask(self.receiver.url + STREAM, b"x\n", {"Content-Type": "application/x-ndjson"})
        self.assertEqual(number, 401)
        self.receiver.may_write = False
        self.assertEqual(self.item(self.DOCUMENT), (403, "security_exception"))

    def test_requests(self):
        whole = self.CREATE + self.DOCUMENT
        self.refused(400, "parse_exception", "")
        self.refused(400, "illegal_argument_exception", whole[:-1])
        self.refused(400, "illegal_argument_exception", whole, path=STREAM + "?speed=1")
        for line in ("{", "[]", "{}", '{"insert":{}}', '{"create":{},"index":{}}', '{"create":{"_type":"t"}}'):
            self.refused(400, "illegal_argument_exception", f"{line}\n{self.DOCUMENT}")
        self.refused(400, "action_request_validation_exception", whole, path="/_bulk")
        self.refused(400, "action_request_validation_exception", whole.replace('"a"', f'"{"a" * 513}"'))
        self.refused(400, "action_request_validation_exception", self.CREATE)
        self.assertEqual(self.bulk(whole, Content_Type="text/plain")[0], 406)
        self.assertEqual(self.bulk(whole, Content_Encoding="zstd")[0], 415)
        self.assertEqual(self.bulk(whole, method="DELETE")[0], 405)
        self.receiver.limit = 5
        self.assertEqual(self.bulk(whole)[0], 413)
        self.assertEqual(self.receiver.kept, [])

    def test_documents(self):
        bad = "document_parsing_exception"
        self.assertEqual(self.item(self.DOCUMENT, '{"index":{"_id":"a"}}\n'), (400, "illegal_argument_exception"))
        fields = ('"event":"x"', '"user":{"id":{}}', '"":1', '"_id":"x"', '"event.id.x":1')
        for document in (
            *("{", "[]", "{}", '{"@timestamp":"yesterday"}', '{"@timestamp":["2026-03-01","2026-03-02"]}'),
            *(f'{{"@timestamp":1,{field}}}' for field in fields),
        ):
            with self.subTest(document):
                self.assertEqual(self.item(document), (400, bad))
        self.assertEqual(self.receiver.kept, [])
        self.assertEqual(self.item(self.DOCUMENT), (201, None))
        self.assertEqual(self.item(self.DOCUMENT), (409, "version_conflict_engine_exception"))
        self.assertEqual(self.receiver.ids(), ["a"])
        self.assertEqual(self.item("{}", path="/hubspot/_bulk"), (201, None))
        self.receiver.queue_full.append(1)
        self.assertEqual(self.item(self.DOCUMENT), (429, "es_rejected_execution_exception"))

    def test_types_are_those_of_the_first_value(self):
        for n, (first, second) in enumerate((("1", '"x"'), ("true", "7"), ("{}", '"x"'), ('"x"', '{"y":1}'))):
            with self.subTest(first=first, second=second):
                action = '{"create":{}}\n'
                self.assertEqual(self.item(f'{{"@timestamp":1,"f{n}":{first}}}', action), (201, None))
                self.assertEqual(self.item(f'{{"@timestamp":1,"f{n}":[{second}]}}', action)[0], 400)

    def test_an_answer_is_cut_to_what_was_asked_for(self):
        path = f"{STREAM}?filter_path=errors,items.*.status"
        whole = self.CREATE + self.DOCUMENT
        self.assertEqual(self.bulk(whole, path), (200, {"errors": False, "items": [{"create": {"status": 201}}]}))


class StrictDnif(Strict):
    def refused(self, status, receiver, body=b'[{"a":1}]', url=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.assertEqual(ask(url or receiver.events, body, {"Content-Type": "application/json", **named})[0], status)
        self.assertEqual(receiver.kept, [])

    def test_it_refuses(self):
        receiver = self.started(Dnif(*dnif_receiver.bearer("t")))
        self.refused(401, receiver)
        self.refused(401, receiver, Authorization="Bearer u")
        self.refused(401, receiver, Authorization="t")
        self.refused(404, receiver, url=receiver.url + "/events", Authorization="Bearer t")
        self.refused(415, receiver, Authorization="Bearer t", Content_Type="text/plain")
        self.refused(415, receiver, Authorization="Bearer t", Content_Encoding="gzip")
        for body in (b"", b"[]", b"[1]", b"{", b"\xff"):
            self.refused(400, receiver, body, Authorization="Bearer t")
        headers = {"Content-Type": "application/json", "Authorization": "Bearer t"}
        self.assertEqual(ask(receiver.events, b'{"a":1}\n{"a":2}\n', headers)[0], 200)

    def test_signatures_are_of_the_payload(self):
        header, sign = dnif_receiver.hmac_sha256("X-Sign", "k")
        receiver = self.started(Dnif(header, sign))
        self.refused(401, receiver, X_Sign=sign(b'[{"a":2}]'))
        self.refused(401, receiver, X_Sign=sign(b'[{"a":1}]').upper())
        headers = {"Content-Type": "application/json", "X-Sign": sign(b'[{"a":1}]')}
        self.assertEqual(ask(receiver.events, b'[{"a":1}]', headers)[0], 200)


if __name__ == "__main__":
    unittest.main()
