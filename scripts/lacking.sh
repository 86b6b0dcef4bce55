#!/usr/bin/env bash
# lacking.sh: prints, a line each, what tests may need ([Trait("Needs", "NAME")]) and this host lacks. Found by
# trying, in namespaces of its own, not from the kernel's version. scripts/suite.sh leaves such tests out; who
# calls it says which lacks are expected, so that a feature that breaks is not taken for one that is missing.
set -uo pipefail

grep -q ' - cgroup [^ ]* ' /proc/self/mountinfo || echo cgroup-v1

# A v2 hierarchy beside v1 ones has the controllers that those leave it, which are few.
unified=$(sed -n 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
{ grep -qw memory "$unified/cgroup.controllers" && grep -qw cpu "$unified/cgroup.controllers"; } 2>/dev/null || echo cgroup-v2

# Does this kernel rename a link that is up?
unshare --net bash -c 'ip link add pt0 type bridge && ip link set pt0 up && ip link set pt0 name pt1' 2>/dev/null || echo live-rename
exit 0
