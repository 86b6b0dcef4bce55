"""Classic BPF of seccomp filters: what runs, and how long the longest way is."""

import struct

LOAD, AND, JUMP, RETURN = 0x20, 0x54, 0x05, 0x06
COMPARE = {0x15: lambda a, k: a == k, 0x25: lambda a, k: a > k, 0x35: lambda a, k: a >= k, 0x45: lambda a, k: a & k != 0}
ALLOW, AMD64 = 0x7FFF0000, 0xC000003E


def parse(code):
    return list(struct.iter_unpack("<HBBI", code))


def run(steps, number, arguments=(0,) * 6):
    """The verdict of a call of amd64, and how many instructions that took."""
    data = struct.unpack("<16I", struct.pack("<IIQ6Q", number, AMD64, 0, *arguments))
    at = executed = a = 0
    while True:
        code, yes, no, k = steps[at]
        executed += 1
        at += 1
        if code == LOAD:
            a = data[k // 4]
        elif code == AND:
            a &= k
        elif code == JUMP:
            at += k
        elif code == RETURN:
            return k, executed
        else:
            at += yes if COMPARE[code](a, k) else no


def worst(steps):
    """Instructions on the longest way; jumps only go forward."""
    ways = [0] * (len(steps) + 1)
    for at in reversed(range(len(steps))):
        code, yes, no, k = steps[at]
        if code == RETURN:
            ways[at] = 1
        elif code == JUMP:
            ways[at] = 1 + ways[at + 1 + k]
        elif code in COMPARE:
            ways[at] = 1 + max(ways[at + 1 + yes], ways[at + 1 + no])
        else:
            ways[at] = 1 + ways[at + 1]
    return ways[0]
