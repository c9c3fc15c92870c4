"""Every GPU kernel of the models: compiled without a warning or a spill, and some of its blocks checked against the CPU.

The models are those of test/models and, in check-full, of the folders in HEDDLE_MODELS (separated by colons), whose
weights must lie beside them.
"""
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HEDDLE_BUILD", ROOT / "build"))
WORK = BUILD / "test/blocks"
FULL = bool(os.environ.get("HEDDLE_FULL"))
LARGE = ("gpt2",)
sys.path.insert(0, str(ROOT / "test/models"))

import weights  # noqa: E402  (found through the path above)


def models():
    """Paths of graphs with their weights beside them."""
    WORK.mkdir(parents=True, exist_ok=True)
    graphs = sorted((ROOT / "test/models").glob("*.onnx"))
    found = [weights.fill(graph, WORK) for graph in graphs if FULL or graph.stem not in LARGE]
    folders = os.environ.get("HEDDLE_MODELS", "").split(":") if FULL else []
    return found + [path for folder in folders if folder for path in sorted(pathlib.Path(folder).rglob("*.onnx"))]


def run(*command):
    environment = dict(os.environ, XDG_CACHE_HOME=str(BUILD / "test/cache"))
    return subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment
    )


class BlocksTest(unittest.TestCase):
    # A spill or a refused kernel is an error of the compiler, a warning is a line on stderr.
    def test_kernels_compile_without_a_warning_or_spill(self):
        for model in models():
            with self.subTest(model.stem):
                folder = WORK / f"{model.stem}-code"
                arguments = ("--emit", "cuda,ptx,cubin", "--sm", "80,90a", "-o", folder)
                done = run(BUILD / "bin/heddle", "compile", model, *arguments)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                kernels = list(folder.glob("*.cu"))
                self.assertTrue(kernels)
                for kernel in kernels:
                    for kind in ("sm_80.ptx", "sm_80.cubin", "sm_90a.ptx", "sm_90a.cubin"):
                        self.assertTrue(kernel.with_suffix(f".{kind}").exists(), f"{kernel.name}: no {kind}")

    # The first block, the last and six drawn ones, at the sizes of a real run.
    def test_blocks_write_what_the_cpu_computes(self):
        for model in models():
            with self.subTest(model.stem):
                done = run(BUILD / "bin/unit/heddle-check-blocks", model)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
