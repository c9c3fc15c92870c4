"""`heddle cache`: what a compilation leaves behind can be seen and removed."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import support


class CacheTest(unittest.TestCase):
    def heddle(self, folder, *arguments):
        environment = dict(os.environ, XDG_CACHE_HOME=folder)
        command = [support.BUILD / "bin/heddle", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    def test_lists_kernels_and_clears_them(self):
        with tempfile.TemporaryDirectory() as folder:
            report = f"{folder}/cache.json"
            self.heddle(folder, "compile", support.model("mlp_legacy"), "-o", f"{folder}/model.hdl")
            self.assertIn("Gemm", self.heddle(folder, "cache", "ls", "--json", report))
            listed = json.loads(pathlib.Path(report).read_text())
            self.assertEqual(listed["bytes"], sum(kernel["bytes"] for kernel in listed["kernels"]))
            self.heddle(folder, "compile", support.model("mlp_legacy"), "-o", f"{folder}/model.hdl", "--device", "sim")
            self.heddle(folder, "cache", "ls", "--json", report)
            devices = [kernel["device"] for kernel in json.loads(pathlib.Path(report).read_text())["kernels"]]
            self.assertEqual(set(devices), {"cpu", "cuda"})
            self.heddle(folder, "cache", "clear")
            self.assertEqual(self.heddle(folder, "cache", "ls"), "0 kernels, 0 bytes\n")


if __name__ == "__main__":
    unittest.main()
