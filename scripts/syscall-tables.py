"""syscall-tables.py VERSION TREE OUT: kernel headers below TREE to C# constants in OUT (see syscall-tables.sh)."""
import pathlib
import re
import sys
import textwrap

version, tree, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
uapi = tree / "usr/lib/linux/uapi"

# Named differently in syscalls.h than in the tables.
PROTOTYPES = {
    "_llseek": "llseek", "_newselect": "select", "umount2": "umount", "umount": "oldumount", "stat": "newstat",
    "lstat": "newlstat", "fstat": "newfstat", "uname": "newuname", "sendfile": "sendfile64", "truncate64": "truncate64",
}
# Of x86 alone, which syscalls.h leaves out (arch/x86/kernel: process.c, ioport.c, ldt.c).
ELSEWHERE = {"arch_prctl": "i", "iopl": "i", "modify_ldt": "i"}
NARROW = {
    "int", "unsigned", "unsigned int", "u32", "uint32_t", "__u32", "__s32", "pid_t", "uid_t", "gid_t", "qid_t", "key_t", "mqd_t",
    "clockid_t", "timer_t", "key_serial_t", "rwf_t", "enum landlock_rule_type",
}
SHORT = {"umode_t"}
WIDE = {
    "long", "unsigned long", "size_t", "loff_t", "off_t", "aio_context_t", "cap_user_header_t", "cap_user_data_t",
    "old_sigset_t", "__kernel_ulong_t", "__sighandler_t",
    "u64", "__u64",
}
# 16 bits, and only on 32-bit machines, whose registers have no upper half that matters.
IGNORED = {"old_uid_t", "old_gid_t"}


def numbers(path, base=0):
    found = {}
    for name, number in re.findall(r"^#define __NR_(\w+)\s+\(?(?:__\w+ \+ )?(\d+)\)?\s*$", path.read_text(), re.M):
        found[name] = int(number) + base
    return found


def kind(parameter):
    parameter = re.sub(r"\b(__user|const)\b", "", parameter).strip()
    if "*" in parameter or "[" in parameter:
        return "l"
    words = parameter.split()
    for name in (" ".join(words), " ".join(words[:-1])):
        if name in NARROW:
            return "i"
        if name in SHORT:
            return "s"
        if name in WIDE or name in IGNORED:
            return "l"
    raise SystemExit(f"a parameter type that this script does not know: {parameter}")


def prototypes(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    found = {}
    for name, parameters in re.findall(r"asmlinkage (?:long|int|ssize_t|unsigned long) sys_(\w+)\(([^;]*?)\);", text):
        if parameters.strip() in ("void", ""):
            continue
        kinds = "".join(kind(p) for p in parameters.split(","))
        # Variants by architecture (clone): the wider one is true everywhere.
        old = found.get(name, kinds)
        found[name] = "".join("l" if "l" in pair else max(pair) for pair in zip(kinds.ljust(6, "l"), old.ljust(6, "l"))).rstrip("l")
    return found


def write(name, doc, pairs):
    body = "\n".join(textwrap.wrap(" ".join(pairs), 110, break_long_words=False, break_on_hyphens=False))
    body = textwrap.indent(body, " " * 8)
    (out / f"SyscallData.{name}.cs").write_text(f'''// Written by scripts/syscall-tables.sh from Debian's Linux {version} headers.
namespace Provision.Kernel.Seccomp;

internal static partial class SyscallData
{{
    /// <summary>{doc}</summary>
    public const string {name} =
        """
{body}
        """;
}}
''')


out.mkdir(parents=True, exist_ok=True)
arm = numbers(uapi / "arm/asm/unistd-eabi.h")
arm["sync_file_range2"] = arm["arm_sync_file_range"]
for name, number in re.findall(r"^#define __ARM_NR_(\w+)\s+\(__ARM_NR_BASE\+(\d+)\)", (uapi / "arm/asm/unistd.h").read_text(), re.M):
    arm[name] = 0x0F0000 + int(number)
tables = {
    "X86_64": ("x86-64, asm/unistd_64.h", numbers(uapi / "x86/asm/unistd_64.h")),
    "X32": ("x32 without its bit 30, asm/unistd_x32.h", numbers(uapi / "x86/asm/unistd_x32.h")),
    "X86": ("i386, asm/unistd_32.h", numbers(uapi / "x86/asm/unistd_32.h")),
    "Arm64": ("arm64, asm/unistd_64.h", numbers(uapi / "arm64/asm/unistd_64.h")),
    "Arm": ("arm EABI with the private calls, asm/unistd-eabi.h and asm/unistd.h", arm),
}
for name, (doc, table) in tables.items():
    assert len(table) > 300, name
    write(name, f"Names and numbers: {doc}.", [f"{n} {table[n]}" for n in sorted(table, key=lambda n: (table[n], n))])

known = set().union(*(table for _, table in tables.values()))
elsewhere = set()
for path in uapi.glob("*/asm/unistd*.h"):
    elsewhere |= set(re.findall(r"^#define __NR_([a-z_]\w*)\s+\(?(?:__\w+\s*\+\s*)?\d+\)?", path.read_text(), re.M))
write("Elsewhere", "Names that only architectures without a table have.", sorted(elsewhere - known))

widths = ELSEWHERE | prototypes(next(tree.glob("usr/src/*/include/linux/syscalls.h")))
known_widths = {n: widths[PROTOTYPES.get(n, n)] for n in sorted(known) if PROTOTYPES.get(n, n) in widths}
# Only calls with a narrow argument are listed.
narrow = {n: k for n, k in known_widths.items() if k.strip("l")}
assert len(narrow) > 200 and narrow["socket"] == "iii" and narrow["personality"] == "i"
write("Widths", "Argument widths by call: i 32 bits, s 16 bits, l the whole register; what is left out is whole.", [f"{n} {k}" for n, k in narrow.items()])
version_file = out / "SyscallData.Version.cs"
version_file.write_text(f'''// Written by scripts/syscall-tables.sh.
namespace Provision.Kernel.Seccomp;

internal static partial class SyscallData
{{
    /// <summary>Debian's version of the kernel headers that the tables were made from.</summary>
    public const string Version = "{version}";
}}
''')
