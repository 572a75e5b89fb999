"""Collect: the history of an emulated account into something that lasts, by Hubtrail, by its peers and by the floor."""

import json
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter
from http.client import HTTPConnection

from account import TOKEN, Account, iso, ms
from measured import Failed, cost
from tools import PEERS, PINNED, example, hubtrail, program

UNLIMITED = ("--rate-limit", "off", "--daily-limit", "off")
FIELDS = ("objectId", "objectName", "objectType", "event", "userId", "fullName")
SNAKE = ("object_id", "object_name", "object_type", "event", "user_id", "full_name")


def plain(record, fields=FIELDS):
    return (ms(record["timestamp"]), *(str(record[field]) for field in fields))


class Tool:
    """One way to collect. `prepare` is not measured, `command` is, and `events` are what it holds afterwards."""

    env = {}
    stdout = None
    # Takes minutes where others take seconds: runs in every second turn only.
    slow = False

    def prepare(self, folder, url):
        pass


class Log(Tool):
    """What fills a log of ours."""

    def at(self, folder, *arguments):
        return [hubtrail(), "--data-dir", str(folder / "data"), *arguments]

    def events(self, folder):
        read = subprocess.run(self.at(folder, "events", "--format", "raw"), stdout=subprocess.PIPE, text=True, check=True)
        return map(plain, map(json.loads, read.stdout.splitlines()))


class Hubtrail(Log):
    name, keeps = "hubtrail collect --once", "its log: SQLite, searchable, with a checkpoint"

    def prepare(self, folder, url):
        add = self.at(folder, "connector", "add", "bench", "--base-url", url, "--rate-limit", "off", "--token-stdin")
        subprocess.run(add, input=TOKEN, text=True, check=True, capture_output=True)

    def command(self, folder, url):
        return self.at(folder, "collect", "bench", "--once")


class Floor(Log):
    name, keeps = "the floor", "the same rows and indexes, no checkpoint; its pages come from a file"

    def __init__(self, pages):
        self.pages = pages

    def command(self, folder, url):
        return [example("floor"), self.pages, folder / "data"]


class Tenzir(Tool):
    name, keeps = f"Tenzir ({PINNED['tenzir'][0]})", "lines in a file, no checkpoint"

    def command(self, folder, url):
        pipeline = (PEERS / "events.tql").read_text()
        pipeline = pipeline.replace("URL", url).replace("TOKEN", TOKEN).replace("FILE", str(folder / "events.ndjson"))
        return [program("tenzir", "tenzir"), pipeline]

    def events(self, folder):
        with open(folder / "events.ndjson") as lines:
            return [plain(json.loads(line)) for line in lines]


class Client(Tool):
    name, keeps = f"official client ({PINNED['client'][0]})", "lines in a file, no checkpoint"
    slow = True

    def command(self, folder, url):
        return [program("client"), PEERS / "with_client.py", url, TOKEN, folder / "events.ndjson"]

    def events(self, folder):
        with open(folder / "events.ndjson") as lines:
            return [plain(json.loads(line), SNAKE) for line in lines]


class Dlt(Tool):
    name, keeps = f"dlt ({PINNED['dlt'][0]})", "a table in DuckDB"
    slow = True

    def env_at(self, folder):
        return {"DLT_DATA_DIR": str(folder / "dlt"), "RUNTIME__DLTHUB_TELEMETRY": "false"}

    def command(self, folder, url):
        self.env = self.env_at(folder)
        return [program("dlt"), PEERS / "with_dlt.py", url, TOKEN]

    def events(self, folder):
        columns = ", ".join(SNAKE)
        code = (
            "import duckdb, json\n"
            f"rows = duckdb.connect('events.duckdb').execute('SELECT epoch_ms(timestamp), {columns} FROM hubspot.events')\n"
            "while some := rows.fetchmany(10000):\n"
            "    print('\\n'.join(map(json.dumps, some)))\n"
        )
        read = subprocess.run([program("dlt"), "-c", code], cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
        return (tuple(json.loads(line)) for line in read.stdout.splitlines())


class Airbyte(Tool):
    name, keeps = f"Airbyte declarative source ({PINNED['airbyte'][0]})", "its messages in a file, no destination"
    slow = True

    def prepare(self, folder, url):
        stream = {"name": "events", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
        chosen = {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}
        (folder / "config.json").write_text(json.dumps({"url": url, "token": TOKEN}))
        (folder / "catalog.json").write_text(json.dumps({"streams": [chosen]}))
        self.stdout = folder / "messages.ndjson"

    def command(self, folder, url):
        read = [program("airbyte", "source-declarative-manifest"), "read", "--config", "config.json"]
        return [*read, "--catalog", "catalog.json", "--manifest-path", str(PEERS / "airbyte.yaml")]

    def events(self, folder):
        with open(folder / "messages.ndjson") as lines:
            messages = (json.loads(line) for line in lines if line.startswith("{"))
            return [plain(message["record"]["data"]) for message in messages if message["type"] == "RECORD"]


def save_pages(account, target):
    """The bytes of every page, one a line, from an account whose cursors lose nothing."""
    connection = HTTPConnection(urllib.parse.urlsplit(account.url).netloc)
    path, pages = "/cms/v3/audit-logs/?limit=100&sort=timestamp", 0
    with open(target, "wb") as file:
        following = ""
        while following is not None:
            connection.request("GET", path + following, headers={"authorization": f"Bearer {TOKEN}"})
            body = connection.getresponse().read()
            file.write(body + b"\n")
            pages += 1
            after = json.loads(body).get("paging", {}).get("next", {}).get("after")
            following = None if after is None else "&after=" + urllib.parse.quote(after)
    return pages


def compared(truth, got):
    """How many of the records are not there, there too often, and there but not as they were."""
    got = Counter(got)
    return {
        "lost": sum((truth - got).values()),
        "doubled": sum(count - truth[record] for record, count in got.items() if count > truth[record] > 0),
        "altered": sum(count for record, count in got.items() if not truth[record]),
    }


def measure(work, events, runs, only=None):
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    # Both accounts have the same history, which is the case when it ends at the same time.
    same = ("--end", iso(int(time.time()) * 1000), *UNLIMITED)
    with Account("--cursor", "opaque", *same, events=events) as account:
        pages = save_pages(account, work / "pages.ndjson")
    rows = []
    with Account(*same, events=events) as account:
        truth = Counter(map(plain, account.truth()))
        tools = [Hubtrail(), Floor(work / "pages.ndjson"), Tenzir(), Client(), Dlt(), Airbyte()]
        tools = [tool for tool in tools if not only or type(tool).__name__.lower() in only]
        for run in range(runs):
            for tool in tools:
                if not (tool.slow and run % 2):
                    rows.append({"run": run, **one(work / "run", tool, account, truth)})
                    print(f"  {rows[-1]}", file=sys.stderr, flush=True)
    return {"events": truth.total(), "pages": pages, "runs": runs, "rows": rows}


def one(folder, tool, account, truth):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tool.prepare(folder, account.url)
    served = processor_seconds(account.process.pid)
    try:
        used = cost(tool.command(folder, account.url), cwd=folder, env=tool.env, stdout=tool.stdout)
    except Failed as failed:
        return {"tool": tool.name, "keeps": tool.keeps, "failed": str(failed)}
    used["emulator_cpu"] = processor_seconds(account.process.pid) - served
    found = compared(truth, tool.events(folder))
    shutil.rmtree(folder)
    return {"tool": tool.name, "keeps": tool.keeps, **used, **found}


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
