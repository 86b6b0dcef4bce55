#!/usr/bin/env bash
# Runs in the guest: the kernel and end-to-end suites, unchanged, from the binaries that the host built. Leaves
# what scripts/suite.sh leaves in /results, and a line "NAME PASSED FAILED SECONDS" a suite in /results/counts.
set -uo pipefail
cd /share || exit 1
export PROVISION_BIN=/share/out/provision
modprobe -a br_netfilter tun

for name in Live EndToEnd; do
    start=$SECONDS
    # Tests keep their results on the guest's own disk; 9p is slow for small writes.
    mkdir -p /tmp/results
    counts=$(scripts/suite.sh $name /tmp/results cgroup-v1)
    cp /tmp/results/$name.* /results/
    echo "$name $counts $((SECONDS - start))" | tee -a /results/counts
done
