#!/usr/bin/env bash
# syscall-tables.sh [SUITE]: writes src/Drivers/Kernel/Seccomp/Syscalls/Data anew: system call numbers and argument
# widths of every architecture that Provision filters, from Debian's linux-libc-dev and linux-headers-*-common of
# SUITE (default: sid, the newest). Needs apt-get, dpkg-deb, python3 and a Debian mirror in apt's sources.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=${1:-sid}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{etc,lists/partial,cache/archives/partial,tree}

# Lists and packages of their own: the machine's apt state stays as it is.
mirror=$(apt-get indextargets --format '$(SITE)' | grep -m 1 -E '/debian/?$')
cat >"$work/etc/debian.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
apt=(-qq -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/etc" -o "Dir::State::lists=$work/lists"
    -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update
version=$(apt-cache "${apt[@]}" madison linux-libc-dev | awk 'NR == 1 { print $3 }')
headers=$(apt-cache "${apt[@]}" search --names-only '^linux-headers-.*-common$' | awk -v v="^linux-headers-${version%-*}[^-]*-common$" '$1 ~ v { print $1; exit }')
(cd "$work" && apt-get "${apt[@]}" download "linux-libc-dev=$version" "$headers=$version")
dpkg-deb -x "$work"/linux-libc-dev_*.deb "$work/tree"
dpkg-deb --fsys-tarfile "$work/$headers"_*.deb | tar -xf - -C "$work/tree" --wildcards '*/include/linux/syscalls.h'

/usr/bin/python3 scripts/syscall-tables.py "$version" "$work/tree" src/Drivers/Kernel/Seccomp/Syscalls/Data
