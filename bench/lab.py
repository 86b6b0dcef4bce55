"""Where a benchmark works: the program under test, an instance of its own, a scratch directory, and a clock."""

import os
import sys
import time


class Lab:
    """One instance. The caller is in the network namespace already; bench/run.sh removes what is left."""

    def __init__(self, binary, name, work):
        self.binary = binary
        self.name = name
        self.work = work
        self.reader = os.path.join(work, "reader")

    def instance(self, suffix):
        """Another instance, so that one benchmark's objects do not slow the looks of the next."""
        lab = Lab(self.binary, f"{self.name}-{suffix}", self.work)
        lab.reader = self.reader
        return lab

    def path(self, name):
        return os.path.join(self.work, name)

    def write(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def command(self, verb, *arguments):
        return [self.binary, verb, *arguments, "--instance", self.name, "--quiet"]

    def apply(self, *manifests, more=()):
        return run(self.command("apply", *files(manifests), "--auto-approve", *more))

    def plan(self, *manifests):
        """A plan that must find nothing to do."""
        return run(self.command("plan", *files(manifests)))

    @staticmethod
    def settle(count=1):
        """
        Lets the kernel end what the last measurement left to it: it takes network namespaces apart in the background,
        and whoever makes one meanwhile waits for that.
        """
        time.sleep(0.1 + count * 0.01)

    def destroy(self):
        return run(self.command("destroy", "--all", "--auto-approve"))

    def cgroup_file(self, cgroup, v1_controller, v1_file, v2_file):
        v1 = f"/sys/fs/cgroup/{v1_controller}/provision-{self.name}/{cgroup}.cg/{v1_file}"
        return v1 if os.path.exists(v1) else f"/sys/fs/cgroup/provision-{self.name}/{cgroup}.cg/{v2_file}"


def files(manifests):
    return [word for path in manifests for word in ("-f", path)]


class Seconds(float):
    """Seconds by the wall clock, and of CPU by all threads."""

    def __new__(cls, wall, cpu):
        seconds = super().__new__(cls, wall)
        seconds.cpu = cpu
        return seconds


def run(command, expected=0):
    """Runs to the end without output; how long it took. Anything but the expected exit code ends the benchmark."""
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1)]
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=nowhere)
    try:
        _, status, usage = os.wait4(pid, 0)
    except BaseException:
        os.kill(pid, 15)
        os.waitpid(pid, 0)
        raise
    seconds = Seconds(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)
    if os.waitstatus_to_exitcode(status) != expected:
        sys.exit(f"bench: exit code {os.waitstatus_to_exitcode(status)}, not {expected}: {' '.join(command)}")
    return seconds


def in_turn(rounds, *measures):
    """Runs the measures one after the other, again and again; a list of samples for each."""
    samples = [[] for _ in measures]
    for _ in range(rounds):
        for measure, into in zip(measures, samples):
            into.append(measure())
    return samples
