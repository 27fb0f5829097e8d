# SPDX-License-Identifier: GPL-2.0-or-later
# The two commands of a new user are `make lab-up` and `make test`; the rest is for maintainers.
PRESET   ?= release
BUILD    := build/$(PRESET)
NFLAB    := $(BUILD)/nflab
SCENARIO ?= scenarios/seeds/nat-forward-drop.yaml
LAB      ?= $(basename $(notdir $(SCENARIO)))
KERNEL   ?=
DEBUG_SYMBOLS ?= cached
TESTS    ?= .
# A library's headers cost most of a compilation: two at once fit into 4 GiB of memory.
JOBS     ?= $(shell nproc)

.PHONY: all build deps test-deps configure lab-up lab-down test unit lint format bench witness mutants sites-table install clean

all: build

deps:
	@ci/deps.sh

configure: deps
	@mkdir -p build
	@cmake --preset $(PRESET) > $(BUILD)-configure.log 2>&1 || { cat $(BUILD)-configure.log; exit 1; }

build: configure
	@cmake --build --preset $(PRESET) -j $(JOBS)

lab-up: build
	@if $(NFLAB) down $(LAB) 2>/dev/null; then echo "The lab '$(LAB)' was up and has been ended; starting it anew."; fi
	@$(NFLAB) up $(SCENARIO) --name $(LAB) $(if $(KERNEL),--kernel $(KERNEL))

lab-down: build
	@$(NFLAB) down $(LAB)

test-deps:
	@ci/deps.sh ci/test-packages.txt

test: test-deps build
	@ctest --preset $(PRESET) -j $(JOBS) -R "$(TESTS)"

unit: test-deps build
	@ctest --preset $(PRESET) -L unit -R "$(TESTS)"

lint:
	@ci/deps.sh ci/lint-packages.txt
	@$(MAKE) --no-print-directory configure
	@cmake --build --preset $(PRESET) --target nflab_bpf_skeleton > /dev/null
	@ci/lint.sh $(BUILD)

format:
	@git ls-files '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format -i

# N packets per kernel against independent witnesses (docs/witness.md); KERNEL may name several.
N        ?= 10000
SEED     ?= 1
witness: build
	@$(BUILD)/nflab-witness --packets $(N) --seed $(SEED) $(addprefix --kernel ,$(KERNEL)) \
		--json $(BUILD)/witness.json

# One rule of each scenario altered, and each must fail; ALL=1 alters every rule in turn.
mutants: build
	@$(NFLAB) mutants scenarios $(if $(KERNEL),--kernel $(KERNEL)) $(if $(ALL),--all)

bench: test-deps build
	@$(NFLAB) bench boot
	@$(NFLAB) bench attribution --rules 1 100 1000 --packets 2000
	@$(BUILD)/tests/browser/report_bench
	@$(NFLAB) bench library

# Fetches every kernel of Debian's archive, some 20 GB, and keeps a few modules of each.
sites-table: build
	@$(NFLAB) kernels sites --all --markdown --debug-symbols $(DEBUG_SYMBOLS) > $(BUILD)/sites-table.md
	@mv $(BUILD)/sites-table.md docs/probe-sites-table.md

install: build
	@cmake --install $(BUILD)

clean:
	@rm -rf build
