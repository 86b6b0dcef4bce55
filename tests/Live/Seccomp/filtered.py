"""Makes system calls under a filter, each in a process of its own, and tells what became of them.

In (JSON on stdin): {"program": hex of struct sock_filter, "i386": true where calls go through int 0x80 and not syscall,
"calls": [[number, six arguments]]}.
Out: a line a call, "BARE, FILTERED": what the call does without the filter and with it, each "returned N", "errno N",
"signal N" or "not loaded: REASON".
"""
import ctypes
import json
import mmap
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../Harness"))
from children import in_child

PR_SET_NO_NEW_PRIVS, SECCOMP_SET_MODE_FILTER, SYS_seccomp = 38, 1, {"x86_64": 317, "aarch64": 277}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


# push rbx; push rbp; eax and six registers from the array at rdi; int 0x80; pop rbp; pop rbx; ret
I386 = bytes.fromhex("53 55 49 89 f8 41 8b 00 41 8b 58 04 41 8b 48 08 41 8b 50 0c 41 8b 70 10 41 8b 78 14 41 8b 68 18 cd 80 5d 5b c3")
MOST_ERRNO = 4095


def call_i386(number, arguments):
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(I386)
    entry = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    result = entry((ctypes.c_uint32 * 7)(*(value & 0xffffffff for value in (number, *arguments))))
    return f"errno {-result}" if -MOST_ERRNO <= result < 0 else f"returned {result}"


def call(number, arguments):
    if asked.get("i386"):
        return call_i386(number, arguments)
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_ulong(a) for a in arguments))
    return f"errno {ctypes.get_errno()}" if result == -1 else f"returned {result}"


def filtered(code, number, arguments):
    instructions = ctypes.create_string_buffer(code, len(code))
    program = Program(len(code) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, ctypes.byref(program)):
        return f"not loaded: {os.strerror(ctypes.get_errno())}"
    return call(number, arguments)


asked = json.load(sys.stdin)
code = bytes.fromhex(asked["program"])
for number, *arguments in asked["calls"]:
    bare = in_child(lambda: call(number, arguments))
    print(f"{bare}, {in_child(lambda: filtered(code, number, arguments))}")
