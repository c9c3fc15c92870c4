"""Sizes that only the run knows: what does not fit is named with its values, and what fits runs."""
import unittest

import numpy as np
import support

HEADER = '<ir_version: 8, opset_import: ["" : 18]>\n'
F32 = np.float32

# Two outputs of 'split', a padded and a tiled vector, and the elements of 'shape'.
SPLIT = "main (float[n] x, int64[2] split) => (float[p] y, float[q] z) { y, z = Split<axis = 0>(x, split) }"
PAD = "main (float[n] x, int64[2] pads) => (float[p] y) { y = Pad(x, pads) }"
TILE = "main (float[n] x, int64[1] repeats) => (float[p] y) { y = Tile(x, repeats) }"
CROP = "main (float[n] x) => (float[p] y) { pads = Constant<value_ints = [-2, 0]>() y = Pad(x, pads) }"
REPEAT = """main (float[n] x) => (float[p] y) {
  three = Constant<value_ints = [3]>() size = Shape(x) less = Sub(size, three) y = Tile(x, less) }"""
UNPOOL = """main (float[1, 1, 2] x, int64[1, 1, 2] i) => (float[1, 1, 4] y) {
  y = MaxUnpool<kernel_shape = [2], strides = [2]>(x, i) }"""

# n + 2 elements, and n: they fit where n is 1.
LONGER = """main (float[n] x) => (float[m] y) {
  two = Constant<value_floats = [5.0, 6.0]>() longer = Concat<axis = 0>(x, two) y = Add(longer, x) }"""
EXPANDED = """main (float[n] x) => (float[m] y) {
  two = Constant<value_floats = [5.0, 6.0]>() longer = Concat<axis = 0>(x, two) size = Shape(longer)
  y = Expand(x, size) }"""
# Each iteration stacks as many elements as x has that are not 0, or as many as its number.
STACKED = """main (float[n] x, int64 count) => (float[t, 1, k] y) {
  y = Loop(count, "") <body = body (int64 i, bool on) => (bool go, float[1, k] e) {
    go = Identity(on) places = NonZero(x) e = Cast<to = 1>(places) }> }"""
GROWING = """main (float[1] x, int64 count) => (float[t, k] y) {
  y = Loop(count, "") <body = body (int64 i, bool on) => (bool go, float[k] e) {
    go = Identity(on) axis = Constant<value_ints = [0]>() size = Unsqueeze(i, axis) e = Expand(x, size) }> }"""


def vector(size):
    return np.arange(1, size + 1, dtype=F32)


class RunTimeSizesTest(unittest.TestCase):
    def agrees(self, name, text, feeds, devices=("cpu",)):
        path = support.save(name, HEADER + text)
        for device in devices:
            with self.subTest(name=name, device=device):
                got = support.run_model(path, feeds, f"{name}-{device}", "--device", device)
                support.check(self, got, support.expected(path, feeds))

    def refused(self, name, text, feeds, message):
        with self.subTest(name=name):
            path = support.save(name, HEADER + text)
            with self.assertRaises(Exception):
                support.expected(path, feeds)
            self.assertEqual(support.refusal(path, feeds, name), (2, message))

    # Memory is planned before a negative size is found: that must not be what ends the run.
    def test_negative_sizes(self):
        x = vector(3)
        self.agrees("split", SPLIT, {"x": x, "split": np.array([0, 3])})
        self.agrees("pad", PAD, {"x": x, "pads": np.array([-5, 5])})
        self.agrees("crop", CROP, {"x": x})
        self.agrees("repeat", REPEAT, {"x": vector(4)})
        self.refused("split", SPLIT, {"x": x, "split": np.array([-1, 4])},
                     "Split_0: 'split' has a negative element: Split_0.split.0.given is -1, "
                     "Split_0.split.1.given is 4")
        self.refused("split", SPLIT, {"x": x, "split": np.array([2, 2])},
                     "Split_0: the parts [Split_0.split.0, Split_0.split.1] do not make up size n: "
                     "Split_0.split.0 is 2, Split_0.split.1 is 2, n is 3")
        self.refused("pad", PAD, {"x": x, "pads": np.array([-2, -2])},
                     "Pad_0: padding gives dimension 0 the size Pad_0.pads.0 + Pad_0.pads.1 + n: "
                     "Pad_0.pads.0 is -2, Pad_0.pads.1 is -2, n is 3")
        self.refused("tile", TILE, {"x": x, "repeats": np.array([-1])},
                     "Tile_0: 'repeats' has a negative element: Tile_0.repeats.0.given is -1")
        self.refused("crop", CROP, {"x": vector(1)}, "graph/Pad_1: padding gives a negative size in [-1]")

    def test_indices_of_max_unpool_do_not_count_from_the_end(self):
        x = np.ones((1, 1, 2), F32)
        self.agrees("unpool", UNPOOL, {"x": x, "i": np.array([[[0, 3]]])})
        path = support.save("unpool", HEADER + UNPOOL)
        for index in (-1, 4):
            refusal = support.refusal(path, {"x": x, "i": np.array([[[0, index]]])}, "unpool")
            self.assertEqual(refusal, (2, f"MaxUnpool_0: index {index} is out of bounds for a dimension of 4"))

    def test_sizes_that_always_differ_fit_where_the_smaller_is_one(self):
        self.agrees("longer", LONGER, {"x": vector(1)}, devices=("cpu", "sim"))
        self.agrees("expanded", EXPANDED, {"x": vector(1)})
        self.refused("longer", LONGER, {"x": vector(2)}, "graph/Add_2: shapes [4] and [2] do not broadcast")
        self.refused("expanded", EXPANDED, {"x": vector(2)}, "graph/Expand_3: shapes [2] and [4] do not broadcast")

    def test_stacked_values_of_sizes_that_the_body_computes(self):
        for count in (0, 1, 3):
            self.agrees("stacked", STACKED, {"x": np.array([1, 0, 2], F32), "count": np.array(count)})
        self.agrees("growing", GROWING, {"x": vector(1), "count": np.array(1)})
        self.refused("growing", GROWING, {"x": vector(1), "count": np.array(2)},
                     "Loop_0: a loop stacks values of different shapes: 0xf32 first, then 1xf32")

    # Every dimension is a loop; proofs about their indices once grew with the fourth power of the rank, to 25 s.
    def test_high_ranks_compile_in_time(self):
        sizes = ", ".join(f"d{dim}" for dim in range(64))
        text = f"main (float[{sizes}] x) => (float[{sizes}] y) {{ y = Softmax<axis = 5>(x) }}"
        path = support.save("rank", HEADER + text)
        support.run("heddle", "compile", path, "-o", support.WORK / "rank.hdl", timeout=12)


if __name__ == "__main__":
    unittest.main()
