"""Writes models whose tensors ONNX's text format cannot express: constants.py FOLDER."""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = pathlib.Path(sys.argv[1])


def save(name, ir_version, inputs, outputs, nodes, initializers):
    graph = helper.make_graph(nodes, "main", inputs, outputs, initializers)
    model = helper.make_model(graph, ir_version=ir_version, opset_imports=[helper.make_opsetid("", 21)])
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


tensors = [
    numpy_helper.from_array(np.array([1, 2], np.float32), "small"),
    numpy_helper.from_array(np.full((1000000, 2), 3, np.float32), "splat"),
    numpy_helper.from_array(np.arange(1000, dtype=np.float32).reshape(500, 2), "large"),
    helper.make_tensor("pairs", TensorProto.INT4, [3], [1, -2, 3]),
    numpy_helper.from_array(np.array([True, False]), "flags"),
]
outputs = [helper.make_tensor_value_info(t.name + "_out", t.data_type, list(t.dims)) for t in tensors]
save("constants", 10, [], outputs, [helper.make_node("Identity", [t.name], [t.name + "_out"]) for t in tensors], tensors)

vector = helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])
weight = helper.make_tensor_value_info("w", TensorProto.FLOAT, [4])
result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
initializer = numpy_helper.from_array(np.arange(4, dtype=np.float32), "w")
save("legacy", 3, [vector, weight], [result], [helper.make_node("Add", ["x", "w"], ["y"])], [initializer])
