"""Mail through a real SMTP server: a test message, trouble with an account, and its end in the same conversation."""

import email
import email.policy
import pathlib
import subprocess
import time
import unittest

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from account import Account
from service import Service

PASSWORD = "planted-hunter2-password"
SECONDS = 120


class Inbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, mail))
        return "250 kept"


class Mail(unittest.TestCase):
    def setUp(self):
        self.inbox = Inbox()
        check = lambda server, session, envelope, mechanism, data: AuthResult(
            success=(data.login, data.password) == (b"hubtrail", PASSWORD.encode())
        )
        self.smtp = Controller(
            self.inbox, hostname="127.0.0.1", port=0, authenticator=check, auth_required=True, auth_require_tls=False
        )
        self.smtp.start()
        self.addCleanup(self.smtp.stop)
        port = self.smtp.server.sockets[0].getsockname()[1]
        self.account = Account("--rate-limit", "off", "--daily-limit", "off", events=20)
        self.addCleanup(self.account.close)
        self.service = Service({"acme": self.account})
        self.addCleanup(self.service.close)
        self.flags = ["--email", "boss@example.org,it@example.org", "--from", "Hubtrail <hubtrail@example.org>"]
        self.flags += ["--smtp", f"127.0.0.1:{port}", "--smtp-user", "hubtrail", "--encryption", "none", "--gather", "0"]

    def run_command(self, *arguments, stdin=""):
        run = subprocess.run(self.service.command(*arguments), input=stdin, capture_output=True, text=True)
        self.assertNotIn("hunter2", run.stdout + run.stderr)
        return run

    def wait_for(self, count):
        until = time.monotonic() + SECONDS
        while len(self.inbox.mails) < count and time.monotonic() < until:
            time.sleep(0.2)
        self.assertGreaterEqual(len(self.inbox.mails), count, [mail["subject"] for *_, mail in self.inbox.mails])
        return self.inbox.mails[count - 1]

    def test_a_conversation(self):
        wrong = self.run_command("alert", "add", "wrong", *self.flags, "--secret-stdin", stdin="hunter2-no")
        self.assertEqual(wrong.returncode, 0, wrong.stderr)
        refused = self.run_command("alert", "test", "wrong")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("user name and password", refused.stdout)
        self.run_command("alert", "remove", "wrong")
        added = self.run_command("alert", "add", "boss", *self.flags, "--secret-stdin", stdin=PASSWORD)
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertEqual(self.run_command("alert", "test", "boss").returncode, 0)
        sender, recipients, mail = self.wait_for(1)
        self.assertEqual((sender, recipients), ("hubtrail@example.org", ["boss@example.org", "it@example.org"]))
        self.assertIn("This is a test", mail["subject"])

        self.run_command("connector", "token", "acme", "--token-stdin", stdin="pat-na1-revoked")
        *_, first = self.wait_for(2)
        self.assertIn("acme: Collection needs somebody", first["subject"])
        self.assertIn("To do:", first.get_content())
        self.run_command("connector", "token", "acme", "--token-stdin", stdin=self.account.token)
        *_, last = self.wait_for(3)
        self.assertEqual(last["subject"], f"Re: {first['subject']}")
        self.assertEqual((last["references"], last["in-reply-to"]), (first["message-id"], first["message-id"]))
        self.assertIn("it is well again", last.get_content())
        for file in pathlib.Path(self.service.dir.name).rglob("*"):
            if file.is_file():
                self.assertNotIn(b"hunter2", file.read_bytes(), file)


if __name__ == "__main__":
    unittest.main()
