"""rsyslog and syslog-ng as they are in Debian, unpacked beside the system, each with one file per way in."""

import os
import pathlib
import socket
import subprocess
import tempfile
import time

PATIENCE = 30
WAYS = ("udp", "tcp", "tls")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Receiver:
    """One daemon. What comes in by each way is in a file of its own: name, structured data and text, a line each."""

    # Settings for ways in whose connections it does not close when the sender has said that this was all.
    without_close = {}

    def __init__(self, papers):
        self.root = pathlib.Path(os.environ["HUBTRAIL_SYSLOG"])
        self.dir = tempfile.TemporaryDirectory()
        self.papers = papers
        self.ports = {way: free_port() for way in WAYS}
        config = pathlib.Path(self.dir.name, "daemon.conf")
        config.write_text(self.config())
        libraries = [self.root / "usr/lib/x86_64-linux-gnu", self.root / "lib/x86_64-linux-gnu", self.root / "usr/lib/syslog-ng"]
        self.said = open(pathlib.Path(self.dir.name, "said"), "w+")
        self.process = subprocess.Popen(
            self.command(str(config)),
            env={**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries))},
            **{"stdin": subprocess.DEVNULL, "stdout": self.said, "stderr": self.said},
        )
        self.wait_for(lambda: all(map(self.listens, ("tcp", "tls"))))

    def listens(self, way):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.ports[way])) == 0

    def wait_for(self, is_so):
        end = time.monotonic() + PATIENCE
        while not is_so():
            if self.process.poll() is not None or time.monotonic() > end:
                self.said.seek(0)
                raise RuntimeError(f"{type(self).__name__} does not get on: {self.said.read()}")
            time.sleep(0.05)

    def file(self, way):
        return str(pathlib.Path(self.dir.name, f"{way}.log"))

    def lines(self, way):
        try:
            with open(self.file(way), encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.said.close()
        self.dir.cleanup()


class Rsyslog(Receiver):
    # Its OpenSSL driver takes the end of TLS for a reason to read again.
    without_close = {"tls": ("--set", "confirm=false")}

    def command(self, config):
        modules = str(self.root / "usr/lib/x86_64-linux-gnu/rsyslog")
        return [str(self.root / "usr/sbin/rsyslogd"), "-n", "-f", config, "-i", f"{self.dir.name}/pid", "-M", modules]

    def config(self):
        papers = self.papers
        sets = "".join(
            f'ruleset(name="{way}") {{ action(type="omfile" file="{self.file(way)}" template="line" asyncWriting="off") }}\n'
            for way in WAYS
        )
        return f"""
global(workDirectory="{self.dir.name}" maxMessageSize="64k" defaultNetstreamDriver="ossl"
  defaultNetstreamDriverCAFile="{papers.path('authority.crt')}"
  defaultNetstreamDriverCertFile="{papers.path('server.crt')}"
  defaultNetstreamDriverKeyFile="{papers.path('server.key')}")
module(load="imudp")
module(load="imptcp")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
template(name="line" type="string" string="%app-name% %structured-data% %msg%\\n")
{sets}
input(type="imudp" address="127.0.0.1" port="{self.ports['udp']}" ruleset="udp")
input(type="imptcp" address="127.0.0.1" port="{self.ports['tcp']}" ruleset="tcp")
input(type="imtcp" address="127.0.0.1" port="{self.ports['tls']}" ruleset="tls")
"""


class SyslogNg(Receiver):
    def command(self, config):
        here = self.dir.name
        places = ("-R", f"{here}/persist", "-p", f"{here}/pid", "-c", f"{here}/control")
        modules = f"--module-path={self.root / 'usr/lib/syslog-ng/3.38'}"
        return [str(self.root / "usr/sbin/syslog-ng"), "-F", "-f", config, *places, "--no-caps", modules]

    def config(self):
        papers = self.papers
        tls = (
            f"tls(key-file(\"{papers.path('server.key')}\") cert-file(\"{papers.path('server.crt')}\") "
            f"ca-file(\"{papers.path('authority.crt')}\") peer-verify(required-trusted))"
        )
        parts = [
            f"""
source s_{way} {{ syslog(ip("127.0.0.1") port({self.ports[way]}) transport("{way}") {tls if way == "tls" else ""}); }};
destination d_{way} {{ file("{self.file(way)}" template("$PROGRAM $SDATA $MSG\\n")); }};
log {{ source(s_{way}); destination(d_{way}); }};
"""
            for way in WAYS
        ]
        return "@version: 3.35\noptions { log-msg-size(65536); };\n" + "".join(parts)
