# Two commands are enough: `make demo` and `make test`. Both set the project up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN_UV = PYTHONPATH=$(if $(filter .uv/bin/uv,$(UV)),.uv,) $(UV)

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test lint types contracts format lock bench documents clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.uv/bin/uv:
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .uv uv

$(VENV)/.installed: requirements/dev.txt pyproject.toml | $(filter .uv/bin/uv,$(UV))
	@$(RUN_UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV)
	@$(RUN_UV) pip sync --quiet --python $(VENV) --require-hashes requirements/dev.txt
	@$(RUN_UV) pip install --quiet --python $(VENV) --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.installed  ## virtual environment with pinned, hash-checked packages

demo: setup  ## a sample programme with known defects, and its quality-control report
	@$(BIN)/sightline demo

serve: setup  ## the service: page, API and jobs at http://127.0.0.1:8000
	@$(BIN)/sightline serve $(ARGS)

test: setup  ## all tests
	@$(BIN)/python -m pytest -n auto $(ARGS)

lint: setup  ## style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: setup  ## apply the style
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

types: setup  ## mypy, strict
	@$(BIN)/mypy

contracts: setup  ## who may import whom
	@$(BIN)/lint-imports

bench: setup  ## speed and accuracy benchmarks (minutes)
	@$(BIN)/python -m benchmarks.speed minute hour && $(BIN)/python -m benchmarks.accuracy

documents: setup  ## write conformance, reference and figures from results and code
	@$(BIN)/python -m tools.write_documents $(ARGS)

lock: | $(filter .uv/bin/uv,$(UV))  ## pin every package with its hashes
	@$(RUN_UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		pyproject.toml -o requirements/runtime.txt --custom-compile-command 'make lock'
	@$(RUN_UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		pyproject.toml requirements/build.in --group dev --override requirements/overrides.in -o requirements/dev.txt --custom-compile-command 'make lock'

clean:  ## remove what was set up and made
	@rm -rf $(VENV) .uv build dist demo .mypy_cache .ruff_cache .pytest_cache
