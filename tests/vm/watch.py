#!/usr/bin/env python3
"""watch.py EMULATOR MONITOR RESULTS: watches the guest's sign of life (RESULTS/.alive, renewed every 5 s).

A guest that stops renewing it for LOOKS looks is silent: what the emulator's threads and the guest's processors are at goes
to RESULTS/silent.log, an NMI asks the guest's kernel for its stacks, and the emulator (the process whose parent is
EMULATOR) is ended. Looks are counted, not seconds: a host that was itself asleep does not make its guest silent.
"""
import os
import pathlib
import signal
import socket
import sys
import time

LOOKS, PAUSE = 36, 5


def sign(path):
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def ask(monitor, command):
    """What the emulator's monitor answers, or why it does not."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(monitor)
            line.sendall((command + "\n").encode())
            time.sleep(1)
            return line.recv(1 << 20).decode(errors="replace")
    except OSError as error:
        return f"{command}: {error}"


def threads(pid):
    for task in sorted(pathlib.Path(f"/proc/{pid}/task").glob("*")):
        try:
            state = (task / "stat").read_text().rsplit(")", 1)[1].split()[0]
            yield f"{task.name} {(task / 'comm').read_text().strip()} {state} {(task / 'wchan').read_text()}"
        except OSError as error:
            yield f"{task.name}: {error}"


def children(pid):
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def main():
    emulator, monitor, results = int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    alive, last, looks = results / ".alive", None, 0
    while True:
        time.sleep(PAUSE)
        now = sign(alive)
        if now is None or now != last:    # before the first sign the bound of the whole run holds
            last, looks = now, 0
            continue
        looks += 1
        if looks < LOOKS:
            continue
        running = children(emulator) or [emulator]
        with open(results / "silent.log", "w") as log:
            print(*threads(running[0]), sep="\n", file=log)
            print(ask(monitor, "info cpus"), ask(monitor, "info registers -a"), ask(monitor, "nmi"), sep="\n", file=log)
        time.sleep(10)    # for the stacks to come out on the console
        for pid in running:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        return


main()
