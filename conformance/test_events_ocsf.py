"""OCSF: the published schema says whether our lines are valid, and a check of ours what it cannot say."""

import json
import unittest

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from encoded import EVENTS, OBJECTS, findings, lines_of, normalized, records

SCHEMA = get_ocsf_schema(version="1.8.0")
CLASSES = {3004: "entity_management", 2004: "detection_finding", 0: "base_event"}


def validators():
    schema = OcsfJsonSchemaEmbedded(SCHEMA)
    made = {}
    for uid, name in CLASSES.items():
        described = schema.get_class_schema(class_name=name, profiles=[])
        made[uid] = jsonschema.validators.validator_for(described)(described)
    return made


def shortfalls(event):
    """What JSON Schema is not told: arithmetic, names of numbers, and groups of which one must be there."""
    described = SCHEMA["classes"][CLASSES[event["class_uid"]]]
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        yield f"type_uid {event['type_uid']}"
    yield from of_object(event, described, "")


def of_object(value, described, path):
    for group, names in (described.get("constraints") or {}).items():
        there = sum(name in value for name in names)
        if group == "at_least_one" and not there or group == "just_one" and there != 1:
            yield f"{path}: {group} of {names}"
    for name, inner in value.items():
        attribute = described["attributes"].get(name)
        if attribute is None:
            yield f"{path}.{name} is no attribute"
            continue
        yield from named(value, name, attribute, path)
        kind = attribute.get("object_type")
        # What is unmapped has no form.
        if kind and kind != "object":
            for item in inner if isinstance(inner, list) else [inner]:
                yield from of_object(item, SCHEMA["objects"][kind], f"{path}.{name}")


def named(value, name, attribute, path):
    """The text beside a number is the caption of the number, unless it is Other, which keeps the source's word."""
    sibling = attribute.get("sibling")
    if sibling in value and "enum" in attribute and value[name] != 99:
        caption = attribute["enum"][str(value[name])]["caption"]
        if value[sibling] != caption:
            yield f"{path}.{sibling} is {value[sibling]!r} and not {caption!r}"


class Ocsf(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validators = validators()

    def assert_valid(self, event):
        errors = [f"{error.json_path}: {error.message}" for error in self.validators[event["class_uid"]].iter_errors(event)]
        self.assertEqual([*errors, *shortfalls(event)], [], event)

    def test_every_event_on_every_object(self):
        made = records()
        events = [json.loads(line) for line in normalized("ocsf", lines_of(made))]
        self.assertEqual(len(events), len(EVENTS) * len(OBJECTS))
        for event, record in zip(events, made):
            self.assert_valid(event)
            self.assertEqual(json.loads(event["raw_data"]), record)
            self.assertEqual(event["metadata"].get("event_code", ""), record["event"])
            self.assertEqual(event["entity"].get("type", ""), record["objectType"])
        activities = {event["activity_id"] for event in events}
        self.assertEqual(activities, {0, 1, 3, 4, 8, 9, 99})
        self.assertEqual(len({event["metadata"]["uid"] for event in events}), len(events))

    def test_a_record_that_cannot_be_read(self):
        lines = normalized("ocsf", '{"objectId":7}\n"text"\nnot JSON\n', status=1)
        self.assertEqual(len(lines), 3)
        for line in lines:
            event = json.loads(line)
            self.assertEqual(event["class_uid"], 0)
            self.assert_valid(event)

    def test_findings(self):
        found = [json.loads(line) for line in findings("ocsf")]
        self.assertGreater(len({finding["finding_info"]["analytic"]["uid"] for finding in found}), 1)
        for finding in found:
            self.assert_valid(finding)
            self.assertTrue(finding["evidences"])

    def test_the_checks_see_what_is_wrong(self):
        event = json.loads(normalized("ocsf", lines_of(records()[:1]))[0])
        wrong = [
            {**event, "type_uid": event["type_uid"] + 1},
            {**event, "entity": {"type_id": 99, "type": "CTA"}},
            {**event, "activity_name": "Delete"},
        ]
        for broken in wrong:
            self.assertTrue(list(shortfalls(broken)), broken)
        with self.assertRaises(AssertionError):
            self.assert_valid({**event, "src_ip": "192.0.2.1"})


if __name__ == "__main__":
    unittest.main()
