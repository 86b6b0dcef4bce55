"""The agent with a thousand resources: what it costs while nothing happens, and how fast it repairs."""

import contextlib
import glob
import json
import os
import statistics
import subprocess
import sys
import time

import manifests
import repair
from containers import rootfs
from lab import files
from table import Row

QUIET = 10.0


def measure(lab, size):
    lab = lab.instance("a")
    bridges, containers = max(size // 10, 1), max(size // 20, 1)
    paths = [
        lab.write("agent-cgroups.yaml", manifests.cgroups(size - bridges - containers)),
        lab.write("agent-bridges.yaml", manifests.bridges(bridges)),
        lab.write("agent-containers.yaml", manifests.containers(rootfs(lab), containers)),
    ]
    lab.apply(*paths)
    with agent(lab, paths) as process:
        yield from idle(process.pid, size)
        before = cpu_time(process.pid)
        for what, samples in repair.kinds(lab, bridges, containers):
            after = cpu_time(process.pid)
            ran, waited = ((b - a) / len(samples) * 1000 for a, b in zip(before, after))
            before = after
            yield Row(f"repair, {what}: p50 of {len(samples)}", statistics.median(samples), "s")
            yield Row(f"repair, {what}: p99", sorted(samples)[int(len(samples) * 0.99)], "s", bar=0.050,
                      note=f"the agent's threads ran {ran:.1f} ms a repair and stood in line for a CPU {waited:.1f} ms")
        contended(lab)
    lab.destroy()


@contextlib.contextmanager
def agent(lab, paths):
    with open(lab.path("agent.log"), "wb") as log:
        command = [lab.binary, "agent", *files(paths), "--instance", lab.name]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(lambda: os.path.exists(f"/run/provision/{lab.name}/agent-default.json"), "the agent's first look")
        yield process
    finally:
        process.terminate()
        process.wait(30)


def idle(pid, size):
    """After five seconds to settle: a second of quiet, and the heap is given back. CPU time from the scheduler's own count, in nanoseconds, of every thread."""
    time.sleep(5)
    before = cpu_time(pid)
    time.sleep(QUIET)
    used = cpu_time(pid)[0] - before[0]
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        rss = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    yield Row(f"idle agent, {size} resources: RSS", rss * 1024 / 1e6, "MB", bar=40)
    yield Row(f"idle agent, {size} resources: CPU in {QUIET:.0f} s", used, "s", bar=0.010)


def cpu_time(pid):
    """Seconds that the process ran, threads that ended included, and that its threads were ready to run and did not."""
    ran = time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3)
    waited = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with contextlib.suppress(OSError), open(path, encoding="ascii") as file:
            waited += int(file.read().split()[1])
    return ran, waited / 1e9


def contended(lab):
    """A truce would have been measured as a slow repair: make sure there was none."""
    with open(f"/run/provision/{lab.name}/agent-default.json", encoding="utf-8") as file:
        if "Contended" in json.dumps(json.load(file)):
            sys.exit("bench: the agent took the damage for a fight; spread it over more resources")


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"bench: no sign of {what} within {seconds} s")
        time.sleep(0.02)
