"""Runs the benchmarks and prints their table; bench/run.sh prepares and cleans up."""

import argparse
import signal
import sys
import time
import traceback

import agent
import bridges
import cgroups
import containers
import seccomp
import startup
import table
import whole
from lab import Lab

PARTS = {
    "startup": lambda lab, size: startup.measure(lab),
    "bridges": bridges.measure,
    "cgroups": cgroups.measure,
    "agent": agent.measure,
    "containers": containers.measure,
    "seccomp": seccomp.measure,
    "whole": whole.measure,
}


def main():
    # A signal ends the run through every `finally`, so that no child is left.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    options = arguments()
    lab = Lab(options.binary, options.name, options.work)
    rows, broken = [], []
    for part in options.only:
        started = time.monotonic()
        # What the other parts measured is shown however one of them ends.
        try:
            for row in PARTS[part](lab, options.size):
                rows.append(row)
        except Exception:
            traceback.print_exc()
            broken.append(part)
        print(f"bench: {part} took {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(table.as_json(rows) if options.json else table.text(rows))
    if broken:
        sys.exit(f"bench: not measured to the end: {', '.join(broken)}")


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh")
    parser.add_argument("--json", action="store_true", help="the table as JSON")
    parser.add_argument("--size", type=int, default=1000, help="how many resources (default 1000)")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS), help=f"some of {','.join(PARTS)}")
    for hidden in ("--binary", "--name", "--work"):
        parser.add_argument(hidden, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"--only knows {', '.join(PARTS)}, not {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
