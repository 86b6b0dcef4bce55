#!/usr/bin/env bash
# failed-tests.sh FILE.trx: prints the full names of the test methods that failed, a line each (a theory's once).
set -euo pipefail

grep -o '<UnitTestResult [^>]*>' "$1" | grep 'outcome="Failed"' | sed -nE 's/.* testName="([^"(]+).*/\1/p' | sort -u
