"""PyPI hubspot-sdk, unchanged, against the emulator and the archive. It writes the values of a filter as a comma list."""

import unittest

import hubspot_sdk
from hubspot_sdk import HubSpot

from account import TOKEN, Account, chosen, filters, iso, ms, plain, seen
from service import Archive

UNLIMITED = ("--rate-limit", "off", "--daily-limit", "off")


def client_of(account, token=None, **settings):
    return HubSpot(access_token=token or account.token, base_url=account.url, **settings)


class Answers:
    """What holds for whoever serves the events of an account."""

    @classmethod
    def setUpClass(cls):
        cls.account = cls.start()
        cls.addClassCleanup(cls.account.close)
        cls.truth = cls.account.truth()
        cls.client = client_of(cls.account)
        cls.log = cls.client.cms.audit_logs

    def assert_same(self, events, records):
        self.assertEqual([seen(event) for event in events], [plain(record) for record in records])

    def test_paging_to_the_end_by_its_own_iterator_and_by_hand(self):
        self.assertEqual(len(self.truth), 1500)
        self.assert_same(self.log.list(limit=40), self.truth)
        page = self.log.list()
        events = list(page.results)
        while page.has_next_page():
            page = page.get_next_page()
            events += page.results
        self.assert_same(events, self.truth)

    def test_every_filter(self):
        for query in filters(self.truth):
            wanted = chosen(self.truth, **query)
            self.assertTrue(0 < len(wanted) < len(self.truth), query)
            self.assert_same(self.log.list(limit=50, **query), wanted)

    def test_both_orders(self):
        self.assert_same(self.log.list(sort=["timestamp"]), self.truth)
        newest_first = list(self.log.list(sort=["-timestamp"]))
        self.assert_same(sorted(newest_first, key=seen), sorted(self.truth, key=plain))
        times = [ms(event.timestamp) for event in newest_first]
        self.assertEqual(times, sorted(times, reverse=True))

    def test_bounds_in_time(self):
        after, before = ms(self.truth[300]["timestamp"]), ms(self.truth[900]["timestamp"])
        wanted = chosen(self.truth, after=after, before=before)
        for write in (iso, str):
            self.assert_same(self.log.list(after=write(after), before=write(before)), wanted)

    def test_refusals_of_the_request_and_the_token(self):
        with self.assertRaises(hubspot_sdk.BadRequestError) as raised:
            self.log.list(sort=["objectId"])
        self.assertEqual(raised.exception.body["category"], "VALIDATION_ERROR")
        self.assertTrue(raised.exception.body["correlationId"])
        with self.assertRaises(hubspot_sdk.AuthenticationError):
            client_of(self.account, token="pat-na1-other").cms.audit_logs.list()


class AuditLog(Answers, unittest.TestCase):
    @staticmethod
    def start():
        return Account("--cursor", "opaque", *UNLIMITED)

    def test_people_and_token(self):
        users = list(self.client.settings.users.list(limit=5))
        owners = list(self.client.crm.owners.list(limit=5)) + list(self.client.crm.owners.list(archived=True))
        names = {str(o.user_id_including_inactive): f"{o.first_name} {o.last_name}".strip() for o in owners}
        for user in users:
            self.assertEqual(names[user.id], f"{user.first_name} {user.last_name}".strip())
        for record in self.truth:
            self.assertEqual(names[record["userId"]], record["fullName"])
        path = "/oauth/v2/private-apps/get/access-token-info"
        info = self.client.post(path, body={"tokenKey": TOKEN}, cast_to=object)
        self.assertIn("content", info["scopes"])

    def test_export(self):
        order = {
            "email": "analyst@example.com",
            "format": "CSV",
            "portal_id": 1,
            "recipient_user_ids": [1],
            "should_mark_export_file_as_sensitive": True,
            "type": "AUDIT_LOGS",
        }
        self.assertEqual(self.log.with_raw_response.export(**order).http_response.status_code, 204)
        with self.assertRaises(hubspot_sdk.BadRequestError):
            self.log.export(**{**order, "format": "PDF"})


class TheArchive(Answers, unittest.TestCase):
    @staticmethod
    def start():
        return Archive(Account("--cursor", "opaque", *UNLIMITED))


class Refusals(unittest.TestCase):
    def account(self, *flags):
        account = Account(*flags, events=20)
        self.addCleanup(account.close)
        return account

    def test_a_scope_that_is_missing(self):
        with self.assertRaises(hubspot_sdk.PermissionDeniedError) as raised:
            client_of(self.account("--scopes", "oauth")).cms.audit_logs.list()
        scopes = raised.exception.body["errors"][0]["context"]["requiredGranularScopes"]
        self.assertEqual(scopes, ["content"])

    def test_a_version_that_is_gone(self):
        with self.assertRaises(hubspot_sdk.NotFoundError):
            client_of(self.account("--gone", "2026-03")).cms.audit_logs.list()

    def test_too_many_requests(self):
        log = client_of(self.account("--daily-limit", "1"), max_retries=0).cms.audit_logs
        log.list()
        with self.assertRaises(hubspot_sdk.RateLimitError) as raised:
            log.list()
        self.assertEqual(raised.exception.body["policyName"], "DAILY")

    def test_its_own_retries_get_through_and_end(self):
        account = self.account("--fault-first", "429-secondly,502")
        self.assertEqual(len(list(client_of(account).cms.audit_logs.list())), 20)
        self.assertEqual(account.requests(), 3)
        with self.assertRaises(hubspot_sdk.InternalServerError):
            failing = self.account("--fault-first", "500,500,500")
            client_of(failing).cms.audit_logs.list()

    def test_what_is_not_retried(self):
        account = self.account("--fault-first", "423,477")
        for status in (423, 477):
            with self.assertRaises(hubspot_sdk.APIStatusError) as raised:
                client_of(account).cms.audit_logs.list()
            self.assertEqual(raised.exception.status_code, status)


if __name__ == "__main__":
    unittest.main()
