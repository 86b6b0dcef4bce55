"""Starting containers against OCI runtimes that start the same ones, the supervisor's memory, and where the time goes."""

import json
import os
import subprocess
import time

import steps
from bundle import COMMAND, MEMORY, PIDS
from lab import Seconds, in_turn, run
from manifests import documents
from runtime import Runtime, cpu_of
from supervisor import Supervisor
from table import Row, against

ONE_ROUNDS, MANY_ROUNDS, MANY = 15, 5, 100
WHOLE = "overlay root, veth to a bridge, cgroup with limits, Docker's capabilities, seccomp and masks on both sides; the peer's links are made by two `ip -batch`"
PLAIN = "directory as root, no links; else as the others"


def measure(lab, _):
    root = rootfs(lab)
    for whole in (True, False):
        with Runtime(lab, "crun", root, whole) as crun, Runtime(lab, "runc", root, whole) as runc:
            yield from one(lab.instance("one"), root, whole, crun, runc)
            yield from many(lab.instance("many"), root, whole, crun)
    yield from memory(lab.instance("memory"), root)


def one(lab, root, whole, crun, runc):
    """One through a supervisor that runs: asked over its socket, and by whole commands."""
    path, without = lab.write("one.yaml", manifest(root, [whole_or_plain(whole)] * 2)), lab.write("without.yaml", manifest(root, [whole_or_plain(whole)]))
    kind, note = ("", WHOLE) if whole else (" (no links)", PLAIN)
    lab.apply(path)
    try:
        with Supervisor(lab) as supervisor:
            def asked():
                supervisor.ask("Stop", "k1")
                lab.settle()
                return supervisor.start("k1")

            def started():
                supervisor.ask("Stop", "k1")
                lab.settle()
                return with_supervisor(supervisor, lambda: run(lab.command("start", "k1")))

            def applied():
                lab.apply(without, more=("--prune",))
                lab.settle()
                return with_supervisor(supervisor, lambda: lab.apply(path))

            request, start, apply, peer, other = in_turn(ONE_ROUNDS, asked, started, applied, lambda: crun.run(1), lambda: runc.run(1))
            yield against(f"one container{kind}, asked of the supervisor", request, "crun run", peer, bar=0.5, note=note)
            yield against(f"one container{kind}, `provision start`", start, "crun run", peer)
            yield against(f"one container{kind}, `provision apply`", apply, "crun run", peer)
            yield against(f"one container{kind}, asked of the supervisor", request, "runc run", other)
    finally:
        lab.destroy()
    if whole:
        yield from steps.measure(lab, lambda parts: manifest(root, parts, "p"))


def many(lab, root, whole, crun):
    path = lab.write("many.yaml", manifest(root, [whole_or_plain(whole)] * MANY))

    def applied():
        try:
            lab.settle(MANY)
            seconds = lab.apply(path)
            with Supervisor(lab) as supervisor:
                own = cpu_of(supervisor.pid) + sum(map(cpu_of, supervisor.pids().values()))
            return Seconds(seconds, seconds.cpu + own)
        finally:
            lab.destroy()

    ours, theirs = in_turn(MANY_ROUNDS, applied, lambda: crun.run(MANY))
    kind = "" if whole else " (no links)"
    yield against(f"{MANY} containers{kind} in one apply, supervisor's start included", ours, f"{MANY} times crun run", theirs, bar=0.33)


def memory(lab, root):
    """The supervisor's resident memory by what it keeps."""
    sizes = {}
    run(lab.command("supervise", "--detach"))
    with Supervisor(lab) as supervisor:
        sizes[0] = supervisor.memory()
        program = os.stat(f"/proc/{supervisor.pid}/exe").st_size
        for count in (10, MANY):
            lab.apply(lab.write("memory.yaml", manifest(root, [{}] * count)))
            # At rest: what the launches left is given back a second after the last.
            time.sleep(2)
            sizes[count] = supervisor.memory()
    lab.destroy()
    for count, size in sizes.items():
        split = ", ".join(f"{kind[3:].lower()} {size[kind] / 1000:.1f}" for kind in ("RssAnon", "RssFile", "RssShmem"))
        if count == 0:
            split += f"; what is mapped: its sealed program ({program / 1e6:.1f} MB) is memory, too"
        yield Row(f"supervisor with {count} containers", size["VmRSS"] / 1000, "MB", bar=25 + count * 0.064, note=split)
    each = (sizes[MANY]["VmRSS"] - sizes[10]["VmRSS"]) / (MANY - 10)
    yield Row("supervisor, each further container", each, "KB", bar=64)


def with_supervisor(supervisor, measure):
    """With the CPU time of what a command leaves to the supervisor: its launch, and the container until it sleeps."""
    before = cpu_of(supervisor.pid)
    seconds = measure()
    return Seconds(seconds, seconds.cpu + cpu_of(supervisor.pid) - before + cpu_of(supervisor.pids()["k1"]))


def whole_or_plain(whole):
    return {} if whole else {"overlay": None, "networks": None}


def manifest(root, parts, prefix="k"):
    """Containers with a bridge for their links, each with these parts changed; None leaves one out."""
    def spec(i):
        members = {
            "rootfs": f"{{directory: {root}{', overlay: true' if 'overlay' not in parts[i] else ''}}}",
            "command": f"[{', '.join(map(json.dumps, COMMAND))}]",
            "resources": f"{{memory: {{max: {MEMORY}}}, pids: {{max: {PIDS}}}}}",
            "stop": "{signal: KILL}",
            "restart": "{policy: Never}",
            "networks": f"[{{bridge: b0, interface: eth0, addresses: [10.77.{1 + i // 250}.{1 + i % 250}/16]}}]",
        } | parts[i]
        return "\n".join(f"  {name}: {value}" for name, value in members.items() if value is not None and name != "overlay")

    containers = documents("Container", prefix, len(parts), spec)
    return containers + "---\n" + documents("Bridge", "b", 1, lambda _: "  addresses: [10.77.0.1/16]")


def rootfs(lab):
    root = lab.path("root")
    for directory in ("bin", "proc", "sys", "dev", "tmp"):
        os.makedirs(f"{root}/{directory}", exist_ok=True)
    subprocess.run(["cp", "/bin/busybox", f"{root}/bin/busybox"], check=True)
    return root
