"""A bundle for the OCI runtimes that says what the manifest of the same container says."""

import json
import os
import subprocess

# What SecuritySpec.Default and BuiltInProfile have: Docker's, as is seccomp.json.
CAPABILITIES = ["CAP_" + name for name in (
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE").split()]
MASKED = "/proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats /proc/sched_debug /proc/scsi /sys/firmware /sys/devices/virtual/powercap".split()
READONLY = "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger".split()
COMMAND = ["/bin/busybox", "sleep", "100000"]
MEMORY, PIDS = 64 << 20, 32


def base(program, directory):
    """What the runtime itself proposes."""
    subprocess.run([program, "spec"], cwd=directory, check=True)
    with open(f"{directory}/config.json", encoding="utf-8") as file:
        return json.load(file)


def write(config, directory, root, instance, name, netns):
    """A bundle; with a network namespace its root is the overlay that is to be mounted at root/."""
    for part in ("", "root", "upper", "work"):
        os.makedirs(os.path.join(directory, part), exist_ok=True)
    config = json.loads(json.dumps(config))
    with open(os.path.join(os.path.dirname(__file__), "seccomp.json"), encoding="utf-8") as file:
        seccomp = json.load(file)
    kept = {kind: CAPABILITIES for kind in ("bounding", "effective", "permitted")} | {"inheritable": [], "ambient": []}
    config["root"] = {"path": f"{directory}/root" if netns else root, "readonly": False}
    config["process"] |= {"terminal": False, "args": COMMAND, "cwd": "/", "capabilities": kept, "noNewPrivileges": True}
    # /sys/fs/cgroup is no part of Provision's containers.
    config["mounts"] = [mount for mount in config["mounts"] if mount["type"] != "cgroup"]
    linux = config["linux"]
    linux |= {"cgroupsPath": f"/provision-{instance}-peer/{name}", "seccomp": seccomp, "maskedPaths": MASKED, "readonlyPaths": READONLY,
              "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "cgroup")]
              + [{"type": "network", "path": netns} if netns else {"type": "network"}]}
    linux["resources"] |= {"memory": {"limit": MEMORY}, "pids": {"limit": PIDS}}
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)


def pid(state):
    return json.loads(state)["pid"]
