#!/usr/bin/env bash
# suites.sh NAME: runs in the guest: one of the suites of tests/, unchanged, from the binaries that the host built.
# Leaves what scripts/suite.sh leaves in /results, and a line "NAME PASSED FAILED SECONDS" in /results/counts.
set -uo pipefail
cd /share || exit 1
export PROVISION_BIN=/share/out/provision
modprobe -a br_netfilter tun

# Not passed here yet, and passed on the everyday kernel; the log names them too (docs/HOSTS.md).
export PROVISION_SUITE_WITHOUT="
FaultTests.Kill9_AtAnyMomentOfAStart
HostileExecTests.Exec_AScriptWhoseInterpreter
HostileExecTests.Exec_WhenTheSupervisorIsOfThisBuild
StatesTests.Apply_AnySetOverAnyOther
"

name=$1 start=$SECONDS
# Tests keep their results on the guest's own disk; 9p is slow for small writes. A copy of the log shows the progress.
mkdir -p /tmp/results
while sleep 10; do cp "/tmp/results/$name.log" "/results/$name.progress" 2>/dev/null; done &
progress=$!
counts=$(scripts/suite.sh "$name" /tmp/results cgroup-v1)
kill $progress
cp /tmp/results/$name.* /results/
echo "$name $counts $((SECONDS - start))" >>/results/counts
