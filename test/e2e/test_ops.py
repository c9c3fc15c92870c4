"""`heddle ops` says what compiles; here some of its rows, drawn by a seed, are compiled, and so is what it leaves out."""
import json
import random
import subprocess
import unittest

import onnx
import support
from onnx import TensorProto, helper

ELEMENTS = {
    "f32": TensorProto.FLOAT,
    "f64": TensorProto.DOUBLE,
    "f16": TensorProto.FLOAT16,
    "bf16": TensorProto.BFLOAT16,
    "i8": TensorProto.INT8,
    "i16": TensorProto.INT16,
    "i32": TensorProto.INT32,
    "i64": TensorProto.INT64,
    "u8": TensorProto.UINT8,
    "u32": TensorProto.UINT32,
    "bool": TensorProto.BOOL,
}
# Ops whose operands all have one type and shape, so that a model of one node needs nothing else.
UNARY = ["Abs", "Ceil", "Exp", "Floor", "Neg", "Not", "Relu", "Sigmoid", "Sqrt", "Tanh"]
BINARY = ["Add", "And", "Div", "Max", "Mul", "Pow", "Sub"]
DRAWN = 20


def one_node(op, version, element):
    inputs = [helper.make_tensor_value_info(name, element, [2, 3]) for name in "ab"[: 1 + (op in BINARY)]]
    result = helper.make_tensor_value_info("y", element, [2, 3])
    node = helper.make_node(op, [port.name for port in inputs], ["y"])
    graph = helper.make_graph([node], op, inputs, [result])
    path = support.WORK / "one-node.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=10), path)
    return path


class OpsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.WORK.mkdir(parents=True, exist_ok=True)
        path = support.WORK / "ops.json"
        cls.text = support.run("heddle", "ops", "--json", path)
        cls.ops = {op["name"]: op for op in json.loads(path.read_text())["ops"]}

    def compiles(self, op, version, element):
        model = one_node(op, version, ELEMENTS[element])
        command = [support.BUILD / "bin/heddle", "compile", model, "-o", support.WORK / "one-node.hdl"]
        return subprocess.run(command, capture_output=True).returncode == 0

    # The table is worth nothing if a row does not compile, or something compiles that it leaves out.
    def test_rows_are_what_compiles(self):
        cells = [
            (op, version, element)
            for op in UNARY + BINARY
            for version in self.ops[op]["versions"]
            if version["since"] >= 7
            for element in ELEMENTS
        ]
        for op, version, element in random.Random(0).sample(cells, DRAWN):
            listed = element in version["types"]
            with self.subTest(op=op, opset=version["until"], element=element):
                self.assertEqual(self.compiles(op, version["until"], element), listed)

    def test_names_forms_and_devices(self):
        self.assertEqual(self.ops["Relu"]["versions"][-1]["form"], "structured")
        self.assertEqual(self.ops["Transpose"]["versions"][-1]["form"], "movement")
        self.assertEqual(self.ops["Relu"]["devices"], ["cpu", "cuda"])
        self.assertIn("Relu", self.text)


if __name__ == "__main__":
    unittest.main()
