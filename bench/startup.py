"""How long nothing takes, and how big the binary is."""

import os

from lab import in_turn, run
from table import Row, against

ROUNDS = 40


def measure(lab):
    version, ip, true = in_turn(
        ROUNDS, lambda: run([lab.binary, "version"]), lambda: run(["ip", "-V"]), lambda: run(["/bin/true"]))
    yield against("provision version", version, "ip -V", ip, bar=0.010, of_ratio=False)
    yield against("provision version", version, "/bin/true", true)
    yield Row("binary", os.path.getsize(lab.binary) / 1e6, "MB", bar=20)
