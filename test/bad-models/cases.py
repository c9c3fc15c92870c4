"""Malformed models, at least one for each rule on untrusted models, and what reading each must answer.

A case is a function that gets an empty folder and returns the model's bytes; it may put other files into the folder.
Its rule is the number in docs/semantics: 1 wire format, 2 tensors, 3 budgets, 4 external data, 5 graphs, 6 indices at
run time, 8 text from the model.
"""
import dataclasses
import os
from typing import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wire import message, number, varint

MALFORMED, UNSUPPORTED, OVER_LIMIT = 2, 3, 6
GIB = 2**30


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


# 1: the wire format


@case(1, MALFORMED, "passes the end")
def truncated(_folder):
    return small()[:-3]


@case(1, MALFORMED, "model: has no graph")
def empty_file(_folder):
    return b""


@case(1, MALFORMED, "has no graph")
def no_graph(_folder):
    return number(1, 10) + message(8, number(2, 21))


@case(1, MALFORMED, "wire type 4 is not allowed")
def plain_text(_folder):
    return b"hello, this is no model"


@case(1, MALFORMED, "field number 0 is not valid")
def field_zero(_folder):
    return small() + b"\x02\x00"


@case(1, MALFORMED, "wire type 3 is not allowed")
def group(_folder):
    return small() + varint(15 << 3 | 3)


@case(1, MALFORMED, "truncated number")
def trailing_garbage(_folder):
    return small() + b"\xff"


@case(1, MALFORMED, "number longer than 64 bits")
def overlong_number(_folder):
    return small() + b"\x08" + b"\xff" * 10 + b"\x01"


@case(1, MALFORMED, "graph/act: field 'output' is not UTF-8")
def name_not_utf8(_folder):
    return small().replace(b"\x12\x01y\x1a\x03act", b"\x12\x01\xff\x1a\x03act")


@case(1, MALFORMED, "field 'graph' has wire type 0, expected 2")
def wrong_wire_type(_folder):
    return number(1, 10) + number(7, 1)


@case(1, MALFORMED, "field 'graph' appears twice")
def two_graphs(_folder):
    return small() + message(7, b"")


@case(1, MALFORMED, "float_data' has 7 bytes, expected a multiple of 4")
def broken_packed_floats(_folder):
    tensor = number(1, 2) + number(2, 1) + message(4, b"\0" * 7)
    return number(1, 10) + message(7, message(5, tensor))


@case(1, OVER_LIMIT, "nesting of messages passes the limit of 100")
def deep_types(_folder):
    content = message(1, number(1, 1))
    for _ in range(60):
        content = message(4, message(1, content))
    return small() + message(25, message(1, b"f") + message(12, message(1, b"deep") + message(2, content)))


@case(1, OVER_LIMIT, "nesting of graphs passes the limit of 16")
def deep_graphs(_folder):
    branch = subgraph([relu("x", "o0", "leaf")], ["o0"])
    for depth in range(1, 18):
        name = f"o{depth}"
        branch = subgraph([node("If", ["c"], [name], f"if{depth}", then_branch=branch, else_branch=branch)], [name])
        branch.node[0].attribute[1].g.Clear()
    condition = numpy_helper.from_array(np.array(True), "c")
    return model([node("If", ["c"], ["y"], "top", then_branch=branch, else_branch=branch)], [condition]).SerializeToString()


@case(1, OVER_LIMIT, "the model without its weights passes the limit of 268435456")
def too_large_for_protobuf(folder):
    """Five attributes of 60 MiB; the file has holes, so that it takes no space on disk."""
    length = 60 << 20
    attribute_head = message(1, b"s") + number(20, 3) + varint(4 << 3 | 2) + varint(length)
    node_head = varint(5 << 3 | 2) + varint(len(attribute_head) + length) + attribute_head
    node_size = len(node_head) + length
    graph_head = varint(1 << 3 | 2) + varint(node_size) + node_head
    head = number(1, 10) + varint(7 << 3 | 2) + varint(5 * (len(graph_head) + length))
    with open(folder / "m.onnx", "wb") as file:
        file.write(head)
        for _ in range(5):
            file.write(graph_head)
            file.seek(length, os.SEEK_CUR)
        file.truncate(file.tell())
    return None


