# `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help setup build test test-one test-clients run demo send check format asan tsan fuzz bench bench-stages bench-compare bench-query install clean prove

JOBS ?= $(shell nproc)
T ?=
ARGS ?=
PORT ?= 8080
DATA ?= data
PREFIX ?= /usr/local
SECONDS ?= 60
KILLS ?= 200
EVENTS ?= 100000000

help: ## List these targets
	@echo "Catchment: collects product-analytics events over four HTTP APIs, keeps them, answers SQL."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: ## Install what is missing: Debian packages and DuckDB
	@tools/setup.sh build

build: setup ## Build the program: build/release/catchment
	@tools/build.sh release catchment

test: setup ## Build and test everything: units, exchanges, end to end, tidy, format
	@python3 tools/run_tests.py --jobs $(JOBS)

test-one: ## Run the unit tests whose name matches, e.g. make test-one T='JournalReader.*'
	@tools/build.sh dev
	@test -n "$(T)" || { echo "say which: make test-one T='JournalReader.*'" >&2; exit 2; }
	@python3 tools/run_tests.py --jobs $(JOBS) --preset dev --no-build --units '$(T)'

test-clients: build ## Published clients, unmodified, against the program: a matrix (T= some of them); needs npm
	@tools/setup.sh build clients
	@python3 tests/clients/run.py --only '$(T)'

prove: build ## Try to lose or double an acknowledged event: kills, full disks, damage, crowds
	@tools/build.sh release catchment_simulation_test
	@python3 tests/prove/run.py --kills $(KILLS) --simulate $(SECONDS)

run: build ## Start on 127.0.0.1:8080 (PORT=, DATA=) with a demo application, send examples, stay up
	@python3 tools/demo.py run --port $(PORT) --data $(DATA)

demo: build ## The same on a free port in a scratch folder, then stop
	@python3 tools/demo.py demo

send: ## Send one sample event through each API to the server that `make run` started
	@python3 tools/demo.py send --port $(PORT) --data $(DATA)

check: ## What test leaves out for time: clang-tidy on all sources, headers that compile alone
	@tools/setup.sh build check
	@tools/check.sh

format: ## Rewrite all sources in the project's format
	@git ls-files -z 'src/*.h' 'src/*.cc' 'bench/*.h' 'bench/*.cc' 'tests/*.cc' | xargs -0 -r clang-format-19 -i

asan: ## Units, exchanges and end to end under the address and undefined-behaviour sanitizers
	@tools/setup.sh build sanitizers
	@python3 tools/run_tests.py --jobs $(JOBS) --preset asan

tsan: ## The same under the thread sanitizer
	@tools/setup.sh build sanitizers
	@python3 tools/run_tests.py --jobs $(JOBS) --preset tsan

fuzz: ## Fuzz every parser for a minute, two at a time, or some: make fuzz T=json SECONDS=600
	@tools/setup.sh build sanitizers
	@tools/build.sh asan fuzzers
	@python3 tests/fuzz/run.py --only '$(T)' --seconds $(SECONDS)

bench: build ## Measure Catchment beside nginx and Redis on this machine: one table; e.g. ARGS=--quick
	@tools/setup.sh bench
	@tools/bench.sh --build catchment-load
	@python3 bench/compare.py $(ARGS)

bench-stages: setup ## Build and run the benchmarks of single stages, or some: make bench-stages T=json
	@tools/bench.sh '$(T)'

bench-compare: setup ## What changed since BASE=rev in the time each stage takes, e.g. BASE=HEAD~1 T=json
	@python3 bench/stages.py '$(or $(BASE),HEAD)' --only '$(T)' $(ARGS)

bench-query: build ## Time every KPI over a year of 100 million events (EVENTS=): from rollups, and by SQL
	@cmake --preset release -B build/bench -DCATCHMENT_BENCHES=ON -DCATCHMENT_TESTS=OFF >/dev/null
	@ninja -C build/bench catchment_history
	@python3 bench/query.py --events $(EVENTS)

install: build ## Install the program and its library below PREFIX (/usr/local)
	@cmake --install build/release --prefix '$(PREFIX)'

clean: ## Remove what was built; the fetched DuckDB stays
	@rm -rf build/dev build/release build/asan build/tsan build/fuzz
