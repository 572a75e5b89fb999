#!/usr/bin/env python3
"""The git history of a content site as CMS audit records, to tune and check detection on.

    history.py GIT_DIRECTORY [--since 2018-01-01] > background.ndjson

Real are who acted when, on what, and in which rhythm. Which object type a path is, and which event a
change is, are a mapping of ours: HubSpot never wrote these records. People are numbers.
"""
import argparse
import collections
import datetime as dt
import hashlib
import json
import re
import subprocess
import sys

LEFT_OUT = re.compile(r"(^|/)(\.|node_modules/|vendor/|third_party/|_site/)|(^|/)[^/]*(lock|-lock\.(json|yaml))$|^[^/]*\.(md|txt)$")
PARTIAL = re.compile(r"(^|/)(_?partials?|_?shortcodes|_?includes)/")
FRAME = re.compile(r"header|footer|nav|head|menu|banner|sidebar")
MAPPING = (
    ("SERVERLESS_FUNCTION", re.compile(r"(^|/)(functions|edge-functions|lambda|serverless)/")),
    ("URL_MAPPING", re.compile(r"(^|/)_?(redirects?|aliases)[^/]*$")),
    ("EMAIL", re.compile(r"(^|/)(emails?|newsletters?)/")),
    ("MODULE", PARTIAL),
    ("TEMPLATE", re.compile(r"(^|/)(_?layouts?|templates?|archetypes)/")),
    ("FILE", re.compile(r"\.(png|jpe?g|gif|svg|webp|ico|pdf|docx?|xlsx?|pptx?|mp[34]|webm|mov|zip|woff2?|ttf|otf|eot)$")),
    ("CONTENT_SETTINGS", re.compile(r"(^|/)(config|i18n)/|(^|/)_?config[^/]*\.(ya?ml|toml|json)$|^[^/]+$")),
    ("HUBDB_TABLE", re.compile(r"(^|/)_?data/.*\.(ya?ml|json|csv|toml)$")),
    ("CSS", re.compile(r"\.(css|scss|sass|less)$")),
    ("JS", re.compile(r"\.(js|ts|mjs)$")),
    ("THEME", re.compile(r"(^|/)themes/")),
    ("BLOG", re.compile(r"(^|/)_?(blog|news|posts)/_?index\.(md|html)$")),
    ("LANDING_PAGE", re.compile(r"(^|/)_?(events?|campaigns?|promo|landing)/.*\.(md|html|njk)$")),
    ("BLOG_POST", re.compile(r"(^|/)_?(blog|news|posts)/.*\.(md|html|njk)$")),
    ("WEBSITE_PAGE", re.compile(r"\.(md|html|njk)$")),
)
PAGES = {"WEBSITE_PAGE", "BLOG_POST", "LANDING_PAGE"}
EVENTS = {"A": "CREATED", "M": "UPDATED", "D": "DELETED", "R": "UPDATED", "T": "UPDATED"}


def number(text):
    return str(10_000_000_000 + int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) % 90_000_000_000)


def object_type(path):
    path = path.lower()
    found = next((kind for kind, pattern in MAPPING if pattern.search(path)), "FILE")
    return "GLOBAL_MODULE" if found == "MODULE" and FRAME.search(path.rsplit("/", 1)[-1]) else found


def commits(directory, since):
    shown = subprocess.run(
        ["git", "-C", directory, "log", "--no-merges", "--reverse", "--date-order", "-M100%", "--name-status",
         f"--since={since}", "--format=%x00%at%x01%ae%x01%an"],
        check=True, capture_output=True, text=True, errors="replace").stdout
    for commit in shown.split("\0")[1:]:
        head, *changes = commit.strip("\n").split("\n")
        at, address, name = head.split("\x01")
        changes = [line.split("\t") for line in changes if line]
        if 0 < len(changes) <= 1_000:
            yield int(at) * 1000, address.lower(), name, changes


class History:
    def __init__(self):
        self.ids, self.names, self.out = {}, {}, []

    def name(self, address, name):
        kind = "Automation" if re.search(r"bot\b|\[bot\]|actions|automation", f"{address} {name}".lower()) else "Editor"
        return self.names.setdefault(address, f"{kind} {len(self.names) + 1:03d}")

    def write(self, at, user, name, event, kind, path, meta):
        title = re.sub(r"\.\w+$", "", path.rsplit("/", 1)[-1])
        self.out.append({"objectId": self.ids.setdefault(path, number(path)), "objectName": title, "objectType": kind,
                         "event": event, "userId": user, "fullName": name, "timestamp": at, "meta": meta})

    def add(self, at, address, name, changes):
        user, shown = str(int(number("person " + address)) // 1000), self.name(address, name)
        for status, *paths in changes:
            path = paths[-1]
            if status[0] not in EVENTS or LEFT_OUT.search(path):
                continue
            meta = {"path": path}
            if status[0] == "R":
                self.ids[path] = self.ids.pop(paths[0], number(paths[0]))
                meta["renamedFrom"] = paths[0]
            kind, event = object_type(path), EVENTS[status[0]]
            mixed = int(number(f"{at}{path}"))
            at += 150 + mixed % 750
            if kind in PAGES and event == "DELETED":
                self.write(at, user, shown, "UNPUBLISHED", kind, path, meta)
                at += 800
            self.write(at, user, shown, event, kind, path, meta)
            if kind in PAGES and event != "DELETED":
                self.write(at + 1_000 + mixed % 200, user, shown, "PUBLISHED", kind, path, meta)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("directory")
    ask.add_argument("--since", default="2018-01-01")
    given = ask.parse_args()
    history = History()
    for commit in commits(given.directory, given.since):
        history.add(*commit)
    seen = set()
    for record in sorted(history.out, key=lambda record: record["timestamp"]):
        at = dt.datetime.fromtimestamp(record["timestamp"] / 1000, dt.timezone.utc)
        record["timestamp"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps(record, ensure_ascii=False)
        if line not in seen:
            seen.add(line)
            print(line)
    kinds = collections.Counter(record["objectType"] for record in history.out)
    print(f"{len(seen)} records of {len(history.names)} people: {dict(kinds)}", file=sys.stderr)


if __name__ == "__main__":
    main()
