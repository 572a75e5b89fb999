"""Tenzir as a second judge of OCSF and the only other reader of LEEF. It weighs 175 MB: `./scripts/test --long` installs it."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from encoded import findings, lines_of, normalized, records



def piped(text, pipeline):
    """What comes out of a pipeline of Tenzir's, and what it warns of."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
        source.write_text(text)
        pipeline = pipeline.replace("IN", f'"{source}"').replace("OUT", f'"{target}"')
        run = subprocess.run(["tenzir", pipeline], capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
        if run.returncode:
            raise RuntimeError(run.stderr)
        warnings = [line for line in run.stderr.splitlines() if line.startswith("warning:")]
        return [json.loads(line) for line in target.read_text().splitlines()], warnings


@unittest.skipUnless(shutil.which("tenzir"), "Tenzir is not installed")
class Tenzir(unittest.TestCase):
    def test_it_drops_no_field_of_ours(self):
        lines = [*normalized("ocsf", lines_of(records())), *findings("ocsf")]
        lines += normalized("ocsf", '{"objectId":7}\n', status=1)
        cast, warnings = piped("\n".join(lines) + "\n", "from_file IN { read_ndjson } | ocsf_cast | to_file OUT { write_ndjson }")
        self.assertEqual(len(cast), len(lines))
        self.assertEqual([warning for warning in warnings if "expected type `time`" not in warning], [])

    def test_it_reads_leef(self):
        made = [record for record in records() if '"' not in record["objectName"] + record["fullName"]]
        lines = normalized("leef", lines_of(made), "--no-original")
        read, warnings = piped("\n".join(lines) + "\n", "from_file IN { read_leef } | to_file OUT { write_ndjson }")
        self.assertEqual((len(read), warnings), (len(made), []))
        for one, record in zip(read, made):
            self.assertEqual(one["attributes"].get("objectType", ""), record["objectType"])


if __name__ == "__main__":
    unittest.main()
