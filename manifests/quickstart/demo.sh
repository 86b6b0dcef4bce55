#!/usr/bin/env bash
# The main job in two minutes: declare, plan, apply, damage by hand, see the drift, repair, and let the agent
# repair. Works in an instance of its own (`demo`); `make demo-clean` takes everything away again.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

provision=$PWD/out/provision
scope=(--instance demo)
manifests=(-f manifests/quickstart)

bold=''; plain=''
[[ -t 1 && -z ${NO_COLOR:-} ]] && { bold=$'\e[1m'; plain=$'\e[0m'; }

say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }

# run WANTED COMMAND...: shows the command, runs it, and ends the demo unless it exits as it should.
run() {
    local wanted=$1 status
    shift
    printf '%s$ %s%s\n' "$bold" "${*/#$provision/provision}" "$plain"
    "$@"
    status=$?
    [[ $status -eq $wanted ]] && return
    echo "demo: expected exit code $wanted, got $status" >&2
    exit 1
}

# eventually COMMAND...: waits until the command succeeds.
eventually() {
    local tries
    for tries in {1..600}; do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
    echo "demo: waited a minute for: $*" >&2
    exit 1
}

runs_again() { local now; now=$(pid) && [[ -n $now && $now != "$before" ]]; }

# The file that holds memory.max, on cgroup v2 or v1.
limit_file() {
    local v2=/sys/fs/cgroup/provision-demo/shop.cg/web.cg/memory.max
    local v1=/sys/fs/cgroup/memory/provision-demo/shop.cg/web.cg/memory.limit_in_bytes
    if [[ -e $v2 ]]; then echo $v2; else echo $v1; fi
}

damage() {
    run 0 bash -c "echo 134217728 > $(limit_file)"
    run 0 ip link set web0 mtu 1400
    run 0 ip address del 10.88.0.1/24 dev web0
}

[[ $(id -u) -eq 0 ]] || { echo "demo: needs root, since it makes cgroups, a bridge and containers" >&2; exit 1; }

say "What the manifests declare is checked first; nothing is touched"
run 0 "$provision" validate "${manifests[@]}"

say "The plan: what the kernel has, what it should have, and each step between"
"$provision" plan "${manifests[@]}" "${scope[@]}" --quiet >/dev/null 2>&1
run $? "$provision" plan "${manifests[@]}" "${scope[@]}"

say "Apply it; every write is read back"
run 0 "$provision" apply "${manifests[@]}" "${scope[@]}" --auto-approve
run 0 "$provision" status "${manifests[@]}" "${scope[@]}"
run 0 ip -brief address show dev web0

say "Two containers run: the client has its page from the other one, and the host has it too"
page() { timeout 5 busybox wget -q -O - http://10.88.0.2/; }
eventually page
run 0 page
client_has_it() { "$provision" logs client "${scope[@]}" | grep -q hello; }
eventually client_has_it
run 0 "$provision" logs client --tail 3 "${scope[@]}"

say "Its profile holds: inside it is root, and can neither mount, nor make a device, nor load a module"
refused() { local status; printf '%s$ provision exec web --instance demo -- %s%s\n' "$bold" "$*" "$plain"; "$provision" exec web "${scope[@]}" -- "$@" 2>&1; status=$?; [[ $status -ne 0 ]] || { echo "demo: this should have been refused" >&2; exit 1; }; }
run 0 "$provision" exec web "${scope[@]}" -- busybox id -u
refused busybox mount -t tmpfs none /mnt
refused busybox mknod /tmp/zero c 1 5
refused busybox insmod /bin/busybox
run 0 "$provision" exec web "${scope[@]}" -- busybox grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status

say "One is killed by hand, and is brought back"
pid() { "$provision" status "${manifests[@]}" "${scope[@]}" -o json 2>/dev/null | jq -r '.resources[] | select(.resource == "Container/web").pid // empty'; }
before=$(pid)
run 0 kill -KILL "$before"
eventually runs_again
run 0 "$provision" status "${manifests[@]}" "${scope[@]}"
eventually page
run 0 page

say "Plan again: nothing to do, and exit code 0 says so to scripts"
run 0 "$provision" plan "${manifests[@]}" "${scope[@]}"

say "Somebody changes a limit, an MTU and an address by hand"
damage

say "Drift, field by field, told apart from changes of the manifest"
run 2 "$provision" drift "${manifests[@]}" "${scope[@]}"

say "Apply repairs exactly that, in place"
run 0 "$provision" apply "${manifests[@]}" "${scope[@]}" --auto-approve
run 0 "$provision" plan "${manifests[@]}" "${scope[@]}"

say "Now the agent keeps it: the same damage again, and nobody runs apply"
"$provision" agent "${manifests[@]}" "${scope[@]}" &
agent=$!
trap 'kill -TERM $agent 2>/dev/null' EXIT
for _ in {1..100}; do [[ -e /run/provision/demo/agent-default.json ]] && break; sleep 0.05; done
sleep 0.3
damage
# A change that falls into a repair under way is taken back with it and repaired a second later.
sleep 3
run 0 "$provision" drift "${manifests[@]}" "${scope[@]}"
kill -TERM $agent
wait $agent
trap - EXIT

say "Everything above is still there. To look around:"
cat <<'TEXT'
  out/provision status  -f manifests/quickstart --instance demo
  out/provision describe Cgroup/web -f manifests/quickstart --instance demo
  out/provision get     --instance demo
  out/provision explain Cgroup.memory.max
  out/provision logs client --instance demo
  ip -d link show web0
To remove it all:
  make demo-clean
TEXT
