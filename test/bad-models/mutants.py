"""Structure-aware mutants of valid models: fields are dropped, repeated, swapped, set to edge values; bytes are cut.

The same (seed, number) always gives the same mutant.
"""
import functools
import pathlib
import random

import onnx
from google.protobuf.descriptor import FieldDescriptor

CASES = pathlib.Path(onnx.__file__).parent / "backend/test/data"
LARGEST_SOURCE = 40000
INTEGERS = [0, 1, -1, 2, 3, 16, 64, 127, 128, 255, 1000, 2**15, 2**31 - 1, 2**31, 2**32, 2**40, 2**61, 2**63 - 1, -(2**31), -(2**63)]
FLOATS = [0.0, -0.0, 1.0, -1.0, 1e-40, 3e38, float("inf"), float("-inf"), float("nan")]
TEXTS = ["", "x", "../../etc/passwd", "/etc/passwd", "%n%s", "\x1b[2J", "a" * 9000, "'; DROP", "x\ny", "\u202e"]
INTEGER_TYPES = {
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_ENUM,
}
FLOAT_TYPES = {FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE}


@functools.cache
def sources():
    found = [path for path in sorted(CASES.glob("*/*/model.onnx")) if path.stat().st_size <= LARGEST_SOURCE]
    assert len(found) > 1000, "the backend cases are missing"
    return found


def set_fields(message):
    """Every (message, field) that is set, at any depth."""
    found = []
    for field, content in message.ListFields():
        found.append((message, field))
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in content if field.is_repeated else [content]:
                found += set_fields(inner)
    return found


def clipped(field, value):
    """The value brought into the range of the field's type."""
    if field.type == FieldDescriptor.TYPE_INT32:
        return max(-(2**31), min(2**31 - 1, value))
    if field.type == FieldDescriptor.TYPE_UINT64:
        return value % 2**64
    if field.type == FieldDescriptor.TYPE_ENUM:
        numbers = sorted(field.enum_type.values_by_number)
        return numbers[value % len(numbers)]
    return max(-(2**63), min(2**63 - 1, value))


def other_value(rng, field, old, same_field):
    """Another value for one element of a field."""
    if field.type in INTEGER_TYPES:
        return clipped(field, rng.choice([*INTEGERS, old + 1, old - 1]))
    if field.type in FLOAT_TYPES:
        return rng.choice(FLOATS)
    if field.type == FieldDescriptor.TYPE_STRING:
        return rng.choice([*TEXTS, *same_field])
    content = bytearray(old)
    if content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content[: rng.choice([len(content), len(content) // 2])] * rng.choice([1, 1, 2]))


def mutate_repeated(rng, content, field, same_field):
    position = rng.randrange(len(content))
    action = rng.randrange(4)
    if action == 0:
        del content[position]
    elif action == 1 and field.type == FieldDescriptor.TYPE_MESSAGE:
        content.add().CopyFrom(content[position])
    elif action == 1:
        content.append(content[position])
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        content[position].CopyFrom(content[rng.randrange(len(content))])
    else:
        content[position] = other_value(rng, field, content[position], same_field)


def mutate_field(rng, message, field, everything):
    content = getattr(message, field.name)
    repeated = field.is_repeated
    alike = [(other, f) for other, f in everything if f is field and other is not message]
    same_field = [getattr(other, f.name) for other, f in alike if not repeated]
    if rng.random() < 0.15:
        message.ClearField(field.name)
    elif repeated:
        mutate_repeated(rng, content, field, [])
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        if alike:
            content.CopyFrom(rng.choice(same_field))
    else:
        setattr(message, field.name, other_value(rng, field, content, same_field))


def mutant(seed, number):
    """(name of the source, bytes)."""
    rng = random.Random(seed * 1_000_003 + number)
    path = rng.choice(sources())
    model = onnx.load(path, load_external_data=False)
    for _ in range(rng.randint(1, 4)):
        everything = set_fields(model)
        inner = [entry for entry in everything if entry[0] is not model] or everything
        mutate_field(rng, *rng.choice(inner), everything)
    content = model.SerializeToString()
    if content and rng.random() < 0.1:
        content = content[: rng.randrange(len(content))]
    if content and rng.random() < 0.1:
        position = rng.randrange(len(content))
        content = content[:position] + bytes([content[position] ^ 1 << rng.randrange(8)]) + content[position + 1 :]
    return path.parent.name, content
