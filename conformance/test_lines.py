"""CEF and LEEF read back, DNIF's extractor, CSV by Python's own reader: equal fields, whatever the names are."""

import csv
import io
import json
import pathlib
import unittest

import cefp

from dnif import Extractor
from encoded import findings, lines_of, normalized, records, spree

EXTRACTOR = pathlib.Path(__file__).parent.parent / "integrations" / "dnif" / "hubtrail.yml"


def sent(record):
    """The fields of a record as texts; an empty one is not written."""
    texts = {name: record[name] for name in ("event", "objectType", "objectId", "objectName", "userId", "fullName")}
    return {name: text for name, text in texts.items() if text}


def leef(line):
    """By IBM's description of LEEF 2.0, and docs/mapping.md for what stands in place of breaks.

    Nothing on PyPI or npm reads LEEF but Tenzir (see test_tenzir.py)."""
    version, vendor, product, number, event, delimiter, pairs = line.split("|", 6)
    assert (version, delimiter) == ("LEEF:2.0", "x09"), line
    fields = dict(pair.split("=", 1) for pair in pairs.split(chr(int(delimiter[1:], 16))))
    return (vendor, product, number, event), {name: unpictured(value) for name, value in fields.items()}


def unpictured(value):
    text, pictures, rest = "", {"␉": "\t", "␊": "\n", "␍": "\r"}, iter(value)
    for c in rest:
        text += next(rest) if c == "␛" else pictures.get(c, c)
    return text


class Lines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.records = records()
        cls.text = lines_of(cls.records)

    def originals(self):
        return self.text.split("\n")[:-1]

    def test_cef_by_a_parser_that_is_not_ours(self):
        names = {"event": "act", "objectType": "cs1", "objectId": "cs3", "objectName": "cs2", "userId": "suid", "fullName": "suser"}
        lines = normalized("cef", self.text)
        self.assertEqual(len(lines), len(self.records))
        for line, record, original in zip(lines, self.records, self.originals()):
            read = cefp.parse(line)
            extension = read["extension"]
            self.assertEqual(read["version"], "0")
            self.assertEqual({name: extension[key] for name, key in names.items() if key in extension}, sent(record))
            self.assertEqual(extension["rawEvent"], original)
            self.assertEqual(read["device"]["event_class_id"], record["event"] or "UNKNOWN")
            self.assertEqual(read["severity"], "1")

    def test_leef_by_its_description(self):
        names = {name: name for name in ("objectType", "objectId", "objectName", "userId")} | {"event": "action"}
        for line, record, original in zip(normalized("leef", self.text), self.records, self.originals(), strict=True):
            header, fields = leef(line)
            self.assertEqual(header[:2], ("HubSpot", "CMS Audit Log"))
            expected = {name: text for name, text in sent(record).items() if name != "fullName"}
            self.assertEqual({name: fields[key] for name, key in names.items() if key in fields}, expected)
            self.assertEqual(fields.get("usrName", ""), record["fullName"] or record["userId"])
            self.assertEqual(fields["original"], original)

    def test_csv_by_pythons_reader(self):
        text = "\n".join(normalized("csv", self.text)) + "\n"
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(len(rows), len(self.records))
        for row, record, original in zip(rows, self.records, self.originals()):
            plain = {name: text[1:] if text.startswith("'") else text for name, text in row.items()}
            self.assertEqual({name: plain[name] for name in sent(record)}, sent(record))
            self.assertEqual(plain["original"], original)
            for text in row.values():
                self.assertNotIn(text[:1], ("=", "+", "-", "@") if text else ())

    def test_findings_in_cef_and_leef(self):
        found = [json.loads(line) for line in findings("json")]
        self.assertTrue(found)
        for finding, line in zip(found, findings("cef"), strict=True):
            read = cefp.parse(line)
            self.assertEqual(read["device"]["event_class_id"], finding["rule"])
            self.assertEqual(read["extension"]["suser"], spree()[0]["fullName"])
            self.assertEqual(read["extension"]["externalId"], finding["id"])
        for finding, line in zip(found, findings("leef"), strict=True):
            header, fields = leef(line)
            self.assertEqual((header[0], fields["eventId"]), ("Hubtrail", finding["id"]))


class Dnif(unittest.TestCase):
    def setUp(self):
        self.extractor = Extractor(EXTRACTOR.read_text())

    def test_the_listed_fields_come_out(self):
        made = records()
        for line, record in zip(normalized("dnif", lines_of(made)), made, strict=True):
            fields = self.extractor.extract(line)
            names = {"event": "Action", "objectType": "ObjectType", "objectId": "ObjectID", "objectName": "ObjectName", "userId": "UserID"}
            expected = {names[name]: text for name, text in sent(record).items() if name in names}
            self.assertEqual({name: fields[name] for name in names.values() if name in fields}, expected)
            self.assertEqual((fields["Stream"], fields["Status"], fields["SourceName"]), ("CMS-AUDIT", "PASSED", "HUBSPOT"))
            self.assertEqual(fields.get("User", ""), record["fullName"] or record["userId"])
            self.assertEqual((fields["SystemName"], fields["PortalID"]), ("acme", "62515"))
            self.assertEqual(json.loads(fields["LogEvent"]), record)
            self.assertEqual(fields["SystemTstamp"], record["timestamp"])

    def test_nothing_that_is_written_is_lost(self):
        lines = [*normalized("dnif", lines_of(records())), *findings("dnif")]
        lines += normalized("dnif", '{"objectId":7}\n', status=1)
        for line in lines:
            written = {name.removeprefix("$"): value for name, value in json.loads(line).items()}
            self.assertEqual(self.extractor.extract(line), written)

    def test_records_that_cannot_be_read_and_findings_have_streams_of_their_own(self):
        (line,) = normalized("dnif", '{"objectId":7}\n', status=1)
        fields = self.extractor.extract(line)
        self.assertEqual((fields["Stream"], fields["PStatus"], fields["LogEvent"]), ("OTHER", "PER", '{"objectId":7}'))
        found = [self.extractor.extract(line) for line in findings("dnif")]
        self.assertTrue(found and all(fields["Stream"] == "CMS-FINDING" for fields in found))

    def test_what_is_not_ours_is_left_to_others(self):
        self.assertIsNone(self.extractor.extract('{"$SourceName":"FORTIGATE"}'))


if __name__ == "__main__":
    unittest.main()
