"""Starting containers, against crun run of the same command, root, limits and namespaces."""

import os
import subprocess
import sys

from crun import Crun
from lab import in_turn, run
from manifests import documents
from table import Row, against

ONE_ROUNDS, MANY_ROUNDS, MANY = 20, 5, 100


def measure(lab, _):
    root = rootfs(lab)
    with Crun(lab, root) as crun:
        yield from one(lab.instance("one"), root, crun)
        yield from many(lab.instance("many"), root, crun)


def one(lab, root, crun):
    """`provision start`, the whole process, through a supervisor that runs, against the whole of `crun run`."""
    path = lab.write("one.yaml", containers(root, 2))
    lab.apply(path)
    try:
        def started():
            run(lab.command("stop", "k1"))
            return run(lab.command("start", "k1"))

        ours, theirs = in_turn(ONE_ROUNDS, started, lambda: crun.run(1))
        yield against("start of one container (whole CLI process)", ours, "crun run", theirs, bar=0.5,
                      note="crun's bundle has no seccomp filter, Provision loads its built-in one; neither has links or an overlay")
        yield Row("supervisor with 2 containers", resident(lab), "MB", bar=25)
    finally:
        lab.destroy()


def many(lab, root, crun):
    path = lab.write("many.yaml", containers(root, MANY))

    def applied():
        try:
            return lab.apply(path)
        finally:
            lab.destroy()

    ours, theirs = in_turn(MANY_ROUNDS, applied, lambda: crun.run(MANY))
    yield against(f"{MANY} containers in one apply, supervisor's start included", ours, f"{MANY} times crun run", theirs, bar=0.33)


def containers(root, count):
    return documents("Container", "k", count, lambda _:
                     f'  rootfs: {{directory: {root}}}\n  command: [/bin/busybox, sleep, "100000"]\n'
                     "  resources: {memory: {max: 64Mi}, pids: {max: 32}}\n  stop: {signal: KILL}\n  restart: {policy: Never}")


def rootfs(lab):
    root = lab.path("root")
    for directory in ("bin", "proc", "sys", "dev", "tmp"):
        os.makedirs(f"{root}/{directory}", exist_ok=True)
    subprocess.run(["cp", "/bin/busybox", f"{root}/bin/busybox"], check=True)
    return root


def resident(lab):
    """MB of the instance's supervisor, by /proc."""
    for hierarchy in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        try:
            with open(f"{hierarchy}/provision-{lab.name}/supervisor/cgroup.procs", encoding="ascii") as file:
                pid = file.read().split()[0]
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1000
        except FileNotFoundError:
            continue
    sys.exit("bench: the supervisor has no cgroup")
