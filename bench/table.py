"""Rows and how they are shown."""

import dataclasses
import json
import os
import statistics


@dataclasses.dataclass
class Row:
    """One measurement. The bar applies to the measured value, or to its ratio to the peer when `of_ratio` is set."""

    what: str
    measured: float
    unit: str
    bar: float | None = None
    of_ratio: bool = False
    peer: str | None = None
    peer_measured: float | None = None
    ratio: float | None = None
    cpu_ratio: float | None = None
    note: str | None = None

    @property
    def met(self):
        if self.bar is None:
            return None
        return (self.ratio if self.of_ratio else self.measured) <= self.bar

    def cells(self):
        return [
            self.what,
            show(self.measured, self.unit),
            f"{show(self.peer_measured, self.unit)}  {self.peer}" if self.peer else "",
            f"{self.ratio:.2f}x" if self.ratio is not None else "",
            "" if self.bar is None else f"<= {self.bar:g}x" if self.of_ratio else f"<= {show(self.bar, self.unit)}",
            {None: "", True: "met", False: "NOT MET"}[self.met],
            f"{self.cpu_ratio:.2f}x" if self.cpu_ratio is not None else "",
        ]


def against(what, samples, peer, peers, bar=None, of_ratio=True, note=None):
    """
    A row of two programs that ran in turn. The ratio is the median of each round's, which a slow minute of the host
    moves little; the ratio of CPU times beside it is what a busy host moves least.
    """
    cpu = [a.cpu / b.cpu for a, b in zip(samples, peers) if b.cpu > 0]
    return Row(what, statistics.median(samples), "s", bar=bar, of_ratio=of_ratio, peer=peer, peer_measured=statistics.median(peers),
               ratio=statistics.median(a / b for a, b in zip(samples, peers)), cpu_ratio=statistics.median(cpu) if cpu else None, note=note)


def show(value, unit):
    if unit == "s" and abs(value) < 1:
        value, unit = value * 1000, "ms"
    if unit == "calls":
        return f"{value:g}"
    if not unit:
        return f"{value:.3g}"
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def text(rows):
    lines = [["what", "measured", "peer", "ratio", "bar", "", "CPU ratio"], *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    shown.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"* {row.what}: {row.note}" for row in rows if row.note]
    missed = sum(row.met is False for row in rows)
    bars = sum(row.met is not None for row in rows)
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return "\n".join([*shown, "", *notes, f"{bars - missed} of {bars} bars met; load average {load} on {os.cpu_count()} CPUs"])


def as_json(rows):
    fields = [{camel(name): value for name, value in dataclasses.asdict(row).items()} | {"met": row.met} for row in rows]
    return json.dumps({"schemaVersion": "provision/bench/v1", "kernel": os.uname().release, "cpus": os.cpu_count(),
                       "loadAverage": os.getloadavg(), "rows": fields}, indent=2)


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
