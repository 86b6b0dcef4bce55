#!/usr/bin/env bash
# lacking.sh: prints, a line each, what tests may need ([Trait("Needs", "NAME")]) and this host lacks; docs/HOSTS.md
# says what each is. Found by trying, in namespaces of its own, not from the kernel's version. scripts/suite.sh leaves
# such tests out; who calls it says which lacks are expected, so that a feature that breaks is not taken for one that
# is missing.
set -uo pipefail

# inside COMMANDS: whether all of them succeed in a network namespace of their own.
inside() { unshare --net bash -ec "$1" >/dev/null 2>&1; }

grep -q ' - cgroup [^ ]* ' /proc/self/mountinfo || echo cgroup-v1

# A v2 hierarchy beside v1 ones has the controllers that those leave it, which are few.
unified=$(sed -n 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
{ grep -qw memory "$unified/cgroup.controllers" && grep -qw cpu "$unified/cgroup.controllers"; } 2>/dev/null || echo cgroup-v2

# A kernel without VLAN filtering says yes and does nothing: the attribute that it lacks tells.
inside 'ip link add pt0 type bridge && ip -d link show pt0 | grep -q vlan_default_pvid' || echo bridge-vlan

inside '
ip link add pt0 type dummy
ip link add link pt0 name pt1 type vlan id 5
ip link add pt2 type bond
ip link add pt3 type wireguard
ip link add pt4 type vrf table 5
ip link add link pt0 name pt5 type ipvlan' || echo link-kinds

# Only where it is loaded already: loading it changes what every bridge of the host does.
inside 'test -e /proc/sys/net/bridge/bridge-nf-call-iptables' || echo br-netfilter
{ grep -qw selinux /sys/kernel/security/lsm && grep -qw selinuxfs /proc/filesystems; } 2>/dev/null || echo selinux
grep -qw apparmor /sys/kernel/security/lsm 2>/dev/null || echo apparmor
command -v podman >/dev/null || echo podman
exit 0
