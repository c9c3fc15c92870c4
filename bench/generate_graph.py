#!/usr/bin/env python3
"""Writes a large ONNX graph whose ops are drawn from a histogram, to measure passes on.

    python bench/generate_graph.py out.onnx [--nodes 5000] [--seed 0]

Values have one of a few kinds (rows of a sequence, images, attention heads, sizes, ...); each drawn op takes operands of
its kinds, those that nothing has used yet first, so that no node is dead: what is unused in the end becomes an output.
The batch size is a free symbol. Two rare ops with bodies or boxes of their own (If, NonMaxSuppression) are left out.
"""
import argparse
import collections
import json
import pathlib
import random

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HISTOGRAM = pathlib.Path(__file__).with_name("op-histogram.json")
OPSET = 23
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL

KINDS = {
    "rows": (FLOAT, ["batch", 32, 64]),
    "split": (FLOAT, ["batch", 32, 4, 16]),
    "heads": (FLOAT, ["batch", 4, 32, 16]),
    "keys": (FLOAT, ["batch", 4, 16, 32]),
    "scores": (FLOAT, ["batch", 4, 32, 32]),
    "image": (FLOAT, ["batch", 16, 14, 14]),
    "steps": (FLOAT, [32, "batch", 64]),
    "layer": (FLOAT, [32, 1, "batch", 64]),
    "flat": (FLOAT, ["batch", 2048]),
    "pooled": (FLOAT, ["batch", 16, 1, 1]),
    "means": (FLOAT, ["batch", 32, 1]),
    "vector": (FLOAT, [64]),
    "flags": (BOOL, [64]),
    "mask": (BOOL, ["batch", 32, 64]),
    "shape": (INT64, [3]),
    "size": (INT64, []),
    "size1": (INT64, [1]),
    "positions": (INT64, [32]),
}
# Kinds that only nodes make; `?` is a size that differs from value to value, or depends on data.
MADE = {
    "found": (INT64, [1, "?"]),
    "chosen": (INT64, ["?", 1]),
    "ragged": (FLOAT, ["?"]),
    "top": (FLOAT, ["?"]),
    "least": (INT64, [1]),
    "total": (INT64, [1]),
}

SAME = ["rows", "image", "heads", "vector"]


def elementwise(count=1, kinds=SAME, **attributes):
    return [([kind] * count, kind, attributes) for kind in kinds]


