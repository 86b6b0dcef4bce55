"""Planning many cgroups when nothing differs, against reading the same files in C."""

import statistics

import manifests
from lab import in_turn, run
from table import Row, against
from trace import mutating, reading_list, trace

ROUNDS = 5
LARGER = 5


def measure(lab, size):
    small, rows = planned(lab.instance("c"), size)
    yield from rows

    big = lab.instance("d")
    manifest = big.write("many.yaml", manifests.cgroups(size * LARGER))
    big.apply(manifest)
    large = statistics.median(big.plan(manifest) for _ in range(3))
    big.destroy()
    yield Row(f"plan, no change, {size * LARGER} cgroups: per cgroup", large / (size * LARGER) * 1e6, "us", bar=1.2, of_ratio=True,
              peer=f"per cgroup of {size}", peer_measured=small / size * 1e6, ratio=large / small / LARGER)


def planned(lab, size):
    manifest = lab.write("cgroups.yaml", manifests.cgroups(size))
    lab.apply(manifest)
    lines = trace(lab, lab.command("plan", "-f", manifest))
    wanted = lab.write("cgroups.list", reading_list(lines))
    plans, reads = in_turn(ROUNDS, lambda: lab.plan(manifest), lambda: run([lab.reader, wanted]))
    lab.destroy()
    return statistics.median(plans), [
        against(f"plan, no change, {size} cgroups", plans, "C reader of the same files", reads, bar=1.5),
        Row(f"plan, no change, {size} cgroups: mutating calls", len(mutating(lines)), "calls", bar=0),
    ]
