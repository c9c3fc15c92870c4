"""Models run with nothing given: drawn inputs must have sizes that belong together, whatever the model leaves open."""
import json
import unittest

import support

# Names that tell nothing, and a mask that must cover the past and the new tokens.
UNNAMED = """<ir_version: 10, opset_import: ["" : 18]>
main (float[b, seq, 4] x, float[b, past, 4] cache, float[b, total] mask) => (float[p, q, r] y) {
  all = Concat <axis = 1> (cache, x)
  axes = Constant <value_ints = [2]> ()
  column = Unsqueeze(mask, axes)
  y = Mul(all, column)
}"""

# Its sampling points depend on the sizes in a way that only known sizes settle.
SAMPLED = """<ir_version: 10, opset_import: ["" : 18]>
main (float[n, 1, h, w] x) => (float[p, q, r, s] y)
<float[4] scales = {1.0, 1.0, 1.3, 0.7}> { y = Resize <mode = "linear"> (x, , scales) }"""


class DrawnInputsTest(unittest.TestCase):
    def test_models_run_with_nothing_given(self):
        large = [] if support.FULL else ["gpt2"]
        for graph in sorted((support.ROOT / "test/models").glob("*.onnx")):
            if graph.stem not in large:
                with self.subTest(graph.stem):
                    support.run("heddle", "run", support.model(graph.stem))

    # The name of its mask's length says that it is a sum.
    def test_decoder_runs_in_every_way(self):
        path, artifact = support.model("llama_tiny_op18"), support.WORK / "drawn.hdl"
        support.run("heddle", "compile", path, "-o", artifact)
        support.run("heddle-run", artifact)
        support.run("heddle", "verify", path)
        support.run("heddle", "bench", path, "--iterations", 1, "--warmup", 1)

    # What inference has assumed is a guard, and tells the length.
    def test_guards_decide_sizes(self):
        path, report = support.save("unnamed", UNNAMED), support.WORK / "unnamed.json"
        support.run("heddle", "run", path, "--json", report)
        self.assertEqual(json.loads(report.read_text())["runs"][0]["outputs"][0]["shape"], [1, 128, 4])

    # Some models cannot be compiled at free sizes.
    def test_sizes_that_compilation_needs_are_bound(self):
        path, report = support.save("sampled", SAMPLED), support.WORK / "sampled.json"
        support.run("heddle", "run", path, "--json", report)
        self.assertEqual(json.loads(report.read_text())["runs"][0]["outputs"][0]["shape"], [1, 1, 83, 44])

    # Frames of 64 samples are too short for it, and it is only a run that says so.
    def test_voice_detector_runs(self):
        support.run("heddle", "run", support.detector("silero_vad"))


if __name__ == "__main__":
    unittest.main()
