"""PyPI hubspot-api-client, unchanged, against the emulator and the archive. It repeats a key for each value of a filter."""

import unittest
from collections import Counter

import hubspot
from hubspot.cms.audit_logs import exceptions
from hubspot.utils.objects import fetch_all
from urllib3 import Retry

from account import TOKEN, Account, chosen, common, filters, iso, ms, plain, seen
from service import Archive

UNLIMITED = ("--rate-limit", "off", "--daily-limit", "off")


def client_of(account, token=None, **settings):
    return hubspot.HubSpot(access_token=token or account.token, host=account.url, **settings)


def audit_log(account, **settings):
    return client_of(account, **settings).cms.audit_logs.audit_logs_api


def by_hand(api, **query):
    events = []
    while True:
        page = api.get_page(**query)
        events += page.results
        if not (page.paging and page.paging.next and page.paging.next.after):
            return events
        query["after"] = page.paging.next.after


class Answers:
    """What holds for whoever serves the events of an account."""

    @classmethod
    def setUpClass(cls):
        cls.account = cls.start()
        cls.addClassCleanup(cls.account.close)
        cls.truth = cls.account.truth()
        cls.api = audit_log(cls.account)

    def assert_same(self, events, records, in_order=True):
        got, wanted = [seen(event) for event in events], [plain(record) for record in records]
        self.assertEqual(Counter(got), Counter(wanted))
        if in_order:
            self.assertEqual(got, wanted)

    def test_paging_to_the_end(self):
        self.assertEqual(len(self.truth), 1500)
        self.assert_same(by_hand(self.api, limit=100), self.truth)
        self.assert_same(by_hand(self.api, limit=7), self.truth)
        self.assert_same(fetch_all(self.api), self.truth)

    def test_every_filter_with_repeated_keys_and_commas(self):
        for query in filters(self.truth):
            wanted = chosen(self.truth, **query)
            self.assertTrue(0 < len(wanted) < len(self.truth), query)
            self.assert_same(by_hand(self.api, limit=50, **query), wanted)
            commas = {name: [",".join(values)] for name, values in query.items()}
            self.assert_same(fetch_all(self.api, **commas), wanted)

    def test_both_orders(self):
        self.assert_same(by_hand(self.api, limit=100, sort=["timestamp"]), self.truth)
        newest_first = by_hand(self.api, limit=100, sort=["-timestamp"])
        self.assert_same(newest_first, self.truth, in_order=False)
        times = [ms(event.timestamp) for event in newest_first]
        self.assertEqual(times, sorted(times, reverse=True))

    def test_bounds_in_time(self):
        after, before = ms(self.truth[300]["timestamp"]), ms(self.truth[900]["timestamp"])
        wanted = chosen(self.truth, after=after, before=before)
        for write in (iso, str):
            self.assert_same(by_hand(self.api, after=write(after), before=write(before), limit=100), wanted)
        first, *_ = common(self.truth, "objectType")
        narrow = chosen(self.truth, after=after, object_type=[first])
        self.assert_same(by_hand(self.api, after=iso(after), object_type=[first], limit=20), narrow)

    def test_bad_requests(self):
        for query in ({"limit": 0}, {"sort": ["objectId"]}, {"before": "soon"}, {"after": "not-a-cursor"}):
            with self.assertRaises(exceptions.ApiException, msg=query) as raised:
                self.api.get_page(**query)
            self.assertEqual(raised.exception.status, 400, query)
            self.assertIn("VALIDATION_ERROR", raised.exception.body)

    def test_a_token_that_is_not_known(self):
        with self.assertRaises(exceptions.UnauthorizedException) as raised:
            audit_log(self.account, token="pat-na1-other").get_page()
        self.assertIn("INVALID_AUTHENTICATION", raised.exception.body)


class AuditLog(Answers, unittest.TestCase):
    @staticmethod
    def start():
        return Account("--cursor", "opaque", *UNLIMITED)

    def test_people_and_token(self):
        client = client_of(self.account)
        users = {user.id for user in fetch_all(client.settings.users.users_api)}
        owners = client.crm.owners.get_all()
        self.assertEqual(users, {str(owner.user_id) for owner in owners})
        owners += client.crm.owners.get_all(archived=True)
        names = {str(o.user_id_including_inactive): f"{o.first_name} {o.last_name}".strip() for o in owners}
        for record in self.truth:
            self.assertEqual(names[record["userId"]], record["fullName"])
        info = client.api_request({
            "method": "POST",
            "base_url": self.account.url,
            "path": "/oauth/v2/private-apps/get/access-token-info",
            "body": {"tokenKey": TOKEN},
        }).json()
        self.assertIn("content", info["scopes"])
        self.assertIsInstance(info["hubId"], int)


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
        with self.assertRaises(exceptions.ForbiddenException) as raised:
            audit_log(self.account("--scopes", "oauth")).get_page()
        self.assertIn('"requiredGranularScopes":["content"]', raised.exception.body)

    def test_a_version_that_is_gone(self):
        with self.assertRaises(exceptions.NotFoundException):
            audit_log(self.account("--gone", "v3")).get_page()

    def test_the_server_fails(self):
        with self.assertRaises(exceptions.ServiceException) as raised:
            audit_log(self.account("--fault-first", "502")).get_page()
        self.assertEqual(raised.exception.status, 502)

    def test_too_many_requests_and_its_headers(self):
        api = audit_log(self.account("--rate-limit", "2/600"))
        for _ in range(2):
            api.get_page(limit=1)
        with self.assertRaises(exceptions.ApiException) as raised:
            api.get_page(limit=1)
        self.assertEqual(raised.exception.status, 429)
        self.assertIn("TEN_SECONDLY_ROLLING", raised.exception.body)
        self.assertEqual(raised.exception.headers["x-hubspot-ratelimit-remaining"], "0")

    def test_its_retries_get_through(self):
        account = self.account("--fault-first", "429-secondly,503")
        retry = Retry(total=3, backoff_factor=0.1, status_forcelist=(429, 503))
        self.assertEqual(len(audit_log(account, retry=retry).get_page().results), 20)
        self.assertEqual(account.requests(), 3)


class DocumentedCursor(unittest.TestCase):
    def test_it_loses_what_shares_the_millisecond_at_the_end_of_a_page_and_nothing_else(self):
        """Why Hubtrail does not follow HubSpot's cursor."""
        with Account("--cursor", "epoch-ms", *UNLIMITED, events=300) as account:
            record = account.truth()[150]
            account.add([{**record, "objectId": str(number)} for number in range(1, 30)])
            truth = account.truth()
            kept, place = [], 0
            while place < len(truth):
                kept += truth[place : place + 10]
                last = ms(kept[-1]["timestamp"])
                place = sum(ms(record["timestamp"]) <= last for record in truth)
            events = by_hand(audit_log(account), limit=10)
            self.assertEqual([seen(event) for event in events], [plain(record) for record in kept])
            self.assertLess(len(kept), len(truth))


if __name__ == "__main__":
    unittest.main()
