"""The filter that Docker's default profile becomes, against libseccomp's for the same rules: size, steps, time."""

import ctypes
import json
import os
import platform
import re
import statistics
import subprocess
import sys

import bpf
from lab import in_turn
from table import Row

ROUNDS, CALLS = 15, 400_000
PROFILE, LIBSECCOMP = "tests/Kernel/Seccomp/Profiles/docker-default.json", "tests/Kernel/Seccomp/libseccomp.py"
DOCKERS = {f"CAP_{name}" for name in (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT").split()}
COMPARISONS = ["", "NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"]
ALLOW, ERRNO = 0x7FFF0000, 0x00050000

# Work of everyday programs, whose system calls strace counts.
WORK = "tar -cf - /etc 2>/dev/null | gzip | wc -c; find /usr/share -name '*.py' | head -n 2000 | xargs cat | wc -l; " \
    "/usr/bin/python3 -c 'import json, socket, ssl, subprocess; subprocess.run([\"true\"])'"


def measure(lab, _):
    if platform.machine() != "x86_64":
        sys.exit("bench: the seccomp part knows the numbers of x86-64 alone")
    ours = subprocess.run([lab.binary, "seccomp", "compile", PROFILE, "--arch", "amd64", "-o", "raw", "--quiet"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    linear, tree = libseccomp(), libseccomp(optimize=2)
    yield from sizes(lab, *(bpf.parse(code) for code in (ours, linear, tree)))
    yield from times(lab, ours, linear, tree)


def sizes(lab, ours, linear, tree):
    peer = "libseccomp"
    yield compared("instructions, Docker's profile, one architecture", "", len(ours), peer, len(linear), bar=200, note=f"as a tree libseccomp needs {len(tree)}")
    yield compared("executed at worst", "", bpf.worst(ours), peer, bpf.worst(linear), bar=14, note=f"libseccomp's tree: {bpf.worst(tree)}")
    allowed = {number: 1 for number in range(512) if bpf.run(ours, number)[0] == ALLOW}
    mixes = [(f"executed on the mean of {len(allowed)} allowed calls", allowed), ("executed on the mean of a shell, tar, gzip, find and python", {n: c for n, c in counted(lab).items() if n in allowed})]
    for what, mix in mixes:
        yield compared(what, "", mean(ours, mix), peer, mean(linear, mix), note=f"libseccomp's tree: {mean(tree, mix):.3g}; the kernel follows a filter for a call that it always allows only once, when it is loaded")


def times(lab, ours, linear, tree):
    filters = {"-": None, "ours": ours, "linear": linear, "tree": tree}
    paths = {name: "-" if code is None else save(lab, name, code) for name, code in filters.items()}
    cases = [("getppid, always allowed", 110, 0), ("personality, by its argument", 135, 0xFFFFFFFF), ("mount, refused", 165, 0)]
    loads = {name: [] for name in filters}
    rows = []
    for what, number, argument in cases:
        samples = dict(zip(paths, in_turn(ROUNDS, *(lambda path=path: calls(lab, path, number, argument) for path in paths.values()))))
        for name, taken in samples.items():
            loads[name] += [load for load, _ in taken]
        bare, own, line, treed = (statistics.median(each for _, each in samples[name]) for name in paths)
        ratio = statistics.median(a[1] / b[1] for a, b in zip(samples["ours"], samples["linear"]))
        rows.append(Row(f"one call: {what}", own, "ns", peer="libseccomp", peer_measured=line, ratio=ratio, note=f"without a filter {bare:.0f} ns, libseccomp's tree {treed:.0f} ns"))
    ratio = statistics.median(a / b for a, b in zip(loads["ours"], loads["linear"]))
    median = {name: statistics.median(taken) / 1000 for name, taken in loads.items()}
    yield Row("loading", median["ours"], "us", peer="libseccomp", peer_measured=median["linear"], ratio=ratio, note=f"libseccomp's tree {median['tree']:.0f} us; BPF JIT {jit()}")
    yield from rows


def compared(what, unit, ours, peer, theirs, bar=None, note=None):
    return Row(what, ours, unit, bar=bar, peer=peer, peer_measured=theirs, ratio=ours / theirs, note=note)


def mean(steps, mix):
    return sum(bpf.run(steps, number)[1] * count for number, count in mix.items()) / sum(mix.values())


def calls(lab, path, number, argument):
    out = subprocess.run([lab.path("calls"), path, str(CALLS), str(number), str(argument)], check=True, stdout=subprocess.PIPE, text=True).stdout
    return tuple(float(word) for word in out.split())


def save(lab, name, code):
    path = lab.path(f"{name}.bpf")
    with open(path, "wb") as file:
        file.write(code)
    return path


def jit():
    """A kernel without the JIT has no such file, and shows it in the host's own network namespace only."""
    read = ["nsenter", "--net=/proc/1/ns/net", "cat", "/proc/sys/net/core/bpf_jit_enable"]
    enabled = subprocess.run(read, check=False, capture_output=True, text=True).stdout.strip()
    return {"": "not built in", "0": "off"}.get(enabled, "on")


def counted(lab):
    """How often the work makes each call, by number."""
    lib = ctypes.CDLL("libseccomp.so.2")
    out = lab.path("counted")
    subprocess.run(["strace", "-f", "-c", "-o", out, "sh", "-c", WORK], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open(out, encoding="ascii") as file:
        rows = [re.fullmatch(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)\s*", line) for line in file]
    counts = {row[2]: int(row[1]) for row in rows if row and row[2] != "total"}
    if not counts:
        sys.exit(f"bench: strace counted nothing: {out}")
    return {number: count for name, count in counts.items() if (number := lib.seccomp_syscall_resolve_name(name.encode())) >= 0}


def libseccomp(**more):
    """Its filter for the rules that count on this machine, handed over as other runtimes do."""
    with open(PROFILE, encoding="utf-8") as file:
        profile = json.load(file)
    default = action(profile["defaultAction"], profile.get("defaultErrnoRet"))
    rules = [
        {"names": rule["names"], "action": verdict, "args": [[a["index"], COMPARISONS.index(a["op"].removeprefix("SCMP_CMP_")), a["value"], a.get("valueTwo", 0)] for a in rule.get("args") or []]}
        for rule in profile["syscalls"]
        if holds(rule.get("includes") or {}) and not excluded(rule.get("excludes") or {}) and (verdict := action(rule["action"], rule.get("errnoRet"))) != default
    ]
    asked = {"default": default, "archs": [bpf.AMD64], "rules": rules} | more
    answer = subprocess.run(["/usr/bin/python3", "-B", LIBSECCOMP], input=json.dumps(asked), check=True, stdout=subprocess.PIPE, text=True).stdout
    return bytes.fromhex(json.loads(answer)["program"])


def action(name, errno):
    return ALLOW if name == "SCMP_ACT_ALLOW" else ERRNO | (1 if errno is None else errno)


def holds(condition):
    kernel = tuple(int(part) for part in re.match(r"(\d+)\.(\d+)", os.uname().release).groups())
    needed = tuple(int(part) for part in condition.get("minKernel", "0.0").split("."))
    return kernel >= needed and ("arches" not in condition or "amd64" in condition["arches"]) and DOCKERS.issuperset(condition.get("caps", []))


def excluded(condition):
    return "amd64" in condition.get("arches", []) or not DOCKERS.isdisjoint(condition.get("caps", []))
