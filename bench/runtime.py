"""crun and runc as peers: containers of one bundle, started one after the other, in a process of its own."""

import ctypes
import os
import resource
import subprocess
import time

import bundle
from lab import Seconds

CLONE_NEWNS = 0x20000
MNT_DETACH = 2
MS_REC, MS_PRIVATE = 0x4000, 0x40000
BRIDGE = "peer0"


class Runtime:
    """
    A child that starts containers when asked. It has a mount namespace of its own in which the unified hierarchy of a
    hybrid host is not mounted: crun refuses such hosts where that hierarchy has controllers.
    """

    def __init__(self, lab, program, root, whole):
        """With `whole` each has an overlay as its root and a veth to a bridge, which the runtimes leave to who calls them."""
        self._serve = lambda asked, tell: Server(lab, program, root, whole).serve(asked, tell)

    def __enter__(self):
        asked, self._ask = os.pipe()
        told, tell = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(self._ask)
            os.close(told)
            status = 1
            try:
                self._serve(asked, tell)
                status = 0
            finally:
                os._exit(status)
        os.close(asked)
        os.close(tell)
        self._answers = os.fdopen(told)
        return self

    def __exit__(self, *_):
        os.close(self._ask)
        os.waitpid(self._child, 0)
        self._answers.close()

    def run(self, count):
        """Seconds until that many containers run; their removal is not counted."""
        os.write(self._ask, f"{count}\n".encode())
        line = self._answers.readline()
        if not line:
            raise SystemExit("bench: a peer failed")
        return Seconds(*map(float, line.split()))


class Server:
    def __init__(self, lab, program, root, whole):
        self.lab, self.program, self.root, self.whole = lab, program, root, whole
        self.work = lab.path(f"{program}-{whole:d}")
        self.libc = ctypes.CDLL(None, use_errno=True)

    def serve(self, asked, tell):
        self.check(self.libc.unshare(CLONE_NEWNS), "unshare")
        self.check(self.libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount /")
        if self.program == "crun" and os.path.ismount("/sys/fs/cgroup/unified"):
            self.libc.umount2(b"/sys/fs/cgroup/unified", MNT_DETACH)
        os.makedirs(self.work)
        base = bundle.base(self.program, self.work)
        with os.fdopen(asked) as requests:
            for number, line in enumerate(requests):
                self.round(number, int(line), base, tell)

    def round(self, number, count, base, tell):
        names = [f"{self.lab.name}-{number}-{i}" for i in range(count)]
        try:
            if self.whole:
                ip(f"link add {BRIDGE} type bridge\nlink set {BRIDGE} up\naddress add 10.78.0.1/16 dev {BRIDGE}\n")
            # The bundle's own files are written before: whoever calls a runtime has them.
            for i, name in enumerate(names):
                bundle.write(base, f"{self.work}/{name}", self.root, self.lab.name, name, self.netns(number, i))
            self.lab.settle(count)
            before = usage()
            started = time.perf_counter()
            for i, name in enumerate(names):
                self.start(number, i, name)
            wall = time.perf_counter() - started
            cpu = usage() - before + sum(map(self.own, names))
        finally:
            for i, name in enumerate(names):
                self.remove(number, i, name)
            if self.whole:
                ip(f"link delete {BRIDGE}\n")
        os.write(tell, f"{wall} {cpu}\n".encode())

    def start(self, number, i, name):
        if self.whole:
            place = f"{self.work}/{name}"
            options = f"lowerdir={self.root},upperdir={place}/upper,workdir={place}/work".encode()
            self.check(self.libc.mount(b"overlay", f"{place}/root".encode(), b"overlay", 0, options), "mount overlay")
            # As few processes as ip can do it with.
            netns = f"{self.lab.name}-{number}-{i}"
            ip(f"netns add {netns}\nlink add p{i} master {BRIDGE} up type veth peer name eth0 netns {netns}\n")
            ip(f"link set lo up\naddress add 10.78.{1 + i // 250}.{1 + i % 250}/16 dev eth0\nlink set eth0 up\n", "-n", netns)
        subprocess.run([self.program, "--root", f"{self.work}/state", "run", "--detach", "--bundle", f"{self.work}/{name}", name],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    def remove(self, number, i, name):
        subprocess.run([self.program, "--root", f"{self.work}/state", "delete", "--force", name], check=False)
        if self.whole:
            self.libc.umount2(f"{self.work}/{name}/root".encode(), MNT_DETACH)
            subprocess.run(["ip", "netns", "delete", f"{self.lab.name}-{number}-{i}"], check=False)

    def netns(self, number, i):
        return f"/run/netns/{self.lab.name}-{number}-{i}" if self.whole else None

    def own(self, name):
        """CPU seconds of a container's first process, which its runtime has not waited for."""
        state = subprocess.run([self.program, "--root", f"{self.work}/state", "state", name], capture_output=True, check=True, text=True)
        return cpu_of(bundle.pid(state.stdout))

    def check(self, result, what):
        if result:
            raise OSError(ctypes.get_errno(), what)


def ip(lines, *options):
    subprocess.run(["ip", *options, "-batch", "-"], input=lines, text=True, check=True)


def usage():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_of(pid):
    """CPU seconds of all threads of a process so far, in the scheduler's own resolution."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9
