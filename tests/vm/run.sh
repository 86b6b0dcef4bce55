#!/usr/bin/env bash
# run.sh [--bound SECONDS] [--results DIRECTORY] [--lsm selinux|apparmor] COMMAND: boots the full-kernel machine, runs COMMAND there (bash,
# as root, in the repository's copy at /share; what it leaves in /results is left in DIRECTORY) and exits with
# its exit code. Everything that the guest prints is shown and kept in DIRECTORY/console.log.
# --lsm: the security module that is on: SELinux, enforcing (default), or AppArmor.
# A guest that is not done after the bound (default 1200 s) is ended: exit code 124. A guest that ends without
# telling (panic, power off) is exit code 125. A guest that gives no sign of life for three minutes (its clock stands
# still; seen under emulation, and not the guest's fault) is ended too: exit code 126; what its processors were at
# is in DIRECTORY/silent.log.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)

bound=1200 results= lsm=selinux
while [[ ${1-} == --* ]]; do
    case $1 in
        --bound) bound=$2 ;;
        --results) results=$2 ;;
        --lsm) lsm=$2 ;;
        *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
[[ $# -eq 1 ]] || { sed -n '2,9s/^# //p' "$0" >&2; exit 2; }

image=$("$here/image.sh")
if [[ -z $results ]]; then
    results=$(mktemp -d /tmp/provision-vm.XXXXXX)
    trap 'rm -rf -- "$results"' EXIT
fi
mkdir -p "$results"
results=$(cd "$results" && pwd)
rm -f "$results/exit-code"
printf '%s\n' "$1" >"$results/.command"
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
echo "$dotnet" >"$results/.dotnet"

# Software emulation: nested KVM hangs on some hosts, and results must not depend on it. panic=-1 with
# -no-reboot: a panic ends the guest at once.
share() { echo -virtfs "local,path=$1,mount_tag=$2,security_model=none,multidevs=remap$3"; }
monitor=$(mktemp -u /tmp/provision-vm.XXXXXX)
rm -f "$results/.alive" "$results/silent.log"
# shellcheck disable=SC2046
timeout --kill-after=10s "$bound" qemu-system-x86_64 \
    -accel tcg,thread=multi -cpu max -smp 2 -m 3072 -nodefaults -nographic -no-reboot -serial stdio \
    -monitor "unix:$monitor,server=on,wait=off" \
    -kernel "$image/vmlinuz" -initrd "$image/initrd.img" \
    -append "console=ttyS0 quiet loglevel=4 panic=-1 unknown_nmi_panic mitigations=off lsm=landlock,lockdown,yama,$lsm,bpf $lsm=1 enforcing=1" \
    -drive "file=$image/disk.img,if=none,id=disk,format=raw,snapshot=on" -device virtio-blk-pci,drive=disk \
    -object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
    $(share "$repository" share ,readonly=on) $(share "$results" results "") $(share "$dotnet" dotnet ,readonly=on) \
    </dev/null > >(tee "$results/console.log") 2>&1 &
emulator=$!
python3 "$here/watch.py" "$emulator" "$monitor" "$results" &
watcher=$!

# Without this the emulator, in the background, would outlive whoever interrupts.
trap 'kill "$emulator" 2>/dev/null; wait; exit 130' INT TERM
status=0
wait "$emulator" || status=$?
kill "$watcher" 2>/dev/null || true
wait "$watcher" 2>/dev/null || true

rm -f "$results/.command" "$results/.dotnet" "$results/.alive" "$monitor"
if [[ -s $results/exit-code ]]; then exit "$(<"$results/exit-code")"; fi
if [[ -s $results/silent.log ]]; then
    echo "the guest gave no sign of life and was ended; its log: $results/console.log, its state: $results/silent.log" >&2
    exit 126
fi
if [[ $status -eq 124 || $status -eq 137 ]]; then
    echo "the guest was not done after $bound s and was ended; its log: $results/console.log" >&2
    exit 124
fi
echo "the guest ended without an exit code; its log: $results/console.log" >&2
exit 125
