"""The shipped rules are Sigma: pySigma reads them all and converts them for two other systems."""

import pathlib
import unittest

from sigma.backends.elasticsearch import ESQLBackend
from sigma.backends.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

RULES = pathlib.Path(__file__).parent.parent / "rules"

# Neither back end has queries for what happens in an order. What it says, and of which rules:
UNORDERED = "Correlation type 'temporal_ordered' is not supported by backend."
INEXPRESSIBLE = {
    "A domain was changed and then redirects or settings": UNORDERED,
    "A landing page was published and deleted soon after": UNORDERED,
    "A landing page, its files and its email were made in a rush": UNORDERED,
    "A script was uploaded and website code was changed after it": UNORDERED,
    "Shared code was changed and pages were published at once": UNORDERED,
}


def rules():
    # One collection: back ends convert what a correlation refers to before the correlation.
    return SigmaCollection.from_yaml("\n---\n".join(file.read_text() for file in sorted(RULES.glob("*.yml"))))


class Sigma(unittest.TestCase):
    def test_every_file_is_read_without_an_error(self):
        collection = rules()
        self.assertEqual([], [str(error) for error in collection.errors])
        self.assertGreater(len(collection.rules), len(list(RULES.glob("*.yml"))))

    def test_our_keys_are_custom_attributes(self):
        for rule in rules().rules:
            self.assertLessEqual({key.split(".")[0] for key in rule.custom_attributes}, {"hubtrail", "correlation"}, rule.title)

    def test_two_back_ends_express_every_rule_but_those_listed(self):
        for backend in (ESQLBackend, SplunkBackend):
            expressed, refused = convert(backend())
            self.assertEqual(INEXPRESSIBLE, refused, backend.__name__)
            self.assertGreater(len(expressed), 25, backend.__name__)


def convert(backend):
    """Titles of what the back end makes queries of; and what it cannot express, with its reason."""
    collection = rules()
    collection.resolve_rule_references()
    backend.init_processing_pipeline(backend.default_format)
    expressed, refused = [], {}
    for rule in collection.rules:
        one = backend.convert_rule if isinstance(rule, SigmaRule) else backend.convert_correlation_rule
        try:
            expressed += [rule.title for _ in one(rule, backend.default_format)]
        except (SigmaError, NotImplementedError) as error:
            refused[rule.title] = str(error)
    return expressed, refused


if __name__ == "__main__":
    unittest.main()
