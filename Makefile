# Two commands do everything: `make demo` and `make test`. Both work on a fresh machine with Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench bite texts lock clean

help: ## What there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: setup ## Run the whole product on this machine and print the address to open; Ctrl-C stops it
	@$(BIN)/dunnock demo

setup: $(VENV)/.installed ## Build .venv with the locked dependencies, nothing else

test: $(VENV)/.installed-dev ## Run every check that CI runs
	@scripts/test-servers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest

bench: $(VENV)/.installed-dev ## Measure speed as ratios against bare floors, in one run
	@scripts/test-servers
	@$(BIN)/python -m tests.bench $(SIZES)

bite: $(VENV)/.installed-dev ## Break each promise on purpose, in a copy, and see its test fail
	@scripts/test-servers
	@$(BIN)/python -m tests.bite $(ONLY)

texts: $(VENV)/.installed-dev ## Bring translations/ up to date with the texts of pages and code
	@$(BIN)/python -m tests.texts

lock: ## Lock the newest dependencies, with hashes and without naming a registry (needs uv)
	uv pip compile -q -U --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile -q -U --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## Remove what was built and what the app keeps on this machine
	rm -rf $(VENV) var *.egg-info

$(VENV)/bin/pip:
	@$(PYTHON) scripts/check-python
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/bin/pip
	@echo "Installing the locked dependencies into $(VENV) …"
	@$(PIP) install --quiet --no-compile --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-compile --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing the test tools into $(VENV) …"
	@$(PIP) install --quiet --no-compile --require-hashes -r requirements-dev.txt
	@touch $@
