#!/usr/bin/env bash
# crun-scenarios.sh [FILE...]: crun's own test scenarios (its tests/test_*.py, or those named) against out/provision as an
# OCI runtime. The source is Debian's source package, fetched by apt from where this machine's packages come from, and
# kept in PROVISION_PEERS_CACHE (default: ~/.cache/provision/peers); nothing of it is in this repository. What is known to
# fail, and why, is in crun-expected.txt: a scenario that fails and is not listed, and one that is listed and passes, are
# both errors. Needs root, python3, gcc, apt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=${PROVISION_BIN:-$here/../../out/provision}
expected=$here/crun-expected.txt
cache=${PROVISION_PEERS_CACHE:-${HOME:-/root}/.cache/provision/peers}
bound=600   # seconds a file: a hang is an error, a slow machine is not

[[ -x $binary ]] || { echo "crun-scenarios.sh: no $binary: run make build" >&2; exit 2; }
work=$(mktemp -d /var/tmp/provision-peers.XXXXXX)
tidy() {
    # Cgroups of containers without a path of their own, and what the scenarios left in them: each is made anew by its user.
    for left in /sys/fs/cgroup/provision-oci/test-* /sys/fs/cgroup/*/provision-oci/test-*; do
        [[ -d $left ]] && "$work/provision-oci" --root "$work/left" delete --force "${left##*/}" >/dev/null 2>&1
    done
    rmdir /sys/fs/cgroup/provision-oci /sys/fs/cgroup/*/provision-oci 2>/dev/null
    rm -rf -- "$work"
}
trap 'tidy || true' EXIT

# sources: the machine's own package sources, as sources of source packages.
sources() {
    mkdir -p "$work/apt/sources" "$work/apt/lists/partial" "$work/apt/cache"
    local file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ -e $file ]] && sed -n 's/^deb /deb-src /p' "$file" >"$work/apt/sources/$(basename "$file" .list).list"
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [[ -e $file ]] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/apt/sources/$(basename "$file")"
    done
    return 0
}

fetch() {
    sources
    local options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/apt/sources" -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root)
    apt-get -qq "${options[@]}" update >&2
    mkdir -p "$work/fetched" "$work/source"
    (cd "$work/fetched" && apt-get -qq "${options[@]}" source --download-only crun >&2)
    tar -xf "$(find "$work/fetched" -name "crun_*.orig.tar.*" ! -name "*.asc")" -C "$work/source" --strip-components=1
    mkdir -p "$work/include"
    : >"$work/include/config.h"
    gcc -O2 -w -static -D_GNU_SOURCE -I "$work/include" -o "$work/source/tests/init" "$work/source/tests/init.c"
    mkdir -p "$cache"
    rm -rf -- "$cache/crun"
    mv "$work/source" "$cache/crun"
}

[[ -x $cache/crun/tests/init ]] || fetch
ln -s "$(readlink -f "$binary")" "$work/provision-oci"
cp -a "$cache/crun/tests" "$work/tests"
cd "$work"
export INIT=$work/tests/init OCI_RUNTIME=$work/provision-oci TMPDIR=$work PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here/python

# listed KIND FILE SCENARIO: whether the list says so of it, or of the whole file.
listed() { awk -v kind="$1" -v file="$2" -v name="$3" '$1 == kind && $2 == file && ($3 == name || $3 == "*") { found = 1 } END { exit !found }' "$expected"; }

right=0 wrong=0 skipped=0
complain() { echo "$1"; wrong=$((wrong + 1)); }
if [[ $# -gt 0 ]]; then files=("$@"); else mapfile -t files < <(cd tests && ls test_*.py); fi
for file in "${files[@]}"; do
    file=$(basename "$file" .py)
    listed never "$file" - && continue
    status=0
    timeout "$bound" /usr/bin/python3 "tests/$file.py" >"$file.out" 2>"$file.err" || status=$?
    [[ $status -eq 0 ]] || complain "$file: ended with $status"
    while read -r verdict name; do
        case $verdict in
            skip) skipped=$((skipped + 1)) ;;
            ok) if listed fails "$file" "$name"; then complain "$file $name: passes, and is listed to fail"; else right=$((right + 1)); fi ;;
            not) if listed fails "$file" "$name" || listed either "$file" "$name"; then right=$((right + 1)); else complain "$file $name: fails"; sed 's/^/    /' "$file.err"; fi ;;
        esac
    done < <(sed -nE 's/^ok [0-9]+ - (.*) #SKIP.*/skip \1/p; t; s/^ok [0-9]+ - (.*)/ok \1/p; s/^not ok [0-9]+ - (.*)/not \1/p' "$file.out")
done
echo "crun's scenarios: $right as expected, $wrong not, $skipped left out by themselves"
[[ $wrong -eq 0 && $right -gt 0 ]]
