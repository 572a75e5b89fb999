"""An emulated HubSpot account in a process of its own, and what is true of it."""

import json
import os
import subprocess
import urllib.request
from datetime import datetime, timezone

TOKEN = "pat-na1-conformance"
FIELDS = ("objectId", "objectName", "objectType", "event", "userId", "fullName")


class Account:
    token = TOKEN

    def __init__(self, *flags, events=1500, seed=7):
        command = [os.environ["HUBTRAIL_BIN"], "emulate", "--listen", "127.0.0.1:0", "--token", TOKEN]
        command += ["--events", str(events), "--seed", str(seed), *flags]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        line = self.process.stdout.readline()
        if not line.startswith("listening on http://"):
            self.close()
            raise RuntimeError(f"the emulator did not start: {' '.join(command)}")
        self.url = line.removeprefix("listening on ").strip()

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def get(self, path):
        with urllib.request.urlopen(self.url + path) as response:
            return response.read().decode()

    def truth(self):
        """Every record that is visible, oldest first."""
        return [json.loads(line) for line in self.get("/emulator/truth").splitlines()]

    def requests(self):
        return json.loads(self.get("/emulator/stats"))["requests"]

    def add(self, records):
        body = "\n".join(map(json.dumps, records)).encode()
        urllib.request.urlopen(urllib.request.Request(self.url + "/emulator/records", body)).close()


def ms(time):
    if isinstance(time, str):
        time = datetime.fromisoformat(time.replace("Z", "+00:00"))
    return round(time.timestamp() * 1000)


def iso(at_ms):
    return datetime.fromtimestamp(at_ms / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(record):
    """A record of the truth, in a form that can be compared."""
    meta = json.dumps(record.get("meta") or None, sort_keys=True)
    return (ms(record["timestamp"]), *(record[field] for field in FIELDS), meta)


def seen(event):
    """What a Python client made of a record, in the same form."""
    snake = ("object_id", "object_name", "object_type", "event", "user_id", "full_name")
    meta = json.dumps(event.meta or None, sort_keys=True)
    return (ms(event.timestamp), *(getattr(event, field) for field in snake), meta)


def chosen(truth, after=None, before=None, **values):
    """What HubSpot's guide says that these parameters select; bounds exclude their own millisecond."""
    names = {"object_id": "objectId", "object_type": "objectType", "event_type": "event", "user_id": "userId"}
    return [
        record
        for record in truth
        if all(record[names[name]] in wanted for name, wanted in values.items())
        and (after is None or ms(record["timestamp"]) > after)
        and (before is None or ms(record["timestamp"]) < before)
    ]


def common(truth, field, count=2):
    """The values of a field that occur most."""
    values = [record[field] for record in truth]
    return sorted(set(values), key=lambda value: (-values.count(value), value))[:count]


def filters(truth):
    """One filter by each property with several values, and all of them together."""
    kinds = {"event_type": common(truth, "event"), "object_type": common(truth, "objectType")}
    busiest = common(chosen(truth, **kinds), "userId", 3)
    return [
        *({name: values} for name, values in kinds.items()),
        {"user_id": busiest},
        {"object_id": common(truth, "objectId", 5)},
        {**kinds, "user_id": busiest},
    ]
