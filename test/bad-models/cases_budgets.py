"""Models that ask for more than any model may."""
import numpy as np
from onnx import helper, numpy_helper

from cases import LOCAL, MALFORMED, OVER_LIMIT, call, case, external, function, model, node, relu, value, weight, with_weight
from wire import message, number

GIB = 2**30


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


def huge(dims):
    """A model whose input has these sizes: only a program that would hold its values can refuse them."""
    result = model([relu()])
    for info in (result.graph.input[0], result.graph.output[0]):
        info.CopyFrom(value(info.name, dims))
    return result.SerializeToString()


@case(3, OVER_LIMIT, "graph: a tensor of shape ", runs=True)
def input_over_8_gib(_folder):
    return huge((2**31, 2))


@case(3, OVER_LIMIT, "graph: a tensor of shape ", runs=True)
def input_whose_size_overflows(_folder):
    return huge((2, 2**62, 4))


@case(3, OVER_LIMIT, "graph/grow: a tensor of shape ", runs=True)
def value_whose_size_overflows(_folder):
    shape = numpy_helper.from_array(np.array([2**40, 2**40, 2, 2]), "s")
    return model([node("Expand", ["x", "s"], ["y"], "grow")], [shape]).SerializeToString()


@case(3, OVER_LIMIT, "input 'x': tensor 268435456xf32 takes 1073741824 bytes", runs=True)
def input_too_large_to_draw(_folder):
    return huge((2**28,))


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
