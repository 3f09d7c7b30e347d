# Everything a newcomer needs stands here: `make` alone lists it.
#
# Assumed: Python 3.11 or newer (with its venv module), make and a package index. The rest is installed into .venv from
# locks that pin every file by its hash. `uv` is used where it is present, because it is faster; pip does the same.
# Stamps in .venv/.stamps remember what was installed, so a second `make setup` does nothing until a lock changes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench dev lock clean
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

# Set PYTHON to choose an interpreter; else the first of the usual names that is new enough.
PYTHON ?=
# Two workers, and one file's tests together, because files share costly fixtures.
PYTEST_WORKERS ?= 2
# Narrow a test run: make test ARGS="-k merge"
ARGS ?=

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(STAMPS)/run  ## make .venv and install Hisab into it

run: setup  ## a demonstration home: pretend people, a nightly run, a page to look at
	@$(BIN)/hisab demo

test: $(STAMPS)/dev  ## the whole test suite
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(STAMPS)/dev  ## formatting, types, SQL and YAML
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 dbt_project
	$(BIN)/yamllint --strict .

bench: $(STAMPS)/bench  ## measured ratios, against plain DuckDB and the peers that are installed
	@$(BIN)/python -m benchmarks $(ARGS)

# Dagster wants an absolute folder; HISAB_HOME may be relative. Without a home it would send its usage figures.
dev: setup  ## the Dagster UI on your home
	@home="$${HISAB_HOME:-.hisab}"; \
	if [ ! -d "$$home/dagster" ]; then echo "There is no home at $$home. Make one: $(BIN)/hisab init" >&2; exit 1; fi; \
	DAGSTER_HOME="$$(cd "$$home" && pwd)/dagster" DAGSTER_DISABLE_TELEMETRY=yes exec $(BIN)/dagster dev -w workspace.yaml

# Run after a change of the dependencies in pyproject.toml (pip needs the extras spelled out). Present pins stay; delete a lock to renew all of its pins.
LOCK := uv pip compile --quiet --universal --generate-hashes --no-header --no-strip-extras --python-version 3.11
lock:  ## write the requirements locks anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	$(LOCK) --group build pyproject.toml -o requirements.txt
	$(LOCK) --group build --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(LOCK) --group bench -c requirements-dev.txt -o requirements-bench.txt

clean:  ## remove .venv and caches; homes are never touched
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov hisab.egg-info
	rm -rf dbt_project/target dbt_project/logs benchmarks/.data
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What the stamps stand for ------------------------------------------------------------------------------------------

# The venv: made in place, so an interrupted one is completed rather than trusted.
$(STAMPS)/venv:
	@for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		command -v "$$candidate" >/dev/null 2>&1 || continue; \
		"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		echo "Making $(VENV) with $$("$$candidate" --version)"; \
		"$$candidate" -m venv $(VENV) && mkdir -p $(STAMPS) && touch $@ && exit 0; \
		echo "This Python cannot make virtual environments. On Debian: apt install python3-venv" >&2; exit 1; \
	done; \
	echo "Hisab needs Python 3.11 or newer; none was found. Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1

# $(call install,LOCK): every file is checked against the lock's hashes; wheels only, so installing runs no code.
define install
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes --no-build --compile-bytecode -r $(1); \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $(1); \
	fi
endef

# Hisab itself is installed in place; its build tool is in the lock, so nothing else is downloaded.
$(STAMPS)/run: $(STAMPS)/venv requirements.txt pyproject.toml
	@echo "Installing what Hisab needs (one to three minutes the first time)"
	$(call install,requirements.txt)
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@echo "Parsing the dbt project"
	@$(BIN)/python -m warehouse.build
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements-dev.txt
	@echo "Installing what the tests and linters need"
	$(call install,requirements-dev.txt)
	@touch $@

$(STAMPS)/bench: $(STAMPS)/dev requirements-bench.txt
	@echo "Installing the benchmarks' peers"
	$(call install,requirements-bench.txt)
	@touch $@
