"""Protobuf's wire format by hand, for what no library would write."""


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value & (2**64 - 1))


def message(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content
