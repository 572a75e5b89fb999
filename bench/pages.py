"""Pages of the console over a log of millions: how long the server takes for each, and what it weighs as a browser asks for it."""

import gzip
import sqlite3
import time
from http.client import HTTPConnection
from urllib.parse import quote, urlencode

from searching import summary
from serving import Server, command

GZIP = b"\x1f\x8b"
PASSWORD = "a long password for the bench"


def addresses(data):
    """Each page as its name and its path, with somebody and something that are busy."""
    log = sqlite3.connect(f"file:{data / 'hubtrail.db'}?mode=ro", uri=True)
    ask = lambda sql, *values: log.execute(sql, values).fetchone()
    day = ask("SELECT max(day) FROM person_day")[0] - 30 * 86_400_000
    busy = "FROM {0}_day d JOIN {0} n ON n.id = d.{0} JOIN stream s ON s.id = d.stream WHERE day > ? AND s.entries > 10000 GROUP BY d.{0} ORDER BY sum(d.entries) DESC LIMIT 1"
    account, person, name = ask("SELECT s.connector, user_id, full_name " + busy.format("person"), day)
    its_account, thing = ask("SELECT s.connector, object_id " + busy.format("object"), day)
    kind = ask("SELECT event_type, object_type FROM kind JOIN rollup ON rollup.kind = kind.id WHERE hour > ? GROUP BY 1, 2 ORDER BY sum(entries) DESC LIMIT 1", day)
    finding = log.execute("SELECT hex(id) FROM finding ORDER BY raised DESC LIMIT 1").fetchone()
    log.close()
    filtered = lambda **query: "/events?" + urlencode(query)
    pages = [(f"overview, {age}", f"/?after={age}") for age in ("24h", "7d", "30d", "90d")]
    pages += [
        ("overview of one account, 30d", f"/?after=30d&account={account}"),
        ("events, all", "/events"),
        ("events, 24h", filtered(after="24h")),
        ("events, 30d", filtered(after="30d")),
        ("events of one account", filtered(account=account)),
        ("events of a common type", filtered(eventType=kind[0], objectType=kind[1])),
        ("events of a busy person", filtered(account=account, userId=person)),
        ("events, a name", filtered(text=name.split()[-1])),
        ("people", "/people"),
        ("people, 90 days", "/people?days=90"),
        ("objects", "/objects"),
        ("objects, 90 days", "/objects?days=90"),
        ("a busy person", f"/people/{account}/{quote(person)}"),
        ("a busy object", f"/objects/{its_account}/{quote(thing)}"),
        ("findings", "/findings"),
        ("connectors", "/connectors"),
    ]
    if finding:
        pages.append(("a finding", f"/findings/f1-{finding[0].lower()}"))
    return pages


def measure(data, turns):
    user = f"bench-{time.time_ns()}"
    command(data, "user", "add", user, "--role", "admin", "--password-stdin", text=PASSWORD)
    took, spent, weight = {}, {}, {}
    with Server(data) as server:
        server.rest(share=0.3)
        cookie = signed_in(server, user)
        for _ in range(turns):
            for name, path in addresses(data):
                used, began = server.busy_ms(), time.perf_counter()
                status, body = server.get(path, cookie=cookie, **{"accept-encoding": "gzip"})
                ms = (time.perf_counter() - began) * 1000
                html = gzip.decompress(body) if body[:2] == GZIP else body
                if status != 200:
                    raise RuntimeError(f"{path}: {status} {html[:300]}")
                took.setdefault(name, []).append(ms)
                spent.setdefault(name, []).append(max(server.busy_ms() - used, 0))
                weight[name] = max(weight.get(name, (0, 0)), (len(html), len(body)))
    everything = [ms for times in took.values() for ms in times]
    pages = {name: {**summary(times, spent[name]), "html_kib": weight[name][0] / 1024, "sent_kib": weight[name][1] / 1024} for name, times in took.items()}
    return {"pages": pages, "all": summary(everything, [ms for used in spent.values() for ms in used])}


def signed_in(server, user):
    connection = HTTPConnection(server.address, timeout=30)
    form = {"content-type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sign-in", urlencode({"name": user, "password": PASSWORD}), form)
    response = connection.getresponse()
    response.read()
    cookie = response.getheader("set-cookie")
    connection.close()
    if not cookie:
        raise RuntimeError(f"signing in: {response.status}")
    return cookie.split(";")[0]
