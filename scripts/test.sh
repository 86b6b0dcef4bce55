#!/usr/bin/env bash
# Runs everything: format, build, unit tests, and as root the kernel and end-to-end tests, here and on the full-kernel
# machine (PROVISION_TEST_VM=no leaves that out, and says so). Its last line is "N passed, N failed" over all projects. A step that breaks counts as a failure, and so does, for root, a
# skipped test: this machine should be able to run it. Release, so that src is compiled once for tests and binary.
set -uo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Build nodes that stay behind would keep our stdout open and hang whoever reads it.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
export PROVISION_BIN=$PWD/out/provision

results=artifacts/test-results
passed=0 failed=0
rm -rf $results out
mkdir -p $results

finish() {
    echo "$passed passed, $failed failed" | tee $results/summary
    [[ $failed -eq 0 && $passed -gt 0 ]]
    exit
}

# step TITLE COMMAND...: one failure when the command fails; its output is shown only then.
step() {
    local title=$1 log=$results/step.log
    shift
    local start=$SECONDS
    if "$@" >$log 2>&1 </dev/null; then
        echo "$title: ok ($((SECONDS - start)) s)"
        return 0
    fi
    cat $log
    echo "$title: FAILED"
    failed=$((failed + 1))
    return 1
}

# suite NAME: runs tests/NAME and adds its results.
suite() {
    local name=$1 p f start=$SECONDS
    # What the everyday kernel lacks; the full-kernel machine (tests/vm) has it.
    read -r p f < <(scripts/suite.sh "$name" $results cgroup-v2 bridge-vlan link-kinds br-netfilter podman selinux apparmor)
    if [[ $f -gt 0 ]]; then grep -v '^  Passed ' "$results/$name.log"; fi
    if [[ -e $results/$name.again ]]; then sed 's/^/failed once, passed when run again: /' "$results/$name.again"; fi
    echo "tests/$name: $p passed, $f failed ($((SECONDS - start)) s)"
    passed=$((passed + p)) failed=$((failed + f))
}

# vm: the kernel and end-to-end suites on the full-kernel machine, added to the counts.
vm() {
    if [[ ${PROVISION_TEST_VM-} == no ]]; then
        echo "full kernel: left out, as asked (PROVISION_TEST_VM=no)"
        return
    fi
    step "the full-kernel machine" tests/vm/image.sh || return
    scripts/test-vm.sh $results/vm | sed '$d'
    local p f
    if read -r p _ f _ <$results/vm/summary; then
        passed=$((passed + p)) failed=$((failed + f))
    else
        echo "full kernel: no results"
        failed=$((failed + 1))
    fi
}

step "dependencies" scripts/install-deps.sh $([[ $(id -u) -eq 0 ]] && echo vm) || finish
[[ $(id -u) -eq 0 ]] && scripts/leftovers.sh   # of earlier, broken runs: removed, not counted

step "restore" dotnet restore Provision.sln || finish
step "format" dotnet format Provision.sln --no-restore --verify-no-changes
step "build of the tests" dotnet build Provision.sln -c Release --no-restore -warnaserror || finish
step "build of out/provision" make build

for project in tests/*/*.Tests.csproj; do
    suite "$(basename "$(dirname "$project")")"
done

[[ $(id -u) -eq 0 ]] && vm

step "no process left" scripts/no-processes.sh "$PROVISION_BIN"
if [[ $(id -u) -eq 0 ]]; then step "nothing left behind" scripts/leftovers.sh; fi
finish
