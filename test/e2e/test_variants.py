"""Sizes under which the first variant's guards fail: with a compiler, a second one is made, and results have its sizes."""
import unittest

import numpy as np
import support

MODEL = """<ir_version: 10, opset_import: ["" : 18]>
main (float[a, 4, b, c] x, float[d, e, f, g] y) => (float[p, q, r, s] z) { z = Add(x, y) }"""


class VariantsTest(unittest.TestCase):
    # Results were once allocated with the first variant's expressions: 24 elements for 360.
    def test_results_have_the_sizes_of_the_second_variant(self):
        path = support.save("variants", MODEL)
        for x, y in (((1, 4, 1, 6), (3, 1, 5, 6)), ((3, 4, 5, 6), (1, 1, 1, 1)), ((2, 4, 5, 6), (2, 4, 5, 6))):
            with self.subTest(x=x, y=y):
                feeds = {"x": np.random.default_rng(1).random(x, np.float32), "y": np.ones(y, np.float32)}
                got = support.run_model(path, feeds, "variants")
                np.testing.assert_array_equal(got["z"], feeds["x"] + feeds["y"])

    def test_without_a_compiler_the_guard_is_named(self):
        path, artifact = support.save("variants", MODEL), support.WORK / "variants.hdl"
        support.run("heddle", "compile", path, "-o", artifact)
        given = support.WORK / "variants.in.npz"
        np.savez(given, x=np.ones((1, 4, 1, 6), np.float32), y=np.ones((3, 1, 5, 6), np.float32))
        support.run("heddle-run", artifact, "--inputs", given, status=2)


if __name__ == "__main__":
    unittest.main()
