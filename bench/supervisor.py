"""A caller of an instance's supervisor: its socket, its frames, what it costs."""

import json
import os
import socket
import struct
import sys
import time

from lab import Seconds
from runtime import cpu_of


class Supervisor:
    def __init__(self, lab):
        self.lab = lab
        self.pid = pid(lab)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._socket.connect(f"/run/provision/{lab.name}/supervisor/socket")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def ask(self, verb, name=None):
        message = json.dumps({"verb": verb} | ({"name": name} if name else {})).encode()
        self._socket.sendall(struct.pack("<I", len(message)) + message)
        length, = struct.unpack("<I", self._read(4))
        answer = json.loads(self._read(length))
        if "error" in answer:
            sys.exit(f"bench: {verb} {name}: {answer['error']}")
        return answer

    def start(self, name):
        """Seconds from the request until the container's program runs, which is when the answer comes."""
        before = cpu_of(self.pid)
        started = time.perf_counter()
        self.ask("Start", name)
        wall = time.perf_counter() - started
        return Seconds(wall, cpu_of(self.pid) - before + cpu_of(self.pids()[name]))

    def pids(self):
        """The first process of each container that runs."""
        return {c["name"]: c["run"]["pid"] for c in self.ask("Status")["containers"] if c["run"]["pid"]}

    def memory(self):
        """KB by kind: VmRSS, RssAnon, RssFile, RssShmem."""
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file)
        return {kind: int(lines[kind].split()[0]) for kind in ("VmRSS", "RssAnon", "RssFile", "RssShmem")}

    def _read(self, count):
        data = b""
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            if not more:
                sys.exit("bench: the supervisor ended")
            data += more
        return data


def pid(lab):
    for hierarchy in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        try:
            with open(f"{hierarchy}/provision-{lab.name}/supervisor/cgroup.procs", encoding="ascii") as file:
                return int(file.read().split()[0])
        except (FileNotFoundError, IndexError):
            continue
    # One without containers has no cgroup yet; its lock says who it is.
    inode = os.stat(f"/run/provision/{lab.name}/supervisor/lock").st_ino
    with open("/proc/locks", encoding="ascii") as file:
        for fields in map(str.split, file):
            if fields[1] == "FLOCK" and fields[5].endswith(f":{inode}"):
                return int(fields[4])
    sys.exit("bench: there is no supervisor")
