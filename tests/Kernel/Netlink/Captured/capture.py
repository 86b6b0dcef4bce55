#!/usr/bin/env python3
"""Records what iproute2 sends to rtnetlink and what the kernel answers, for the codec's tests.

Run as root: makes two network namespaces of its own and removes them. With arguments only the named cases are
written anew (all are run, as later ones build on earlier ones). Each file beside this script has the command,
then one line a datagram: "request HEX" or "answer HEX", with the sequence number and the port id zeroed.
"""
import os, re, subprocess, sys

NS = f"capture-{os.getpid()}"
HERE = os.path.dirname(os.path.abspath(__file__))

SETUP = [
    "ip link add web0 type bridge",
    "ip link add eth1 type veth peer name eth1p",
    "ip link set eth1 master web0",
    "ip link add web9 up type bridge",
    "ip address add 10.99.0.1/24 dev web9",
    "ip address add fd00:99::1/64 dev web9 nodad",
]
# name, command, which message types to keep (None: every one the command exchanges after the name lookups)
CASES = [
    ("link-add-bridge", "ip link add br7 group 1342177287 address 02:00:00:00:00:07 type bridge ageing_time 12345 stp_state 1 priority 4096", (16,)),
    ("link-set-alias", "ip link set web0 alias provision/v1", (16,)),
    ("link-set-noalias", "ip link set web0 alias ''", (16,)),
    ("link-set-group", "ip link set web0 group 1342177287", (16,)),
    ("link-set-mtu", "ip link set web0 mtu 1400", (16,)),
    ("link-set-mac", "ip link set web0 address 02:00:00:88:00:01", (16,)),
    ("link-set-up", "ip link set web0 up", (16,)),
    ("link-set-down", "ip link set web0 down", (16,)),
    ("link-set-nomaster", "ip link set eth1 nomaster", (16,)),
    ("link-set-master", "ip link set eth1 master web0", (16,)),
    ("port-set-hairpin", "ip link set eth1 type bridge_slave hairpin on", (16,)),
    ("port-set-isolated", "ip link set eth1 type bridge_slave isolated on", (16,)),
    ("port-set-cost", "ip link set eth1 type bridge_slave cost 7", (16,)),
    ("port-set-priority", "ip link set eth1 type bridge_slave priority 9", (16,)),
    ("bridge-set-forward-delay", "ip link set web0 type bridge forward_delay 1000", (16,)),
    ("bridge-set-hello-time", "ip link set web0 type bridge hello_time 300", (16,)),
    ("bridge-set-max-age", "ip link set web0 type bridge max_age 1000", (16,)),
    ("bridge-set-ageing-time", "ip link set web0 type bridge ageing_time 30000", (16,)),
    ("bridge-set-stp", "ip link set web0 type bridge stp_state 1", (16,)),
    ("bridge-set-priority", "ip link set web0 type bridge priority 4096", (16,)),
    ("bridge-set-vlan-filtering", "ip link set web0 type bridge vlan_filtering 1", (16,)),
    ("bridge-set-group-fwd-mask", "ip link set web0 type bridge group_fwd_mask 8", (16,)),
    ("bridge-set-mcast-snooping", "ip link set web0 type bridge mcast_snooping 0", (16,)),
    ("bridge-set-mcast-querier", "ip link set web0 type bridge mcast_querier 1", (16,)),
    ("bridge-set-mcast-query-interval", "ip link set web0 type bridge mcast_query_interval 6000", (16,)),
    ("bridge-set-mcast-igmp-version", "ip link set web0 type bridge mcast_igmp_version 3", (16,)),
    ("bridge-set-mcast-mld-version", "ip link set web0 type bridge mcast_mld_version 2", (16,)),
    ("bridge-set-vlan-default-pvid", "ip link set web0 type bridge vlan_default_pvid 5", (16,)),
    ("address-add-v4", "ip address add 10.88.0.1/24 broadcast + dev web0", (20,)),
    ("address-add-v6", "ip address add fd00:88::1/64 dev web0", (20,)),
    ("address-add-twice", "ip address add fd00:88::1/64 dev web0", (20,)),
    ("address-add-peer", "ip address add 10.9.0.1 peer 10.9.0.2/32 dev eth1", (20,)),
    ("address-dump", "ip address show dev web0", (22,)),
    ("address-delete-v4", "ip address delete 10.88.0.1/24 dev web0", (21,)),
    ("vlan-add-range", "bridge vlan add vid 20-30 dev eth1", (19,)),
    ("vlan-add-pvid", "bridge vlan add vid 10 pvid untagged dev eth1", (19,)),
    ("vlan-delete", "bridge vlan delete vid 10 dev eth1", (17,)),
    ("link-get-bridge", "ip -d link show dev web0", (18,)),
    ("link-get-port", "ip -d link show dev eth1", (18,)),
    ("veth-create", f"ip link add pv1 up group 1342177287 mtu 1400 master web9 type veth peer name eth0 mtu 1400 address 02:00:00:99:00:02 netns {NS}-peer", (16,)),
    ("link-get-veth", "ip -d link show dev pv1", (18,)),
    ("address-add-nodad", "ip address add fd00:99::9/64 dev web9 nodad", (20,)),
    ("route-add-v4", "ip route add 10.7.0.0/16 via 10.99.0.2 dev web9 proto 80", (24,)),
    ("route-add-v6", "ip route add default via fd00:99::2 dev web9 proto 80", (24,)),
    ("route-add-refused", "ip route add 10.8.0.0/16 via 192.0.2.1 dev web9 proto 80", (24,)),
    ("route-add-multipath", "ip route add 10.6.0.0/16 metric 5 nexthop via 10.99.0.2 dev web9 nexthop via 10.99.0.3 dev web9", (24,)),
    ("route-add-via6", "ip route add 10.5.0.0/16 via inet6 fd00:99::2 dev web9 table 1000", (24,)),
    ("route-dump-v4", "ip -4 route show table all", (26,)),
    ("route-dump-v6", "ip -6 route show table all", (26,)),
    ("route-delete-v4", "ip route delete unicast 10.7.0.0/16 via 10.99.0.2 dev web9 proto 80", (25,)),
    ("route-delete-v6", "ip route delete unicast default via fd00:99::2 dev web9 proto 80", (25,)),
    ("route-delete-metric", "ip route delete unicast 10.6.0.0/16 metric 5", (25,)),
    ("link-rename", "ip link set web0 name web1", (16,)),
    ("link-delete", "ip link delete web1", (17,)),
]