# 2: tensors


@case(2, MALFORMED, "graph: initializer[0]: tensor 'w': shape [2,-2] has a negative dimension")
def negative_dimension(_folder):
    return with_weight(weight((2, -2), raw=b"\0" * 16)).SerializeToString()


@case(2, MALFORMED, "has too many elements")
def overflowing_dimensions(_folder):
    return with_weight(weight((2**62, 2**62), raw=b"\0" * 16)).SerializeToString()


@case(2, MALFORMED, "has too many elements")
def overflowing_empty_dimensions(_folder):
    return with_weight(weight((2**62, 2**62, 0))).SerializeToString()


@case(2, MALFORMED, "raw_data has 12 bytes, expected 16 for shape [2,2]")
def short_raw_data(_folder):
    return with_weight(weight(raw=b"\0" * 12)).SerializeToString()


@case(2, MALFORMED, "raw_data has 20 bytes, expected 16")
def long_raw_data(_folder):
    return with_weight(weight(raw=b"\0" * 20)).SerializeToString()


@case(2, MALFORMED, "raw_data has 8188 bytes, expected 8192")
def short_large_raw_data(_folder):
    return with_weight(weight((1024, 2), raw=b"\0" * 8188)).SerializeToString()


@case(2, MALFORMED, "raw_data has 1 bytes, expected 2")
def short_packed_pairs(_folder):
    return with_weight(weight((3,), TensorProto.INT4, raw=b"\0")).SerializeToString()


@case(2, MALFORMED, "has 3 values, expected 4")
def short_typed_field(_folder):
    return with_weight(weight(float_data=[1, 2, 3])).SerializeToString()


@case(2, MALFORMED, "has 0 values, expected 4")
def no_elements(_folder):
    return with_weight(weight()).SerializeToString()


@case(2, MALFORMED, "has both raw_data and a typed field")
def two_fields(_folder):
    return with_weight(weight(raw=b"\0" * 16, float_data=[1, 2, 3, 4])).SerializeToString()


@case(2, MALFORMED, "lie in the wrong field")
def wrong_field(_folder):
    return with_weight(weight(int64_data=[1, 2, 3, 4])).SerializeToString()


@case(2, MALFORMED, "has a segment")
def segment(_folder):
    tensor = weight(raw=b"\0" * 16)
    tensor.segment.begin = 0
    return with_weight(tensor).SerializeToString()


@case(2, MALFORMED, "element type 99 is unknown")
def unknown_element_type(_folder):
    return with_weight(weight(dtype=99, raw=b"\0" * 16)).SerializeToString()


@case(2, MALFORMED, "element type 0 is unknown")
def undefined_element_type(_folder):
    return with_weight(weight(dtype=0, raw=b"\0" * 16)).SerializeToString()


@case(2, MALFORMED, "strings may not lie in raw_data")
def raw_strings(_folder):
    return with_weight(weight((1,), TensorProto.STRING, raw=b"abc")).SerializeToString()


@case(2, MALFORMED, "graph/two: attribute[0].t: tensor 'w': raw_data has 4 bytes, expected 16")
def short_attribute_tensor(_folder):
    constant = node("Constant", [], ["y"], "two", value=weight(raw=b"\0" * 4))
    return model([constant]).SerializeToString()


@case(2, MALFORMED, "graph/if_then/inner: attribute[0].t: tensor 'w'")
def short_tensor_in_a_branch(_folder):
    constant = node("Constant", [], ["then_out"], "inner", value=weight(raw=b"\0" * 4))
    return conditional([constant], "then_out").SerializeToString()


# 3: budgets


def external(dims, location, entries=(), dtype=TensorProto.FLOAT, name="w"):
    tensor = TensorProto(name=name, data_type=dtype, dims=dims, data_location=TensorProto.EXTERNAL)
    pairs = [("location", location)] if location is not None else []
    for key, content in [*pairs, *entries]:
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(content)
    return tensor


def sparse_file(path, size):
    with open(path, "wb") as file:
        file.truncate(size)


