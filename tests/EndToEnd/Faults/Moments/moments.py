"""Lists the moments at which a program changes something, or kills it at one of them: ptrace(2) on every thread.

usage: moments.py OUT list|kill:SIDE:PLACE:VICTIM [--deep] (--attach PID | -- COMMAND...)

SIDE own: the PLACE-th call, from 1, by which the program itself changes something, counted over all its threads.
SIDE line: the PLACE-th call of its children between their birth and their execve: the lines of launch programs.
VICTIM self: whoever makes the call. VICTIM starter: the program, while its child stands before the line.
The kill is before the call, which is not made. --deep: what the program executes in children is the program, too.
OUT gets "SIDE PLACE CALL OBJECT" a line, "attached" when every thread is followed, and "killed" when it was done. A
program attached to is let go when this is terminated or has killed.
"""
import ctypes, os, signal, struct, sys

from calls import CALLS, CHANGES

SEIZE, INTERRUPT, SYSCALL, DETACH, LISTEN, INFO = 0x4206, 0x4207, 24, 17, 0x4208, 0x420E
OPTIONS = 1 | 2 | 4 | 8 | 16  # TRACESYSGOOD, FORK, VFORK, CLONE, EXEC
EVENT_EXEC, EVENT_STOP = 4, 128
WALL = 0x40000000
CLONE_THREAD = 0x10000
SEALS = 1033  # F_ADD_SEALS
BPF_READS = (11, 12, 13, 15, 16)  # PROG_GET_NEXT_ID, MAP_GET_NEXT_ID, PROG_GET_FD_BY_ID, OBJ_GET_INFO_BY_FD, PROG_QUERY

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
info = ctypes.create_string_buffer(128)


def ptrace(request, tid, address=0, data=0):
    """False when the thread is gone meanwhile."""
    return libc.ptrace(request, tid, address, data) >= 0


