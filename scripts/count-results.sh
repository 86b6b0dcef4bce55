#!/usr/bin/env bash
# count-results.sh FILE.trx: prints "PASSED FAILED SKIPPED" of one test project's result file; fails when the
# file has no counters. Everything that was executed and did not pass is a failure, whatever it is called.
set -euo pipefail

counters=$(grep -o '<Counters [^>]*>' "$1" | head -n 1)
value() { sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$counters"; }

total=$(value total) executed=$(value executed) passed=$(value passed)
[[ $total && $executed && $passed ]]
echo "$passed $((executed - passed)) $((total - executed))"
