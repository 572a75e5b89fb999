"""Certificates for both ends of a connection, made anew for each run by openssl."""

import pathlib
import subprocess


class Papers:
    """An authority, and certificates that it has signed for the receiver and for the sender."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.make("req", "-x509", "-days", "2", "-subj", "/CN=authority", *self.pair("authority"))
        for name, usage in (("server", "serverAuth"), ("client", "clientAuth")):
            self.make("req", "-subj", f"/CN={name}", "-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.csr"))
            extensions = self.folder / f"{name}.ext"
            extensions.write_text(f"subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage={usage}\n")
            self.make(
                *("x509", "-req", "-days", "2", "-in", self.path(f"{name}.csr"), "-extfile", str(extensions)),
                *("-CA", self.path("authority.crt"), "-CAkey", self.path("authority.key"), "-CAcreateserial"),
                *("-out", self.path(f"{name}.crt")),
            )

    def path(self, name):
        return str(self.folder / name)

    def pair(self, name):
        return ("-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.crt"))

    def make(self, command, *arguments):
        new_key = ("-newkey", "rsa:2048", "-nodes") if command == "req" else ()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        subprocess.run(["openssl", command, *new_key, *arguments], check=True, **quiet)

    def text(self, name):
        return pathlib.Path(self.path(name)).read_text()
