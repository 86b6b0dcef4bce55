"""Has libseccomp compile rules, or look up numbers: JSON on stdin, JSON on stdout.

In: {"arch": AUDIT_ARCH or SCMP_ARCH_X32, "resolve": [names]}. Out: {name: number}, without what it does not know there.

In: {"default": N, "archs": [AUDIT_ARCH or SCMP_ARCH_X32], "rules": [{"names": [...], "action": N, "args": [[index, op, a, b]]}]};
actions as SECCOMP_RET_*; with "optimize": 2 as a tree. Out: {"unknown": [names that this libseccomp does not know], "lacking": [[arch, name that it does not know there]],
"program": hex of struct sock_filter}.
"""
import ctypes
import json
import os
import sys

lib = ctypes.CDLL("libseccomp.so.2", use_errno=True)
lib.seccomp_init.restype = ctypes.c_void_p
BADARCH, OPTIMIZE, KILL_PROCESS, UNKNOWN = 2, 8, 0x80000000, -1


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def check(result, what):
    if result < 0:
        raise SystemExit(f"{what}: {os.strerror(-result)}")


asked = json.load(sys.stdin)
if "resolve" in asked:
    numbers = {n: lib.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(asked["arch"]), n.encode()) for n in asked["resolve"]}
    json.dump({name: number for name, number in numbers.items() if number >= 0}, sys.stdout)
    raise SystemExit
context = ctypes.c_void_p(lib.seccomp_init(ctypes.c_uint32(asked["default"])))
check(lib.seccomp_attr_set(context, BADARCH, ctypes.c_uint32(KILL_PROCESS)), "bad arch action")
if "optimize" in asked:
    check(lib.seccomp_attr_set(context, OPTIMIZE, ctypes.c_uint32(asked["optimize"])), "optimize")
native = lib.seccomp_arch_native()
archs = [ctypes.c_int32(a).value for a in asked["archs"]]
for arch in archs:
    if arch != native:
        check(lib.seccomp_arch_add(context, ctypes.c_uint32(arch)), f"arch {arch:x}")
if native not in archs:
    check(lib.seccomp_arch_remove(context, ctypes.c_uint32(native)), "native arch")

unknown, lacking = [], []
for rule in asked["rules"]:
    for name in rule["names"]:
        number = lib.seccomp_syscall_resolve_name(name.encode())
        if number == UNKNOWN:
            unknown.append(name)
            continue
        lacking += [[a, name] for a in asked["archs"] if lib.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(a), name.encode()) < 0]
        args = (Compare * len(rule["args"]))(*(Compare(*a) for a in rule["args"]))
        check(lib.seccomp_rule_add_array(context, ctypes.c_uint32(rule["action"]), number, len(args), args), name)

file = os.memfd_create("program")
check(lib.seccomp_export_bpf(context, file), "export")
size = os.fstat(file).st_size
json.dump({"unknown": unknown, "lacking": lacking, "program": os.pread(file, size, 0).hex()}, sys.stdout)
