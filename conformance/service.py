"""`hubtrail serve` over a data directory of its own, set up as a person does it for the first time."""

import json
import os
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

PASSWORD = "kettle ferry octagon"


class Service:
    def __init__(self, accounts, rate_limit="off"):
        """`accounts`: emulated accounts by the name of their connector. All they have is collected first."""
        self.rate_limit = rate_limit
        self.dir = tempfile.TemporaryDirectory()
        self.log = open(os.path.join(self.dir.name, "serve.log"), "w+")
        self.process = None
        try:
            for name, account in accounts.items():
                self.collect(name, account)
            self.serve()
        except BaseException:
            self.close()
            raise

    def command(self, *arguments):
        return [os.environ["HUBTRAIL_BIN"], "--data-dir", self.dir.name, *arguments]

    def run(self, *arguments, stdin=""):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(self.command(*arguments), input=stdin, check=True, text=True, **quiet)

    def collect(self, name, account):
        address = ("--base-url", account.url, "--rate-limit", self.rate_limit, "--token-stdin")
        self.run("connector", "add", name, *address, stdin=account.token)
        self.run("collect", name, "--once")

    def serve(self):
        command = self.command("serve", "--listen", "127.0.0.1:0", "-vv")
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": self.log}
        self.process = subprocess.Popen(command, text=True, **streams)
        self.url = self.line("listening on (.*)")
        key = self.line(r".*/setup\?key=(.*)")
        admin = {"key": key, "name": "admin", "password": PASSWORD}
        csrf, cookie = self.ask("POST", "/api/v1/setup", admin)
        self.session = {"cookie": cookie.split(";")[0], "x-csrf-token": csrf["csrf"]}

    def line(self, pattern):
        line = self.process.stdout.readline()
        found = re.fullmatch(pattern, line.strip())
        if not found:
            raise RuntimeError(f"the service said: {line!r}")
        return found.group(1)

    def ask(self, method, path, body=None, headers=None):
        """The JSON of the answer, and the cookie that came with it."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as response:
            return json.load(response), response.headers.get("set-cookie", "")

    def token(self, name, role="viewer", accounts="all"):
        made, _ = self.ask("POST", "/api/v1/tokens", {"name": name, "role": role, "accounts": accounts}, self.session)
        return made["token"]

    def status(self, method, path, token=None):
        """The number of the answer, and its text."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        data = b"{}" if method in ("POST", "PUT", "PATCH") else None
        headers["content-type"] = "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def close(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process.stdout.close()
        self.log.close()
        self.dir.cleanup()

    def said(self):
        """Its log so far, with every detail that it can be asked for."""
        with open(self.log.name) as log:
            return log.read()


class Archive:
    """What Hubtrail collected of an emulated account, as HubSpot's API; for clients it is that account."""

    def __init__(self, account):
        self.account = account
        self.service = Service({"acme": account})
        self.url = self.service.url
        self.token = self.service.token("archive", accounts=["acme"])

    def close(self):
        self.service.close()
        self.account.close()

    def truth(self):
        return self.account.truth()
