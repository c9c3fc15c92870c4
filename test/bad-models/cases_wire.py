"""Models whose bytes are no well-formed message."""
import os

import numpy as np
from onnx import numpy_helper

from cases import MALFORMED, OVER_LIMIT, case, model, node, relu, small, subgraph
from wire import message, number, varint


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
