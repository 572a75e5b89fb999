"""DNIF's HTTP connector, as its page "HTTP Connector" describes it: an address of its own for each way to authenticate."""

import base64
import hashlib
import hmac
import json
import uuid

from receivers import Answer, Receiver, Refusal

CLUSTER = "f1d5ad10-5a1b-4a07-9d5c-1d1c3a1f8a11"


def basic(user, password):
    return "Authorization", lambda _: "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def bearer(token):
    return "Authorization", lambda _: f"Bearer {token}"


def shared_secret(header, secret):
    return header, lambda _: secret


def hmac_sha256(header, key):
    return header, lambda payload: hmac.new(key.encode(), payload, hashlib.sha256).hexdigest()


class Dnif(Receiver):
    def __init__(self, header, expected):
        """Accepts a request with what is expected of its payload in the header."""
        self.header = header
        self.expected = expected
        self.block = str(uuid.uuid4())
        super().__init__()

    @property
    def events(self):
        return f"{self.url}/{CLUSTER}/default/{self.block}/events"

    def delivers(self, request):
        return request.path.endswith("/events")

    def too_long(self, _):
        return Refusal(413, {"error": "payload too large"})

    def serve(self, request):
        if request.path != f"/{CLUSTER}/default/{self.block}/events":
            raise Refusal(404, {"error": "not found"})
        if request.method != "POST":
            raise Refusal(405, {"error": "method not allowed"})
        given = request.headers.get_all(self.header, [])
        if given != [self.expected(request.body)]:
            raise Refusal(401, {"error": "authentication failed"})
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            raise Refusal(415, {"error": "Content-Type must be application/json"})
        # None is documented.
        logs = logs_of(request.content(encodings=()))
        self.kept += [(log.get("$EventID"), log) for log in logs]
        return Answer(200, {"status": "success"})


def logs_of(payload):
    """A JSON array, or JSON line by line."""
    try:
        text = payload.decode()
        logs = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines()]
    except ValueError as error:
        raise Refusal(400, {"error": f"not JSON: {error}"})
    if not logs or not all(isinstance(log, dict) for log in logs):
        raise Refusal(400, {"error": "not a list of logs"})
    return logs
