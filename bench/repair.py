"""Damage by system calls of our own, and a fine-grained look until the kernel shows the declared value again.

The clock starts right before the damaging call, so nothing of the agent's work is missed. No resource is damaged more
than four times: the fifth repair within ten seconds is where the agent sees a fight and stops.
"""

import fcntl
import os
import random
import socket
import struct
import sys
import time

import manifests

SAMPLES = 200
GRAIN = 0.00005
PATIENCE = 10.0
SIOCGIFADDR, SIOCSIFADDR, SIOCGIFMTU, SIOCSIFMTU = 0x8915, 0x8916, 0x8921, 0x8922


def kinds(lab, count):
    """(what, seconds of each repair) for a cgroup value, a link's MTU and an address, over `count` resources each."""
    samples = min(SAMPLES, 2 * count)
    yield "cgroup value", [cgroup(lab, f"c{i % count}") for i in range(samples)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        yield "link MTU", [mtu(control, f"b{i % count}") for i in range(samples)]
        yield "address", [address(control, i % count) for i in range(samples)]


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


def address(control, number):
    """Address 0.0.0.0 takes the link's address away."""
    link = f"b{number}".encode()

    def show():
        try:
            return socket.inet_ntoa(fcntl.ioctl(control, SIOCGIFADDR, struct.pack("16s24x", link))[20:24])
        except OSError:
            return None
    request = struct.pack("16sHH4s16x", link, socket.AF_INET, 0, bytes(4))
    return repaired(lambda: fcntl.ioctl(control, SIOCSIFADDR, request), show, manifests.address(number), f"address of {link.decode()}")


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
