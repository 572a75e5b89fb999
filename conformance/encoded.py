"""Records that are hard to carry, and what `hubtrail` makes of them."""

import json
import os
import subprocess

# What HubSpot documents, and one of each that it may add tomorrow.
EVENTS = ("CREATED", "DELETED", "PUBLISHED", "RESTORE", "UNPUBLISHED", "UPDATED", "MADE_PRIVATE", "", "A|B=C\\D")
OBJECTS = (
    *("BLOG", "BLOG_POST", "CASE_STUDY", "CONTENT_SETTINGS", "CSS", "CTA", "DOMAIN", "EMAIL", "FILE", "GLOBAL_MODULE"),
    *("HUBDB_TABLE", "JS", "KNOWLEDGE_BASE", "KNOWLEDGE_BASE_ARTICLE", "LANDING_PAGE", "MODULE", "PODCAST", "QUOTE"),
    *("SERVERLESS_FUNCTION", "TEMPLATE", "THEME", "URL_MAPPING", "WEB_INTERACTIVE", "WEBSITE_PAGE"),
    *("HOLOGRAM", "", "X|Y=Z\\"),
)
NAMES = (
    "Spring sale",
    "50% | off = \"best\" \\ deal",
    "line\nbreak\r\nand\ttab",
    "👩‍💻 launch 🚀",
    "שלום עולם \u202e txt.exe",
    " act=DELETED rawEvent=forged",
    "act=x\toriginal=forged",
    "=HYPERLINK(\"//x\")",
    "␊␛␉",
    "",
)
METAS = (None, {}, {"fields": ["a|b", "c=d"]}, [1, {"x": "\n\\"}], "text", 9007199254740993)


def records():
    """Every event on every object, with names and metas taken in turn."""
    made = []
    for event in EVENTS:
        for object_type in OBJECTS:
            n = len(made)
            made.append(
                {
                    "timestamp": f"2026-03-01T09:{n // 60:02}:{n % 60:02}.{n:03}Z",
                    "userId": "" if n % 31 == 0 else str(1000 + n % 7),
                    "fullName": NAMES[(n + 3) % len(NAMES)],
                    "event": event,
                    "objectType": object_type,
                    "objectId": "" if n % 13 == 0 else str(90000 + n),
                    "objectName": NAMES[n % len(NAMES)],
                    "meta": METAS[n % len(METAS)],
                }
            )
    return made


def spree():
    """Somebody takes down, deletes and sends elsewhere, so that rules of several kinds raise findings."""
    acts = [("UNPUBLISHED", "LANDING_PAGE"), ("DELETED", "WEBSITE_PAGE"), ("UPDATED", "URL_MAPPING"), ("DELETED", "DOMAIN")]
    return [
        {
            "timestamp": f"2026-03-02T03:{minute:02}:{second:02}.000Z",
            "userId": "1011561",
            "fullName": NAMES[3],
            "event": acts[minute % 4][0],
            "objectType": acts[minute % 4][1],
            "objectId": str(minute * 100 + second),
            "objectName": NAMES[1],
        }
        for minute in range(20)
        for second in range(0, 60, 6)
    ]


def lines_of(records):
    return "".join(json.dumps(record, ensure_ascii=bool(n % 2)) + "\n" for n, record in enumerate(records))


def hubtrail(*arguments, stdin="", status=0):
    command = [os.environ["HUBTRAIL_BIN"], *arguments]
    run = subprocess.run(command, input=stdin.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode != status:
        raise RuntimeError(f"{command}: {run.returncode}, {run.stderr.decode()}")
    return run.stdout.decode(), run.stderr.decode()


def normalized(schema, text, *flags, status=0):
    """The lines that come out; CSV is not one line each."""
    out, _ = hubtrail("normalize", "--format", schema, "--connector", "acme", "--portal-id", "62515", *flags, stdin=text, status=status)
    return out.split("\n")[:-1]


def findings(schema):
    out, _ = hubtrail("detect", "--input", "-", "--format", schema, stdin=lines_of(spree()))
    return out.split("\n")[:-1]
