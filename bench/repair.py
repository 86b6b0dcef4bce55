"""Damage by system calls of our own, and a fine-grained look until the kernel shows the declared value again.

The clock starts right before the damaging call, so nothing of the agent's work is missed. No resource is damaged more
than four times: the fifth repair within ten seconds is where the agent sees a fight and stops.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time

import manifests

SAMPLES = 200
GRAIN = 0.00005
PATIENCE = 10.0
CLONE_NEWNET = 0x40000000
SIOCGIFADDR, SIOCSIFADDR, SIOCGIFMTU, SIOCSIFMTU = 0x8915, 0x8916, 0x8921, 0x8922


def kinds(lab, count, containers):
    """(what, seconds of each repair) for a cgroup value, a link's MTU, an address, over `count` resources each, and an
    address inside each of the containers."""
    samples = min(SAMPLES, 2 * count)
    yield "cgroup value", [cgroup(lab, f"c{i % count}") for i in range(samples)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        yield "link MTU", [mtu(control, f"b{i % count}") for i in range(samples)]
        yield "address", [address(control, f"b{i % count}", manifests.address(i % count)) for i in range(samples)]
    with contextlib.ExitStack() as opened:
        pids = processes(lab)
        inside = [opened.enter_context(control_in(pids[f"Container/k{i}"])) for i in range(containers)]
        yield "address in a container", [address(inside[i % containers], "eth0", manifests.inside(i % containers)) for i in range(min(SAMPLES, 3 * containers))]


def cgroup(lab, name):
    path = lab.cgroup_file(name, "memory", "memory.limit_in_bytes", "memory.max")
    file = os.open(path, os.O_RDWR)
    try:
        declared = os.pread(file, 64, 0)
        return repaired(lambda: os.pwrite(file, b"134217728", 0), lambda: os.pread(file, 64, 0), declared, path)
    finally:
        os.close(file)


def mtu(control, link):
    def show():
        return struct.unpack_from("i", fcntl.ioctl(control, SIOCGIFMTU, struct.pack("16si20x", link.encode(), 0)), 16)[0]
    request = struct.pack("16si20x", link.encode(), 1300)
    return repaired(lambda: fcntl.ioctl(control, SIOCSIFMTU, request), show, 1400, f"MTU of {link}")


def address(control, link, declared):
    """Address 0.0.0.0 takes the link's address away."""
    name = link.encode()

    def show():
        try:
            return socket.inet_ntoa(fcntl.ioctl(control, SIOCGIFADDR, struct.pack("16s24x", name))[20:24])
        except OSError:
            return None
    request = struct.pack("16sHH4s16x", name, socket.AF_INET, 0, bytes(4))
    return repaired(lambda: fcntl.ioctl(control, SIOCSIFADDR, request), show, declared, f"address of {link}")


def processes(lab):
    """The first process of each container."""
    shown = subprocess.run(lab.command("status", "-o", "json"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    return {r["resource"]: r["pid"] for r in json.loads(shown.stdout)["resources"] if "pid" in r}


def control_in(pid):
    """A socket that was opened in the network namespace of a process, and stays in it."""
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(path):
        with open(path, "rb") as namespace:
            if libc.setns(namespace.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns", path)
    with open("/proc/self/ns/net", "rb") as home:
        enter(f"/proc/{pid}/ns/net")
        try:
            return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        finally:
            if libc.setns(home.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns", "home")


def repaired(damage, show, declared, what):
    """Seconds from the damage until the value is as declared."""
    time.sleep(random.uniform(0.01, 0.03))
    if show() != declared:
        sys.exit(f"bench: {what} was not as declared to begin with")
    started = time.perf_counter()
    damage()
    while show() != declared:
        if time.perf_counter() - started > PATIENCE:
            sys.exit(f"bench: {what} was not repaired within {PATIENCE:.0f} s")
        time.sleep(GRAIN)
    return time.perf_counter() - started
