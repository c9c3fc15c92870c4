"""Broadcasts between sizes of which only the run knows whether one of them is 1."""
import subprocess
import unittest

import numpy as np
import support

HEADER = '<ir_version: 9, opset_import: ["" : 18]>\nmain '
# The shape goes through Abs, so that nothing can be assumed of it before the run.
EXPAND = HEADER + """(float[n, m] x, int64[2] shape) => (float[p, q] y) {
  sizes = Abs(shape)
  before = Exp(x)
  wide = Expand(before, sizes)
  y = Neg(wide)
}"""
PARTLY_KNOWN = HEADER + """(float[n, 4] x, int64[3] shape) => (float[p, q, r] y) {
  sizes = Abs(shape)
  wide = Expand(x, sizes)
  rows = Softmax(wide)
  y = Add(rows, x)
}"""
# Two counts that data decides meet in sums, a selection and a product of matrices.
COUNTS = HEADER + """(float[n] x, float[m] z, float[2, 3] w) => (float[p] sum, float[q] again, float[r] chosen, float[s, 2, 2] product) {
  zero = Constant<value_float = 0.0>()
  isUsedX = Greater(x, zero)
  isUsedZ = Greater(z, zero)
  a = Compress(x, isUsedX)
  b = Compress(z, isUsedZ)
  sum = Add(a, b)
  again = Mul(sum, b)
  isLess = Less(a, b)
  chosen = Where(isLess, sum, b)
  two = Constant<value_ints = [1, 2]>()
  stackA = Unsqueeze(a, two)
  stackB = Unsqueeze(b, two)
  left = Add(stackA, w)
  turned = Transpose<perm = [1, 0]>(w)
  right = Mul(stackB, turned)
  product = MatMul(left, right)
}"""
# What stands in a branch cannot be a guard, so the sizes of inputs are compared there too.
BRANCH = HEADER + """(bool c, float[m] x, float[n] z) => (float[p] y) {
  y = If(c) <
    then_branch = taken () => (float[q] a) { a = Add(x, z) },
    else_branch = other () => (float[r] b) { b = Neg(x) }
  >
}"""


def draw(shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def counted(positive, seed):
    """Numbers of which so many are positive."""
    return np.concatenate([draw(positive, seed) ** 2 + 0.1, -np.ones(2)]).astype(np.float32)


class BroadcastsTest(unittest.TestCase):
    def agrees(self, path, name, feeds, devices=("cpu", "sim")):
        for device in devices:
            with self.subTest(device=device, **{key: list(value.shape) for key, value in feeds.items()}):
                got = support.run_model(path, feeds, name, "--device", device)
                support.check(self, got, support.expected(path, feeds))

    def test_expand_in_both_directions(self):
        path = support.save("expand", EXPAND)
        pairs = [((3, 4), (3, 4)), ((1, 4), (3, 4)), ((3, 4), (1, 1)), ((3, 1), (1, 4)), ((1, 70), (33, 70))]
        for shape, target in pairs:
            self.agrees(path, "expand", {"x": draw(shape), "shape": np.array(target)})

    # A size of 0 is neither 1 nor the larger one.
    def test_expand_of_nothing_and_to_nothing(self):
        path = support.save("expand", EXPAND)
        for shape, target in [((0, 4), (1, 4)), ((1, 4), (0, 4)), ((0, 1), (0, 3))]:
            self.agrees(path, "expand", {"x": draw(shape), "shape": np.array(target)})

    def test_a_known_size_stays(self):
        path = support.save("expand-known", PARTLY_KNOWN)
        for n, target in [(3, (2, 3, 4)), (1, (2, 3, 1)), (3, (1, 1, 4))]:
            self.agrees(path, "expand-known", {"x": draw((n, 4)), "shape": np.array(target)})

    def test_counts_of_which_one_may_be_1(self):
        path = support.save("counts", COUNTS)
        for n, m in [(3, 3), (1, 5), (5, 1), (1, 1), (40, 1)]:
            feeds = {"x": counted(n, 1), "z": counted(m, 2), "w": draw((2, 3))}
            self.agrees(path, "counts", feeds, ("cpu",))
        self.agrees(path, "counts", {"x": counted(1, 1), "z": counted(5, 2), "w": draw((2, 3))}, ("sim",))

    def test_sizes_of_inputs_in_a_branch(self):
        path = support.save("branch", BRANCH)
        for taken, n, m in [(True, 3, 3), (True, 1, 5), (True, 5, 1), (False, 2, 3)]:
            self.agrees(path, "branch", {"c": np.array(taken), "x": draw(n, 1), "z": draw(m, 2)}, ("cpu",))

    def test_sizes_that_do_not_fit_are_named_with_their_values(self):
        path = support.save("expand", EXPAND)
        given = support.WORK / "unfit.npz"
        np.savez(given, x=draw((3, 4)), shape=np.array([2, 4]))
        command = [support.BUILD / "bin/heddle", "run", path, "--inputs", given]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("Expand_2: shapes [n, m] and [Expand_2.shape.0, Expand_2.shape.1] do not broadcast", done.stderr)
        self.assertIn("Expand_2.shape.0 is 2, n is 3", done.stderr)


if __name__ == "__main__":
    unittest.main()
