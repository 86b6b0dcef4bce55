#!/usr/bin/env bash
# Removes what tests left behind when their process is gone, names each object, and fails when there was any.
# Tests name what they make PREFIX-PID-RANDOM (tests/Live/Harness/UniqueName.cs), pid in hex: objects of a
# process that still runs are left alone.
set -uo pipefail
shopt -s nullglob

found=0

# abandoned NAME PREFIX: true when the name is a test's and its process is gone.
abandoned() {
    [[ $1 =~ ^$2-([0-9a-f]+)-[0-9a-f]{6}$ ]] || return 1
    [[ ! -e /proc/$((16#${BASH_REMATCH[1]})) ]]
}

tell() {
    echo "left behind: $1" >&2
    found=1
}

kill_all() {
    local pid
    for pid in $1; do kill -KILL "$pid"; done
}

for path in /run/netns/pt-*; do
    name=${path##*/}
    abandoned "$name" pt || continue
    tell "$path"
    kill_all "$(ip netns pids "$name")"
    ip netns delete "$name"
done

mapfile -t hierarchies < <(awk '{ for (i = 7; i < NF; i++) if ($i == "-" && $(i + 1) ~ /^cgroup2?$/) print $5 }' /proc/self/mountinfo)
for hierarchy in "${hierarchies[@]}"; do
    for path in "$hierarchy"/provision-test-*; do
        abandoned "${path##*/provision-}" test || continue
        tell "$path"
        for _ in {1..50}; do
            # A threaded cgroup of v2 shows threads alone.
            kill_all "$(find "$path" \( -name cgroup.procs -o -name cgroup.threads \) -exec cat {} + 2>/dev/null | sort -u)"
            find "$path" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.1
        done
    done
done

for path in /run/provision/test-* /var/lib/provision/test-*; do
    abandoned "${path##*/}" test || continue
    tell "$path"
    rm -rf -- "$path"
done

for path in /tmp/pt-* /var/tmp/pt-*; do
    abandoned "${path##*/}" pt || continue
    tell "$path"
    rm -rf -- "$path"
done

exit $found
