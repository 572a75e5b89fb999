"""A service with an account, whose log is forwarded to receivers under judgement."""

import base64
import json
import subprocess
import time
import unittest
import urllib.error
from concurrent.futures import ThreadPoolExecutor

from account import Account, iso, ms
from service import Service

UNLIMITED = ("--rate-limit", "off", "--daily-limit", "off")
EVENTS = 60
BATCH = 10
ODD = "4711"
PATIENCE = 60
USER = "hubtrail"
PASSWORD = "hunter2-kettle"
TOKEN = "hunter2-0f6a5c0e-5d1c"
WRONG = "hunter2-of-another"
SECRETS = ("hunter2", *(base64.b64encode(text.encode()).decode() for text in (TOKEN, f"{USER}:{PASSWORD}")))


class Sink:
    """One that forwards to a receiver, from the beginning of the log unless told otherwise."""

    def __init__(self, case, receiver, encoding, target, credentials, start="beginning", timeout=30):
        self.case, self.receiver = case, receiver
        self.name = f"sink-{receiver.port}"
        self.target = {"url": receiver.url, **target}
        batch = {"entries": BATCH, "waitMs": 50, "timeoutMs": timeout * 1000}
        chosen = {"select": {"findings": False}, "batch": batch, "start": start}
        settings = {"name": self.name, "format": encoding, "target": self.target, "credentials": credentials}
        self.told = []
        self.ask("POST", "", {**settings, **chosen})

    def ask(self, method, path, body=None):
        service = self.case.service
        try:
            answer, _ = service.ask(method, f"/api/v1/sinks{path}", body, service.session)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error
        self.told.append(json.dumps(answer))
        return answer

    def change(self, credentials=None, **target):
        self.target |= target
        self.ask("PATCH", f"/{self.name}", {"target": self.target, "credentials": credentials})

    def act(self, action, **body):
        return self.ask("POST", f"/{self.name}/{action}", body)

    def command(self, *arguments):
        command = self.case.service.command("sink", *arguments)
        run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.told.append(run.stdout + run.stderr)
        self.case.assertEqual(run.returncode, 0, self.told[-1])
        return run.stdout

    def remove(self):
        self.case.service.run("sink", "remove", self.name)

    def status(self):
        return self.ask("GET", f"/{self.name}/status")

    def until(self, so, what):
        """The status when something is so."""
        end = time.monotonic() + PATIENCE
        while not so(status := self.status()):
            self.case.assertLess(time.monotonic(), end, f"{what}: {status}")
            time.sleep(0.1)
        return status

    def until_state(self, state):
        return self.until(lambda status: status["state"] == state, state)

    def until_delivered(self):
        return self.until(lambda status: status["lag"] == 0, "everything is delivered")


class Forwarding(unittest.TestCase):
    """`kind` is that of the sinks. What opens their receivers is looked for in all that is said, and must not be there."""

    kind = None

    @classmethod
    def setUpClass(cls):
        if "service" in vars(Forwarding):
            return
        unittest.addModuleCleanup(lambda: delattr(Forwarding, "service"))
        Forwarding.account = Account(*UNLIMITED, events=EVENTS - 2)
        unittest.addModuleCleanup(cls.account.close)
        cls.add_an_odd_one()
        Forwarding.service = Service({"acme": cls.account})
        unittest.addModuleCleanup(cls.service.close)
        Forwarding.log = cls.read_log()
        Forwarding.wanted = [event["id"] for event in cls.log]
        assert len(cls.wanted) == EVENTS

    @classmethod
    def add_an_odd_one(cls):
        """In the middle, with a field of another type than it has in the first record."""
        truth = cls.account.truth()
        record = {"event": "UPDATED", "objectType": "HUBDB_TABLE", "objectName": "Prices", "userId": "7", "fullName": "Ann"}
        for at, name, rows in ((0, "4710", 3), (len(truth) // 2, ODD, "many")):
            time = iso(ms(truth[at]["timestamp"]) - 1)
            cls.account.add([{**record, "timestamp": time, "objectId": name, "meta": {"rowsUpdated": rows}}])

    @classmethod
    def read_log(cls):
        """The events in the order in which they were collected."""
        status, text = cls.service.status("GET", "/api/v1/events?limit=1000", cls.service.token("receivers"))
        assert status == 200, text
        return sorted(json.loads(text)["events"], key=lambda event: event["position"])

    def setUp(self):
        self.sinks = []

    def tearDown(self):
        for text in (self.service.said(), *(text for sink in self.sinks for text in sink.told)):
            for secret in SECRETS:
                self.assertNotIn(secret, text)

    def forward(self, receiver, encoding, target, credentials, **more):
        self.addCleanup(receiver.close)
        sink = Sink(self, receiver, encoding, {"kind": self.kind, **target}, credentials, **more)
        self.addCleanup(sink.remove)
        self.sinks.append(sink)
        return sink

    def stopped(self, sink, *words):
        """It waits for a person, says why and what to do, and has given nothing up."""
        status = sink.until_state("action_needed")
        self.assertEqual((status["delivered"], status["deadLetters"]), (0, 0), status)
        self.assertTrue(status["reason"] and status["fix"], status)
        for word in words:
            self.assertIn(word, f"{status['reason']} {status['fix']}".lower())
        shown = " ".join(sink.command("show", sink.name).split())
        log = self.service.said()
        for told in (shown, log):
            self.assertIn(status["fix"], told)
        self.assertIn(sink.name, log)

    def all_once(self, sink):
        """Every event, in order, once; none given up."""
        status = sink.until_delivered()
        self.assertEqual(sink.receiver.ids(), self.wanted)
        self.assertEqual((status["deadLetters"], status["delivered"]), (0, EVENTS), status)

    def nothing_refused(self, sink):
        self.all_once(sink)
        self.assertEqual([refused.body for refused in sink.receiver.refused], [])

    def all_but(self, sink, bad):
        """Every event in order, for those that came more than once the first time; one is a dead letter."""
        status = sink.until(lambda status: status["lag"] == 0 and status["deadLetters"], "one is a dead letter")
        self.assertEqual(status["deadLetters"], 1, status)
        self.assertEqual(list(dict.fromkeys(sink.receiver.ids())), [id for id in self.wanted if id != bad])
        letters = sink.command("dead-letters", "list", sink.name)
        self.assertIn(bad, letters)
        return letters

    def passes_its_test(self, sink):
        trial = sink.act("test")
        self.assertTrue(trial["passed"], trial)
        self.assertEqual(sink.receiver.ids(), [trial["eventId"]])


class Together(unittest.TestSuite):
    """Tests that share the service, have receivers of their own and mostly wait: all at the same time."""

    def __init__(self, tests, prepare=None):
        super().__init__(tests)
        self.prepare = prepare

    def run(self, result, debug=False):
        Forwarding.setUpClass()
        try:
            if self.prepare:
                self.prepare()
            tests = list(each(self))
            with ThreadPoolExecutor(len(tests) or 1) as pool:
                for test, own in zip(tests, pool.map(outcome, tests)):
                    result.startTest(test)
                    result.failures += own.failures
                    result.errors += own.errors
                    if own.wasSuccessful():
                        result.addSuccess(test)
                    result.stopTest(test)
        finally:
            unittest.doModuleCleanups()
        return result


def each(suite):
    for test in suite:
        yield from each(test) if isinstance(test, unittest.TestSuite) else [test]


def outcome(test):
    own = unittest.TestResult()
    test.run(own)
    return own
