#!/usr/bin/env python3
"""Put attacks and harmless look-alikes into a trace without any, with a label for each attack.

    inject.py BACKGROUND --seed 7 --out DIR/NAME     writes NAME.ndjson.gz and NAME.labels.ndjson.gz

The attacks lie in the last third. The look-alikes (steady jobs and their successors, clean-ups, ends of
campaigns, new colleagues, night work, returns, cover for absent people) are everywhere and have no label.
--strength scales how many events an attack has, --decoys how often look-alikes come.
"""
import argparse
import collections
import datetime as dt
import gzip
import json
import random

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
PAGES = ("WEBSITE_PAGE", "BLOG_POST")
CLASSES = ("redirect_hijack", "skimmer", "wipe", "slow_wipe", "mass_unpublish", "phish_page", "serverless_backdoor",
           "domain_disconnect", "settings_weaken", "dormant_takeover", "new_user_spree", "off_hours_publish")
DIFFICULTIES = ("burst", "human", "low")
WORDS = "spring summer offer partner member help guide story forum course tour pricing career survey demo plan".split()
PREFIX = {"URL_MAPPING": "/{}", "DOMAIN": "{}.example", "SERVERLESS_FUNCTION": "functions/{}.js", "FILE": "images/{}.png",
          "TEMPLATE": "layouts/{}.html", "GLOBAL_MODULE": "partials/{}.html", "MODULE": "includes/{}.html", "CSS": "css/{}.css",
          "JS": "js/{}.js", "CONTENT_SETTINGS": "config/{}.yml", "HUBDB_TABLE": "data/{}.yml"}
JOBS = {
    "redirects": [("URL_MAPPING", "CREATED", 5), ("URL_MAPPING", "UPDATED", 4), ("URL_MAPPING", "DELETED", 1)],
    "campaigns": [("EMAIL", "UPDATED", 3), ("EMAIL", "CREATED", 3), ("CTA", "UPDATED", 2), ("CTA", "CREATED", 1), ("EMAIL", "DELETED", 0.3)],
    "code": [("TEMPLATE", "UPDATED", 4), ("SERVERLESS_FUNCTION", "UPDATED", 3), ("SERVERLESS_FUNCTION", "CREATED", 0.7),
             ("GLOBAL_MODULE", "UPDATED", 2), ("MODULE", "UPDATED", 2), ("CSS", "UPDATED", 3), ("JS", "UPDATED", 2)],
    "settings": [("CONTENT_SETTINGS", "UPDATED", 6), ("CONTENT_SETTINGS", "CREATED", 0.5), ("DOMAIN", "UPDATED", 2),
                 ("DOMAIN", "CREATED", 0.6), ("DOMAIN", "DELETED", 0.15), ("URL_MAPPING", "CREATED", 0.5)],
}
TYPES_OF = {"redirect_hijack": "redirects", "phish_page": "campaigns", "serverless_backdoor": "code", "skimmer": "code",
            "domain_disconnect": "settings", "settings_weaken": "settings"}


