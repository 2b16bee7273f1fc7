# Everything a developer, an operator trying Rung out, or CI types. `make help` lists it.
# Set-up uses plain pip, which honours your own pip configuration; the locks hold names, versions and hashes only.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.rung-ready
NODE_READY := node_modules/.rung-ready
GENERATORS := .venv-generators
GENERATORS_READY := $(GENERATORS)/.rung-ready
WORKERS ?= 2
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist worksteal

# The contract's linters stay on this machine.
export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test lint contract check soak bench openapi figures handout lock format

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY) ## make .venv with everything in it (the other targets do this by themselves)

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Rung needs Python 3.11 or newer; $(PYTHON) is not. Try: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the locked packages (a minute or two the first time)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## two weeks at a made-up clinic, in a few seconds
	@$(BIN)/rung demo

serve: $(READY) ## run the server with that made-up clinic, to try things out (kept in var/demo.db)
	@$(BIN)/rung serve --demo

test: $(READY) ## the whole test suite, on SQLite and PostgreSQL
	@$(PYTEST) -m "not check and not soak"

lint: $(READY) ## style, types and floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

contract: $(READY) $(NODE_READY) ## the OpenAPI document is fresh, valid and lint-clean, and breaks no promise
	@$(BIN)/python scripts/openapi.py --check
	@$(BIN)/python scripts/breaking.py
	@$(BIN)/openapi-spec-validator openapi/openapi.json
	@node_modules/.bin/redocly lint --config openapi/redocly.yaml openapi/openapi.json
	@node_modules/.bin/spectral lint --ruleset openapi/spectral.yaml --fail-severity warn openapi/openapi.json

check: lint contract $(GENERATORS_READY) ## what must be green before a change lands, besides `make test`: lint, contract and the slow tests
	@$(PYTEST) -m "check and not soak"

soak: $(READY) ## the long fault, fuzz and load runs, before a release
	@$(PYTEST) -m soak

bench: $(READY) ## measure speed and memory, write benchmarks/results/ and docs/performance.md
	@$(BIN)/python -m benchmarks

openapi: $(READY) ## play the examples of the contract anew and write openapi/openapi.json
	@$(BIN)/python -m tests.contract.examples
	@$(BIN)/python scripts/openapi.py

figures: $(READY) ## draw every figure on docs/figures.png and docs/figures-large.png (needs Chromium)
	@$(BIN)/python scripts/figures.py

handout: $(READY) ## print the hand-out of the made-up clinic's patient, its pages on docs/handout.png
	@$(BIN)/python scripts/handout.py

format: $(READY) ## put the code into shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

# Dev first: what the service runs with is then held to the very versions that were tested.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
lock: $(READY) ## compile requirements*.lock and package-lock.json; UPGRADE=--upgrade takes the newest versions
	@$(COMPILE) $(UPGRADE) pyproject.toml --group dev -o requirements-dev.lock
	@$(COMPILE) $(UPGRADE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	@$(COMPILE) $(UPGRADE) --group build -c requirements-dev.lock -o requirements-build.lock
	@$(COMPILE) $(UPGRADE) --group generators -o requirements-generators.lock
	@npm install --package-lock-only --ignore-scripts
	@$(BIN)/python scripts/node_lock.py

$(GENERATORS_READY): requirements-generators.lock
	@echo "Installing the client generators"
	@$(PYTHON) -m venv $(GENERATORS)
	@$(GENERATORS)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(NODE_READY): package-lock.json .npmrc
	@command -v npm >/dev/null || { echo "The contract checks need Node.js 20 or newer with npm." >&2; exit 1; }
	@echo "Installing the locked Node tools"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
