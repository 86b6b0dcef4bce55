#!/usr/bin/env bash
# test-vm.sh [RESULTS]: the kernel and end-to-end suites on the full-kernel machine (tests/vm), from what is built
# already, and what needs AppArmor with that in SELinux's place. Prints a line a suite and "N passed, N failed" last; the guest's log and each suite's are in RESULTS/NAME.
# Each suite has a guest of its own. One that falls silent (run.sh's exit code 126) is told, and started once more.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

results=${1:-artifacts/test-results/vm}
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0

# guest NAME: runs the suite in a guest; its files are in RESULTS/NAME.
guest() {
    mkdir -p "$results/$1"
    local lsm=selinux
    [[ $1 == AppArmor ]] && lsm=apparmor
    tests/vm/run.sh --lsm $lsm --bound "${PROVISION_VM_BOUND:-2400}" --results "$results/$1" "bash /share/tests/vm/guest/suites.sh $1" >"$results/$1/run.log" 2>&1
}

# suite NAME: its guest, and its report in RESULTS/NAME.report: what is to be shown, then "PASSED FAILED".
suite() {
    local name=$1 status=0 p=0 f=1 seconds
    guest "$name" || status=$?
    if [[ $status -eq 126 ]]; then
        cat "$results/$name/silent.log"
        tail -n 20 "$results/$name/run.log"
        echo "full kernel, tests/$name: the guest fell silent and is started once more"
        mv "$results/$name" "$results/$name.silent"
        status=0
        guest "$name" || status=$?
    fi

    if read -r _ p f seconds < <(grep "^$name " "$results/$name/counts" 2>/dev/null); then
        [[ $status -ne 0 && $f -eq 0 ]] && f=1
        [[ $f -gt 0 ]] && grep -v '^  Passed ' "$results/$name/$name.log"
        [[ -e $results/$name/$name.again ]] && sed 's/^/failed once, passed when run again: /' "$results/$name/$name.again"
        echo "full kernel, tests/$name: $p passed, $f failed ($seconds s)"
    else
        p=0 f=1
        [[ -e $results/$name/$name.progress ]] && tail -n 20 "$results/$name/$name.progress"
        echo "full kernel, tests/$name: no results (exit code $status)"
    fi
    if [[ $status -ne 0 || $f -gt 0 ]]; then
        tail -n 60 "$results/$name/run.log"
        echo "the guest's log: $results/$name/console.log"
    fi
    echo "$p $f"
}

tests/vm/image.sh >/dev/null || { echo "0 passed, 1 failed" | tee "$results/summary"; exit 1; }
for name in Live EndToEnd AppArmor; do
    suite $name >"$results/$name.report" 2>&1
    sed '$d' "$results/$name.report"
    read -r p f < <(tail -n 1 "$results/$name.report")
    passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed" | tee "$results/summary"
[[ $failed -eq 0 && $passed -gt 0 ]]
