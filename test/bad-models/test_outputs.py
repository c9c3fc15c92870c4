"""What the program writes: names from a model lead nowhere else, links are not followed, models cannot inject code."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

from cases import model, node
from runner import HEDDLE, run

HOSTILE = '*/ INJECTED(); // "\n#include "/etc/passwd" \\'


@unittest.skipUnless(HEDDLE.exists(), "needs the heddle program")
class OutputsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def heddle(self, verb, output="y", name="act", flags=()):
        content = model([node("Relu", ["x"], [output], name)], outputs=(output,)).SerializeToString()
        (self.folder / "m.onnx").write_bytes(content)
        outcome = run([HEDDLE, verb, "m.onnx", *flags], self.folder)
        self.assertEqual(outcome.code, 0, outcome.error)
        return outcome

    def test_a_link_in_place_of_the_output_is_not_followed(self):
        (self.folder / "victim").write_text("keep")
        os.symlink("victim", self.folder / "out.npz")
        self.heddle("run", flags=["--outputs", "out.npz"])
        self.assertEqual((self.folder / "victim").read_text(), "keep")
        self.assertEqual(np.load(self.folder / "out.npz")["y"].shape, (2, 2))

    def test_names_of_outputs_stay_in_the_folder(self):
        outcome = self.heddle("run", output="../../up", flags=["--outputs", "out"])
        self.assertEqual(outcome.left, ["out", "out/..%2F..%2Fup.npy"])

    def test_emitted_text_holds_no_text_of_the_model(self):
        if "--emit" not in subprocess.run([HEDDLE, "compile", "--help"], capture_output=True, text=True).stdout:
            self.skipTest("this heddle does not emit CUDA text")
        outcome = self.heddle("compile", name=HOSTILE, flags=["--emit=cuda", "-o", "out"])
        sources = [self.folder / name for name in outcome.left if name.endswith(".cu")]
        self.assertTrue(sources, outcome.left)
        for source in sources:
            for line in source.read_text().splitlines():
                self.assert_harmless(line)

    def assert_harmless(self, line):
        """Names of nodes are in comments, and in identifiers, with every byte mangled that could end either."""
        code, _, comment = line.partition("//")
        self.assertNotRegex(comment, r"[\\\"\x00-\x1f?]", "a comment that a name could end")
        self.assertNotIn("INJECTED(", code)
        if '"' in code:
            self.assertRegex(code, r'^(#include "heddle/\w+\.cuh"|extern "C" __global__ void .*)$')


if __name__ == "__main__":
    unittest.main()
