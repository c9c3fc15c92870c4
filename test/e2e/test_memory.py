"""What running a model takes in memory: weights once, an arena, and little else."""
import os
import subprocess
import unittest

import numpy as np
import support
from test_models import continuation

MIB = 1 << 20

LIMITED = """
<ir_version: 10, opset_import: ["" : 20]>
limit (float[n, m] x) => (float[n, n] y) {
  s = Softmax (x)
  t = Transpose (s)
  y = MatMul (s, t)
}
"""


def peak_of(program, *arguments):
    """Bytes that a program was resident with at most."""
    command = [str(support.BUILD / "bin" / program), *map(str, arguments)]
    environment = dict(os.environ, XDG_CACHE_HOME=str(support.BUILD / "test/cache"))
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    message = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    assert child.returncode == 0, message.decode()
    return usage.ru_maxrss * 1024


def sentence():
    """Inputs of gpt2: 16 tokens without a past."""
    given = support.WORK / "memory.in.npz"
    np.savez(given, **continuation(1, 0, 16))
    return given


class MemoryTest(unittest.TestCase):
    # Weights are packed when a session opens; the file that they come from must not stay beside them.
    @unittest.skipUnless(support.FULL, "500 MB of weights: check-full")
    def test_source_and_packed_weights_are_never_resident_together(self):
        model = support.model("gpt2")
        weights = model.with_suffix(".weights").stat().st_size
        self.assertLess(peak_of("heddle", "run", model, "--inputs", sentence()), 1.3 * weights + 300 * MIB)

    @unittest.skipUnless(support.FULL, "500 MB of weights: check-full")
    def test_artifact_runs_from_its_mapping(self):
        model = support.model("gpt2")
        artifact = support.WORK / "memory.hdl"
        support.run("heddle", "compile", model, "-o", artifact)
        weights = model.with_suffix(".weights").stat().st_size
        self.assertLess(peak_of("heddle-run", artifact, "--inputs", sentence()), 1.05 * weights + 40 * MIB)

    def test_a_limit_refuses_the_run(self):
        model = support.save("limit", LIMITED)
        artifact = support.WORK / "limit.hdl"
        support.run("heddle", "compile", model, "-o", artifact)
        for program in (["heddle", "run", model], ["heddle", "bench", model], ["heddle", "verify", model], ["heddle-run", artifact]):
            with self.subTest(program=program[:2]):
                given = ["--input", "x=1000x1000xf32=1", "--memory-limit", "1000000"]
                with self.assertRaisesRegex(AssertionError, "the arena needs .* bytes, over the limit of 1000000"):
                    support.run(*program, *given)
                support.run(*program, *given, status=6)


if __name__ == "__main__":
    unittest.main()