# Op -> what it may look like: operands, result, attributes. An operand is a kind, `@2x3` (a new weight) or `#1,2` (an
# integer constant); an empty one is absent.
SIGNATURES = {
    "Constant": [([], "vector", {"value": "vector"})],
    "Reshape": [
        (["rows", "shape"], "rows", {}),
        (["rows", "#0,32,4,16"], "split", {}),
        (["split", "#0,32,64"], "rows", {}),
        (["flat", "#0,32,64"], "rows", {}),
    ],
    "Transpose": [
        (["split"], "heads", {"perm": [0, 2, 1, 3]}),
        (["heads"], "split", {"perm": [0, 2, 1, 3]}),
        (["heads"], "keys", {"perm": [0, 1, 3, 2]}),
        (["rows"], "steps", {"perm": [1, 0, 2]}),
        (["steps"], "rows", {"perm": [1, 0, 2]}),
        (["found"], "chosen", {"perm": [1, 0]}),
    ],
    "Conv": [
        (["image", "@16x16x3x3", "@16"], "image", {"pads": [1, 1, 1, 1]}),
        (["image", "@16x16x1x1", "@16"], "image", {}),
        (["image", "@16x1x3x3"], "image", {"pads": [1, 1, 1, 1], "group": 16}),
    ],
    "MatMul": [
        (["rows", "@64x64"], "rows", {}),
        (["heads", "keys"], "scores", {}),
        (["scores", "heads"], "heads", {}),
    ],
    "Add": elementwise(2) + [(["rows", "vector"], "rows", {}), (["scores", "@32x32"], "scores", {})],
    "Mul": elementwise(2) + [(["rows", "vector"], "rows", {}), (["image", "pooled"], "image", {})],
    "Sub": elementwise(2) + [(["rows", "means"], "rows", {})],
    "Div": elementwise(2) + [(["rows", "means"], "rows", {})],
    "Max": elementwise(2),
    "Min": elementwise(2),
    "Pow": [(["rows", "@"], "rows", {})],
    "Concat": [(["size1", "#32", "#64"], "shape", {"axis": 0}), (["top", "top"], "ragged", {"axis": 0})],
    "Gather": [
        (["shape", "#=0"], "size", {"axis": 0}),
        (["@50x64", "positions"], "rows", {"axis": 0, "expand": True}),
        (["rows", "positions"], "rows", {"axis": 1}),
    ],
    "Unsqueeze": [(["size", "#0"], "size1", {})],
    "Squeeze": [(["size1", "#0"], "size", {}), (["layer", "#1"], "steps", {})],
    "Shape": [(["rows"], "shape", {}), (["steps"], "shape", {})],
    "Slice": [(["rows", "#0", "#32", "#1"], "rows", {}), (["image", "#0,0", "#14,14", "#2,3"], "image", {})],
    "NonZero": [(["flags"], "found", {})],
    "GatherND": [(["vector", "chosen"], "ragged", {})],
    "Greater": [(["vector", "@"], "flags", {}), (["rows", "rows"], "mask", {})],
    "TopK": [(["vector", "least"], "top", {"results": 2})],
    "ReduceMin": [(["shape", "#0"], "least", {})],
    "ReduceMean": [(["rows", "#-1"], "means", {})],
    "ReduceMax": [(["rows", "#-1"], "means", {})],
    "ReduceSum": [(["rows", "#-1"], "means", {})],
    "ReduceL2": [(["rows", "#-1"], "means", {})],
    "ReduceProd": [(["shape", "#0"], "total", {})],
    "ConstantOfShape": [(["shape"], "rows", {"value": "filler"})],
    "Expand": [(["rows", "shape"], "rows", {}), (["vector", "shape"], "rows", {})],
    "Range": [(["#=0", "#=32", "#=1"], "positions", {})],
    "Tile": [(["rows", "#1,1,1"], "rows", {})],
    "Cast": [(["mask"], "rows", {"to": FLOAT}), (["flags"], "vector", {"to": FLOAT})],
    "Where": [(["mask", "rows", "rows"], "rows", {}), (["flags", "vector", "vector"], "vector", {})],
    "IsNaN": [(["rows"], "mask", {})],
    "Equal": [(["rows", "rows"], "mask", {})],
    "LessOrEqual": [(["rows", "rows"], "mask", {})],
    "GreaterOrEqual": [(["rows", "rows"], "mask", {})],
    "And": [(["mask", "mask"], "mask", {}), (["flags", "flags"], "flags", {})],
    "Not": [(["mask"], "mask", {}), (["flags"], "flags", {})],
    "Gemm": [(["flat", "@2048x64", "@64"], "flat", {"widen": True})],
    "Flatten": [(["rows"], "flat", {"axis": 1})],
    "Split": [(["rows", "#32,32"], "rows", {"axis": 2, "join": True})],
    "Clip": [([kind, "@", ""], kind, {}) for kind in ("rows", "image")],
    "Softmax": elementwise(1, ["scores", "rows"]),
    "LogSoftmax": elementwise(1, ["rows"]),
    "LayerNormalization": [(["rows", "@64", "@64"], "rows", {})],
    "RMSNormalization": [(["rows", "@64"], "rows", {})],
    "GroupNormalization": [(["image", "@16", "@16"], "image", {"num_groups": 4})],
    "BatchNormalization": [(["image", "@16", "@16", "@16", "@16"], "image", {})],
    "RotaryEmbedding": [(["heads", "@32x8", "@32x8", "places"], "heads", {})],
    "Attention": [(["heads", "heads", "heads"], "heads", {})],
    "LSTM": [(["steps", "@1x256x64", "@1x256x64"], "layer", {"hidden_size": 64})],
    "GlobalAveragePool": [(["image"], "pooled", {})],
    "AveragePool": [(["image"], "image", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})],
    "MaxPool": [(["image"], "image", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})],
    "Resize": [(["image", "", "@=1,1,1,1"], "image", {"mode": "nearest"})],
    "Pad": [(["rows", "#0,0,0,0,0,0"], "rows", {})],
    "CumSum": [(["rows", "#=1"], "rows", {})],
}
for name in "Relu Sigmoid HardSwish Erf Gelu HardSigmoid Sqrt Cos Sin Tanh Reciprocal Neg Ceil Exp".split():
    SIGNATURES[name] = elementwise()
