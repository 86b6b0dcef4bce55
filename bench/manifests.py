"""Manifests of any size, and the same bridges as `ip -batch` wants them."""

IP_GROUP = 77


def cgroups(count):
    return documents("Cgroup", "c", count, lambda _: '  cpu: {weight: 200, max: "0.5"}\n  memory: {max: 256Mi}\n  pids: {max: 64}')


def bridges(count):
    return documents("Bridge", "b", count, lambda i: f"  addresses: [{address(i)}/24]\n  mtu: 1400")


def containers(root, count):
    """Each with an address on a bridge of its own."""
    return documents("Container", "k", count, lambda i:
                     f'  rootfs: {{directory: {root}}}\n  command: [/bin/busybox, sleep, "100000"]\n  stop: {{signal: KILL}}\n'
                     f"  networks: [{{bridge: b{i}, interface: eth0, addresses: [{inside(i)}/24]}}]")


def inside(i):
    """The container's address on bridge i."""
    return address(i)[:-1] + "2"


def ip_add(count):
    """What `apply` of the bridges does: group, alias, MTU, up, one address."""
    return "".join(
        f"link add b{i} group {IP_GROUP} type bridge\n"
        f"link set b{i} alias bench:Bridge/b{i} mtu 1400 up\n"
        f"address add {address(i)}/24 dev b{i}\n"
        for i in range(count))


def ip_delete(count):
    return "".join(f"link delete b{i}\n" for i in range(count))


def address(i):
    return f"10.{100 + i // 250}.{i % 250}.1"


def documents(kind, prefix, count, spec):
    return "---\n".join(
        f"apiVersion: provision/v1\nkind: {kind}\nmetadata: {{name: {prefix}{i}}}\nspec:\n{spec(i)}\n" for i in range(count))
