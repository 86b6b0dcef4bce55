#!/usr/bin/env bash
# test-vm.sh [RESULTS]: the kernel and end-to-end suites on the full-kernel machine (tests/vm), from what is built
# already. Prints a line a suite and "N passed, N failed" last; the guest's log and each suite's are in RESULTS.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

results=${1:-artifacts/test-results/vm}
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0
tests/vm/run.sh --bound "${PROVISION_VM_BOUND:-1800}" --results "$results" 'bash /share/tests/vm/guest/suites.sh' >"$results/run.log" 2>&1
status=$?

for name in Live EndToEnd; do
    if read -r _ p f seconds < <(grep "^$name " "$results/counts" 2>/dev/null); then
        [[ $f -gt 0 ]] && cat "$results/$name.log"
        echo "full kernel, tests/$name: $p passed, $f failed ($seconds s)"
        passed=$((passed + p)) failed=$((failed + f))
    else
        echo "full kernel, tests/$name: no results"
        failed=$((failed + 1)) status=1
    fi
done
if [[ $status -ne 0 ]]; then
    tail -n 60 "$results/run.log"
    [[ $failed -eq 0 ]] && failed=1
fi
[[ $failed -eq 0 ]] || echo "the guest's log: $results/console.log"
echo "$passed passed, $failed failed" | tee "$results/summary"
[[ $failed -eq 0 && $passed -gt 0 ]]
