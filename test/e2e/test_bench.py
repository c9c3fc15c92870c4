"""`heddle bench`: the fields that scripts read, and figures that must agree with one another."""
import json
import time
import unittest

import support


def bench(model, *flags):
    report = support.WORK / "bench.json"
    support.run("heddle", "bench", model, "--warmup", 1, "--json", report, *flags)
    return json.loads(report.read_text())


class BenchTest(unittest.TestCase):
    def test_reports_every_field(self):
        report = bench(support.model("mlp_legacy"), "--iterations", 5)
        self.assertEqual(report["schema_version"], 1)
        self.assertEqual(report["runs"], 5)
        figures = [report["latency_ms"][name] for name in ("min", "median", "p90", "p95", "p99")]
        self.assertEqual(figures, sorted(figures))
        self.assertGreater(report["compile_ms"]["cold"], report["compile_ms"]["warm"])
        self.assertGreater(report["peak_bytes"], report["arena_bytes"])
        self.assertGreaterEqual(report["arena_bytes"], report["arena_lower_bound"])

    # What a person looks for first: which node costs what. All shares together are the whole run.
    def test_names_the_nodes_of_each_kernel(self):
        report = bench(support.model("lenet5"), "--iterations", 1)
        self.assertAlmostEqual(sum(kernel["share"] for kernel in report["kernels"]), 1, places=3)
        self.assertTrue(any("conv" in kernel["nodes"].lower() for kernel in report["kernels"]))

    def test_measures_an_artifact(self):
        artifact = support.WORK / "bench.hdl"
        support.run("heddle", "compile", support.model("mlp_legacy"), "-o", artifact)
        report = bench(artifact, "--iterations", 2, "--input", "input=3x32xf32=0.5")
        self.assertIsNone(report["compile_ms"]["cold"])
        self.assertEqual(report["runs"], 2)

    def test_keeps_to_the_duration(self):
        model = support.model("mlp_legacy")
        bench(model, "--iterations", 1)
        begin = time.monotonic()
        short = bench(model, "--duration", 0.1)
        middle = time.monotonic()
        long = bench(model, "--duration", 1.5)
        self.assertGreater(time.monotonic() - middle, middle - begin + 0.7)
        self.assertGreater(long["runs"], short["runs"])


if __name__ == "__main__":
    unittest.main()
