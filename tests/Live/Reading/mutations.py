"""Tries to change things under a filter, each try in a process and a directory of its own, and tells what became of it.

In (JSON on stdin): {"program": hex of struct sock_filter, "numbers": {system call: number}, "directory": path}.
Out: a line a try, "NAME: BARE, FILTERED[, CHANGED]": what the call does without the filter ("not tried" where that would
harm the host) and with it, each "done", "errno N" or "signal N", and whether anything had changed afterwards.
"""
import ctypes
import json
import os
import shutil
import signal
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../Harness"))
from children import in_child

PR_SET_NO_NEW_PRIVS, SECCOMP_SET_MODE_FILTER = 38, 1
HERE, NONE = -100, None
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
asked = json.load(sys.stdin)
numbers = asked["numbers"]
code = bytes.fromhex(asked["program"])


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def argument(value):
    if isinstance(value, str):
        return ctypes.c_char_p(value.encode())
    if isinstance(value, bytes):
        return ctypes.create_string_buffer(value, len(value))
    return ctypes.c_long(value or 0)


def call(name, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(numbers[name]), *(argument(a) for a in arguments))
    return f"errno {ctypes.get_errno()}" if result == -1 else "done"


instructions = ctypes.create_string_buffer(code, len(code))
program = Program(len(code) // 8, ctypes.cast(instructions, ctypes.c_void_p))


def wear():
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(numbers["seccomp"], SECCOMP_SET_MODE_FILTER, 0, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "seccomp")


# A process that a try could harm.
victim = os.fork()
if victim == 0:
    signal.pause()
    os._exit(0)

TIME = struct.pack("qq", 1, 0)
UTIMBUF = struct.pack("qq", 1, 1)
HOW_WRITE = struct.pack("QQQ", os.O_WRONLY, 0, 0)
HOW_READ = struct.pack("QQQ", os.O_RDONLY, 0, 0)
CLONE_ARGS = struct.pack("Q" * 8, 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
XATTR_ARGS = struct.pack("QII", 0, 0, 0)

# Name, whether it may be tried without the filter, call. f is a file, d an empty directory, n a name that is free; r is f
# open for reading, w for writing.
tries = [
    ("open for writing", True, lambda f, d, n, r, w: call("openat", HERE, f, os.O_WRONLY, 0)),
    ("open for reading and writing", True, lambda f, d, n, r, w: call("openat", HERE, f, os.O_RDWR, 0)),
    ("open with mode 3", True, lambda f, d, n, r, w: call("openat", HERE, f, 3, 0)),
    ("create by reading", True, lambda f, d, n, r, w: call("openat", HERE, n, os.O_RDONLY | os.O_CREAT, 0o600)),
    ("truncate by reading", True, lambda f, d, n, r, w: call("openat", HERE, f, os.O_RDONLY | os.O_TRUNC, 0)),
    ("append", True, lambda f, d, n, r, w: call("openat", HERE, f, os.O_WRONLY | os.O_APPEND, 0)),
    ("nameless file", True, lambda f, d, n, r, w: call("openat", HERE, d, os.O_RDWR | os.O_TMPFILE, 0o600)),
    ("open, old call", True, lambda f, d, n, r, w: call("open", f, os.O_WRONLY, 0)),
    ("openat2 for writing", True, lambda f, d, n, r, w: call("openat2", HERE, f, HOW_WRITE, 24)),
    ("openat2 with a way of its own", True, lambda f, d, n, r, w: call("openat2", HERE, f, HOW_READ, 24)),
    ("creat", True, lambda f, d, n, r, w: call("creat", n, 0o600)),
    ("mkdirat", True, lambda f, d, n, r, w: call("mkdirat", HERE, n, 0o700)),
    ("mkdir", True, lambda f, d, n, r, w: call("mkdir", n, 0o700)),
    ("unlinkat", True, lambda f, d, n, r, w: call("unlinkat", HERE, f, 0)),
    ("unlinkat of a directory", True, lambda f, d, n, r, w: call("unlinkat", HERE, d, 0x200)),
    ("unlink", True, lambda f, d, n, r, w: call("unlink", f)),
    ("rmdir", True, lambda f, d, n, r, w: call("rmdir", d)),
    ("renameat", True, lambda f, d, n, r, w: call("renameat", HERE, f, HERE, n)),
    ("renameat2", True, lambda f, d, n, r, w: call("renameat2", HERE, f, HERE, n, 0)),
    ("rename", True, lambda f, d, n, r, w: call("rename", f, n)),
    ("linkat", True, lambda f, d, n, r, w: call("linkat", HERE, f, HERE, n, 0)),
    ("link", True, lambda f, d, n, r, w: call("link", f, n)),
    ("symlinkat", True, lambda f, d, n, r, w: call("symlinkat", f, HERE, n)),
    ("symlink", True, lambda f, d, n, r, w: call("symlink", f, n)),
    ("mknodat", True, lambda f, d, n, r, w: call("mknodat", HERE, n, 0o010600, 0)),
    ("mknod", True, lambda f, d, n, r, w: call("mknod", n, 0o010600, 0)),
    ("truncate", True, lambda f, d, n, r, w: call("truncate", f, 1)),
    ("ftruncate", True, lambda f, d, n, r, w: call("ftruncate", w, 1)),
    ("fallocate", True, lambda f, d, n, r, w: call("fallocate", w, 0, 0, 9000)),
    ("fchmodat", True, lambda f, d, n, r, w: call("fchmodat", HERE, f, 0o777)),
    ("fchmodat2", False, lambda f, d, n, r, w: call("fchmodat2", HERE, f, 0o777, 0)),
    ("fchmod", True, lambda f, d, n, r, w: call("fchmod", r, 0o777)),
    ("chmod", True, lambda f, d, n, r, w: call("chmod", f, 0o777)),
    ("fchownat", True, lambda f, d, n, r, w: call("fchownat", HERE, f, 1, 1, 0)),
    ("fchown", True, lambda f, d, n, r, w: call("fchown", r, 1, 1)),
    ("chown", True, lambda f, d, n, r, w: call("chown", f, 1, 1)),
    ("lchown", True, lambda f, d, n, r, w: call("lchown", f, 1, 1)),
    ("utimensat", True, lambda f, d, n, r, w: call("utimensat", HERE, f, TIME + TIME, 0)),
    ("utimensat of a descriptor", True, lambda f, d, n, r, w: call("utimensat", r, NONE, TIME + TIME, 0)),
    ("utimes", True, lambda f, d, n, r, w: call("utimes", f, TIME + TIME)),
    ("utime", True, lambda f, d, n, r, w: call("utime", f, UTIMBUF)),
    ("futimesat", True, lambda f, d, n, r, w: call("futimesat", HERE, f, TIME + TIME)),
    ("setxattr", True, lambda f, d, n, r, w: call("setxattr", f, "trusted.provision.try", "x", 1, 0)),
    ("lsetxattr", True, lambda f, d, n, r, w: call("lsetxattr", f, "trusted.provision.try", "x", 1, 0)),
    ("fsetxattr", True, lambda f, d, n, r, w: call("fsetxattr", r, "trusted.provision.try", "x", 1, 0)),
    ("setxattrat", False, lambda f, d, n, r, w: call("setxattrat", HERE, f, 0, "trusted.provision.try", XATTR_ARGS, 16)),
    ("removexattr", True, lambda f, d, n, r, w: call("removexattr", f, "trusted.provision.kept")),
    ("lremovexattr", True, lambda f, d, n, r, w: call("lremovexattr", f, "trusted.provision.kept")),
    ("fremovexattr", True, lambda f, d, n, r, w: call("fremovexattr", r, "trusted.provision.kept")),
    ("removexattrat", False, lambda f, d, n, r, w: call("removexattrat", HERE, f, 0, "trusted.provision.kept")),
    ("flags of a file", False, lambda f, d, n, r, w: call("ioctl", r, 0x40086602, struct.pack("q", 0x40))),
    ("exclusive lock", True, lambda f, d, n, r, w: call("flock", r, 2)),
    ("lease", False, lambda f, d, n, r, w: call("fcntl", r, 1024, 0)),
    ("copy_file_range", False, lambda f, d, n, r, w: call("copy_file_range", r, NONE, w, NONE, 1, 0)),
    ("mount", False, lambda f, d, n, r, w: call("mount", "none", d, "tmpfs", 0, NONE)),
    ("bind mount", False, lambda f, d, n, r, w: call("mount", d, d, NONE, 4096, NONE)),
    ("umount2", False, lambda f, d, n, r, w: call("umount2", d, 0)),
    ("open_tree", False, lambda f, d, n, r, w: call("open_tree", HERE, d, 1)),
    ("move_mount", False, lambda f, d, n, r, w: call("move_mount", r, "", HERE, d, 4)),
    ("fsopen", False, lambda f, d, n, r, w: call("fsopen", "tmpfs", 0)),
    ("mount_setattr", False, lambda f, d, n, r, w: call("mount_setattr", HERE, d, 0, bytes(32), 32)),
    ("pivot_root", False, lambda f, d, n, r, w: call("pivot_root", d, d)),
    ("chroot", True, lambda f, d, n, r, w: call("chroot", d)),
    ("kill", False, lambda f, d, n, r, w: call("kill", victim, signal.SIGTERM)),
    ("kill of all", False, lambda f, d, n, r, w: call("kill", -1, 0)),
    ("tgkill", False, lambda f, d, n, r, w: call("tgkill", victim, victim, signal.SIGTERM)),
    ("tkill", False, lambda f, d, n, r, w: call("tkill", victim, signal.SIGTERM)),
    ("rt_sigqueueinfo", False, lambda f, d, n, r, w: call("rt_sigqueueinfo", victim, signal.SIGTERM, bytes(128))),
    ("pidfd_send_signal", False, lambda f, d, n, r, w: call("pidfd_send_signal", r, signal.SIGTERM, NONE, 0)),
    ("ptrace", False, lambda f, d, n, r, w: call("ptrace", 16, victim, 0, 0)),
    ("process_vm_writev", False, lambda f, d, n, r, w: call("process_vm_writev", victim, NONE, 0, NONE, 0, 0)),
    ("limit of another", False, lambda f, d, n, r, w: call("prlimit64", victim, 7, struct.pack("QQ", 3, 3), NONE)),
    ("priority of another", False, lambda f, d, n, r, w: call("setpriority", 0, victim, 5)),
    ("affinity of another", False, lambda f, d, n, r, w: call("sched_setaffinity", victim, 8, struct.pack("Q", 1))),
    ("unshare", False, lambda f, d, n, r, w: call("unshare", 0x20000)),
    ("clone into a namespace", False, lambda f, d, n, r, w: call("clone", 0x40000000 | signal.SIGCHLD, 0, 0, 0, 0)),
    ("fork", False, lambda f, d, n, r, w: call("clone", signal.SIGCHLD, 0, 0, 0, 0)),
    ("clone3", False, lambda f, d, n, r, w: call("clone3", CLONE_ARGS, 64)),
    ("setns of anything", False, lambda f, d, n, r, w: call("setns", r, 0)),
    ("setns of a mount namespace", False, lambda f, d, n, r, w: call("setns", r, 0x20000)),
    ("execve", True, lambda f, d, n, r, w: call("execve", "/nowhere", NONE, NONE)),
    ("execveat", True, lambda f, d, n, r, w: call("execveat", HERE, "/nowhere", NONE, NONE, 0)),
    ("init_module", False, lambda f, d, n, r, w: call("init_module", NONE, 0, "")),
    ("finit_module", False, lambda f, d, n, r, w: call("finit_module", r, "", 0)),
    ("delete_module", False, lambda f, d, n, r, w: call("delete_module", "no_such_module", 0o4000)),
    ("kexec_load", False, lambda f, d, n, r, w: call("kexec_load", 0, 0, NONE, 0)),
    ("reboot", False, lambda f, d, n, r, w: call("reboot", 0, 0, 0, NONE)),
    ("bpf map", False, lambda f, d, n, r, w: call("bpf", 0, struct.pack("IIII", 2, 4, 4, 1) + bytes(112), 128)),
    ("bpf program", False, lambda f, d, n, r, w: call("bpf", 5, bytes(128), 128)),
    ("bpf attach", False, lambda f, d, n, r, w: call("bpf", 8, bytes(128), 128)),
    ("sethostname", False, lambda f, d, n, r, w: call("sethostname", "other", 5)),
    ("setdomainname", False, lambda f, d, n, r, w: call("setdomainname", "other", 5)),
    ("settimeofday", False, lambda f, d, n, r, w: call("settimeofday", NONE, NONE)),
    ("clock_settime", False, lambda f, d, n, r, w: call("clock_settime", 99, TIME)),
    ("adjtimex", False, lambda f, d, n, r, w: call("adjtimex", NONE)),
    ("swapon", False, lambda f, d, n, r, w: call("swapon", n, 0)),
    ("acct", False, lambda f, d, n, r, w: call("acct", n)),
    ("quotactl", False, lambda f, d, n, r, w: call("quotactl", 0, n, 0, NONE)),
    ("kernel log", False, lambda f, d, n, r, w: call("syslog", 6, NONE, 0)),
    ("add_key", False, lambda f, d, n, r, w: call("add_key", "user", "try", "x", 1, -2)),
    ("keyctl", False, lambda f, d, n, r, w: call("keyctl", 0, -2, 1)),
    ("io_uring", False, lambda f, d, n, r, w: call("io_uring_setup", 1, bytes(120))),
    ("perf_event_open", False, lambda f, d, n, r, w: call("perf_event_open", bytes(128), 0, -1, -1, 0)),
    ("fanotify_init", False, lambda f, d, n, r, w: call("fanotify_init", 0, 0)),
    ("pages of the host", False, lambda f, d, n, r, w: call("madvise", NONE, 0, 101)),
    ("hole in a file", False, lambda f, d, n, r, w: call("madvise", NONE, 0, 9)),
    ("unix socket", True, lambda f, d, n, r, w: call("socket", 1, 1, 0)),
    ("internet socket", True, lambda f, d, n, r, w: call("socket", 2, 2, 0)),
    ("packet socket", False, lambda f, d, n, r, w: call("socket", 17, 3, 0)),
    ("nf_tables socket", False, lambda f, d, n, r, w: call("socket", 16, 3, 12)),
    ("queue", False, lambda f, d, n, r, w: call("mq_open", "provision-try", os.O_RDWR | os.O_CREAT, 0o600, NONE)),
    ("shared memory", False, lambda f, d, n, r, w: call("shmget", 0x70726f76, 4096, 0o1600)),
]


def picture(directory):
    seen = []
    for at, directories, files in sorted(os.walk(directory)):
        for name in sorted(directories + files):
            path = os.path.join(at, name)
            state = os.lstat(path)
            content = open(path, "rb").read() if name == "f" else b""
            marks = [(x, os.getxattr(path, x)) for x in sorted(os.listxattr(path))] if not os.path.islink(path) else []
            seen.append((path, state.st_mode, state.st_uid, state.st_nlink, state.st_size, state.st_blocks, state.st_mtime_ns, content, marks))
    return seen


def one(body, filtered):
    directory = os.path.join(asked["directory"], "try")
    os.mkdir(directory)
    f, d, n = (os.path.join(directory, name) for name in ("f", "d", "n"))
    with open(f, "w") as file:
        file.write("content\n")
    os.mkdir(d)
    os.setxattr(f, "trusted.provision.kept", b"x")
    r, w = os.open(f, os.O_RDONLY), os.open(f, os.O_RDWR)
    before = picture(directory)

    def run():
        if filtered:
            wear()
        return body(f, d, n, r, w)

    said = in_child(run)
    changed = picture(directory) != before
    os.close(r)
    os.close(w)
    shutil.rmtree(directory)
    return said, changed


try:
    for name, bare, body in tries:
        try:
            without = one(body, False)[0] if bare else "not tried"
            with_filter, changed = one(body, True)
        except KeyError:
            continue  # a call that this architecture does not have
        if with_filter == "":
            continue
        print(f"{name}: {without}, {with_filter}{', CHANGED' if changed else ''}")
    print(f"victim: {'lives' if os.waitpid(victim, os.WNOHANG) == (0, 0) else 'is gone'}")
finally:
    try:
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
