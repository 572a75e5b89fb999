"""What operators are given to watch Hubtrail with names no metric, and no label, that a running service does not have."""

import json
import re
import time
import unittest
from pathlib import Path

from account import Account, iso
from service import Service

ROOT = Path(__file__).parent.parent
BOARD = ROOT / "integrations/grafana/hubtrail.json"
ALERTS = ROOT / "integrations/prometheus/hubtrail.yml"
MANUAL = ROOT / "docs/operations.md"
METRIC = re.compile(r"\b(?:hubtrail|process)_[a-z_]+\b")
METRIC_LINE = re.compile(r"^# TYPE (\S+)", re.M)
# What Prometheus itself adds.
SCRAPED = {"job", "instance"}


def found_in(value, key):
    """Every value of a key, however deep."""
    if isinstance(value, dict):
        yield from (value[key] for _ in [0] if isinstance(value.get(key), str))
        for inner in value.values():
            yield from found_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from found_in(inner, key)


def labels(expression):
    for matchers in re.findall(r"{([^{}]*)}", expression):
        yield from re.findall(r"(\w+)\s*[=!]~?", matchers)
    for names in re.findall(r"\b(?:by|on|without)\s*\(([^)]*)\)", expression):
        yield from re.findall(r"\w+", names)
    for names in re.findall(r"label_values\(\w+,\s*(\w+)\)", expression):
        yield names


def many_deletions():
    """What a rule names."""
    now = int(time.time() * 1000)
    for n in range(60):
        yield {
            "timestamp": iso(now - 60_000 + n * 500),
            "userId": "1",
            "fullName": "Ann",
            "event": "DELETED",
            "objectType": "LANDING_PAGE",
            "objectId": str(n),
            "objectName": f"Page {n}",
        }


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        account = Account("--rate-limit", "off", events=50)
        cls.addClassCleanup(account.close)
        account.add(many_deletions())
        service = Service({"acme": account}, rate_limit="50/10")
        cls.addClassCleanup(service.close)
        cls.forward(service)
        text = cls.settled(service)
        cls.metrics = set(METRIC_LINE.findall(text))
        cls.labels = set(re.findall(r'[{,](\w+)="', text)) | SCRAPED
        board = json.loads(BOARD.read_text())
        asked = [*found_in(board, "expr"), *found_in(board["templating"], "query")]
        cls.asked = [query for query in asked if METRIC.search(query)]
        cls.legends = list(found_in(board, "legendFormat"))
        cls.alerts = ALERTS.read_text()

    @staticmethod
    def forward(service):
        """One sink that delivers, and one that does not."""
        file = Path(service.dir.name) / "out.ndjson"
        sink = ("sink", "add", "--format", "raw", "--start", "beginning")
        service.run(*sink, "archive", "--kind", "file", "--set", f"path={file}")
        service.run(*sink, "nowhere", "--kind", "http", "--set", "url=http://127.0.0.1:1/")

    @staticmethod
    def settled(service):
        """The metrics when each part of the service has done something."""
        token, wanted = service.token("prometheus"), set(METRIC.findall(MANUAL.read_text()))
        for _ in range(200):
            number, text = service.status("GET", "/metrics", token)
            assert number == 200, text
            if wanted <= set(METRIC_LINE.findall(text)):
                break
            time.sleep(0.1)
        return text

    def test_every_metric_that_is_named_is_there(self):
        places = {"the board": "\n".join(self.asked), "the alerts": self.alerts, "the manual": MANUAL.read_text()}
        for place, text in places.items():
            named = set(METRIC.findall(text))
            self.assertGreater(len(named), 5, place)
            self.assertEqual(named - self.metrics, set(), place)

    def test_every_label_that_is_named_is_there(self):
        alerts = re.sub(r"{{.*?}}|labels: {.*}", "", self.alerts)
        named = {label for query in [*self.asked, alerts] for label in labels(query)}
        named |= set(re.findall(r"\$labels\.(\w+)", self.alerts))
        named |= {label for legend in self.legends for label in re.findall(r"{{(\w+)}}", legend)}
        self.assertIn("connector", named)
        self.assertEqual(named - self.labels, set())

    def test_every_alert_is_in_the_manual(self):
        names = re.findall(r"alert: (\w+)", self.alerts)
        self.assertGreater(len(names), 5)
        manual = MANUAL.read_text()
        self.assertEqual([name for name in names if name not in manual], [])

    def test_everything_that_is_measured_is_in_the_manual(self):
        self.assertEqual(self.metrics - set(METRIC.findall(MANUAL.read_text())), set())


if __name__ == "__main__":
    unittest.main()
