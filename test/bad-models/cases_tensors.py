"""Models with a tensor whose shape, type and elements do not fit together."""
from onnx import TensorProto

from cases import MALFORMED, case, conditional, model, node, weight, with_weight


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
