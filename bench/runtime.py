"""crun as a peer: containers of one bundle, started one after the other, in a process of its own."""

import ctypes
import json
import os
import subprocess
import time

from lab import Seconds

CLONE_NEWNS = 0x20000
MNT_DETACH = 2
MS_REC, MS_PRIVATE = 0x4000, 0x40000


class Crun:
    """
    A child that starts containers when asked. It has a mount namespace of its own in which the unified hierarchy of a
    hybrid host is not mounted: crun refuses such hosts where that hierarchy has controllers.
    """

    def __init__(self, lab, root):
        self._lab, self._root = lab, root

    def __enter__(self):
        asked, self._ask = os.pipe()
        self._told, tell = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(self._ask)
            os.close(self._told)
            status = 1
            try:
                serve(self._lab, self._root, asked, tell)
                status = 0
            finally:
                os._exit(status)
        os.close(asked)
        os.close(tell)
        self._answers = os.fdopen(self._told)
        return self

    def __exit__(self, *_):
        os.close(self._ask)
        os.waitpid(self._child, 0)
        self._answers.close()

    def run(self, count):
        """Seconds of that many `crun run --detach`, their removal not counted."""
        from lab import Seconds

        os.write(self._ask, f"{count}\n".encode())
        line = self._answers.readline()
        if not line:
            raise SystemExit("bench: crun failed")
        return Seconds(*map(float, line.split()))


def serve(lab, root, asked, tell):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) or libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None):
        raise OSError(ctypes.get_errno(), "unshare")
    if os.path.ismount("/sys/fs/cgroup/unified"):
        libc.umount2(b"/sys/fs/cgroup/unified", MNT_DETACH)
    bundle = lab.path("bundle")
    state = lab.path("crun")
    os.makedirs(bundle)
    subprocess.run(["crun", "spec"], cwd=bundle, check=True)
    with os.fdopen(asked) as requests:
        for number, line in enumerate(requests):
            ids = [f"{lab.name}-{number}-{i}" for i in range(int(line))]
            try:
                before = os.times()
                started = time.perf_counter()
                for name in ids:
                    write(bundle, root, lab.name, name)
                    subprocess.run(["crun", "--root", state, "run", "--detach", "--bundle", bundle, name],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
                wall = time.perf_counter() - started
                after = os.times()
            finally:
                for name in ids:
                    subprocess.run(["crun", "--root", state, "delete", "--force", name], check=False)
            cpu = after.children_user - before.children_user + after.children_system - before.children_system
            os.write(tell, f"{wall} {cpu}\n".encode())


def write(bundle, root, instance, name):
    """What the manifest of the same container says."""
    path = os.path.join(bundle, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["root"] = {"path": root, "readonly": False}
    config["process"] |= {"terminal": False, "args": ["/bin/busybox", "sleep", "100000"], "cwd": "/"}
    config["linux"] |= {"cgroupsPath": f"/provision-{instance}-crun/{name}",
                        "resources": {"memory": {"limit": 64 << 20}, "pids": {"limit": 32}}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
