#!/usr/bin/env bash
# image.sh: builds the full-kernel machine that tests/vm/run.sh boots, and prints the folder that holds it:
#   vmlinuz     Debian's own kernel
#   initrd.img  busybox and the modules that find the disk (guest/initramfs is its /init)
#   disk.img    a small Debian, every file labelled for SELinux's policy
# Kept in PROVISION_VM_CACHE (default: ~/.cache/provision/vm) under a digest of the recipe, so that a changed
# recipe is built anew and an unchanged one costs nothing. Needs root, mmdebstrap, mke2fs and cpio's newc format
# (busybox of the image writes it).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${PROVISION_VM_CACHE:-${HOME:-/root}/.cache/provision/vm}

# What the suites need in the guest: the SELinux policy and its tools, AppArmor's parser, the witnesses, and .NET's own libraries.
# The SDK itself comes from the host, over 9p.
packages=(
    linux-image-amd64 kmod busybox-static
    selinux-policy-default policycoreutils semodule-utils apparmor
    iproute2 nftables iputils-ping procps strace jq python3 python3-jsonschema python3-yaml
    make git libicu72 libssl3 zlib1g libstdc++6
    podman conmon crun uidmap
)

digest=$(cat "$here/image.sh" "$here/guest/initramfs" "$here/guest/init" "$here/guest/administrator" | sha256sum | cut -c1-16)
image=$cache/$digest
if [[ -e $image/complete ]]; then
    touch "$image"
    echo "$image"
    exit 0
fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [[ -e $image/complete ]]; then     # somebody else built it while this one waited
    echo "$image"
    exit 0
fi

echo "building the full-kernel machine (once, about 90 s)" >&2
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
root=$work/root

mmdebstrap --quiet --mode=root --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" bookworm "$root" >&2

install -m 0755 "$here/guest/init" "$root/usr/sbin/provision-guest-init"
install -m 0755 "$here/guest/administrator" "$root/usr/sbin/provision-guest-administrator"
# PID 1 leaves kernel_t only by running a file labelled init_exec_t; the policy labels /sbin/init so.
rm -f "$root/sbin/init"
cp "$root/bin/bash" "$root/sbin/init"
mkdir -p "$root/share" "$root/results"
echo provision-guest >"$root/etc/hostname"
printf '127.0.0.1 localhost provision-guest\n::1 localhost\n' >"$root/etc/hosts"
rm -f "$root/etc/resolv.conf"
sed -i 's/^SELINUX=.*/SELINUX=enforcing/; s/^SELINUXTYPE=.*/SELINUXTYPE=default/' "$root/etc/selinux/config"

# .NET's just-in-time compiler writes code that it then runs. The mount namespace keeps /proc, which setfiles
# asks for, out of this host's table.
unshare --mount --propagation private bash -euo pipefail -s "$root" <<'CHROOT' >&2
mount --bind /proc "$1/proc"
chroot "$1" semodule --noreload --build >/dev/null 2>&1 || true
chroot "$1" setfiles -F -e /proc -e /sys -e /dev /etc/selinux/default/contexts/files/file_contexts /
CHROOT

kernel=$(basename "$root"/lib/modules/*)
cp "$root/boot/vmlinuz-$kernel" "$work/vmlinuz"

# The initramfs: busybox and what is needed to reach the disk and the 9p shares.
initramfs=$work/initramfs
mkdir -p "$initramfs"/{bin,dev,proc,sys,root,modules}
cp "$root/bin/busybox" "$initramfs/bin/busybox"
install -m 0755 "$here/guest/initramfs" "$initramfs/init"
for module in virtio_pci virtio_blk virtio_rng ext4 9pnet_virtio 9p; do
    chroot "$root" modprobe --set-version "$kernel" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
    cp "$root$path" "$initramfs/modules/"
    basename "$path" >>"$initramfs/modules/order"
done
(cd "$initramfs" && find . | "$root/bin/busybox" cpio -o -H newc 2>/dev/null) | gzip -1 >"$work/initrd.img"
rm -rf -- "$initramfs"

mke2fs -q -t ext4 -E lazy_itable_init=1,root_owner=0:0 -O ^has_journal -d "$root" "$work/disk.img" 3G >&2
rm -rf -- "$root"

touch "$work/complete"
chmod 0755 "$work"
mv -T "$work" "$image"
trap - EXIT
# Recipes that nobody has booted for a week; another branch's stays.
find "$cache" -mindepth 1 -maxdepth 1 -type d ! -name "$digest" -mtime +7 -exec rm -rf -- {} +
echo "$image"
