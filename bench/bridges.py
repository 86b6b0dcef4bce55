"""Making, planning and removing many bridges, against ip -batch doing the same."""

import statistics

import manifests
from lab import in_turn, paired, run
from table import Row
from trace import mutating, reading_list, trace

ROUNDS = 3
PLANS = 9
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

    yield Row(f"apply, {size} new bridges", statistics.median(made), "s", bar=1.1, of_ratio=True,
              peer="ip -batch", peer_measured=statistics.median(made_by_ip), ratio=paired(made, made_by_ip))
    removed = statistics.median(gone)
    yield Row(f"destroy, {size} bridges", removed, "s", bar=1.1, of_ratio=True,
              peer="ip link delete group", peer_measured=statistics.median(gone_by_ip), ratio=paired(gone, gone_by_ip))
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
        yield self.row(f"plan, no change, {self.size} bridges", plans, reads, "C dump of links and addresses")
        yield Row(f"plan, no change, {self.size} bridges: mutating calls", len(mutating(lines)), "calls", bar=0)

        cgroups = self.lab.write("beside.yaml", manifests.cgroups(self.size))
        self.lab.apply(self.manifest, cgroups)
        wanted = self.lab.write("beside.list", reading_list(trace(self.lab, self.lab.command("plan", "-f", self.manifest, "-f", cgroups))))
        plans, reads = in_turn(PLANS, lambda: self.lab.plan(self.manifest, cgroups), lambda: run([self.lab.reader, "links", wanted]))
        yield self.row(f"plan, no change, {self.size} bridges + {self.size} cgroups", plans, reads, "C reader of the same")
        self.lab.apply(self.manifest, more=["--prune"])

    @staticmethod
    def row(what, plans, reads, peer):
        return Row(what, statistics.median(plans), "s", bar=1.5, of_ratio=True,
                   peer=peer, peer_measured=statistics.median(reads), ratio=paired(plans, reads))
