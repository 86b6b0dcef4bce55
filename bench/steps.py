"""Where the time of one start goes: the same container with parts left out, and what the kernel takes for two of them alone."""

import os
import statistics
import time

from bundle import COMMAND
from lab import Lab, in_turn
from supervisor import Supervisor
from table import Row

ROUNDS = 15
HOST = "{pid: host, ipc: host, uts: host, cgroup: host}"

# What each container lacks of the whole; what that saves is what it costs.
WITHOUT = {
    "veth, address, bridge port": {"networks": None},
    "network namespace": {"networks": None, "namespaces": "{net: host}"},
    "overlay": {"overlay": None},
    "masked and read-only paths": {"security": "{maskedPaths: [], readonlyPaths: []}"},
    "seccomp filter": {"security": "{seccomp: unconfined}"},
    "pid, ipc, uts and cgroup namespaces": {"namespaces": HOST},
}


def measure(lab: Lab, manifest):
    """Rows for the parts; `manifest(parts)` makes documents of containers named p0, p1, … that lack those."""
    lab.apply(lab.write("parts.yaml", manifest([{}, *WITHOUT.values()])))
    try:
        with Supervisor(lab) as supervisor:
            def start(name):
                supervisor.ask("Stop", name)
                lab.settle()
                return supervisor.start(name)

            whole, *others = in_turn(ROUNDS, *(lambda n=n: start(f"p{n}") for n in range(len(WITHOUT) + 1)))
    finally:
        lab.destroy()
    saved = {part: statistics.median(a - b for a, b in zip(whole, other)) for part, other in zip(WITHOUT, others)}
    # Without the namespace there are no links either.
    saved["network namespace"] -= saved["veth, address, bridge port"]
    joined = statistics.median(join(lab) for _ in range(ROUNDS))
    executed = statistics.median(execute() for _ in range(ROUNDS))
    saved |= {"joining the cgroups (alone)": joined, "clone and exec of the program (alone)": executed}
    median = statistics.median(whole)
    for part, seconds in saved.items():
        yield Row(f"  of it {part}", seconds, "s")
    yield Row("  of it the rest: clone, root, /proc, /sys, /dev, identity, the request itself", median - sum(saved.values()), "s",
              note=f"of {median * 1000:.2f} ms; medians of the difference between the whole and the container without that part")


def join(lab):
    """Seconds that a new process takes to move itself into a new cgroup of every hierarchy."""
    roots = [line.split()[1] for line in open("/proc/self/mounts", encoding="utf-8") if line.split()[2] in ("cgroup", "cgroup2")]
    places = [f"{root}/provision-{lab.name}-join" for root in roots]
    for place, root in zip(places, roots):
        os.mkdir(place)
        for file in ("cpuset.cpus", "cpuset.mems"):
            if os.path.exists(f"{place}/{file}"):
                put(f"{place}/{file}", open(f"{root}/{file}", encoding="ascii").read().strip() or "0")
    files = [os.path.join(place, "tasks" if os.path.exists(f"{place}/tasks") else "cgroup.procs") for place in places]
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        opened = [os.open(file, os.O_WRONLY) for file in files]
        started = time.perf_counter()
        for file in opened:
            os.write(file, b"0")
        os.write(tell, f"{time.perf_counter() - started}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(tell)
    seconds = float(os.read(told, 64))
    os.close(told)
    for place in places:
        os.rmdir(place)
    return seconds


def execute():
    """Seconds until posix_spawn has the program executing."""
    started = time.perf_counter()
    pid = os.posix_spawn(COMMAND[0], [COMMAND[0], "true"], {})
    seconds = time.perf_counter() - started
    os.waitpid(pid, 0)
    return seconds


def put(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
