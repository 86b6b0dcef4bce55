#!/usr/bin/env bash
# suites.sh NAME: runs in the guest: one of the suites of tests/, unchanged, from the binaries that the host built; or
# AppArmor: what needs it of the end-to-end tests, in a guest that has it in SELinux's place.
# Leaves what scripts/suite.sh leaves in /results, and a line "NAME PASSED FAILED SECONDS" in /results/counts.
set -uo pipefail
cd /share || exit 1
export PROVISION_BIN=/share/out/provision
modprobe -a br_netfilter tun

name=$1 start=$SECONDS suite=$1 lacks="cgroup-v1 apparmor"
if [[ $name == AppArmor ]]; then
    export PROVISION_SUITE_ONLY=apparmor
    suite=EndToEnd lacks="cgroup-v1 selinux"
fi
# Tests keep their results on the guest's own disk; 9p is slow for small writes. A copy of the log shows the progress.
mkdir -p /tmp/results
while sleep 10; do cp "/tmp/results/$suite.log" "/results/$name.progress" 2>/dev/null; done &
progress=$!
# shellcheck disable=SC2086
counts=$(scripts/suite.sh "$suite" /tmp/results $lacks)
kill $progress
for file in "/tmp/results/$suite".*; do cp "$file" "/results/$name.${file#"/tmp/results/$suite."}"; done
echo "$name $counts $((SECONDS - start))" >>/results/counts
