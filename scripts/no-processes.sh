#!/usr/bin/env bash
# no-processes.sh BINARY: fails, naming and ending them, when processes of this binary still run.
set -uo pipefail

found=0
for exe in /proc/[0-9]*/exe; do
    target=$(readlink "$exe" 2>/dev/null) || continue
    [[ ${target% (deleted)} == "$1" ]] || continue
    pid=${exe#/proc/} pid=${pid%/exe}
    echo "left running: $pid $(tr '\0' ' ' <"/proc/$pid/cmdline")" >&2
    kill -KILL "$pid"
    found=1
done
exit $found
