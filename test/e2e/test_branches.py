"""Branches whose values are used for their sizes only: the symbols that a branch defines must have a value in the answer."""
import unittest

import numpy as np
import support

BRANCHES = "then_branch = t () => (float[k] a) {{ {} }}, else_branch = e () => (float[k] b) {{ b = Identity(x) }}"
SLICE = "z = Constant<value_ints = [0]>() two = Constant<value_ints = [2]>() a = Slice(x, z, two)"
LOOP = "body = b (int64 i, bool go) => (bool o, float m) { o = Identity(go) m = ReduceMax<keepdims = 0>(x) }"


def write(name, signature, nodes):
    return support.save(name, f'<ir_version: 10, opset_import: ["" : 18]>\nmain {signature} {{ {nodes} }}')


class BranchesTest(unittest.TestCase):
    def answer(self, path, **inputs):
        given, found = path.with_suffix(".in.npz"), path.with_suffix(".out.npz")
        np.savez(given, **inputs)
        support.run("heddle", "run", path, "--inputs", given, "--outputs", found)
        wanted = support.onnxruntime.InferenceSession(str(path)).run(None, inputs)
        for value, expected in zip(np.load(found).values(), wanted):
            np.testing.assert_array_equal(value, expected)
        return wanted

    def test_size_of_a_branch(self):
        path = write("if-size", "(float[n] x, bool c) => (int64[1] s)", f"y = If(c) <{BRANCHES.format(SLICE)}> s = Shape(y)")
        x = np.arange(5, dtype=np.float32)
        self.assertEqual(self.answer(path, x=x, c=np.array(True))[0], [2])
        self.assertEqual(self.answer(path, x=x, c=np.array(False))[0], [5])

    def test_number_of_iterations(self):
        path = write("loop-size", "(float[n] x, int64 t, bool c) => (int64[1] s)", f"y = Loop(t, c) <{LOOP}> s = Shape(y)")
        self.answer(path, x=np.arange(5, dtype=np.float32), t=np.array(3), c=np.array(True))


if __name__ == "__main__":
    unittest.main()