# Shapes that need a second node to come back to a kind; these count as nodes of the graph too.
FOLLOW_UPS = {"expand": ("Expand", "shape", "rows"), "widen": ("Tile", "#1,32", "flat"), "join": ("Concat", None, "rows")}


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.nodes, self.inputs, self.initializers = [], [], []
        self.made = collections.defaultdict(list)  # kind -> values, oldest first
        self.unused = collections.defaultdict(list)
        self.constants = {}

    def add(self, kind, name):
        self.made[kind].append(name)
        self.unused[kind].append(name)

    def take(self, kind):
        """A value of this kind: the oldest unused one, else any, else a new input of the graph."""
        if self.unused[kind]:
            return self.unused[kind].pop(0)
        if self.made[kind]:
            return self.random.choice(self.made[kind])
        element, shape = KINDS[kind]
        name = f"in_{kind}"
        self.inputs.append(helper.make_tensor_value_info(name, element, shape))
        self.made[kind].append(name)
        return name

    def weight(self, text):
        if text.startswith("="):
            values = np.array(text[1:].split(","), np.float32)
        else:
            values = self.numbers.standard_normal([int(size) for size in text.split("x") if size]) * 0.1 + 1
        name = f"weight_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def integers(self, text):
        """A constant, shared by all its users; `=3` is a scalar."""
        if text not in self.constants:
            values = np.array(int(text[1:]) if text.startswith("=") else [int(part) for part in text.split(",")], np.int64)
            self.constants[text] = f"integers_{len(self.initializers)}"
            self.initializers.append(numpy_helper.from_array(values, self.constants[text]))
        return self.constants[text]

    def operand(self, text):
        if text.startswith("@"):
            return self.weight(text[1:])
        if text.startswith("#"):
            return self.integers(text[1:])
        if text == "places":
            # Positions per row of the batch: what a decoder is given.
            if not any(port.name == "places" for port in self.inputs):
                self.inputs.append(helper.make_tensor_value_info("places", INT64, ["batch", 32]))
            return "places"
        return self.take(text) if text else ""

    def pending(self, signature):
        return sum(bool(self.unused.get(kind)) for kind in signature[0])

    def available(self, signature):
        return all(kind not in MADE or self.made[kind] for kind in signature[0])

    def node(self, op, inputs, results=1, **attributes):
        outputs = [f"{op.lower()}_{len(self.nodes)}" + f"_{index}" * (index > 0) for index in range(results)]
        self.nodes.append(helper.make_node(op, inputs, outputs, f"{op}_{len(self.nodes)}", **attributes))
        return outputs

    def draw(self, op):
        """Adds one node, and what brings its result to a kind; nothing where the operands cannot be there yet."""
        choices = [signature for signature in SIGNATURES[op] if self.available(signature)]
        if not choices:
            return
        most = max(map(self.pending, choices))
        operands, result, attributes = self.random.choice([s for s in choices if self.pending(s) == most])
        attributes = dict(attributes)
        follow_up = next((attributes.pop(key) and key for key in FOLLOW_UPS if key in attributes), None)
        if attributes.get("value") == "vector":
            attributes["value"] = numpy_helper.from_array(self.numbers.standard_normal(64).astype(np.float32))
        if attributes.get("value") == "filler":
            attributes["value"] = helper.make_tensor("value", FLOAT, [1], [0.5])
        results = attributes.pop("results", 2 if follow_up == "join" else 1)
        outputs = self.node(op, [self.operand(text) for text in operands], results, **attributes)
        if follow_up == "join":
            outputs = self.node("Concat", outputs, axis=2)
        elif follow_up:
            second, other, _ = FOLLOW_UPS[follow_up]
            outputs = self.node(second, [outputs[0], self.operand(other)])
        self.add(result, outputs[0])

    def model(self):
        kinds = KINDS | MADE
        outputs = []
        for kind, names in sorted(self.unused.items()):
            element, shape = kinds[kind]
            outputs += [
                helper.make_tensor_value_info(name, element, [f"{name}_size" if size == "?" else size for size in shape])
                for name in names
            ]
        graph = helper.make_graph(self.nodes, "drawn", self.inputs, outputs, self.initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=11)


def generate(nodes, seed, left_out=()):
    histogram = json.loads(HISTOGRAM.read_text())["ops"]
    ops = [op for op in histogram if op in SIGNATURES and op not in left_out]
    generator = Generator(seed)
    while len(generator.nodes) < nodes:
        generator.draw(generator.random.choices(ops, [histogram[op] for op in ops])[0])
    return generator.model()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--leave-out", default="", help="ops not to draw, separated by commas")
    options = parser.parse_args()
    onnx.save(generate(options.nodes, options.seed, options.leave_out.split(",")), options.output)


if __name__ == "__main__":
    main()
