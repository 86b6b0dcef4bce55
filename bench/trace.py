"""What a run asked of the kernel, from strace: what it read, and whether it changed anything."""

import re

from lab import run

# The same witness as tests/EndToEnd/Harness/SystemCall.cs.
MUTATING = frozenset("""
mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat
setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr setxattrat removexattrat
mount umount2 move_mount mount_setattr fsmount open_tree pivot_root chroot
chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat mknod mknodat truncate ftruncate creat
unshare setns bpf init_module finit_module delete_module sethostname execve execveat
""".split())
CALL = re.compile(r"^\d+\s+(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)")
WRITING = re.compile(r"\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b")
QUESTION = re.compile(r"^(?:-1|NULL|1, 0)\b.*= -1 (?:EBADF|EINVAL|EFAULT|E2BIG) ")
NETLINK_CHANGE = re.compile(r"nlmsg_type=(RTM_(?:NEW|DEL|SET)\w+|0x\w+)")
LOOK = re.compile(r", CLONE_NEW(NET|UTS)\)")
OPENING = ("openat", "openat2")
ANYWHERE = re.compile(r"openat2?\(.*= \d+<(/(?:sys/fs/cgroup|proc/\d+|run/provision|var/lib/provision)/[^>]*)>$")
LINK = re.compile(r'readlink\("(/proc/\d+/ns/\w+)", "')
NAMESPACE = re.compile(r'openat\(.*"(/proc/\d+/ns/(net|uts))", O_RDONLY.*= \d+<')
OPENED = re.compile(r"openat2?\(.*= \d+<(/sys/fs/cgroup/[^>]*)>$")


def trace(lab, command, only=()):
    """The lines of `strace -f -y` of the command, which must exit with 0; of some calls only, which is much faster."""
    path = lab.path("trace")
    filters = ["--seccomp-bpf", "-e", f"trace={','.join(only)}"] if only else []
    run(["strace", "-f", "-y", "-qq", "-s", "64", "-o", path, *filters, *command])
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def mutating(lines):
    """The calls that changed something or tried to; the first line is the start of the program itself."""
    return [line for line in lines[1:] if mutates(line)]


def mutates(line):
    found = CALL.match(line)
    if not found:
        return False
    name, arguments = found.groups()
    # Whether the kernel has a call: asked with arguments that it refuses.
    if QUESTION.search(arguments):
        return False
    if name in ("open", "openat", "openat2"):
        return bool(WRITING.search(arguments)) and '"/dev/' not in arguments
    if name in ("sendto", "sendmsg", "sendmmsg", "write", "writev"):
        # rtnetlink(7): types come in fours, NEW, DEL, GET, SET; strace names them only in its own network namespace.
        return any(t.startswith("RTM_") or int(t, 16) % 4 != 2 for t in NETLINK_CHANGE.findall(arguments))
    if name == "setns":
        # Into a namespace to look around there, on a thread that ends in it.
        return not LOOK.search(arguments)
    return name in MUTATING


def host_list(lines):
    """What was looked at for bench/reader.c, each look as often as it was made: files, cgroups, links, namespaces."""
    entries = []
    for line in lines:
        if found := ANYWHERE.search(line):
            if "O_PATH" not in line:
                entries.append(f"{'D' if 'O_DIRECTORY' in line else 'F'} {found[1]}")
        elif found := LINK.search(line):
            entries.append(f"L {found[1]}")
        elif found := NAMESPACE.search(line):
            entries.append(f"{'N' if found[2] == 'net' else 'U'} {found[1]}")
    return "".join(f"{entry}\n" for entry in entries)


def reading_list(lines):
    """What was opened to be read below /sys/fs/cgroup, once each, for bench/reader.c."""
    seen = {}
    for line in lines:
        found = OPENED.search(line)
        if found and "O_PATH" not in line:
            seen[f"{'D' if 'O_DIRECTORY' in line else 'F'} {found[1]}"] = None
    return "".join(f"{entry}\n" for entry in seen)
