"""What the malformed models have in common: their list, and the valid models that each of them breaks in one place.

A case is a function that gets an empty folder and returns the model's bytes; it may put other files into the folder,
or write the model there itself as m.onnx and return None. Its rule is one of RULES.
"""
import dataclasses
from typing import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MALFORMED, UNSUPPORTED, OVER_LIMIT = 2, 3, 6
RULES = {
    1: "wire format",
    2: "tensors",
    3: "budgets",
    4: "external data",
    5: "graphs",
    6: "indices at run time",
    8: "text from the model",
}


@dataclasses.dataclass
class Case:
    name: str
    rule: int
    code: int
    text: str  # what the message must hold
    build: Callable
    runs: bool = False  # needs the program, because reading the model is not enough


CASES = []


def case(rule, code, text, runs=False):
    def register(build):
        CASES.append(Case(build.__name__, rule, code, text, build, runs))
        return build

    return register


def value(name, shape=(2, 2), dtype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def model(nodes, initializers=(), inputs=("x",), outputs=("y",), functions=(), opset=21, imports=(), ir_version=10):
    graph = helper.make_graph(nodes, "g", [value(n) for n in inputs], [value(n) for n in outputs], list(initializers))
    opsets = [helper.make_opsetid("", opset), *imports]
    result = helper.make_model(graph, opset_imports=opsets, functions=list(functions))
    result.ir_version = ir_version
    return result


def node(op, inputs, outputs, name="", **attributes):
    return helper.make_node(op, inputs, outputs, name=name, **attributes)


def relu(x="x", y="y", name="act"):
    return node("Relu", [x], [y], name)


def small():
    return model([relu()]).SerializeToString()


def with_weight(tensor, op="Add"):
    return model([node(op, ["x", "w"], ["y"], "sum")], [tensor])


def weight(dims=(2, 2), dtype=TensorProto.FLOAT, raw=None, **fields):
    tensor = TensorProto(name="w", data_type=dtype, dims=dims)
    if raw is not None:
        tensor.raw_data = raw
    for field, content in fields.items():
        getattr(tensor, field).extend(content)
    return tensor


def subgraph(nodes, outputs, inputs=(), name="body"):
    return helper.make_graph(nodes, name, list(inputs), [value(n) for n in outputs])


def conditional(then_nodes, output, name="if"):
    """If whose `then` is the nodes given and whose `else` passes x through."""
    other = subgraph([node("Identity", ["x"], ["else_out"], "pass")], ["else_out"])
    branch = subgraph(then_nodes, [output])
    condition = numpy_helper.from_array(np.array(True), "c")
    return model([node("If", ["c"], ["y"], name, then_branch=branch, else_branch=other)], [condition])


def external(dims, location, entries=(), dtype=TensorProto.FLOAT, name="w"):
    tensor = TensorProto(name=name, data_type=dtype, dims=dims, data_location=TensorProto.EXTERNAL)
    pairs = [("location", location)] if location is not None else []
    for key, content in [*pairs, *entries]:
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(content)
    return tensor


def function(name, nodes, inputs=("a",), outputs=("b",), domain="local"):
    imports = [helper.make_opsetid("", 21), helper.make_opsetid(domain, 1)]
    return helper.make_function(domain, name, list(inputs), list(outputs), nodes, imports)


def call(name, x, y, label=""):
    return helper.make_node(name, [x], [y], domain="local", name=label or f"call_{y}")


LOCAL = [helper.make_opsetid("local", 1)]


def sparse(values, indices, dims=(4,)):
    return onnx.SparseTensorProto(values=values, indices=indices, dims=dims)
