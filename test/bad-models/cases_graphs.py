"""Models whose names, versions, ops or indices break a rule."""
import numpy as np
from onnx import helper, numpy_helper

from cases import LOCAL, MALFORMED, UNSUPPORTED, call, case, conditional, function, model, node, relu, sparse, weight


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


@case(5, MALFORMED, "graph: input size 'x.dim0' has a name of 4097 bytes, expected at most 4096")
def endless_size(_folder):
    broken = model([relu()])
    broken.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "a" * 4097
    return broken.SerializeToString()


@case(5, MALFORMED, "...' has a name of 4101 bytes, expected at most 4096")
def endless_name(_folder):
    name = "x" * 4096
    broken = model([relu(name)], inputs=(name,))
    broken.graph.input[0].type.tensor_type.shape.dim[0].Clear()
    return broken.SerializeToString()


@case(5, MALFORMED, "graph: output 'y' has no shape")
def output_without_shape(_folder):
    broken = model([relu()])
    broken.graph.output[0].type.tensor_type.ClearField("shape")
    return broken.SerializeToString()


@case(5, MALFORMED, "graph: input 'x' has no type")
def input_without_type(_folder):
    broken = model([relu()])
    broken.graph.input[0].ClearField("type")
    return broken.SerializeToString()


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


@case(6, MALFORMED, "", runs=True)
def gather_out_of_range(_folder):
    index = numpy_helper.from_array(np.array([7], np.int64), "i")
    return model([node("Gather", ["x", "i"], ["y"], "pick")], [index]).SerializeToString()


@case(8, MALFORMED, "graph/a\\x1b[31mb: input 'no\\x0awhere' is not defined")
def control_characters_in_names(_folder):
    return model([node("Relu", ["no\nwhere"], ["y"], "a\x1b[31mb")]).SerializeToString()
