"""Batch normalization before and behind convolutions and products, folded into their weights, against ONNX Runtime."""
import unittest

import numpy as np
import onnx
import support
from onnx import helper, numpy_helper


class Net:
    """A chain of nodes with random weights over one input with a free batch."""

    def __init__(self, name, shape):
        self.name, self.shape, self.last = name, shape, "x"
        self.rng = np.random.default_rng(list(name.encode()))
        self.nodes, self.weights = [], []

    def constant(self, values):
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), f"w{len(self.weights)}"))
        return self.weights[-1].name

    def add(self, kind, *weights, **attributes):
        result = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.last, *weights], [result], **attributes))
        self.last = result
        return self

    def normal(self, *shape):
        return self.constant(self.rng.standard_normal(shape))

    def batch_norm(self, channels):
        positive = [self.constant(self.rng.uniform(0.5, 2, channels)) for _ in range(2)]
        return self.add("BatchNormalization", positive[0], self.normal(channels), self.normal(channels), positive[1])

    def conv(self, inputs, outputs, window, **attributes):
        groups = attributes.get("group", 1)
        return self.add("Conv", self.normal(outputs, inputs // groups, *window), self.normal(outputs), **attributes)

    def gemm(self, inputs, outputs):
        return self.add("Gemm", self.normal(outputs, inputs), self.normal(outputs), transB=1)

    def save(self):
        """The path of the model."""
        x = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["batch", *self.shape])
        y = helper.make_tensor_value_info(self.last, onnx.TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, self.name, [x], [y], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return support.save(self.name, onnx.shape_inference.infer_shapes(model))


class BatchNormTest(unittest.TestCase):
    def check(self, net, left=0):
        """Agrees with ONNX Runtime at two batches; `left` products with factors remain in the graph."""
        path = net.save()
        text = support.run("heddle", "compile", path, "--until", "graph")
        self.assertEqual(text.count("heddle.mul ") + text.count("heddle.div "), left, text)
        for batch in (1, 3):
            feeds = {"x": net.rng.standard_normal((batch, *net.shape)).astype(np.float32)}
            got = support.run_model(path, feeds, f"{net.name}-{batch}")
            support.check(self, got, support.expected(path, feeds))

    def test_before_a_convolution(self):
        self.check(Net("bn-before-conv", (6, 9, 9)).add("Relu").batch_norm(6).conv(6, 5, (3, 3)))

    def test_on_both_sides(self):
        self.check(Net("bn-both-sides", (6, 9, 9)).add("Relu").batch_norm(6).conv(6, 20, (1, 1)).batch_norm(20))

    def test_between_two_convolutions(self):
        self.check(Net("bn-between", (4, 8, 8)).conv(4, 6, (1, 1)).batch_norm(6).conv(6, 3, (3, 3)))

    def test_groups(self):
        self.check(Net("bn-groups", (6, 7, 7)).batch_norm(6).conv(6, 9, (2, 2), group=3))

    def test_depthwise(self):
        self.check(Net("bn-depthwise", (4, 7, 7)).batch_norm(4).conv(4, 8, (3, 3), group=4).batch_norm(8))

    def test_one_dimension(self):
        self.check(Net("bn-1d", (5, 20)).batch_norm(5).conv(5, 4, (3,), strides=[2], dilations=[2]))

    # The zeros of the padding are none of the shifted image's.
    def test_padding(self):
        self.check(Net("bn-padding", (4, 8, 8)).add("Relu").batch_norm(4).conv(4, 5, (3, 3), pads=[1, 1, 1, 1]), left=2)

    def test_before_a_product(self):
        self.check(Net("bn-gemm", (12,)).add("Relu").batch_norm(12).gemm(12, 7).batch_norm(7))

    def test_before_flattening(self):
        self.check(Net("bn-flatten", (3, 4, 5)).add("Relu").batch_norm(3).add("Flatten").gemm(60, 9))


if __name__ == "__main__":
    unittest.main()