def ms(text):
    return round(dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


class Person:
    def __init__(self, user, name, night=14):
        self.user, self.name, self.hours, self.times = user, name, collections.Counter(), []
        self.jobs, self.hour = set(), night

    def usual_hour(self, dice):
        if len(self.times) >= 20:
            return (dice.choice(self.times) // HOUR) % 24
        return min(23, max(0, round(dice.gauss(self.hour, 2.5))))


class World:
    def __init__(self, records, dice, strength):
        self.dice, self.strength, self.records = dice, strength, records
        self.start, self.end = records[0][0], records[-1][0]
        self.eval = self.start + (self.end - self.start) * 2 // 3
        self.people, self.touched = {}, collections.defaultdict(list)
        self.seen, self.new, self.labels = set(), [], []
        for at, record in records:
            self.seen.add(self.key(at, record))
            if not record["fullName"].startswith("Automation"):
                person = self.people.setdefault(record["userId"], Person(record["userId"], record["fullName"]))
                person.times.append(at)
            self.touched[record["objectType"]].append((at, record["objectId"], record["objectName"], record["meta"]))

    @staticmethod
    def key(at, record):
        return (at, record["userId"], record["event"], record["objectType"], record["objectId"])

    def stranger(self):
        person = Person(str(self.dice.randrange(10_000_000, 99_999_999)), f"Editor N{self.dice.randrange(10_000)}", self.dice.gauss(13, 4))
        self.people[person.user] = person
        return person

    def active(self, at, days=60, least=10):
        found = [p for p in self.people.values() if sum(1 for t in p.times[-400:] if at - days * DAY < t < at) >= least]
        return found or list(self.people.values())[:5]

    def existing(self, kind, at):
        """An object that was touched before: mostly in the last year."""
        known = self.touched[kind]
        low, high = 0, len(known)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if known[middle][0] < at else (low, middle)
        if not low or self.dice.random() < 0.03:
            return self.fresh(kind, at)
        return known[max(0, low - 1 - int(self.dice.expovariate(1 / (low * 0.3 + 1))) % low)][1:]

    def fresh(self, kind, at):
        name = PREFIX.get(kind, "{}").format("-".join(self.dice.sample(WORDS, 2)))
        meta = {} if kind in ("EMAIL", "CTA", "DOMAIN") else {"path": name}
        made = (str(self.dice.randrange(10**10, 2 * 10**11)), name, meta)
        self.touched[kind].append((at, *made))
        return made

    def write(self, person, at, kind, event, thing=None):
        thing = thing or (self.fresh(kind, at) if event == "CREATED" else self.existing(kind, at))
        written = []

        def put(when, what):
            record = {"objectId": thing[0], "objectName": thing[1], "objectType": kind, "event": what, "userId": person.user,
                      "fullName": person.name, "timestamp": when, "meta": thing[2]}
            if self.key(when, record) not in self.seen and when < self.end:
                self.seen.add(self.key(when, record))
                self.new.append((when, record))
                written.append((when, record))

        if kind in PAGES and event == "DELETED":
            put(at - 800, "UNPUBLISHED")
        put(at, event)
        if (kind in PAGES and event in ("CREATED", "UPDATED")) or (kind == "EMAIL" and event == "CREATED"):
            put(at + 1_000 + self.dice.randrange(200), "PUBLISHED")
        person.times.append(at)
        return written

    def series(self, person, at, acts, gap):
        """Acts one after the other; `gap` gives the pause in ms."""
        written = []
        for kind, event, *thing in acts:
            written += self.write(person, int(at), kind, event, *thing)
            at += gap()
        return written


# ---- look-alikes

def pages(world, count):
    dice = world.dice
    return [(dice.choices(PAGES, (2, 3))[0], "CREATED" if dice.random() < 0.15 else "UPDATED") for _ in range(count)]


def human(world, seconds=70):
    return lambda: world.dice.lognormvariate(0, 0.9) * seconds * 1000 + 1500


def landing(world, person, at, cleanup):
    """A campaign page with its picture and what leads to it, taken down again later."""
    dice, gap = world.dice, human(world, 110)
    page, picture = world.fresh("LANDING_PAGE", at), world.fresh("FILE", at)
    acts = [("LANDING_PAGE", "CREATED", page), ("FILE", "CREATED", picture)]
    acts += [("LANDING_PAGE", "UPDATED", page)] * (dice.random() < 0.5) + [("LANDING_PAGE", "PUBLISHED", page)]
    extra = [(kind, world.fresh(kind, at)) for kind in dice.sample(("CTA", "EMAIL"), dice.choice((1, 1, 2)))]
    acts += [(kind, "CREATED", thing) for kind, thing in extra]
    written = world.series(person, at, acts, gap)
    later = [("LANDING_PAGE", "UNPUBLISHED", page), ("LANDING_PAGE", "DELETED", page)]
    if cleanup.get("all"):
        later += [("FILE", "DELETED", picture)] + [(kind, "DELETED", thing) for kind, thing in extra]
    if cleanup:
        written += world.series(person, at + cleanup["after"], later, gap)
    return written


def office(world, person, day):
    hour = person.usual_hour(world.dice)
    return day - day % DAY + hour * HOUR + world.dice.randrange(HOUR)


def job(world, name, person, start, end, rate):
    dice, at = world.dice, start
    person.jobs.add(name)
    kinds, events, weights = zip(*JOBS[name])
    while at < end:
        when = office(world, person, int(at))
        roll = dice.random()
        if roll < 0.35:
            world.series(person, when, pages(world, dice.randrange(1, 7)), human(world))
        elif name == "campaigns" and roll < 0.65:
            landing(world, person, when, {"after": int(dice.uniform(3, 30) * DAY)} if dice.random() < 0.7 else {})
        else:
            picks = dice.choices(range(len(kinds)), weights, k=min(16, 1 + int(dice.expovariate(0.45))))
            world.series(person, when, [(kinds[i], events[i]) for i in picks], human(world, 50))
        at += dice.expovariate(rate) * DAY + DAY / 3
    return at


def jobs(world, dice):
    for name in list(JOBS) + dice.sample(list(JOBS), dice.choice((0, 1, 2))):
        at = world.start + DAY
        while at < world.end:
            person = world.stranger() if dice.random() < 0.6 else dice.choice(world.active(at))
            end = min(world.end, at + dice.uniform(150, 1_000) * DAY)
            reached = job(world, name, person, at, end, dice.uniform(0.1, 0.25))
            for _ in range(dice.randrange(3)):  # somebody covers for them
                away, cover = dice.uniform(at, end), dice.choice(world.active(at))
                for _ in range(dice.randrange(1, 4)):
                    kinds = dice.choices(JOBS[name], [w for *_, w in JOBS[name]], k=dice.randrange(1, 5))
                    world.series(cover, office(world, cover, int(away)), [k[:2] for k in kinds], human(world, 50))
                    away += dice.uniform(1, 5) * DAY
            at = max(reached, end) + dice.uniform(1, 20) * DAY


def deletions(world, count):
    kinds = world.dice.choices(("WEBSITE_PAGE", "BLOG_POST", "FILE", "HUBDB_TABLE", "MODULE"), (4, 3, 4, 3, 1), k=count)
    return [(kind, "DELETED") for kind in kinds]


def look_alikes(world, often):
    dice, months = world.dice, (world.end - world.start) / (30 * DAY)
    jobs(world, dice)

    def times(per_month):
        return (int(dice.uniform(world.start + 20 * DAY, world.end - DAY)) for _ in range(int(months * per_month * often)))

    for at in times(2.2):  # clean-ups
        person = dice.choice(world.active(at, 40, 20))
        pace = dice.choice((lambda: dice.uniform(900, 2500), human(world, 20), human(world, 90)))
        world.series(person, office(world, person, at), deletions(world, dice.randrange(10, 61)), pace)
    for at in times(0.9):  # ends of campaigns
        person = dice.choice(world.active(at))
        acts = [(dice.choice(("LANDING_PAGE", "BLOG_POST", "WEBSITE_PAGE", "BLOG_POST")), "UNPUBLISHED") for _ in range(dice.randrange(4, 26))]
        world.series(person, office(world, person, at), acts, dice.choice((human(world, 15), lambda: dice.uniform(900, 2000))))
    for at in times(0.9):  # new colleagues
        person, when = world.stranger(), at
        for _ in range(dice.randrange(4, 18)):
            odd = [(dice.choice(("CTA", "EMAIL", "FILE", "CONTENT_SETTINGS", "TEMPLATE", "MODULE")), "UPDATED")] * (dice.random() < 0.2)
            world.series(person, office(world, person, int(when)), pages(world, dice.randrange(1, 8)) + odd, human(world))
            when += dice.expovariate(0.2) * DAY
    for at in times(1.6):  # night work
        person = dice.choice(world.active(at, 40, 20))
        night = at - at % DAY + ((person.usual_hour(dice) + 12) % 24) * HOUR + dice.randrange(HOUR)
        world.series(person, night, pages(world, dice.randrange(2, 14)), human(world))
    dormant = [p for p in world.people.values() if len(p.times) > 5]
    for at in times(1.0):  # returns
        person = dice.choice(dormant)
        if not any(abs(at - t) < 60 * DAY for t in person.times):
            world.series(person, office(world, person, at), pages(world, dice.randrange(1, 14)), human(world))


# ---- attacks

def pick(world, actor, at, kind):
    dice = world.dice
    if actor == "new":
        person = world.stranger()
        if dice.random() < 0.5:
            world.series(person, at - dice.uniform(0.5, 12) * DAY, pages(world, 1), human(world))
        return person
    recent = lambda p: sum(1 for t in p.times if at - 90 * DAY < t < at)
    people = {"frequent": lambda p: recent(p) >= 30, "occasional": lambda p: 1 <= recent(p) < 30,
              "dormant": lambda p: len([t for t in p.times if t < at]) >= 5 and not any(at - 75 * DAY < t < at for t in p.times)}[actor]
    found = [p for p in world.people.values() if people(p)]
    return dice.choice(found or list(world.people.values())), [p for p in found if TYPES_OF.get(kind) in p.jobs]


def acts_of(world, kind, size):
    dice, some = world.dice, lambda low, high: max(1, round(dice.uniform(low, high) * size))
    choose = lambda kinds, event, count: [(dice.choice(kinds), event) for _ in range(count)]
    structure = ("WEBSITE_PAGE", "BLOG_POST", "HUBDB_TABLE", "HUBDB_TABLE", "FILE", "TEMPLATE", "MODULE")
    if kind == "redirect_hijack":
        return [("URL_MAPPING", dice.choice(("CREATED", "UPDATED"))) for _ in range(some(1, 5))]
    if kind == "skimmer":
        return choose(("TEMPLATE", "GLOBAL_MODULE", "MODULE", "JS"), "UPDATED", some(3, 6)) + [("WEBSITE_PAGE", "UPDATED")]
    if kind == "wipe":
        return choose(structure, "DELETED", some(10, 32))
    if kind == "slow_wipe":
        return choose(("HUBDB_TABLE", "FILE", "BLOG_POST", "WEBSITE_PAGE"), "DELETED", some(10, 28))
    if kind == "mass_unpublish":
        return choose(("BLOG_POST", "WEBSITE_PAGE", "LANDING_PAGE"), "UNPUBLISHED", some(9, 36))
    if kind == "serverless_backdoor":
        return [("SERVERLESS_FUNCTION", dice.choice(("CREATED", "UPDATED"))) for _ in range(some(2, 4))] + [("TEMPLATE", "UPDATED")] * (dice.random() < 0.4)
    if kind == "domain_disconnect":
        return [("DOMAIN", dice.choice(("DELETED", "UPDATED")))] * some(1, 2) + [(dice.choice(("URL_MAPPING", "CONTENT_SETTINGS")), "UPDATED")] * (dice.random() < 0.6)
    if kind == "settings_weaken":
        return [("CONTENT_SETTINGS", "UPDATED")] * some(2, 5)
    if kind == "off_hours_publish":
        return pages(world, some(3, 12))
    kinds = dice.sample(("CONTENT_SETTINGS", "TEMPLATE", "BLOG_POST", "WEBSITE_PAGE", "HUBDB_TABLE", "JS", "FILE", "CTA", "EMAIL", "MODULE"), 4)
    most = some(5, 28) if kind == "new_user_spree" else some(4, 14)
    return [(dice.choice(kinds), dice.choice(("UPDATED", "UPDATED", "DELETED"))) for _ in range(most)]


def attack(world, number, kind, difficulty):
    dice = world.dice
    at = int(dice.uniform(world.eval + 2 * DAY, world.end - 8 * DAY))
    actor = {"dormant_takeover": "dormant", "new_user_spree": "new"}.get(kind) or dice.choices(
        ("frequent", "occasional", "dormant", "new"), (5, 4, 2, 1.5))[0]
    if kind == "off_hours_publish":
        actor = dice.choice(("frequent", "frequent", "occasional"))
    person = pick(world, actor, at, kind)
    if isinstance(person, tuple):
        person, owners = person
        if owners and difficulty == "low" and dice.random() < 0.5:
            person = dice.choice(owners)
    hour = person.usual_hour(dice) if difficulty == "low" else dice.randrange(24)
    if kind == "off_hours_publish":
        hour = (person.usual_hour(dice) + 12 + dice.randrange(-2, 3)) % 24
    at = at - at % DAY + hour * HOUR + dice.randrange(HOUR)
    gap = {"burst": lambda: dice.uniform(700, 5_000), "human": human(world, 60), "low": human(world, 2_600)}[difficulty]
    if kind == "off_hours_publish" and difficulty == "low":
        gap = human(world, 120)
    size = world.strength * {"burst": 1.1, "human": 0.8, "low": 0.5}[difficulty]
    if kind == "phish_page":
        after = dice.uniform(2, 8) * HOUR if difficulty == "burst" else dice.uniform(10, 72) * HOUR
        written = landing(world, person, at, {"after": int(after), "all": True})
    elif kind == "slow_wipe":
        acts, written = acts_of(world, kind, world.strength), []
        for day in range(dice.randrange(2, 5)):
            part = max(1, len(acts) // 3)
            written += world.series(person, at + day * DAY, acts[:part], gap if difficulty != "low" else human(world, 900))
            acts = acts[part:]
    else:
        written = world.series(person, at, acts_of(world, kind, size), gap)
    written.sort(key=lambda w: w[0])
    if written:
        label(world, number, kind, difficulty, actor, person, written)


def stamp(at):
    return dt.datetime.fromtimestamp(at / 1000, dt.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def label(world, number, kind, difficulty, actor, person, written):
    keys = ["|".join((stamp(at), r["userId"], r["event"], r["objectType"], r["objectId"])) for at, r in written]
    world.labels.append({"session_id": f"a{number:03d}", "class": kind, "difficulty": difficulty, "actor": actor, "userId": person.user,
                         "start": stamp(written[0][0]), "end": stamp(written[-1][0]), "event_keys": keys})


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("background")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--out", required=True)
    ask.add_argument("--attacks", type=int, default=96)
    ask.add_argument("--strength", type=float, default=1.0)
    ask.add_argument("--decoys", type=float, default=1.0)
    given = ask.parse_args()
    opened = gzip.open if given.background.endswith(".gz") else open
    with opened(given.background, "rt") as lines:
        records = [(ms(record["timestamp"]), record) for record in map(json.loads, lines)]
    world = World(records, random.Random(given.seed), given.strength)
    look_alikes(world, given.decoys)
    for person in world.people.values():
        person.times.sort()
    for number in range(given.attacks):
        attack(world, number, CLASSES[number % len(CLASSES)], DIFFICULTIES[number // len(CLASSES) % 3])
    merged = sorted(records + world.new, key=lambda pair: pair[0])
    with gzip.open(given.out + ".ndjson.gz", "wt") as out:
        for at, record in merged:
            out.write(json.dumps(dict(record, timestamp=stamp(at)), ensure_ascii=False) + "\n")
    with gzip.open(given.out + ".labels.ndjson.gz", "wt") as out:
        out.writelines(json.dumps(label) + "\n" for label in world.labels)
    print(f"{len(records)} records, {len(world.new)} more, {len(world.labels)} attacks")


if __name__ == "__main__":
    main()
