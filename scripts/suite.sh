#!/usr/bin/env bash
# suite.sh NAME RESULTS [EXPECTED-LACK...]: runs the built tests of tests/NAME but those that need what this host
# lacks, keeps NAME.trx and NAME.log in RESULTS and prints "PASSED FAILED". For root every skipped test is a
# failure, and so are a test host that crashed or hung, a project without results, and a lack not expected.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

name=$1 results=$2
shift 2
log=$results/$name.log status=0 filter=()
expected=" $* "
for lack in $(scripts/lacking.sh); do
    [[ $expected == *" $lack "* ]] || { echo "this host lacks $lack, which is not expected" >>"$log"; status=1; }
    filter+=("Needs!=$lack")
done
filter=$(IFS='&'; echo "${filter[*]-}")

timeout --kill-after=30s 20m dotnet test "artifacts/bin/Provision.$name.Tests/release/Provision.$name.Tests.dll" --nologo \
    ${filter:+--filter "$filter"} \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" --results-directory "$results" \
    --blame-hang --blame-hang-timeout 5m --blame-hang-dump-type none </dev/null >>"$log" 2>&1 || status=$?

if ! counts=$(scripts/count-results.sh "$results/$name.trx" 2>/dev/null); then
    echo "tests/$name: no results (exit code $status)" >>"$log"
    counts="0 1 0"
fi
read -r passed failed skipped <<<"$counts"
[[ $(id -u) -eq 0 ]] && failed=$((failed + skipped))
# A crashed or hung test host fails without a failed test, and a project without tests proves nothing.
if [[ $failed -eq 0 && ($status -ne 0 || $passed -eq 0) ]]; then failed=1; fi
echo "$passed $failed"
