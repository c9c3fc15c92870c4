"""Models of few kinds of nodes, many times over: what looks along a chain must not look along all of it from every node."""
import unittest

import numpy as np
import support
from onnx import TensorProto, helper, numpy_helper


def save(name, nodes, result, **weights):
    x, y = (helper.make_tensor_value_info(port, TensorProto.FLOAT, ["n", 700]) for port in ("x", result))
    initializers = [numpy_helper.from_array(np.asarray(value, np.float32), key) for key, value in weights.items()]
    graph = helper.make_graph(nodes, name, [x], [y], initializers)
    return support.save(name, helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10))


class ChainsTest(unittest.TestCase):
    def compile(self, path):
        support.run("heddle", "compile", path, "--until", "graph", timeout=60)

    # Every product was once read down to the first: hours, or the end of the stack.
    def test_a_chain_of_products(self):
        count = 20000
        names = ["x"] + [f"v{i}" for i in range(count)]
        nodes = [helper.make_node("Mul", [names[i], "c"], [names[i + 1]]) for i in range(count)]
        self.compile(save("products", nodes, names[-1], c=1.0))

    # A constant of 30 sums, each of the one before with itself, was once evaluated 2^30 times.
    def test_a_constant_of_shared_sums(self):
        nodes = [helper.make_node("Neg", ["w"], ["k0"])]
        nodes += [helper.make_node("Add", [f"k{i}", f"k{i}"], [f"k{i + 1}"]) for i in range(30)]
        nodes += [helper.make_node("Mul", ["x", "k30"], ["scaled"]), helper.make_node("MatMul", ["scaled", "m"], ["y"])]
        self.compile(save("shared-sums", nodes, "y", w=np.linspace(1, 2, 700), m=np.ones((700, 700))))


if __name__ == "__main__":
    unittest.main()
