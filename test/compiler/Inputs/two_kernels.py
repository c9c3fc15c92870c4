"""Writes a model of two kernels, a matrix product and a softmax, to the path given."""
import sys

import onnx
from onnx import TensorProto, helper

nodes = [
    helper.make_node("Exp", ["x"], ["e"], name="Exp_0"),
    helper.make_node("MatMul", ["e", "e"], ["m"], name="MatMul_1"),
    helper.make_node("Softmax", ["m"], ["y"], name="Softmax_2", axis=1),
]
ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [8, 8]) for name in "xy"]
graph = helper.make_graph(nodes, "two_kernels", ports[:1], ports[1:])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), sys.argv[1])
