"""The REST API as its own OpenAPI document describes it, tried by schemathesis, by nobody, and by a stranger."""

import json
import os
import pathlib
import subprocess
import sys
import unittest
from collections import defaultdict

from account import Account
from service import Service

UNLIMITED = ("--rate-limit", "off", "--daily-limit", "off")
# Who has no token may know which Hubtrail this is, read this document, and get in.
OPEN = {("get", "/version"), ("get", "/openapi.json"), ("post", "/session"), ("post", "/setup")}
METHODS = ("get", "post", "put", "patch", "delete")
# They never end.
STREAMS = ("/events/stream", "/findings/stream")
MAX_SECONDS = int(os.environ.get("HUBTRAIL_OPENAPI_SECONDS", "80"))
# 412: what is asked for is looked at only after whether somebody else was there first.
CONFIGURATION = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428, 429]
"""


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


class Accounts:
    """Two of them, collected and served."""

    @classmethod
    def setUpClass(cls):
        cls.accounts = {}
        for seed, name in enumerate(("acme", "other"), start=7):
            cls.accounts[name] = Account(*UNLIMITED, events=200, seed=seed)
            cls.addClassCleanup(cls.accounts[name].close)
        cls.service = Service(cls.accounts)
        cls.addClassCleanup(cls.service.close)
        cls.stranger = cls.service.token("stranger", role="admin", accounts=["other"])
        cls.admin = cls.service.token("admin", role="admin")
        cls.document = json.loads(cls.service.status("GET", "/api/v1/openapi.json")[1])


class Access(Accounts, unittest.TestCase):
    def paths_of(self, account):
        """Every path of the API, filled in with what there is in this account."""
        position = 1 if account == "acme" else 201
        record = self.accounts[account].truth()[0]
        # What is asked for by a name that is not there is refused or unknown to whoever may ask.
        known = {
            "account": account,
            "connector": account,
            "position": position,
            "userId": record["userId"],
            "objectId": record["objectId"],
            "id": 1,
            "name": "admin",
        }
        values = defaultdict(lambda: "1", known)
        for method, path, operation in operations(self.document):
            yield method, path, "/api/v1" + path.format_map(values), operation

    def test_without_a_token_nothing_but_the_way_in(self):
        found = set()
        for method, path, filled, operation in self.paths_of("acme"):
            status, text = self.service.status(method.upper(), filled)
            if operation.get("security") == [{}]:
                found.add((method, path))
                self.assertLess(status, 500, (method, path))
            else:
                self.assertEqual(status, 401, (method, path))
                self.assertEqual(json.loads(text)["status"], 401)
        self.assertEqual(found, OPEN)

    def test_with_a_token_of_another_account_nothing_of_the_first(self):
        of_acme, of_other = (
            {record["objectId"] for record in self.accounts[name].truth()} for name in ("acme", "other")
        )
        secret = ["acme", *(of_acme - of_other)]
        self.assertGreater(len(secret), 20)
        whole = ("?format=raw", "?format=csv", "?limit=1000", "?account=acme", "?account=1")
        tried = 0
        for method, path, filled, _ in self.paths_of("acme"):
            if method != "get" or path in STREAMS or (method, path) in OPEN:
                continue
            for query in ("", *whole):
                _, text = self.service.status("GET", filled + query, self.stranger)
                # What was asked for is repeated when it is refused.
                text = text if "/problems/" not in text else text.replace("`acme`", "")
                for word in secret:
                    self.assertNotIn(word, text, filled + query)
                tried += 1
        self.assertGreater(tried, 40)
        status, text = self.service.status("GET", "/api/v1/events?limit=1000", self.stranger)
        self.assertEqual((status, len(json.loads(text)["events"])), (200, 200))


class Document(Accounts, unittest.TestCase):
    def test_schemathesis(self):
        pathlib.Path(self.service.dir.name, "schemathesis.toml").write_text(CONFIGURATION)
        run = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{self.service.url}/api/v1/openapi.json"),
                *("--header", f"Authorization: Bearer {self.admin}"),
                *(word for path in STREAMS for word in ("--exclude-path", path)),
                *("--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--max-time", str(MAX_SECONDS)),
                *("--seed", "3", "--generation-database", "none"),
                # Times, names that are taken and passwords that are too weak are refused, which no schema can say.
                *("--exclude-checks", "positive_data_acceptance"),
                *("--request-timeout", "40", "--continue-on-failure", "--no-shrink"),
            ],
            cwd=self.service.dir.name,
            # The order of a set decides what is tried, and it is by hash.
            env={**os.environ, "PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("Tested:", run.stdout, run.stdout)


if __name__ == "__main__":
    unittest.main()
