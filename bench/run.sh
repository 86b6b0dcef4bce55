#!/usr/bin/env bash
# Measures out/provision against its peers and prints the table of DESIGN §10 as far as it is built:
#   bench/run.sh [--json] [--size N] [--only startup,bridges,cgroups,agent,containers,seccomp,whole]
# Everything happens in a network namespace, an instance and a directory of its own, which are removed again however
# the run ends.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

fail() { echo "bench: $*" >&2; exit 1; }
[[ $(id -u) -eq 0 ]] || fail "needs root, since it makes cgroups and bridges"
[[ -x out/provision ]] || fail "out/provision is not built; run make build"
for tool in cc ip nsenter strace busybox crun runc /usr/bin/python3; do
    command -v "$tool" >/dev/null || fail "$tool is missing; run scripts/install-deps.sh bench"
done

name=bench-$(printf '%x' $$)-$RANDOM
work=$(mktemp -d "/tmp/$name-XXXXXX") || exit 1
python=

# Ends what runs, then removes.
clean() {
    trap '' INT TERM HUP
    [[ -n $python ]] && kill -TERM "$python" 2>/dev/null && wait "$python"
    local instance
    for instance in a one many memory w; do out/provision destroy --all --auto-approve --quiet --instance "$name-$instance" >/dev/null 2>&1; done
    local cgroup
    for cgroup in $(find /sys/fs/cgroup -maxdepth 2 -type d -name "provision-$name*" 2>/dev/null); do
        find "$cgroup" -depth -type d -exec rmdir {} +
    done
    ip netns delete "$name" 2>/dev/null
    rm -rf "/run/provision/$name"* "/var/lib/provision/$name"* "$work"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

ip netns add "$name" || exit 1
ip -n "$name" link set lo up || exit 1
for program in reader calls; do
    cc -O2 -Wall -Wextra -Werror -o "$work/$program" "bench/$program.c" || exit 1
done

# Not `ip netns exec`: that mounts a fresh /sys, without cgroups. In the background, so that a signal is heard at once.
nsenter "--net=/run/netns/$name" /usr/bin/python3 -B bench/main.py --binary "$PWD/out/provision" --name "$name" --work "$work" "$@" &
python=$!
wait "$python"
status=$?
python=
exit "$status"
