"""Every whole number that a body of the REST API may hold is refused beyond its bounds, and taken at them."""

import copy
import itertools
import json
import unittest
import urllib.error

from account import Account
from service import Service

SINK = {"format": "raw", "batch": {"bytes": 4096, "entries": 10, "timeoutMs": 5000, "waitMs": 100}}
FILE = {"kind": "file", "path": "a.ndjson", "rotateBytes": 4096, "rotateMs": 60000}
SYSLOG = {"kind": "syslog", "address": "127.0.0.1:9", "transport": "tcp", "facility": 13}
EMAIL = {"kind": "email", "host": "127.0.0.1", "from": "a@example.org", "to": ["b@example.org"], "port": 25}
PACE = {"gatherSeconds": 1, "perHour": 1, "updateMinutes": 1}
CONNECTOR = {"pageSize": 100, "pollIntervalMs": 5000}
ROUTE = {"accounts": [1]}
# What each is taken with; `{n}` makes a name nobody has yet.
BODIES = (
    ("POST", "/sinks", {"name": "s{n}", **SINK, "target": FILE, "select": ROUTE}),
    ("POST", "/sinks", {"name": "s{n}", **SINK, "target": SYSLOG}),
    ("PATCH", "/sinks/kept", {"batch": SINK["batch"], "target": FILE, "select": ROUTE}),
    ("POST", "/alerts", {"name": "a{n}", "service": EMAIL, "pace": PACE, "route": ROUTE}),
    ("PATCH", "/alerts/kept", {"service": EMAIL, "pace": PACE, "route": ROUTE}),
    ("POST", "/connectors", {"name": "c{n}", "token": "pat-na1-x", "paused": True, **CONNECTOR}),
    ("PATCH", "/connectors/acme", CONNECTOR),
    ("POST", "/sinks/kept/dead-letters/drop", {"id": 1}),
)
SIZES = {"int32": 2**31, "int64": 2**63}


class Bounds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.account = Account("--rate-limit", "off", "--daily-limit", "off", events=20)
        cls.addClassCleanup(cls.account.close)
        cls.service = Service({"acme": cls.account})
        cls.addClassCleanup(cls.service.close)
        cls.document = cls.service.ask("GET", "/api/v1/openapi.json")[0]
        cls.numbers = itertools.count()
        for path, body in (("/sinks", {**SINK, "target": FILE}), ("/alerts", {"service": EMAIL})):
            cls.service.ask("POST", f"/api/v1{path}", {"name": "kept", **body}, cls.service.session)

    def status(self, method, path, body):
        text = json.dumps(body).replace("{n}", str(next(self.numbers)))
        headers = {**self.service.session, "if-match": "*"}
        try:
            self.service.ask(method, f"/api/v1{path}", json.loads(text), headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        return 200, ""

    def resolved(self, schema):
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def choices(self, schema):
        schema = self.resolved(schema)
        return [found for choice in schema["oneOf"] for found in self.choices(choice)] if "oneOf" in schema else [schema]

    def whole_numbers(self, schema):
        """Those that a body of this shape may hold, by identity."""
        for choice in self.choices(schema):
            if "integer" in choice.get("type", ()):
                yield id(choice)
            for inner in (*choice.get("properties", {}).values(), *filter(None, [choice.get("items")])):
                yield from self.whole_numbers(inner)

    def places(self, schema, value, at=()):
        """Where in this body whole numbers are, each with its schema."""
        for choice in self.choices(schema):
            kinds = choice.get("properties", {}).get("kind", {}).get("enum")
            if isinstance(value, dict) and "properties" in choice and (not kinds or value["kind"] in kinds):
                for name, inner in value.items():
                    yield from self.places(choice["properties"][name], inner, (*at, name))
            elif isinstance(value, list) and "items" in choice:
                yield from self.places(choice["items"], value[0], (*at, 0))
            elif isinstance(value, int) and "integer" in choice.get("type", ()):
                yield at, choice

    def body_of(self, method, path):
        operations = self.document["paths"]
        known = path.replace("kept", "{sink}" if "sinks" in path else "{channel}").replace("acme", "{connector}")
        return operations[known][method.lower()]["requestBody"]["content"]["application/json"]["schema"]

    def test_what_lies_beyond_a_bound_is_refused_and_what_lies_at_it_is_not(self):
        tried = set()
        for method, path, body in BODIES:
            status, text = self.status(method, path, body)
            self.assertEqual(status, 200, (path, text))
            for at, schema in self.places(self.body_of(method, path), body):
                tried.add(id(schema))
                size = SIZES.get(schema.get("format"), 2**63)
                least, most = schema.get("minimum", -size), schema.get("maximum", size - 1)
                for number, good in ((least, True), (most, True), (least - 1, False), (most + 1, False), (1.5, False)):
                    if good and not {"minimum", "maximum"} <= schema.keys():
                        continue
                    altered = copy.deepcopy(body)
                    place = altered
                    for step in at[:-1]:
                        place = place[step]
                    place[at[-1]] = number
                    with self.subTest(path, at=at, number=number):
                        status, text = self.status(method, path, altered)
                        self.assertEqual(status < 300, good, text)
                        self.assertLess(status, 500, text)
        known = set()
        for path in self.document["paths"].values():
            for operation in path.values():
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    known.update(self.whole_numbers(content["schema"]))
        self.assertEqual(tried, known)


if __name__ == "__main__":
    unittest.main()
