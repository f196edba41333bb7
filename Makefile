# Every target does its own set-up: the Python environment, and the sandbox's tools where needed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# Programs, policies and commands are started many times: what Python compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
STACK ?= prod
VENV := .venv
PEERS := .venv-peers
READY := $(VENV)/.complete
RUN := $(VENV)/bin/python -m
SANDBOX := $(RUN) sandbox
EXAMPLES := docs/detector/examples
LOCKED := --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
          --no-emit-trusted-host --no-emit-find-links --quiet

# make up KUBECONTEXT=name: in a cluster of one's own, by its kubeconfig context.
ifdef KUBECONTEXT
OF := --context "$(KUBECONTEXT)"
endif

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {gsub(/\$$\$$/, "$$"); printf "  make %-15s %s\n", $$1, $$2}' Makefile

.PHONY: install
install: $(READY) ## Install the Python environment, and nothing else

.PHONY: up
up: $(READY) ## Bring the whole platform up on this machine
ifdef KUBECONTEXT
	@$(RUN) ops doctor $(OF) || [ $$? = 3 ]
endif
	@$(SANDBOX) up $(OF)

.PHONY: live
live: $(READY) ## The same with a node in which everything runs; needs root
	@$(SANDBOX) up --node

.PHONY: tour
tour: $(READY) ## Ten minutes that show what the platform does; after make live
	@$(SANDBOX) tour

.PHONY: preflight
preflight: $(READY) ## Show what this machine can do, and what therefore runs
	@$(SANDBOX) preflight

.PHONY: down
down: $(READY) ## Stop everything; nothing is left
	@$(SANDBOX) down $(OF)

.PHONY: status
status: $(READY) ## Show what runs
	@$(SANDBOX) status

.PHONY: env
env: $(READY) ## Print what a shell needs: eval "$$(make env)"
	@$(SANDBOX) env

.PHONY: preview
preview: $(READY) ## Show what the next make up would change, or make deploy of a stack (STACK=prod)
ifeq ($(origin STACK),file)
	@$(SANDBOX) preview
else
	@$(RUN) ops preview --stack $(STACK)
endif

# A doctor that finds something (3) stops nothing: the stack may be what mends it.
.PHONY: deploy
deploy: $(READY) ## Bring a stack of yours up with its policies (STACK=prod), after a look by the doctor
ifeq ($(origin STACK),file)
	@echo "say which stack: make deploy STACK=prod" >&2; exit 2
else
	@$(RUN) ops doctor --stack $(STACK) || [ $$? = 3 ]
	@[ -z "$${PROMETHEUS_URL:-}" ] || $(RUN) ops mesh plain-text --stack $(STACK)
	@$(RUN) ops deploy --stack $(STACK)
endif

.PHONY: verdict
verdict: $(READY) ## Ask staging about the release it runs, and sign what it says
	@$(RUN) ops verdict

.PHONY: promote
promote: $(READY) ## Bring production up with what staging has tried, if the gate lets it
	@$(RUN) ops promote --stack $(STACK)

.PHONY: drift
drift: $(READY) ## Look for changes by hand to a stack (STACK=prod) and to what Flux applies
	@$(RUN) ops drift --stack $(STACK)

.PHONY: build
build: $(READY) ## Build the sandbox's tools without starting anything
	@$(SANDBOX) build

.PHONY: test
test: check build ## Run everything that proves it works
	@$(RUN) pytest -m "not live" -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder

.PHONY: test-live
test-live: $(READY) ## Run what needs a node; skipped, with the reason, where none can run
	@$(RUN) pytest -m live -n 2

.PHONY: bench
bench: bench-program bench-detector ## Measure both, the program and the detector

.PHONY: bench-program
bench-program: $(READY) ## Measure what the program costs, beside a flat one and with up to 1,000 services
	@$(RUN) bench.program

.PHONY: bench-detector
bench-detector: $(READY) $(PEERS)/.complete ## Measure the detector beside others; BENCH_DATA=folder of labelled series
	@mkdir -p .bench
	@$(RUN) bench.detector --peers $(PEERS)/bin/python --json .bench/detector.json
	@$(PEERS)/bin/python -m bench.peers.charts .bench/detector.json .bench

.PHONY: check
check: $(READY) ## Lint, formatting, types, layers; changes nothing
	@$(RUN) ruff check
	@$(RUN) ruff format --check --quiet
	@$(RUN) mypy .
	@$(VENV)/bin/lint-imports --no-logo

.PHONY: lint
lint: $(READY) ## Repair what can be repaired: lint and formatting
	@$(RUN) ruff check --fix
	@$(RUN) ruff format

.PHONY: snapshots
snapshots: $(READY) ## Rewrite the snapshots of every stack's objects after an intended change
	@$(RUN) tests.program.stacks

.PHONY: docs
docs: $(READY) ## Rewrite the pages that follow from the code: configuration, policies, alerts, boards, examples
	@$(RUN) settings.reference > docs/configuration.md
	@$(RUN) policy.pages
	@$(RUN) observability.alerting_rules.pages
	@$(RUN) observability.dashboards.pages
	@$(RUN) tests.docs.rewrite
	@$(RUN) anomaly explain checkout $(EXAMPLES)/checkout.csv --plot $(EXAMPLES)/checkout.svg > /dev/null

.PHONY: lock
lock: $(READY) ## Pin every Python package with checksums after requirements changed
	@CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/pip-compile $(LOCKED) \
		-o requirements.lock requirements.txt requirements-dev.txt
	@CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/pip-compile $(LOCKED) \
		-o bench/peers/requirements.lock bench/peers/requirements.txt
	@CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/pip-compile $(LOCKED) \
		-o sandbox/images/envoy.lock sandbox/images/envoy.in

.PHONY: clean
clean: ## Stop the sandbox, remove it and the Python environment (tools stay cached)
	@if [ -e $(READY) ]; then $(SANDBOX) down; fi
	@rm -rf $(VENV) $(PEERS) .bench .sandbox .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The environment is complete when the stamp exists; an interrupted set-up is simply run again.
$(READY): requirements.lock sandbox/create-venv
	@sandbox/create-venv "$(PYTHON)" $(VENV) requirements.lock >&2
	@touch $@

# The detectors to compare with, which nothing else needs.
$(PEERS)/.complete: bench/peers/requirements.lock sandbox/create-venv
	@sandbox/create-venv "$(PYTHON)" $(PEERS) bench/peers/requirements.lock >&2
	@touch $@
