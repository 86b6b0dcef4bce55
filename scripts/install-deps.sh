#!/usr/bin/env bash
# install-deps.sh [vm|bench]: installs what the build, the tests and the demo use beyond the .NET SDK (Debian and
# Ubuntu), with "vm" what tests/vm uses too, with "bench" the peers of the benchmarks. Does nothing, and needs no
# network, when nothing is missing.
set -euo pipefail

missing=()

# need PACKAGE COMMAND...: the package is missing when the command fails.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

need make command -v make
need git command -v git
need gcc command -v cc                      # NativeAOT links with it
need libc6-dev test -e /usr/include/stdlib.h
need binutils command -v objcopy            # NativeAOT strips symbols with it
need procps test -x /bin/kill
need iproute2 command -v ip
need busybox-static test -x /bin/busybox    # what runs in the tests' containers
need crun command -v crun                    # the peer of the OCI runtime's tests
need strace command -v strace               # the witness of "no mutating system call"
need jq command -v jq
need python3 test -x /usr/bin/python3
need python3-jsonschema /usr/bin/python3 -c 'import jsonschema'   # the independent JSON Schema validator
need libseccomp2 /usr/bin/python3 -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")'   # a second opinion on filters
need python3-yaml /usr/bin/python3 -c 'import yaml'

if [[ ${1-} == vm ]]; then
    need qemu-system-x86 command -v qemu-system-x86_64
    need mmdebstrap command -v mmdebstrap
    need e2fsprogs test -x /sbin/mke2fs
fi

if [[ ${1-} == bench ]]; then
    need runc command -v runc
fi

command -v dotnet >/dev/null || {
    echo "the .NET SDK is missing: see global.json for the version and https://dotnet.microsoft.com/download" >&2
    exit 1
}
[[ ${#missing[@]} -eq 0 ]] && exit 0

if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]}. Install them as root, for example: apt-get install ${missing[*]}" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
known() { apt-cache show "${missing[@]}" >/dev/null 2>&1; }
install() { apt-get -qq install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null; }

echo "installing ${missing[*]}" >&2
# Package lists may be absent (a fresh image) or stale (the first try fails): then they are fetched anew.
known && install 2>/dev/null && exit 0
apt-get -qq update </dev/null >/dev/null
install
