"""A process with filters of its own, for tests that read them back: runs the code given as the first argument.

What the code may use: load(n) loads a filter of n instructions that allows everything; thread(f) runs f beside it;
strict() enters seccomp's strict mode; seize(pid) traces another; leave() ends this thread alone; ready() makes the file
given as the second argument; echo() answers every SIGUSR1 with a byte in that file, for ever; pause() waits for ever.
"""
import ctypes
import os
import signal
import struct
import sys
import threading

SYS_exit, SYS_seccomp = {"x86_64": (60, 317), "aarch64": (93, 277)}[os.uname().machine]
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, STRICT, FILTER, ALLOW = 22, 38, 1, 1, 0x7FFF0000
PTRACE_SEIZE = 0x4206
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def check(result, what):
    if result:
        raise OSError(ctypes.get_errno(), what)


def load(count):
    code = ctypes.create_string_buffer(struct.pack("<HBBI", 6, 0, 0, ALLOW) * count, 8 * count)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    check(libc.syscall(SYS_seccomp, FILTER, 0, ctypes.byref(Program(count, ctypes.cast(code, ctypes.c_void_p)))), "seccomp")


def thread(body):
    started = threading.Event()

    def run():
        body()
        started.set()
        pause()
    threading.Thread(target=run, daemon=True).start()
    started.wait()


def strict():
    read, _ = os.pipe()
    byte = ctypes.create_string_buffer(1)
    check(libc.prctl(PR_SET_SECCOMP, STRICT, 0, 0, 0), "strict mode")
    libc.read(read, byte, 1)


def seize(pid):
    check(libc.ptrace(PTRACE_SEIZE, pid, 0, 0), "seize")


def leave():
    libc.syscall(SYS_exit, 0)


def ready():
    with open(sys.argv[2] + ".pid", "w", encoding="ascii") as file:
        print(os.getpid(), file=file)
    with open(sys.argv[2] + ".part", "wb"):
        pass
    os.rename(sys.argv[2] + ".part", sys.argv[2])


def echo():
    # Not by a handler in Python: one that is due while the interpreter is about to sleep waits for the next signal.
    answers = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    while True:
        os.write(answers, b"." * len(os.read(read, 1)))


def pause():
    threading.Event().wait()


exec(sys.argv[1])