@case(3, OVER_LIMIT, "bytes pass the limit of 8589934592")
def tensor_over_8_gib(folder):
    sparse_file(folder / "w.bin", 9 * GIB)
    return with_weight(external((9 * GIB // 4,), "w.bin")).SerializeToString()


@case(3, OVER_LIMIT, "the size of all tensors passes the limit of 17179869184")
def tensors_over_16_gib(folder):
    sparse_file(folder / "w.bin", 6 * GIB)
    tensors = [external((6 * GIB // 4,), "w.bin", name=f"w{i}") for i in range(3)]
    return model([relu()], tensors).SerializeToString()


@case(3, OVER_LIMIT, "the number of nodes passes the limit of 1000000")
def too_many_nodes(_folder):
    nodes = message(1, message(1, b"x") + message(4, b"Relu")) * 1000001
    return number(1, 10) + message(7, nodes)


@case(3, OVER_LIMIT, "the length of 's' passes the limit of 67108864")
def string_over_64_mib(_folder):
    constant = node("Constant", [], ["y"], "text", value_string="a" * (65 << 20))
    return model([constant]).SerializeToString()


@case(3, OVER_LIMIT, "the memory for the parsed model passes the limit of 1073741824")
def many_empty_strings(_folder):
    """Two bytes on the wire that protobuf would blow up to dozens each."""
    return number(1, 10) + message(7, message(1, b"\x0a\x00" * 17_000_000))


@case(3, OVER_LIMIT, "the rank passes the limit of 64")
def rank_65(_folder):
    return with_weight(weight((1,) * 65, raw=b"\0" * 4)).SerializeToString()


def function(name, nodes, inputs=("a",), outputs=("b",), domain="local"):
    imports = [helper.make_opsetid("", 21), helper.make_opsetid(domain, 1)]
    return helper.make_function(domain, name, list(inputs), list(outputs), nodes, imports)


def call(name, x, y, label=""):
    return helper.make_node(name, [x], [y], domain="local", name=label or f"call_{y}")


LOCAL = [helper.make_opsetid("local", 1)]


@case(3, OVER_LIMIT, "graph/call_y: the number of attributes passes the limit of 1024")
def too_many_attributes(_folder):
    many = call("F", "x", "y")
    many.attribute.extend(helper.make_attribute(f"a{i}", i) for i in range(1025))
    return model([many], functions=[function("F", [relu("a", "b")])], imports=LOCAL).SerializeToString()


def doubling(levels):
    """Function i calls function i + 1 twice, so that inlining ends in 2^levels nodes."""
    last = function(f"F{levels}", [relu("a", "b", "leaf")])
    calls = [function(f"F{i}", [call(f"F{i + 1}", "a", "t"), call(f"F{i + 1}", "t", "b")]) for i in range(levels)]
    return [*calls, last]


@case(3, OVER_LIMIT, "the number of nodes after inlining functions passes the limit of 1000000")
def exponential_functions(_folder):
    return model([call("F0", "x", "y")], functions=doubling(40), imports=LOCAL).SerializeToString()


@case(3, OVER_LIMIT, "nesting of function calls passes the limit of 100")
def long_call_chain(_folder):
    chain = [function(f"F{i}", [call(f"F{i + 1}", "a", "b")]) for i in range(150)]
    functions = [*chain, function("F150", [relu("a", "b", "leaf")])]
    return model([call("F0", "x", "y")], functions=functions, imports=LOCAL).SerializeToString()


@case(3, MALFORMED, "functions call each other in a cycle: F -> G -> F")
def recursive_functions(_folder):
    functions = [function("F", [call("G", "a", "b")]), function("G", [call("F", "a", "b")])]
    return model([call("F", "x", "y")], functions=functions, imports=LOCAL).SerializeToString()


@case(3, MALFORMED, "functions call each other in a cycle: F -> F")
def recursion_inside_a_branch(_folder):
    branch = helper.make_graph([call("F", "a", "o")], "body", [], [value("o")])
    condition = node("Constant", [], ["c"], "true", value=numpy_helper.from_array(np.array(True)))
    body = [condition, node("If", ["c"], ["b"], "if", then_branch=branch, else_branch=branch)]
    return model([call("F", "x", "y")], functions=[function("F", body)], imports=LOCAL).SerializeToString()


@case(3, MALFORMED, "function F is defined twice")
def function_defined_twice(_folder):
    functions = [function("F", [relu("a", "b")]), function("F", [relu("a", "b")])]
    return model([call("F", "x", "y")], functions=functions, imports=LOCAL).SerializeToString()


# 4: external data


def external_case(text, location="w.bin", entries=(), prepare=None, code=MALFORMED):
    """Registers a case whose only fault is in the external data of an initializer."""

    def register(name):
        def build(folder):
            (folder / "w.bin").write_bytes(b"\0" * 16)
            if prepare:
                prepare(folder)
            return with_weight(external((2, 2), location, entries)).SerializeToString()

        build.__name__ = name
        case(4, code, text)(build)

    return register


def link_file(folder):
    os.symlink("w.bin", folder / "link.bin")


def link_folder(folder):
    (folder / "real").mkdir()
    (folder / "real/w.bin").write_bytes(b"\0" * 16)
    os.symlink("real", folder / "sub")


external_case("leads upwards", "../w.bin")("location_upwards")
external_case("leads upwards", "a/../../w.bin")("location_upwards_inside")
external_case("leads upwards", "a\\..\\w.bin")("location_upwards_by_backslash")
external_case("is an absolute path", "/etc/passwd")("location_absolute")
external_case("has a drive letter", "C:w.bin")("location_with_drive")
external_case("holds a zero byte", "w.bin\0.txt")("location_with_zero_byte")
external_case("has an empty component", "a//w.bin")("location_with_empty_component")
external_case("has no location", "")("location_empty")
external_case("has no location", None)("location_missing")
external_case("cannot be opened: no such file", "missing.bin")("file_missing")
external_case("leads through a link", "link.bin", prepare=link_file)("file_is_a_link")
external_case("leads through a link", "sub/w.bin", prepare=link_folder)("folder_is_a_link")
external_case("is not a regular file", "pipe", prepare=lambda folder: os.mkfifo(folder / "pipe"))("file_is_a_pipe")
external_case("is not a regular file", "dir", prepare=lambda folder: (folder / "dir").mkdir())("file_is_a_folder")
external_case("has 2 names", prepare=lambda folder: os.link(folder / "w.bin", folder / "w2.bin"))("file_has_two_names")
external_case("has 16 bytes, expected 16 at offset 4", entries=[("offset", 4)])("range_past_the_end")
external_case("has 16 bytes, expected 16 at offset 18446744073709551615", entries=[("offset", 2**64 - 1)])("range_overflows")
external_case("has length 12, expected 16", entries=[("length", 12)])("length_differs")
external_case("'-4' of external data is not an unsigned", entries=[("offset", -4)])("offset_negative")
external_case("'0x4' of external data is not an unsigned", entries=[("offset", "0x4")])("offset_hexadecimal")
external_case("'4 ' of external data is not an unsigned", entries=[("offset", "4 ")])("offset_with_a_space")
external_case("is not an unsigned decimal", entries=[("offset", 2**64)])("offset_over_64_bits")
external_case("key 'offset' of external data appears twice", entries=[("offset", 0), ("offset", 0)])("key_twice")
external_case("key 'heddle.range' of external data is unknown", entries=[("heddle.range", 0)])("key_unknown")


@case(4, MALFORMED, "is external but has elements in the model too")
def external_and_raw(folder):
    (folder / "w.bin").write_bytes(b"\0" * 16)
    tensor = external((2, 2), "w.bin")
    tensor.raw_data = b"\0" * 16
    return with_weight(tensor).SerializeToString()


@case(4, MALFORMED, "strings may not be external")
def external_strings(_folder):
    return with_weight(external((1,), "w.bin", dtype=TensorProto.STRING)).SerializeToString()


@case(4, MALFORMED, "graph/two: tensor 'w': external data '../w.bin' leads upwards")
def external_attribute(_folder):
    return model([node("Constant", [], ["y"], "two", value=external((2, 2), "../w.bin"))]).SerializeToString()


@case(4, MALFORMED, "function F/two: tensor 'w': external data '../w.bin' leads upwards")
def external_in_a_function(_folder):
    body = [node("Constant", [], ["b"], "two", value=external((2, 2), "../w.bin"))]
    return model([call("F", "x", "y")], functions=[function("F", body)], imports=LOCAL).SerializeToString()


def sparse(values, indices, dims=(4,)):
    return onnx.SparseTensorProto(values=values, indices=indices, dims=dims)


@case(4, MALFORMED, "tensor 'i': external data '../w.bin' leads upwards")
def external_sparse_indices(_folder):
    values = numpy_helper.from_array(np.ones(2, np.float32), "w")
    indices = external((2,), "../w.bin", dtype=TensorProto.INT64, name="i")
    broken = model([node("Add", ["x", "w"], ["y"], "sum")])
    broken.graph.sparse_initializer.append(sparse(values, indices))
    return broken.SerializeToString()


# 5: graphs


@case(5, MALFORMED, "graph: nodes form a cycle: a -> b -> c -> a")
def cycle(_folder):
    nodes = [node("Add", ["x", "r"], ["p"], "a"), relu("p", "q", "b"), relu("q", "r", "c"), relu("r", "y", "d")]
    return model(nodes).SerializeToString()


@case(5, MALFORMED, "nodes form a cycle: self -> self")
def cycle_of_one(_folder):
    return model([node("Add", ["x", "y"], ["y"], "self")]).SerializeToString()


@case(5, MALFORMED, "nodes form a cycle: if -> after -> if")
def cycle_through_a_branch(_folder):
    broken = conditional([relu("late", "then_out", "inner")], "then_out")
    broken.graph.node.append(relu("y", "late", "after"))
    return broken.SerializeToString()


@case(5, MALFORMED, "graph/second: value 'y' is defined twice")
def value_defined_twice(_folder):
    return model([relu(name="first"), relu(name="second")]).SerializeToString()


@case(5, MALFORMED, "value 'x' is defined twice")
def input_twice(_folder):
    return model([relu()], inputs=("x", "x")).SerializeToString()


@case(5, MALFORMED, "initializer 'w' is defined twice")
def initializer_twice(_folder):
    tensor = weight(raw=b"\0" * 16)
    return model([node("Add", ["x", "w"], ["y"])], [tensor, tensor]).SerializeToString()


@case(5, MALFORMED, "graph/act: value 'x' is defined twice")
def node_defines_an_input(_folder):
    return model([relu("x", "x"), relu("x", "y", "last")]).SerializeToString()


@case(5, MALFORMED, "graph/if_then/inner: value 'x' is also defined in an enclosing graph")
def shadowed_name(_folder):
    return conditional([relu("x", "x", "inner")], "x").SerializeToString()


@case(5, MALFORMED, "graph/sum: input 'nowhere' is not defined")
def undefined_input(_folder):
    return model([node("Add", ["x", "nowhere"], ["y"], "sum")]).SerializeToString()


@case(5, MALFORMED, "graph/if_then/Relu_0: input 'nowhere' is not defined")
def undefined_input_in_a_branch(_folder):
    return conditional([relu("nowhere", "then_out", "")], "then_out").SerializeToString()


@case(5, MALFORMED, "function F/act: input 'nowhere' is not defined")
def undefined_input_in_a_function(_folder):
    functions = [function("F", [relu("nowhere", "b")])]
    return model([call("F", "x", "y")], functions=functions, imports=LOCAL).SerializeToString()


@case(5, MALFORMED, "graph: output 'z' is not defined")
def undefined_output(_folder):
    return model([relu()], outputs=("z",)).SerializeToString()


@case(5, UNSUPPORTED, "Frobnicate")
def unknown_op(_folder):
    return model([node("Frobnicate", ["x"], ["y"])]).SerializeToString()


@case(5, UNSUPPORTED, "version 28 of operator set ai.onnx is not supported, expected 6 to 27")
def future_opset(_folder):
    return model([relu()], opset=28).SerializeToString()


@case(5, UNSUPPORTED, "version 5 of operator set ai.onnx is not supported")
def old_opset(_folder):
    return model([relu()], opset=5).SerializeToString()


@case(5, UNSUPPORTED, "ir_version 99 is not supported")
def future_ir_version(_folder):
    return model([relu()], ir_version=99).SerializeToString()


@case(5, MALFORMED, "version 0 of operator set ai.onnx is not valid")
def opset_zero(_folder):
    return model([relu()], opset=0).SerializeToString()


@case(5, MALFORMED, "ir_version 0 is not valid")
def ir_version_zero(_folder):
    return model([relu()], ir_version=0).SerializeToString()


@case(5, MALFORMED, "operator set ai.onnx is imported twice")
def opset_twice(_folder):
    return model([relu()], imports=[helper.make_opsetid("ai.onnx", 20)]).SerializeToString()


@case(5, MALFORMED, "no opset import for domain 'com.example'")
def domain_not_imported(_folder):
    return model([helper.make_node("Foo", ["x"], ["y"], domain="com.example", name="foo")]).SerializeToString()


@case(5, MALFORMED, "graph/sum: ")
def too_many_inputs(_folder):
    return model([node("Add", ["x", "x", "x"], ["y"], "sum")]).SerializeToString()


@case(5, MALFORMED, "graph/sum: ")
def too_few_inputs(_folder):
    return model([node("Add", ["x"], ["y"], "sum")]).SerializeToString()


@case(5, MALFORMED, "graph/if_then/inner: ")
def too_many_outputs_in_a_branch(_folder):
    return conditional([node("Relu", ["x"], ["then_out", "more"], "inner")], "then_out").SerializeToString()


@case(5, MALFORMED, "graph/cat: ")
def wrong_attribute_type(_folder):
    return model([node("Concat", ["x", "x"], ["y"], "cat", axis=1.5)]).SerializeToString()


@case(5, MALFORMED, "graph/cat: ")
def missing_attribute(_folder):
    return model([node("Concat", ["x", "x"], ["y"], "cat")]).SerializeToString()


@case(5, MALFORMED, "graph/act: ")
def unknown_attribute(_folder):
    return model([node("Relu", ["x"], ["y"], "act", speed=3)]).SerializeToString()


@case(5, MALFORMED, "graph/act: attribute 'a' appeared multiple times")
def attribute_twice(_folder):
    broken = model([node("LeakyRelu", ["x"], ["y"], "act", a=0.5)])
    broken.graph.node[0].attribute.append(broken.graph.node[0].attribute[0])
    return broken.SerializeToString()


@case(5, MALFORMED, "is deprecated in domain_version of 10")
def deprecated_op(_folder):
    return model([node("Upsample", ["x", "x"], ["y"], "up")], opset=10).SerializeToString()


def sparse_model(values, indices, dims=(4,)):
    broken = model([node("Add", ["x", "w"], ["y"], "sum")])
    tensors = (numpy_helper.from_array(np.array(content), name) for content, name in ((values, "w"), (indices, "i")))
    broken.graph.sparse_initializer.append(sparse(*tensors, dims))
    return broken.SerializeToString()


@case(5, MALFORMED, "sparse tensor: index 1 is out of range")
def sparse_index_out_of_range(_folder):
    return sparse_model([1.0, 2.0], [1, 4])


@case(5, MALFORMED, "sparse tensor: index 1 is not greater than the one before it")
def sparse_index_not_ascending(_folder):
    return sparse_model([1.0, 2.0], [1, 1])


@case(5, MALFORMED, "the shape of the indices does not fit 2 values of rank 1")
def sparse_index_missing(_folder):
    return sparse_model([1.0, 2.0], [1])


@case(5, MALFORMED, "sparse tensor: index 0 is out of range")
def sparse_coordinate_out_of_range(_folder):
    return sparse_model([1.0], [[0, 2]], (2, 2))


# 6: indices at run time


@case(6, MALFORMED, "", runs=True)
def gather_out_of_range(_folder):
    index = numpy_helper.from_array(np.array([7], np.int64), "i")
    return model([node("Gather", ["x", "i"], ["y"], "pick")], [index]).SerializeToString()


# 8: text from the model


@case(8, MALFORMED, "graph/a\\x1b[31mb: input 'no\\x0awhere' is not defined")
def control_characters_in_names(_folder):
    return model([node("Relu", ["no\nwhere"], ["y"], "a\x1b[31mb")]).SerializeToString()
