"""What host functions refuse while a model runs: the sizes of data that the importer lets pass."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import onnx.parser

import support

MALFORMED = 2

# (name, what the message holds, signature, nodes)
CASES = [
    ("max_pool_of_padding", "a window lies in the padding alone", "(float[1, 1, 4] x) => (float[1, 1, m] y, int64[1, 1, m] i)", "y, i = MaxPool<kernel_shape = [2], pads = [2, 0]>(x)"),
    ("roi_align_batches", "x, rois and batch indices are not [N, C, H, W], [regions, 4] and [regions]", "(float[1, 1, 4, 4] x, float[2, 4] r, int64[3] b) => (float[2, 1, 1, 1] y)", "y = RoiAlign(x, r, b)"),
    ("roi_align_corners", "x, rois and batch indices are not [N, C, H, W], [regions, 4] and [regions]", "(float[1, 1, 4, 4] x, float[2, 5] r, int64[2] b) => (float[2, 1, 1, 1] y)", "y = RoiAlign(x, r, b)"),
    ("scatter_elements_shapes", "indices and updates do not have one shape within that of the data", "(float[4] x, int64[2] i, float[3] u) => (float[4] y)", "y = ScatterElements(x, i, u)"),
    ("scatter_nd_coordinates", "the indices do not have one to rank(data) coordinates each", "(float[4] x, int64[2, 2] i, float[2] u) => (float[4] y)", "y = ScatterND(x, i, u)"),
    ("scatter_nd_updates", "the updates do not have the shape that indices and data imply", "(float[4] x, int64[2, 1] i, float[3] u) => (float[4] y)", "y = ScatterND(x, i, u)"),
]


class HostRefusalsTest(unittest.TestCase):
    def check(self, message, signature, nodes):
        model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 18]>\nmain {signature} {{ {nodes} }}')
        environment = dict(os.environ, XDG_CACHE_HOME=str(support.BUILD / "test/cache"))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "m.onnx")
            path.write_bytes(model.SerializeToString())
            command = [support.BUILD / "bin/heddle", "run", path]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
        self.assertIn(message, done.stderr)
        self.assertEqual(done.returncode, MALFORMED)


for case_name, *case_row in CASES:
    setattr(HostRefusalsTest, f"test_{case_name}", lambda self, row=case_row: self.check(*row))

if __name__ == "__main__":
    unittest.main()
