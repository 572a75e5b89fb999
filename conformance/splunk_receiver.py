"""Splunk's HTTP Event Collector, as "Format events for HTTP Event Collector", "About HTTP Event Collector Indexer
Acknowledgment" and the error codes in "Troubleshoot HTTP Event Collector" describe it."""

import base64
import json
import math
import uuid

from receivers import Answer, Receiver, Refusal

CODES = {
    1: (403, "Token disabled"),
    2: (401, "Token is required"),
    3: (401, "Invalid authorization"),
    4: (403, "Invalid token"),
    5: (400, "No data"),
    6: (400, "Invalid data format"),
    7: (400, "Incorrect index"),
    9: (503, "Server is busy"),
    10: (400, "Data channel is missing"),
    11: (400, "Invalid data channel"),
    12: (400, "Event field is required"),
    13: (400, "Event field cannot be blank"),
    14: (400, "ACK is disabled"),
    15: (400, "Error in handling indexed fields"),
    16: (400, "Query string authorization is not enabled"),
    26: (429, "Queue at capacity"),
}
EVENTS = ("/services/collector", "/services/collector/event", "/services/collector/event/1.0")
ACK = "/services/collector/ack"
HEALTH = ("/services/collector/health", "/services/collector/health/1.0")
TEXTS = ("host", "source", "sourcetype", "index")
KEYS = {"time", "event", "fields", *TEXTS}


def refusal(code, event=None, headers=None):
    status, text = CODES[code]
    body = {"text": text, "code": code}
    if event is not None:
        # Splunk counts the event of a wrong index from one, and all others from zero.
        body["invalid-event-number"] = event + (code == 7)
    return Refusal(status, body, headers)


class Splunk(Receiver):
    def __init__(self, token, acknowledges=False, indexes=("main",)):
        self.tokens = {token: "enabled"}
        self.acknowledges = acknowledges
        self.indexes = indexes
        # Events that contain this are of a form that the indexer cannot take.
        self.malformed = None
        # Whether what was taken is indexed, and acknowledged, as soon as somebody asks.
        self.indexing = True
        # How many batches, from here on, are lost between the answer and the index.
        self.loses = 0
        self.forget()
        self.asked = 0
        super().__init__()

    def forget(self):
        """A restart: batches under way are lost, and the numbers of each channel begin at 0 again."""
        self.channels = {}
        self.pending = {}

    def delivers(self, request):
        return request.path in EVENTS

    def too_long(self, request):
        """`max_content_length` of limits.conf. The HTTP server says it, not the collector, and has no code for it."""
        said = f"Content-Length of {len(request.body)} too large (maximum is {self.limit})"
        return Refusal(413, f"<html><head><title>413 {said}</title></head><body><h1>{said}</h1></body></html>")

    def serve(self, request):
        if request.path in HEALTH and request.method == "GET":
            return Answer(200, {"text": "HEC is healthy", "code": 17})
        if request.path not in (*EVENTS, ACK):
            raise Refusal(404, {"text": "The requested URL was not found on this server.", "code": 404})
        if request.method != "POST":
            raise Refusal(405, {"text": "The requested URL was not found on this server.", "code": 404})
        self.authorize(request)
        return self.acknowledged(request) if request.path == ACK else self.taken(request)

    def authorize(self, request):
        header = request.headers.get("authorization")
        if header is None:
            raise refusal(16 if request.query.get("token") in self.tokens else 2)
        scheme, _, token = header.partition(" ")
        if scheme == "Basic":
            try:
                token = base64.b64decode(token, validate=True).decode().partition(":")[2]
            except ValueError:
                raise refusal(3)
        elif scheme != "Splunk" or not token or token != token.strip():
            raise refusal(3)
        if token not in self.tokens:
            raise refusal(4)
        if self.tokens[token] != "enabled":
            raise refusal(1)

    def channel(self, request):
        """A GUID, in the header or in the query."""
        channel = request.headers.get("x-splunk-request-channel", request.query.get("channel"))
        if channel is None:
            if self.acknowledges:
                raise refusal(10)
            return None
        try:
            if len(channel) != 36:
                raise ValueError(channel)
            return uuid.UUID(channel)
        except ValueError:
            raise refusal(11)

    def taken(self, request):
        channel = self.channel(request)
        text = request.content().decode("utf-8", "surrogateescape")
        if not text.strip():
            raise refusal(5)
        events = []
        try:
            for event in parsed(text):
                self.check(event, len(events))
                events.append((event.get("fields", {}).get("id"), event))
        except Refusal:
            # Those before it have gone into the queue.
            self.kept += events
            raise
        answer = {"text": "Success", "code": 0}
        if not self.acknowledges:
            self.kept += events
            return Answer(200, answer)
        number = self.channels.setdefault(channel, 0)
        self.channels[channel] += 1
        if self.loses:
            self.loses -= 1
        else:
            self.pending[channel, number] = events
        return Answer(200, {**answer, "ackId": number})

    def check(self, event, number):
        if not isinstance(event, dict) or set(event) - KEYS:
            raise refusal(6, number)
        if "event" not in event:
            raise refusal(12, number)
        if event["event"] in ("", None):
            raise refusal(13, number)
        if any(not isinstance(event.get(key, ""), str) for key in TEXTS):
            raise refusal(6, number)
        if not is_seconds(event.get("time", 0)) or not is_flat(event.get("fields", {})):
            raise refusal(15, number)
        if event.get("index", self.indexes[0]) not in self.indexes:
            raise refusal(7, number)
        if self.malformed and self.malformed in json.dumps(event):
            raise refusal(6, number)

    def acknowledged(self, request):
        """A number is told as done once; after that, and when it never was, it is not."""
        if not self.acknowledges:
            raise refusal(14)
        channel = self.channel(request)
        self.asked += 1
        try:
            numbers = json.loads(request.content())["acks"]
            if not numbers or any(type(number) is not int for number in numbers):
                raise ValueError(numbers)
        except (ValueError, TypeError, KeyError):
            raise refusal(6)
        done = {}
        for number in numbers:
            events = self.pending.pop((channel, number), None) if self.indexing else None
            self.kept += events or []
            done[str(number)] = events is not None
        return Answer(200, {"acks": done})


def parsed(text):
    """JSON values, one after another, with or without white space between them."""
    decoder, at, count = json.JSONDecoder(parse_constant=not_json), 0, 0
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
            continue
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            raise refusal(6, count)
        yield value
        count += 1


def not_json(name):
    raise ValueError(f"{name} is not JSON")


def is_seconds(time):
    """Of the epoch: what has thirteen digits before its point is milliseconds."""
    if isinstance(time, str):
        try:
            time = float(time)
        except ValueError:
            return False
    return type(time) in (int, float) and math.isfinite(time) and 0 <= time < 1e11


def is_flat(fields):
    def simple(value):
        return isinstance(value, (str, int, float))

    def listed(value):
        return isinstance(value, list) and all(map(simple, value))

    return isinstance(fields, dict) and all(simple(value) or listed(value) for value in fields.values())
