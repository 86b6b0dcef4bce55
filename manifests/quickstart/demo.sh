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

[[ $(id -u) -eq 0 ]] || { echo "demo: needs root, since it makes cgroups and a bridge" >&2; exit 1; }

say "What the manifests declare is checked first; nothing is touched"
run 0 "$provision" validate "${manifests[@]}"

say "The plan: what the kernel has, what it should have, and each step between"
"$provision" plan "${manifests[@]}" "${scope[@]}" --quiet >/dev/null 2>&1
run $? "$provision" plan "${manifests[@]}" "${scope[@]}"

say "Apply it; every write is read back"
run 0 "$provision" apply "${manifests[@]}" "${scope[@]}" --auto-approve
run 0 "$provision" status "${manifests[@]}" "${scope[@]}"
run 0 ip -brief address show dev web0

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
  ip -d link show web0
To remove it all:
  make demo-clean
TEXT
