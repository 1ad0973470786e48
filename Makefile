# `make` alone lists the targets. Downloads, llama.cpp and models go to ~/.cache/corral
# (or $CORRAL_CACHE); see scripts/.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup serve build test test-unit test-release e2e lint format docs bench campaign release install clean

LIBRARIES := CorralMemory CorralGGUF CorralHost CorralPlanner CorralCache CorralServing CorralLlamaServer \
	CorralLlama CorralServer CorralTesting
PREFIX := /usr/local
# The Swift libraries become part of the program where the toolchain has them as static ones.
STATIC = $(shell scripts/swift.sh --static-flag)
SWIFT_SOURCES := Package.swift Sources Examples bench Tests/SharedFixtures $(wildcard Tests/*Tests)

# The tests that run llama.cpp, in processes or in their own.
WITH_PROCESSES := CorralLlamaServerTests|CorralLlamaServingTests|CorralLlamaTests|CorralDryRunTests|RealDaemonTests

SWIFT_TEST := scripts/run-with.sh scripts/none-skipped.sh swift test --skip-build --disable-xctest

help: ## list these targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: ## find or build llama.cpp, fetch the models, make the tests' Python environment
	@scripts/setup-swift.sh
	@scripts/set-up.sh --python
	@scripts/run-with.sh --python true

serve: ## build Corral and serve the three small models on http://127.0.0.1:11435
	@scripts/setup-swift.sh
	@scripts/set-up.sh --compile -c release $(STATIC)
	scripts/swift.sh build -c release --product corral $(STATIC)
	@scripts/run-with.sh .build/release/corral serve $(ARGS)

build: ## debug build of everything, tests included
	@scripts/setup-swift.sh
	scripts/swift.sh build --build-tests --explicit-target-dependency-import-check error

test: setup build ## everything: end-to-end tests on real models, then the unit tests
	scripts/run-with.sh --python scripts/none-skipped.sh scripts/e2e.sh
	scripts/run-with.sh scripts/examples.sh
	@# Apart, so that what waits for processes does not wait for what keeps every core busy.
	$(SWIFT_TEST) --filter '$(WITH_PROCESSES)'
	$(SWIFT_TEST) --skip '$(WITH_PROCESSES)'

test-unit: build ## the unit tests alone; FILTER=regex picks some
	scripts/swift.sh test --skip-build --disable-xctest $(if $(FILTER),--filter '$(FILTER)')

test-release: ## the tests whose figures hold in release mode alone: what the policy saves
	@scripts/setup-swift.sh
	scripts/none-skipped.sh scripts/test-release.sh CorralSimulatorTests ReferenceTests

e2e: ## the end-to-end tests alone; FILTER=expression picks some
	@scripts/setup-swift.sh
	scripts/swift.sh build --product corral
	scripts/swift.sh build --product corral-dry-run
	scripts/run-with.sh --python scripts/e2e.sh $(if $(FILTER),-k '$(FILTER)')

lint: ## check the format of the Swift sources, the scripts and the workflows
	@scripts/lint.sh
	@scripts/setup-swift.sh
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

format: ## put the Swift sources into that format
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

docs: ## build the documentation of the libraries; a warning is an error
	@scripts/setup-swift.sh
	scripts/swift.sh package generate-documentation $(LIBRARIES:%=--target %) --warnings-as-errors

bench: ## compare with llama-server asked directly and with its own router
	@scripts/set-up.sh --python
	@scripts/setup-llama.sh --bench
	scripts/swift.sh build -c release $(STATIC)
	scripts/run-with.sh --python bench/run.sh $(ARGS)

campaign: ## 10,000 malformed requests against real models; ARGS="--requests N --seed S"
	@scripts/setup-swift.sh
	scripts/swift.sh build --product corral
	CORRAL_BIN=$(CURDIR)/.build/debug/corral scripts/run-with.sh --python \
		sh -c 'PYTHONDONTWRITEBYTECODE=1 exec "$$CORRAL_PYTHON" Tests/EndToEnd/campaign.py $(ARGS)'

release: ## an archive for other machines, in dist/
	@scripts/setup-swift.sh
	scripts/release.sh

install: ## build and install under PREFIX (/usr/local); DESTDIR for packagers
	@scripts/setup-swift.sh
	CORRAL_LIBLLAMA=off swift build -c release --product corral --traits TLS $(STATIC)
	scripts/stage.sh .build/release/corral '$(DESTDIR)' '$(PREFIX)'

clean: ## delete what was built in this checkout; the cache stays
	rm -rf .build
