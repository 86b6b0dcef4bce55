"""A host full of containers: planning it when nothing differs, and how soon a killed container runs again."""

import os
import signal
import statistics
import sys
import time

import manifests
import repair
from containers import rootfs
from lab import in_turn, run
from table import Row, against
from trace import host_list, mutating, trace

ROUNDS = 5
KILLED = 200
# A bridge has 1,023 ports at most (BR_MAX_PORTS).
PORTS = 500
GRAIN = 0.00005
PATIENCE = 10.0


def measure(lab, size):
    lab = lab.instance("w")
    bridges = -(-size // PORTS)
    paths = [
        lab.write("whole-bridges.yaml", "---\n".join(bridge(i) for i in range(bridges))),
        lab.write("whole-cgroups.yaml", manifests.cgroups(size)),
        lab.write("whole-containers.yaml", "---\n".join(container(rootfs(lab), i) for i in range(size))),
    ]
    lab.apply(*paths)
    lines = trace(lab, lab.command("plan", *[word for path in paths for word in ("-f", path)]))
    wanted = lab.write("whole.list", host_list(lines))
    plans, reads = in_turn(ROUNDS, lambda: lab.plan(*paths), lambda: run([lab.reader, "links", wanted]))
    yield against(f"plan, no change, {size} containers, cgroups and veths", plans, "C reader of the same files and dumps", reads, bar=1.5)
    yield Row(f"plan, no change, {size} containers, cgroups and veths: mutating calls", len(mutating(lines)), "calls", bar=0)

    samples = killed(lab, min(KILLED, size))
    yield Row(f"repair, killed container: p50 of {len(samples)}", statistics.median(samples), "s")
    yield Row(f"repair, killed container: p99", sorted(samples)[int(len(samples) * 0.99)], "s", bar=0.050,
              note="until a new first process runs its program; restart.backoff.initial is 1ms")
    lab.destroy()


def bridge(i):
    return f"apiVersion: provision/v1\nkind: Bridge\nmetadata: {{name: w{i}}}\nspec:\n  addresses: [10.{180 + i}.0.1/16]\n"


def container(root, i):
    return (
        f"apiVersion: provision/v1\nkind: Container\nmetadata: {{name: w{i}}}\nspec:\n"
        f'  rootfs: {{directory: {root}}}\n  command: [/bin/busybox, sleep, "100000"]\n  stop: {{signal: KILL}}\n'
        "  restart: {backoff: {initial: 1ms}}\n"
        f"  networks: [{{bridge: w{i // PORTS}, interface: eth0, addresses: [10.{180 + i // PORTS}.{1 + i % PORTS // 250}.{1 + i % 250}/16]}}]\n")


def killed(lab, count):
    """Seconds until each of some containers, killed one after the other, runs its program again."""
    pids = repair.processes(lab)
    return [again(lab, f"w{i}", pids[f"Container/w{i}"]) for i in range(count)]


def again(lab, name, pid):
    time.sleep(0.01)
    leaf = next(path for path in (f"/sys/fs/cgroup/unified/provision-{lab.name}/{name}.ctr", f"/sys/fs/cgroup/provision-{lab.name}/{name}.ctr") if os.path.isdir(path))
    started = time.perf_counter()
    os.kill(pid, signal.SIGKILL)
    while not runs(leaf, pid):
        if time.perf_counter() - started > PATIENCE:
            sys.exit(f"bench: {name} did not run again within {PATIENCE:.0f} s")
        time.sleep(GRAIN)
    return time.perf_counter() - started


def runs(leaf, before):
    """Whether another process than before executes the container's program there."""
    try:
        with open(f"{leaf}/cgroup.procs", encoding="ascii") as file:
            inside = [int(line) for line in file if int(line) != before]
        for pid in inside:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if file.read().startswith(b"/bin/busybox\0"):
                    return True
    except OSError:
        pass
    return False