DUMP_LINE = re.compile(r"^ \| [0-9a-f]{5}  ((?:[0-9a-f]{2} +)+)")


def datagrams(command):
    """(direction, bytes) of every netlink datagram that the command exchanged."""
    args = ["ip", "netns", "exec", NS, "strace", "-e", "trace=sendmsg,recvmsg,sendto,recvfrom", "-e", "write=3,4", "-e", "read=3,4", "sh", "-c", "exec " + command]
    lines = subprocess.run(args, capture_output=True, text=True).stderr.splitlines()
    direction, found, peek, inside = None, [], False, False
    for line in lines:
        # Dumps of plain reads (the dynamic linker's) have no such head line.
        inside = (inside and line.startswith(" | ")) or line.startswith(" * ")
        if line.startswith(("send", "recv")):
            direction = "request" if line.startswith("send") else "answer"
            peek = "MSG_PEEK" in line
            if line.startswith(("sendto", "recvfrom")):  # one buffer, no head line
                inside = True
                found.append([direction, bytearray()])
        elif line.startswith(" * ") and "bytes in buffer" in line and not peek:
            found.append([direction, bytearray()])
        elif inside and (match := DUMP_LINE.match(line)) and not peek:
            found[-1][1].extend(bytes.fromhex(match.group(1).replace(" ", "")))
    return found


def anonymous(data):
    at = 0
    while at + 16 <= len(data):
        length = int.from_bytes(data[at:at + 4], sys.byteorder)
        if length < 16:
            return data[:at]  # iproute2 sends its whole, mostly empty, buffer for a dump
        data[at + 8:at + 16] = bytes(8)
        if int.from_bytes(data[at + 4:at + 6], sys.byteorder) in (2,) and length >= 36:
            data[at + 28:at + 36] = bytes(8)  # the echoed request's own
        at += (length + 3) & ~3
    return data


def kept(exchange, types):
    """The request of the wanted type with its answers: the last one, but of look-ups the first."""
    pick = min if 18 in types else max
    start = pick(i for i, (d, b) in enumerate(exchange)
                if d == "request" and int.from_bytes(b[4:6], sys.byteorder) in types)
    end = next((i for i in range(start + 1, len(exchange)) if exchange[i][0] == "request"), len(exchange))
    return exchange[start:end]


subprocess.run(["ip", "netns", "add", NS], check=True)
subprocess.run(["ip", "netns", "add", NS + "-peer"], check=True)
try:
    for command in SETUP:
        subprocess.run(f"ip netns exec {NS} {command}", shell=True, check=True)
    for name, command, types in CASES:
        exchange = kept(datagrams(command), types)
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        with open(os.path.join(HERE, name + ".txt"), "w") as out:
            out.write(f"# {command.replace(NS, 'capture')}\n")
            for direction, data in exchange:
                if data:
                    out.write(f"{direction} {anonymous(data).hex()}\n")
finally:
    subprocess.run(["ip", "netns", "delete", NS], check=True)
    subprocess.run(["ip", "netns", "delete", NS + "-peer"], check=True)
