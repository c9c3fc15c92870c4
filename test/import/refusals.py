"""Shared by the tests of refusals: models of a few nodes in ONNX's text syntax, imported by the program `import-model`."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import onnx.parser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))
MALFORMED, UNSUPPORTED = 2, 3


def imported_model(data):
    """The finished import of a serialized model."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "m.onnx")
        path.write_bytes(data)
        return subprocess.run([BUILD / "bin/unit/import-model", path], capture_output=True, text=True)


def imported(signature, nodes, opset=18):
    text = f'<ir_version: 10, opset_import: ["" : {opset}]>\nmain {signature} {{ {nodes} }}'
    return imported_model(onnx.parser.parse_model(text).SerializeToString())


class RefusalTestCase(unittest.TestCase):
    def check(self, code, message, *model):
        done = imported(*model)
        self.assertIn(f"error {code}: ", done.stderr)
        self.assertIn(message, done.stderr)
        self.assertEqual(done.stderr.count("error "), 1, done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def refused(self, code, message, model):
        done = imported_model(model.SerializeToString())
        self.assertIn(message, done.stderr)
        self.assertIn(str(code), done.stderr.split(message)[0])
        self.assertNotEqual(done.returncode, 0)


def add_tests(test_case, cases):
    """Gives `test_case` one test per row: (name, exit code, what the message holds, signature, nodes[, opset])."""
    for name, *row in cases:
        assert not hasattr(test_case, f"test_{name}"), f"two tests have the name {name}"
        setattr(test_case, f"test_{name}", lambda self, row=row: self.check(*row))
