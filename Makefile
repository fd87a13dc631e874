# Build, run and test Orion Network Manager. On a bare Debian 12 with Swift, `make run` and `make test` install what is
# missing through apt; everything else stays in .build.

SANDBOX_DIR := .build/sandbox
SANDBOX_PORT := 1161
SNMPD_MODULE := Sources/SnmpdModule

# To build; to run the sandbox; to test.
BUILD_PACKAGES := gcc libc6-dev pkgconf libnl-3-dev libnl-genl-3-dev libsmi2-dev libkmod-dev libsnmp-dev libssl-dev \
	libsqlite3-dev
RUN_PACKAGES := snmpd snmp iproute2 procps
# The kernel of the lab (Tests/Lab) is downloaded by its own script, and not installed.
TEST_PACKAGES := snmptrapd smitools ethtool python3-venv qemu-system-x86 xz-utils kmod curl \
	prometheus prometheus-snmp-exporter python3-yaml iperf3

.PHONY: all build deps test-deps run stop test bench format lint generate clean

all: build

deps:
	@.ci/install $(BUILD_PACKAGES) $(RUN_PACKAGES)

test-deps:
	@.ci/install $(BUILD_PACKAGES) $(RUN_PACKAGES) $(TEST_PACKAGES)

# Release binaries in .build/release; with the Swift runtime inside, so that they run where no Swift is installed.
build: deps
	swift build -c release --static-swift-stdlib
	@$(MAKE) --no-print-directory snmpd-module

# What snmpd loads, in .build/snmpd/orion.so.
.PHONY: snmpd-module
snmpd-module:
	@if [ -e $(SNMPD_MODULE)/Makefile ]; then $(MAKE) --no-print-directory -C $(SNMPD_MODULE) module; fi

# Ends with a live agent: a private snmpd on a loopback port and oriond beside it.
run: build
	@Config/sandbox/sandbox down --dir $(SANDBOX_DIR)
	@Config/sandbox/sandbox up --dir $(SANDBOX_DIR) --port $(SANDBOX_PORT)
	@Config/sandbox/show --dir $(SANDBOX_DIR)

# Ends what `make run` left running.
stop:
	@Config/sandbox/sandbox down --dir $(SANDBOX_DIR)

test: test-deps
	swift build --build-tests
	@$(MAKE) --no-print-directory snmpd-module
	@.ci/test

bench: build test-deps
	@Tests/Bench/run
	@Tests/Bench/configuration

format:
	swift format -i -r Sources Tests Package.swift

lint:
	swift format lint --strict -r Sources Tests Package.swift
	.ci/layers
	.ci/mib-lint

# Writes what is made from the declarations of the settings.
generate:
	swift build --product oriond
	.build/debug/oriond config default >Config/oriond.toml
	.build/debug/oriond config reference >docs/configuration.md

clean:
	@Config/sandbox/sandbox down --dir $(SANDBOX_DIR)
	rm -rf .build
