"""Models whose external data lies where it must not."""
import os

import numpy as np
from onnx import TensorProto, numpy_helper

from cases import LOCAL, MALFORMED, call, case, external, function, model, node, sparse, with_weight


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
external_case("of external data is not an unsigned decimal number", entries=[("offset", 2**64)])("offset_over_64_bits")
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


@case(4, MALFORMED, "tensor 'i': external data '../w.bin' leads upwards")
def external_sparse_indices(_folder):
    values = numpy_helper.from_array(np.ones(2, np.float32), "w")
    indices = external((2,), "../w.bin", dtype=TensorProto.INT64, name="i")
    broken = model([node("Add", ["x", "w"], ["y"], "sum")])
    broken.graph.sparse_initializer.append(sparse(values, indices))
    return broken.SerializeToString()
