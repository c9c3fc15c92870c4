"""Every stage prints IR that heddle-opt reads back and continues to the same artifact, byte by byte."""
import unittest

import support

LEVEL = "x86-64-v3"
PASSES = {
    "graph": "heddle-graph-pipeline",
    "kernels": "heddle-kernels-pipeline",
    "plan": "heddle-plan-pipeline",
    "code": "heddle-code-pipeline{level=%s}" % LEVEL,
}


class StageTest(unittest.TestCase):
    def continue_from_each_stage(self, name, path=None):
        path = path or support.model(name)
        folder = support.WORK / f"stages-{name}"
        whole = support.WORK / f"{name}-whole.hdl"
        support.run("heddle", "compile", path, "-o", whole, "--cpu", LEVEL, "--threads", 1)
        stages = ["import", *PASSES]
        for position, stage in enumerate(stages):
            # Another number of threads must not show either.
            support.run("heddle", "compile", path, "--until", stage, "-o", folder, "--cpu", LEVEL, "--threads", 2)
            text = folder / f"{stage}.mlir"
            self.assertLess(text.stat().st_size, 5 << 20, "a dump holds no weights")
            continued = folder / f"{stage}.hdl"
            rest = [PASSES[later] for later in stages[position + 1 :]] + ["heddle-write-artifact{output=%s}" % continued]
            made = folder / f"{stage}.weights"
            side = [f"--side-file={made}"] if made.exists() else []
            pipeline = f"--pass-pipeline=builtin.module({','.join(rest)})"
            support.run("heddle-opt", text, f"--weights={path}", *side, pipeline, "-o", "/dev/null")
            self.assertEqual(continued.read_bytes(), whole.read_bytes(), f"{name} continued from {stage}")

    def test_mlp(self):
        self.continue_from_each_stage("mlp_legacy")

    def test_lenet(self):
        self.continue_from_each_stage("lenet5")

    def test_bert(self):
        self.continue_from_each_stage("bert_mini_legacy14")

    def test_detector_with_branches(self):
        self.continue_from_each_stage("silero_vad", support.detector())

    def test_other_detectors(self):
        for variant in ("silero_vad_half", "silero_vad_16k_op15", "silero_vad_op18_ifless"):
            with self.subTest(variant):
                self.continue_from_each_stage(variant, support.detector(variant))

    @unittest.skipUnless(support.FULL, "500 MB of weights: check-full")
    def test_gpt2(self):
        self.continue_from_each_stage("gpt2")


if __name__ == "__main__":
    unittest.main()
