"""How long nothing takes, and how big the binary is."""

import os
import statistics

from lab import in_turn, paired, run
from table import Row

ROUNDS = 40


def measure(lab):
    version, ip, true = in_turn(
        ROUNDS, lambda: run([lab.binary, "version"]), lambda: run(["ip", "-V"]), lambda: run(["/bin/true"]))
    started = statistics.median(version)
    yield Row("provision version", started, "s", bar=0.010, peer="ip -V", peer_measured=statistics.median(ip), ratio=paired(version, ip))
    yield Row("provision version", started, "s", peer="/bin/true", peer_measured=statistics.median(true), ratio=paired(version, true))
    yield Row("binary", os.path.getsize(lab.binary) / 1e6, "MB", bar=20)
