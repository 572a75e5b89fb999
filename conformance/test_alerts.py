"""Mail through a real SMTP server: a test message, trouble with an account, and its end in the same conversation."""

import email
import email.policy
import logging
import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from account import Account
from papers import Papers
from service import Service

PASSWORD = "planted-hunter2-password"
SECONDS = 120
# A client that hangs up because of the certificate is what is wanted here.
logging.getLogger("mail").setLevel(logging.CRITICAL)


class Inbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, mail))
        return "250 kept"


def signed_in(_server, _session, _envelope, _mechanism, data):
    # Not handled: the server itself says so.
    return AuthResult(success=(data.login, data.password) == (b"hubtrail", PASSWORD.encode()), handled=False)


class Mail(unittest.TestCase):
    def setUp(self):
        self.inbox = Inbox()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.smtp = Controller(
            self.inbox, hostname="127.0.0.1", port=port, authenticator=signed_in, auth_required=True, auth_require_tls=False
        )
        self.smtp.start()
        self.addCleanup(self.smtp.stop)
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


class Encrypted(unittest.TestCase):
    """The same server, encrypted from the first byte or from STARTTLS on, with a certificate of an authority of its own."""

    def setUp(self):
        folders = [tempfile.TemporaryDirectory() for _ in range(2)]
        for folder in folders:
            self.addCleanup(folder.cleanup)
        self.dir, self.papers = folders[0].name, Papers(folders[1].name)
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(self.papers.path("server.crt"), self.papers.path("server.key"))

    def run_command(self, *arguments, trusted=True, stdin=""):
        more = {"HUBTRAIL__NETWORK__EXTRA_CA": self.papers.path("authority.crt")} if trusted else {}
        command = [os.environ["HUBTRAIL_BIN"], "--data-dir", self.dir, *arguments]
        run = subprocess.run(command, input=stdin, capture_output=True, text=True, env={**os.environ, **more})
        self.assertNotIn("hunter2", run.stdout + run.stderr)
        return run

    def mail(self, encryption, **how):
        inbox = Inbox()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        # A password is taken over what is encrypted only.
        sign_in = {"authenticator": signed_in, "auth_required": True, "auth_require_tls": encryption == "starttls"}
        smtp = Controller(inbox, hostname="127.0.0.1", port=port, **sign_in, **how)
        smtp.start()
        self.addCleanup(smtp.stop)
        flags = ["--email", "boss@example.org", "--from", "hubtrail@example.org", "--smtp", f"127.0.0.1:{port}"]
        flags += ["--smtp-user", "hubtrail", "--encryption", encryption, "--secret-stdin"]
        added = self.run_command("alert", "add", encryption, *flags, stdin=PASSWORD)
        self.assertEqual(added.returncode, 0, added.stderr)
        refused = self.run_command("alert", "test", encryption, trusted=False)
        self.assertEqual((refused.returncode, inbox.mails), (1, []), refused.stdout)
        self.assertIn("certificate", refused.stdout)
        taken = self.run_command("alert", "test", encryption)
        self.assertEqual((taken.returncode, len(inbox.mails)), (0, 1), taken.stdout)

    def test_from_the_first_byte(self):
        self.mail("tls", ssl_context=self.tls)

    def test_after_a_greeting_in_clear(self):
        self.mail("starttls", tls_context=self.tls, require_starttls=True)

    def test_never_in_clear_where_it_was_to_be_encrypted(self):
        inbox = Inbox()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        smtp = Controller(inbox, hostname="127.0.0.1", port=port)
        smtp.start()
        self.addCleanup(smtp.stop)
        flags = ["--email", "boss@example.org", "--from", "hubtrail@example.org", "--smtp", f"127.0.0.1:{port}"]
        self.assertEqual(self.run_command("alert", "add", "clear", *flags, "--encryption", "starttls").returncode, 0)
        refused = self.run_command("alert", "test", "clear")
        self.assertEqual((refused.returncode, inbox.mails), (1, []), refused.stdout)
        self.assertIn("TLS", refused.stdout)


if __name__ == "__main__":
    unittest.main()