def group(tid):
    try:
        with open(f"/proc/{tid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("Tgid:"))
    except (OSError, StopIteration):
        return 0


def words_of(tid):
    try:
        with open(f"/proc/{tid}/cmdline", "rb") as line:
            return line.read().split(b"\0")
    except OSError:
        return []


def memory(tid, address, length):
    try:
        fd = os.open(f"/proc/{tid}/mem", os.O_RDONLY)
        try:
            return os.pread(fd, length, address)
        finally:
            os.close(fd)
    except OSError:
        return b""


def text(tid, address):
    # Less, where a page ends.
    for length in (4096, 256, 16):
        if data := memory(tid, address, length):
            return data.split(b"\0")[0].decode(errors="replace")
    return "?"


def target(tid, fd):
    try:
        return os.readlink(f"/proc/{tid}/fd/{fd & 0xFFFFFFFF}")
    except OSError:
        return "?"


class Tracer:
    def __init__(self, out, what, deep):
        self.out, self.deep = open(out, "w", buffering=1), deep
        kind, *rest = what.split(":")
        self.side, self.place, self.victim = (rest[0], int(rest[1]), rest[2]) if kind == "kill" else ("", 0, "")
        self.counts = {"own": 0, "line": 0}
        self.programs, self.children, self.threads = set(), set(), {}
        self.killed = None

    def attach(self, pid):
        self.main, self.attached = pid, True
        self.programs.add(pid)
        while new := [t for t in map(int, os.listdir(f"/proc/{pid}/task")) if t not in self.threads]:
            for tid in new:
                self.threads[tid] = pid
                if ptrace(SEIZE, tid, 0, OPTIONS):
                    ptrace(INTERRUPT, tid)

    def start(self, command):
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(write)
            os.read(read, 1)
            os.close(read)
            try:
                os.execvp(command[0], command)
            finally:
                os._exit(127)
        os.close(read)
        self.main, self.attached = pid, False
        self.threads[pid] = pid
        ptrace(SEIZE, pid, 0, OPTIONS)
        ptrace(INTERRUPT, pid)
        os.close(write)

    def run(self):
        """The wait status of the program when it has ended."""
        while True:
            tid, status = os.waitpid(-1, WALL)
            if os.WIFSTOPPED(status):
                self.stopped(tid, status)
                continue
            self.threads.pop(tid, None)
            # What is still traced goes on when the tracer ends.
            if tid == self.main or (tid == self.killed and self.attached):
                return status

    def stopped(self, tid, status):
        stop, event = os.WSTOPSIG(status), status >> 16
        if tid not in self.threads:
            self.threads[tid] = group(tid)
            if self.threads[tid] not in self.programs:
                self.children.add(self.threads[tid])
        if event == EVENT_EXEC:
            self.executed(tid)
        elif stop == signal.SIGTRAP | 0x80:
            if not self.stands(tid):
                ptrace(SYSCALL, tid)
        elif event == EVENT_STOP and stop != signal.SIGTRAP:
            ptrace(LISTEN, tid)
        else:
            ptrace(SYSCALL, tid, 0, 0 if event or stop == signal.SIGTRAP else stop)

    def executed(self, tid):
        self.children.discard(tid)
        self.threads[tid] = tid
        # With --deep: the supervisor and who starts it, no container.
        if tid == self.main or (self.deep and words_of(tid)[1:2] == [b"supervise"]):
            self.programs.add(tid)
            ptrace(SYSCALL, tid)
        else:
            del self.threads[tid]
            ptrace(DETACH, tid)

    def stands(self, tid):
        """True when the thread stands before the call that was waited for."""
        if self.killed or not ptrace(INFO, tid, ctypes.sizeof(info), ctypes.addressof(info)) or info.raw[0] != 1:
            return False
        number, *arguments = struct.unpack_from("<7Q", info.raw, 24)
        name, process = CALLS.get(number, str(number)), self.threads[tid]
        side = "line" if process in self.children else "own" if process in self.programs else None
        what = None if side is None else "-" if side == "line" else changes(tid, name, arguments)
        if what is None:
            return False
        self.counts[side] += 1
        print(side, self.counts[side], name, what, file=self.out)
        if (side, self.counts[side]) != (self.side, self.place):
            return False
        self.killed = self.main if self.victim == "starter" else process
        os.kill(self.killed, signal.SIGKILL)
        print("killed", file=self.out)
        return True


def changes(tid, name, arguments):
    """What a call changes, as one word; None when it changes nothing that outlives the program."""
    if name not in CHANGES:
        return None
    if name in ("clone", "clone3"):
        flags = arguments[0] if name == "clone" else int.from_bytes(memory(tid, arguments[0], 8), "little")
        return None if flags & CLONE_THREAD else "process"
    if name in ("openat", "openat2"):
        flags = arguments[2] if name == "openat" else int.from_bytes(memory(tid, arguments[2], 8), "little")
        return place(text(tid, arguments[1])) if flags & (os.O_CREAT | os.O_TRUNC) else None
    if name in ("write", "pwrite64", "sendto", "sendmsg", "ftruncate", "flock"):
        file = target(tid, arguments[0])
        if file.startswith("socket:"):
            return message(tid, name, arguments)
        return place(file) if file.startswith(("/sys/", "/proc/", "/run/provision", "/var/lib/provision")) else None
    if name == "bpf":
        return None if arguments[0] in BPF_READS else f"command-{arguments[0]}"
    if name == "fcntl":
        return "seals" if arguments[1] == SEALS else None
    if name == "prlimit64":
        return "limit" if arguments[2] else None
    return "-"


def message(tid, name, arguments):
    if name != "sendto":
        return "message"
    length, kind = struct.unpack("<IH", memory(tid, arguments[1], 6).ljust(6, b"\0"))
    # struct nlmsghdr; of rtnetlink's types those that only ask are 2 modulo 4.
    if 16 <= kind < 120 and 16 <= length <= arguments[2]:
        return None if kind % 4 == 2 else f"netlink-{kind}"
    return "message"


def place(path):
    """The file's name, as far as it is the same in every run."""
    name = path.removesuffix(" (deleted)").rsplit("/", 1)[-1] or "-"
    return "".join("N" if c.isdigit() else c for c in name.replace(" ", "_"))


def main(out, what, *words):
    deep, words = "--deep" in words[:1], words["--deep" in words[:1]:]
    tracer = Tracer(out, what, deep)
    if words[0] == "--attach":
        tracer.attach(int(words[1]))
        print("attached", file=tracer.out)
        tracer.run()
        return 0
    tracer.start(words[1:])
    status = tracer.run()
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


sys.exit(main(*sys.argv[1:]))
