# `make build` needs the .NET SDK, gcc and git; `make test` and `make demo` install what else they need.
SHELL := /bin/bash
CONFIGURATION := Release
SOURCES := $(shell find src -type f) Directory.Build.props Directory.Packages.props global.json

.PHONY: build test test-vm test-oci bench demo demo-clean format clean deps

build: out/provision

# One NativeAOT binary; any trim, AOT or compiler warning is an error.
out/provision: $(SOURCES)
	dotnet publish src/Cli -c $(CONFIGURATION) -warnaserror -nodeReuse:false -o artifacts/publish/cli
	install -D artifacts/publish/cli/provision $@

test:
	@scripts/test.sh

# The kernel and end-to-end suites on the full-kernel machine: cgroup v2, SELinux enforcing (tests/vm/README.md).
test-vm: build
	@scripts/install-deps.sh vm
	dotnet build tests/Live -c Release -warnaserror -nodeReuse:false
	dotnet build tests/EndToEnd -c Release -warnaserror -nodeReuse:false
	@scripts/test-vm.sh

# Another runtime's own test scenarios against Provision as an OCI runtime (tests/peers); fetches that one's source.
test-oci: deps build
	@tests/peers/crun-scenarios.sh

# The table of measurements against peers; `bench/run.sh --json` prints it for programs.
bench: build
	@scripts/install-deps.sh bench
	@bench/run.sh

demo: deps build
	@manifests/quickstart/demo.sh

demo-clean:
	@manifests/quickstart/demo-clean.sh

format:
	dotnet format Provision.sln

deps:
	@scripts/install-deps.sh

clean:
	rm -rf artifacts out
