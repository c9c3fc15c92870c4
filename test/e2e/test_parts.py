"""Concatenations and slices whose parts lie in place, against ONNX Runtime, with a free number of images."""
import unittest

import numpy as np
import onnx
import onnx.parser
import support

IMAGE = "float[n, 3, 8, 8] x"
BRANCHES = """
  a = Conv<kernel_shape = [1, 1]>(x, u) ar = Relu(a)
  b = Conv<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(x, v) br = Relu(b)
"""


def write(name, signature, nodes, **weights):
    """A model from ONNX's text form; each weight is given by its shape."""
    model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 18]>\nmain {signature} {{ {nodes} }}')
    generator = np.random.default_rng(list(name.encode()))
    for weight, shape in weights.items():
        values = generator.standard_normal(shape).astype(np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(values, weight))
    return support.save(name, model)


class PartsTest(unittest.TestCase):
    def check(self, path, shape, parts, slices=0, device="cpu", free=True):
        """Agrees at several sizes; the plan has so many parts of concatenations and slices in place."""
        flags = [] if free else ["--shapes", "x:" + "x".join(map(str, (1, *shape)))]
        text = support.run("heddle", "compile", path, "--until", "plan", "--device", device, *flags)
        self.assertEqual(text.count(" = heddle.part "), parts + slices, text)
        for batch in (1, 3) if free else (1,):
            feeds = {"x": np.random.default_rng(batch).standard_normal((batch, *shape)).astype(np.float32)}
            got = support.run_model(path, feeds, f"{path.stem}-{device}-{batch}", "--device", device, *flags)
            support.check(self, got, support.expected(path, feeds))

    # The class scores of a detector: rows of 5 are packed, and lie in their parts with gaps between images.
    def test_short_rows(self):
        signature = "(float[n, 47, 5] x) => (float[n, 86, 5] y)"
        nodes = """
          starts = Constant<value_ints = [0]>() ends = Constant<value_ints = [39]>() axes = Constant<value_ints = [1]>()
          head = Slice(x, starts, ends, axes) doubled = Add(x, x)
          a = Softmax<axis = 2>(head) b = Softmax<axis = 2>(doubled) y = Concat<axis = 1>(a, b) """
        path = write("short-rows", signature, nodes)
        for batch in (1, 2, 3):
            feeds = {"x": np.random.default_rng(batch).standard_normal((batch, 47, 5)).astype(np.float32)}
            support.check(self, support.run_model(path, feeds, f"short-rows-{batch}"), support.expected(path, feeds))

    # The branches of an inception block.
    def test_channels(self):
        nodes = BRANCHES + "c = Concat<axis = 1>(ar, br) y = Conv<kernel_shape = [1, 1]>(c, w)"
        shapes = {"u": (16, 3, 1, 1), "v": (32, 3, 3, 3), "w": (5, 48, 1, 1)}
        self.check(write("parts-channels", f"({IMAGE}) => (float[n, 5, 8, 8] y)", nodes, **shapes), (3, 8, 8), parts=2)

    # What is concatenated leaves the model too.
    def test_output(self):
        nodes = BRANCHES + "y = Concat<axis = 1>(ar, br)"
        shapes = {"u": (16, 3, 1, 1), "v": (32, 3, 3, 3)}
        self.check(write("parts-output", f"({IMAGE}) => (float[n, 48, 8, 8] y)", nodes, **shapes), (3, 8, 8), parts=0)

    # The input is copied, the branch is in place.
    def test_input(self):
        nodes = "a = MatMul(x, u) c = Concat<axis = 2>(a, x) y = MatMul(c, v)"
        path = write("parts-input", "(float[n, 4, 32] x) => (float[n, 4, 7] y)", nodes, u=(32, 16), v=(48, 7))
        self.check(path, (4, 32), parts=2)

    # Boxes of two scales of a detector.
    def test_heads(self):
        nodes = """
          s = Constant<value_ints = [0, -1, 4]>() h = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(x)
          a = Conv<kernel_shape = [1, 1]>(x, u) at = Transpose<perm = [0, 2, 3, 1]>(a) ar = Reshape(at, s)
          b = Conv<kernel_shape = [1, 1]>(h, v) bt = Transpose<perm = [0, 2, 3, 1]>(b) br = Reshape(bt, s)
          y = Concat<axis = 1>(ar, br)
        """
        shapes = {"u": (24, 3, 1, 1), "v": (16, 3, 1, 1)}
        self.check(write("parts-heads", f"({IMAGE}) => (float[n, 448, 4] y)", nodes, **shapes), (3, 8, 8), parts=2)

    # Rows in one piece need no strides, so a GPU has them too.
    def test_rows_on_a_gpu(self):
        nodes = "a = MatMul(x, u) b = MatMul(x, v) c = Concat<axis = 0>(a, b) y = MatMul(c, w)"
        shapes = {"u": (8, 16), "v": (8, 16), "w": (16, 5)}
        path = write("parts-rows", "(float[n, 8] x) => (float[m, 5] y)", nodes, **shapes)
        self.check(path, (8,), parts=2, device="sim")

    # The channels of one image are in one piece where they come before the pixels.
    def test_channels_on_a_gpu(self):
        nodes = BRANCHES + "c = Concat<axis = 1>(ar, br) y = Conv<kernel_shape = [1, 1]>(c, w)"
        shapes = {"u": (16, 3, 1, 1), "v": (32, 3, 3, 3), "w": (5, 48, 1, 1)}
        path = write("parts-one-image", f"({IMAGE}) => (float[n, 5, 8, 8] y)", nodes, **shapes)
        self.check(path, (3, 8, 8), parts=2, device="sim", free=False)

    # A batch of none: parts have offsets in a place of no bytes, which the run once took for a damaged artifact.
    def test_no_images(self):
        nodes = "a = Tanh(x) b = Sigmoid(x) y = Concat<axis = 1>(a, b)"
        path = write("parts-none", "(float[n, 2, 8] x) => (float[n, 4, 8] y)", nodes)
        for batch in (2, 0):
            feeds = {"x": np.ones((batch, 2, 8), np.float32)}
            support.check(self, support.run_model(path, feeds, f"parts-none-{batch}"), support.expected(path, feeds))

    # A slice of rows that a product reads where they are.
    def test_slice(self):
        nodes = """
          z = Constant<value_ints = [2]>() e = Constant<value_ints = [6]>() a = Constant<value_ints = [1]>()
          p = Relu(x) h = Conv<kernel_shape = [3]>(p, u) s = Slice(h, z, e, a) y = Conv<kernel_shape = [1]>(s, v)
        """
        path = write("parts-slice", "(float[n, 3, 10] x) => (float[n, 5, 8] y)", nodes, u=(8, 3, 3), v=(5, 4, 1))
        self.check(path, (3, 10), parts=0, slices=1, device="sim", free=False)


if __name__ == "__main__":
    unittest.main()
