# `make` alone lists the targets. Each target makes what it needs first, so `make demo` and `make test` work on a fresh clone.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install verified clients browser demo test check docs migration format bench soak lock clean

PYTHON ?= python3
VENV ?= .venv
# Your own package index or wheels: make install PIP_ARGS="--index-url …"
PIP_ARGS ?=
# Test processes at a time.
JOBS ?= 2
BIN := $(VENV)/bin
WEB := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)
export PATH := $(abspath $(BIN)):$(PATH)

help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null || grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## make .venv with all that running and testing need, the web app included

$(VENV)/.installed: pyproject.toml constraints.txt hatch_build.py $(WEB)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[all,dev]'
	touch $@

verified: ## make .venv of exactly the files whose hashes stand in requirements-hashed.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --require-hashes --no-deps -r requirements-hashed.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(VENV)/.installed

clients: .venv-clients/.installed ## the roboflow and inference-sdk packages, in an environment of their own: they pin other versions than ours

.venv-clients/.installed: Makefile
	test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) 'roboflow>=1.7,<1.8' 'inference-sdk>=1.8,<1.9' pytest pytest-timeout
	touch $@

browser: install ## find a Chromium for the browser tests, or install one
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
	  || $(BIN)/python -m playwright install --with-deps chromium

demo: install ## sample data, a training on it, and its live graph in the browser
	$(BIN)/epochal demo $(DEMO_ARGS)

test: install browser clients ## all tests but the long proofs
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m 'not soak' -n $(JOBS) --dist worksteal
	cd web && npm run --silent test

check: install ## format, lint, types, import rules; what a machine can judge
	$(BIN)/ruff format --check src tests benchmarks docs/*.py hatch_build.py
	$(BIN)/ruff check src tests benchmarks docs/*.py hatch_build.py
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web && npm run --silent check

docs: install ## write the pages that are made from the code
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/draw_reading.py

migration: install ## write the first migration anew from the tables (before the first release)
	$(BIN)/python tests/storage/drafting.py
	$(BIN)/ruff format -q src/epochal/storage/migrations

format: install ## let the formatters do their work
	$(BIN)/ruff format src tests benchmarks docs/*.py hatch_build.py
	$(BIN)/ruff check --fix src tests benchmarks docs/*.py hatch_build.py
	cd web && npm run --silent format

bench: install ## measure: each benchmark prints its table (benchmarks/README.md)
	for file in benchmarks/*.py; do echo "── $$file"; $(BIN)/python $$file; done

soak: install browser clients ## the long proofs: kill loops, whole trainings, fuzzing
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m soak --timeout 7200

lock: ## write requirements-hashed.txt anew from constraints.txt
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv
	.venv-lock/bin/uv pip compile constraints.txt --generate-hashes --no-annotate --quiet --python-version 3.11 \
	  --python-platform x86_64-manylinux_2_28 --custom-compile-command "make lock" --output-file requirements-hashed.txt

clean: ## remove what the targets made
	rm -rf $(VENV) .venv-clients .venv-lock web/node_modules src/epochal/server/static src/epochal/graphs/static dist .pytest_cache .mypy_cache .ruff_cache
