#!/usr/bin/env bash
# suite.sh NAME RESULTS [EXPECTED-LACK...]: runs the built tests of tests/NAME but those that need what this host
# lacks, keeps NAME.trx and NAME.log in RESULTS and prints "PASSED FAILED". For root every skipped test is a
# failure, and so are a test host that crashed or hung, a project without results, and a lack not expected.
# A few tests that failed (at most RETRIED) are run once more, alone, on what may be a host full of other work; those that
# then pass count as passed and are named in NAME.again, which whoever called shows.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

RETRIED=6
name=$1 results=$2
shift 2
log=$results/$name.log filter=() broken=0
expected=" $* "
rm -f "$results/$name.again"
for lack in $(scripts/lacking.sh); do
    [[ $expected == *" $lack "* ]] || { echo "this host lacks $lack, which is not expected" >>"$log"; broken=1; }
    filter+=("Needs!=$lack")
done
# Tests that whoever calls leaves out, by a part of their names; told where results are read.
for left_out in ${PROVISION_SUITE_WITHOUT-}; do
    echo "left out here: $left_out" >>"$log"
    filter+=("FullyQualifiedName!~$left_out")
done
# Nothing but these, where a host is there for one feature.
[[ -n ${PROVISION_SUITE_ONLY-} ]] && filter+=("Needs=$PROVISION_SUITE_ONLY")
filter=$(IFS='&'; echo "${filter[*]-}")

# run FILE FILTER: runs the suite into RESULTS/FILE.trx and sets passed, failed, skipped and status.
run() {
    status=0
    timeout --kill-after=30s "${PROVISION_SUITE_BOUND:-40m}" dotnet test "artifacts/bin/Provision.$name.Tests/release/Provision.$name.Tests.dll" --nologo \
        ${2:+--filter "$2"} \
        --logger "trx;LogFileName=$1.trx" --logger "console;verbosity=normal" --results-directory "$results" \
        --blame-hang --blame-hang-timeout 10m --blame-hang-dump-type none </dev/null >>"$log" 2>&1 || status=$?
    local counts
    if ! counts=$(scripts/count-results.sh "$results/$1.trx" 2>/dev/null); then
        echo "tests/$name: no results (exit code $status)" >>"$log"
        counts="0 1 0"
        status=1 crashed=1
    fi
    read -r passed failed skipped <<<"$counts"
    # A test host that crashed or hung ends with an error and without a failed test.
    if [[ $status -ne 0 && $failed -eq 0 ]]; then crashed=1; fi
}

crashed=0
run "$name" "$filter"
first_passed=$passed first_failed=$failed first_skipped=$skipped

if [[ $failed -gt 0 && $failed -le $RETRIED && $crashed -eq 0 ]]; then
    mapfile -t names < <(scripts/failed-tests.sh "$results/$name.trx")
    run "$name.again" "$(printf '|FullyQualifiedName=%s' "${names[@]}" | cut -c2-)"
    if [[ $crashed -eq 0 && $failed -eq 0 && $passed -ge $first_failed ]]; then
        printf '%s\n' "${names[@]}" >"$results/$name.again"
        first_passed=$((first_passed + first_failed)) first_failed=0
    fi
fi

passed=$first_passed failed=$((first_failed + broken))
[[ $(id -u) -eq 0 ]] && failed=$((failed + first_skipped))
# A crashed test host fails without a failed test, and a project without tests proves nothing.
if [[ $failed -eq 0 && ($crashed -ne 0 || $passed -eq 0) ]]; then failed=1; fi
echo "$passed $failed"
