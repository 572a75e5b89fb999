"""A DNIF extractor, interpreted as DNIF's documentation on custom extractors describes its keys."""

import json
import re

import yaml

REQUIRED = ("schema-version", "source-name", "source-type", "source-description", "provides-streams", "master-filters")


class Extractor:
    def __init__(self, text):
        self.document = yaml.safe_load(text)
        self.check()

    def check(self):
        """What DNIF's extractor validator asks for."""
        for key in (*REQUIRED, "event-details"):
            if not self.document.get(key):
                raise ValueError(f"missing key: {key}")
        patterns = [*self.document["master-filters"], *(d["first-match"] for d in self.document["event-details"])]
        for pattern in patterns:
            if "(?=" in pattern or "(?!" in pattern or "(?<" in pattern:
                raise ValueError(f"no look-around: {pattern}")
            re.compile(pattern)
        for detail in self.document["event-details"]:
            if detail["decoder"] not in ("json", "custom", "regex"):
                raise ValueError(f"invalid decoder: {detail['decoder']}")
            for mapping in (*detail["event-key-mapping"].values(), detail["fallback"]):
                if not mapping.get("translate"):
                    raise ValueError(f"translate missing: {mapping}")
                if mapping["annotate"]["Stream"] not in self.document["provides-streams"]:
                    raise ValueError(f"not a stream of this extractor: {mapping['annotate']}")
            self.names_are_one_case(detail)

    @staticmethod
    def names_are_one_case(detail):
        """Names are case-sensitive, and two that differ in nothing else are refused."""
        maps = [m["translate"] for m in (*detail["event-key-mapping"].values(), detail["globals"], detail["fallback"])]
        names = {name for translate in maps for name in translate.values()}
        if len({name.lower() for name in names}) < len(names):
            raise ValueError(f"names differ in case only: {sorted(names)}")

    def extract(self, line):
        """The fields of DNIF, or None when no filter of this extractor matches."""
        if not any(re.search(pattern, line) for pattern in self.document["master-filters"]):
            return None
        for detail in self.document["event-details"]:
            if re.search(detail["first-match"], line):
                return self.decoded(detail, json.loads(line))
        return None

    @staticmethod
    def decoded(detail, native):
        """As documented: the mapping of the event's key, or the fallback; the globals; annotations last."""
        try:
            key = re.sub(r"\{([^}]+)\}", lambda name: str(native[name[1]]), detail["event-key-format"])
        except KeyError:
            key = None
        mapping = detail["event-key-mapping"].get(key, detail["fallback"])
        translate = {**detail.get("globals", {}).get("translate", {}), **mapping["translate"]}
        fields = {name: native[key] for key, name in translate.items() if key in native}
        return {**fields, **mapping["annotate"]}
