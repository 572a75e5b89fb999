"""Search: a stated mix of questions to a running server over a log of millions, while events arrive."""

import random
import shutil
import sqlite3
import subprocess
import time
from urllib.parse import urlencode

import longer
from account import TOKEN, Account
from measured import percentile
from serving import Server, command, token
from tools import example

DAY_MS = 86_400_000
ACCOUNTS = 10
# Events a minute that the live account brings meanwhile, asked for every second.
LIVE = 1200


def filled(folder, events, times):
    """The data directory with so many events; made once, as it takes minutes."""
    data = folder / (f"log-{events}" if times == 1 else f"log-{events}-by-{times}")
    mark = data / "filled"
    if mark.exists():
        return data
    shutil.rmtree(data, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if times == 1:
        subprocess.run([example("fill_log"), data, str(events), str(ACCOUNTS)], check=True)
        mark.touch()
        return data
    part = filled(folder, events // times, 1)
    # What is unusual in it is found before: in what is added nothing is looked for.
    with Server(part) as server:
        server.rest(patience=7200)
    longer.main(part, data, times)
    return data


def how_made(data):
    """A sentence, where it was not filled by `fill_log` alone."""
    return (data / "filled").read_text()


class Known:
    """Values that are in the log, common and rare ones, to ask for."""

    def __init__(self, data):
        log = sqlite3.connect(f"file:{data / 'hubtrail.db'}?mode=ro", uri=True)
        ask = lambda sql, *values: log.execute(sql, values).fetchall()
        self.newest = ask("SELECT max(timestamp) FROM entry")[0][0]
        self.oldest = ask("SELECT min(timestamp) FROM entry")[0][0]
        self.head = ask("SELECT head FROM log")[0][0]
        kinds = ask("SELECT event_type, object_type, sum(entries) FROM rollup JOIN kind ON kind.id = rollup.kind GROUP BY 1, 2 ORDER BY 3")
        self.common_kinds = [kind[:2] for kind in kinds[-5:]]
        self.rare_kinds = [kind[:2] for kind in kinds[: len(kinds) // 3]]
        people = ask(
            "SELECT connector.name, user_id, full_name, (SELECT sum(entries) FROM person_day WHERE person_day.stream = stream.id "
            "AND person = person.id AND day > ?) AS busy FROM person JOIN stream ON stream.id = person.stream "
            "JOIN connector ON connector.id = stream.connector ORDER BY busy", self.newest - 30 * DAY_MS
        )
        self.busy_people, self.people = people[-20:], people
        near = "JOIN object ON object.id = entry.object JOIN stream ON stream.id = entry.stream JOIN connector ON connector.id = stream.connector"
        sample = random.Random(7)
        self.objects = []
        for _ in range(200):
            place = sample.randrange(1, self.head)
            self.objects += ask(f"SELECT connector.name, object_id, object_name FROM entry {near} WHERE position = ?", place)
        log.close()


def questions(known, dice):
    """One of each kind, as its name and what is asked for. Each kind is asked equally often."""
    ages = [known.newest - days * DAY_MS for days in (1, 7, 30, 365)]
    name, user, _, _ = dice.choice(known.busy_people)
    any_name, any_user, full_name, _ = dice.choice(known.people)
    account, object_id, object_name = dice.choice(known.objects)
    common, rare = dice.choice(known.common_kinds), dice.choice(known.rare_kinds)
    then = dice.randrange(known.oldest, known.newest)
    events = lambda **query: "/api/v1/events?" + urlencode({"limit": 100, "sort": "-timestamp", **query})
    word = max(object_name.split() or ["page"], key=len)
    kind = lambda pair: {"eventType": pair[0], "objectType": pair[1]}
    archive = lambda **query: "/cms/v3/audit-logs/?" + urlencode({"limit": 100, "sort": "timestamp", **query})
    return [
        ("newest events", events()),
        ("a day of an account", events(account=name, after=then, before=then + DAY_MS)),
        ("common type and event", events(**kind(common))),
        ("rare type and event", events(**kind(rare))),
        ("common type and event by a busy person", events(account=name, userId=user, **kind(common))),
        ("rare type and event by anybody, an age", events(account=any_name, userId=any_user, after=dice.choice(ages), **kind(rare))),
        ("nothing: an object by nobody", events(objectId=object_id, userId="1")),
        ("timeline of a busy person", f"/api/v1/people/{name}/{user}/timeline?limit=100"),
        ("timeline of anybody", f"/api/v1/people/{any_name}/{any_user}/timeline?limit=100"),
        ("timeline of an object", f"/api/v1/objects/{account}/{object_id}/timeline?limit=100"),
        ("name of an object", events(text=word)),
        ("name of a person", events(text=full_name.split()[-1])),
        ("name that nobody has", events(text="zzyzx")),
        ("histogram of everything", "/api/v1/histogram"),
        ("histogram of a filter, 30 days", "/api/v1/histogram?" + urlencode({"after": ages[2], "userId": user, "account": name})),
        ("facets of everything", "/api/v1/facets"),
        ("facets of a filter, 30 days", "/api/v1/facets?" + urlencode({"after": ages[2], **kind(common)})),
        ("busy people, 30 days", "/api/v1/people?" + urlencode({"after": ages[2]})),
        ("busy objects, 7 days", "/api/v1/objects?" + urlencode({"after": ages[1]})),
        ("hours of the week", "/api/v1/week?" + urlencode({"account": name})),
        ("one event", f"/api/v1/events/{dice.randrange(1, known.head)}"),
        ("archive API, from a time", (archive(after=then), account)),
        ("archive API, a person's", (archive(userId=user), name)),
    ]


def measure(data, count):
    known, dice = Known(data), random.Random(11)
    key = token(data)
    took, spent, failed = {}, {}, {}
    with Account("--live", str(LIVE), "--rate-limit", "off", "--daily-limit", "off", events=2000) as account:
        live = f"live-{time.time_ns()}"
        add = ("connector", "add", live, "--base-url", account.url, "--rate-limit", "off")
        command(data, *add, "--poll-interval", "1s", "--token-stdin", text=TOKEN)
        with Server(data) as server:
            server.rest(share=0.3)
            arriving, began, before = head(data), time.monotonic(), server.cpu()
            while sum(map(len, took.values())) + sum(failed.values()) < count:
                for name, path in questions(known, dice):
                    one(server, key, name, path, took, spent, failed)
            seconds, used = time.monotonic() - began, server.cpu() - before
            arrived, peak = head(data) - arriving, server.memory("VmHWM")
        # There is nobody to ask when the log is used again.
        command(data, "connector", "pause", live)
    everything = [ms for times in took.values() for ms in times]
    return {
        "events": known.head,
        "kinds": {name: summary(times, spent[name]) for name, times in took.items()},
        "all": summary(everything, [ms for used in spent.values() for ms in used]),
        "failed": failed,
        "arrived": arrived,
        "seconds": seconds,
        "cpu": used,
        "peak_mib": peak,
    }


def one(server, key, name, path, took, spent, failed):
    headers = {"authorization": f"Bearer {key}"}
    if isinstance(path, tuple):
        path, headers["x-hubtrail-account"] = path
    used, began = server.busy_ms(), time.perf_counter()
    status, body = server.get(path, **headers)
    ms = (time.perf_counter() - began) * 1000
    used = server.busy_ms() - used
    # A name that is in no account is answered as such, which is an answer.
    if status == 200 or status == 404:
        took.setdefault(name, []).append(ms)
        # A thread that ended meanwhile takes what it used with it.
        spent.setdefault(name, []).append(max(used, 0))
    else:
        failed[f"{name}: {status} {body[:200].decode()}"] = failed.get(name, 0) + 1


def summary(times, used):
    """Milliseconds until the answer, and those of a processor: what else runs on the machine is in the former alone."""
    shares = (50, 95, 99)
    return {
        "count": len(times),
        **{f"p{share}": percentile(times, share / 100) for share in shares},
        "worst": max(times),
        "cpu": {f"p{share}": percentile(used, share / 100) for share in shares},
    }


def head(data):
    log = sqlite3.connect(f"file:{data / 'hubtrail.db'}?mode=ro", uri=True)
    try:
        return log.execute("SELECT head FROM log").fetchone()[0]
    finally:
        log.close()


def bytes_by_table(data):
    """Bytes of each table and index, largest first. The log is at rest then."""
    with sqlite3.connect(data / "hubtrail.db") as log:
        entries = log.execute("SELECT sum(entries) FROM stream").fetchone()[0]
        # Page by page: what `dbstat` adds up itself overflows at two gigabytes.
        sizes = log.execute("SELECT name, sum(pgsize), sum(payload) FROM dbstat GROUP BY name ORDER BY 2 DESC").fetchall()
    return {"entries": entries, "tables": sizes}
