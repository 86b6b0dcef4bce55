"""Making, planning and removing many bridges, against ip -batch doing the same."""

import statistics

import manifests
from lab import in_turn, run
from table import Row, against
from trace import OPENING, mutating, reading_list, trace

ROUNDS = 2
PLANS = 5
ONE_BY_ONE = 100


def measure(lab, size):
    bench = Bridges(lab.instance("b"), size)
    made, made_by_ip, gone, gone_by_ip = [], [], [], []
    for turn in range(ROUNDS):
        made_by_ip.append(bench.ip("add"))
        gone_by_ip.append(run(["ip", "link", "delete", "group", str(manifests.IP_GROUP)]))
        made.append(bench.lab.apply(bench.manifest))
        if turn == ROUNDS - 1:
            yield from bench.plans()
        gone.append(bench.lab.destroy())
    one = bench.one_by_one()

    yield against(f"apply, {size} new bridges", made, "ip -batch", made_by_ip, bar=1.1)
    yield against(f"destroy, {size} bridges", gone, "ip link delete group", gone_by_ip, bar=1.1)
    removed = statistics.median(gone)
    yield Row(f"destroy, {size} bridges", removed, "s", bar=0.1, of_ratio=True,
              peer=f"ip -batch one by one (from {min(ONE_BY_ONE, size)})", peer_measured=one, ratio=removed / one,
              note="the bar is for veths; the kernel waits (rcu_barrier) for each bridge that goes, in whatever request it goes")


class Bridges:
    def __init__(self, lab, size):
        self.lab = lab
        self.size = size
        self.manifest = lab.write("bridges.yaml", manifests.bridges(size))
        self.batches = {"add": lab.write("add.batch", manifests.ip_add(size))}

    def ip(self, batch):
        return run(["ip", "-batch", self.batches[batch]])

    def one_by_one(self):
        """Seconds that removing as many one by one takes, from fewer."""
        count = min(ONE_BY_ONE, self.size)
        run(["ip", "-batch", self.lab.write("few.batch", manifests.ip_add(count))])
        return run(["ip", "-batch", self.lab.write("delete.batch", manifests.ip_delete(count))]) / count * self.size

    def plans(self):
        """While the bridges are there: a plan of them alone, and one of as many cgroups beside them."""
        lines = trace(self.lab, self.lab.command("plan", "-f", self.manifest))
        plans, reads = in_turn(PLANS, lambda: self.lab.plan(self.manifest), lambda: run([self.lab.reader, "links"]))
        yield against(f"plan, no change, {self.size} bridges", plans, "C dump of links and addresses", reads, bar=1.5)
        yield Row(f"plan, no change, {self.size} bridges: mutating calls", len(mutating(lines)), "calls", bar=0)

        cgroups = self.lab.write("beside.yaml", manifests.cgroups(self.size))
        self.lab.apply(self.manifest, cgroups)
        wanted = self.lab.write("beside.list", reading_list(trace(self.lab, self.lab.command("plan", "-f", cgroups, "-f", self.manifest), OPENING)))
        plans, reads = in_turn(PLANS, lambda: self.lab.plan(self.manifest, cgroups), lambda: run([self.lab.reader, "links", wanted]))
        yield against(f"plan, no change, {self.size} bridges + {self.size} cgroups", plans, "C reader of the same", reads, bar=1.5)
        self.lab.apply(self.manifest, more=["--prune"])
