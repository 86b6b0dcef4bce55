#!/usr/bin/env bash
# Takes away everything that demo.sh made.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

[[ -x out/provision ]] || { echo "demo-clean: out/provision is not built; run make build" >&2; exit 1; }
out/provision destroy --instance demo --all --auto-approve || exit 1
rm -rf /run/provision/demo /var/lib/provision/demo
