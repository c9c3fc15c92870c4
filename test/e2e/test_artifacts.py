"""Artifacts: the same bytes wherever and however often they are made, and the same answers without a compiler."""
import shutil
import unittest

import numpy as np
import support
from test_models import images, rows


class ArtifactTest(unittest.TestCase):
    def compile(self, path, name, *flags):
        artifact = support.WORK / f"{name}.hdl"
        support.run("heddle", "compile", path, "-o", artifact, *flags)
        return artifact

    # Timing, addresses and paths must not reach the file: a rebuilt artifact can be compared with a shipped one.
    def test_same_bytes_in_another_folder_and_with_other_threads(self):
        path = support.model("lenet5")
        elsewhere = support.WORK / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        copy = shutil.copy(path, elsewhere)
        first = self.compile(path, "first", "--threads", "1").read_bytes()
        self.assertEqual(first, self.compile(copy, "elsewhere/second", "--threads", "2").read_bytes())

    # One artifact serves shapes that the compiler has never seen.
    def test_heddle_run_at_new_shapes(self):
        path = support.model("mlp_legacy")
        artifact = self.compile(path, "mlp_legacy")
        for batch in (1, 5, 64):
            given, made = support.WORK / "run.in.npz", support.WORK / "run.out.npz"
            np.savez(given, **rows(batch))
            support.run("heddle-run", artifact, "--inputs", given, "--outputs", made)
            with np.load(made) as outputs:
                support.check(self, dict(outputs), support.expected(path, rows(batch)))

    def test_heddle_run_and_heddle_give_the_same_bytes(self):
        path = support.model("lenet5")
        artifact = self.compile(path, "lenet5")
        given, made = support.WORK / "same.in.npz", support.WORK / "same.out.npz"
        np.savez(given, **images(2))
        support.run("heddle-run", artifact, "--inputs", given, "--outputs", made)
        direct = support.run_model(path, images(2), "same-direct")
        with np.load(made) as outputs:
            for name in direct:
                np.testing.assert_array_equal(outputs[name], direct[name])


if __name__ == "__main__":
    unittest.main()
