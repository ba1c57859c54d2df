# Two commands are enough: `make demo` and `make test`. Both set the project up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
NPM = PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web
RUN_UV = PYTHONPATH=$(if $(filter .uv/bin/uv,$(UV)),.uv,) $(UV)

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test lint types contracts format lock bench documents clean web web-build web-tools web-types web-test browser pictures

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.uv/bin/uv:
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .uv uv

$(VENV)/.installed: requirements/dev.txt requirements/node.txt pyproject.toml hatch_build.py | $(filter .uv/bin/uv,$(UV))
	@$(RUN_UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV)
	@$(RUN_UV) pip sync --quiet --python $(VENV) --require-hashes requirements/dev.txt
	@$(BIN)/python hatch_build.py --has-node || \
		$(RUN_UV) pip install --quiet --python $(VENV) --require-hashes -r requirements/node.txt
	@$(RUN_UV) pip install --quiet --python $(VENV) --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.installed  ## virtual environment with pinned, hash-checked packages

demo: setup  ## a sample programme with known defects, and its quality-control report
	@$(BIN)/sightline demo

serve: web-build  ## the service: page, API and jobs at http://127.0.0.1:8000
	@$(BIN)/sightline serve $(ARGS)

test: setup web-build  ## all tests
	@$(BIN)/python -m pytest -n auto $(ARGS)
	@$(MAKE) --no-print-directory web-test browser

web: web-tools  ## the page with hot reload, beside a service that runs (SIGHTLINE_DEV_API names another one)
	@$(NPM) run dev

web-build: setup  ## the page, unless it was built from the same files already
	@$(BIN)/python hatch_build.py

web-tools: setup
	@$(BIN)/python hatch_build.py --tools

web-types: web-tools  ## the API's types for the page
	@$(BIN)/python -m tools.web_types $(ARGS)

web-test: web-tools  ## tests of the page's logic
	@$(NPM) run --silent test

browser: web-tools web-build  ## tests in a real Chromium against a real service
	@PYTHON="$(CURDIR)/$(BIN)/python" $(NPM) run --silent test:browser

lint: web-tools  ## style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(NPM) run --silent lint

format: setup  ## apply the style
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(NPM) run --silent format

types: web-tools  ## mypy and tsc, strict
	@$(BIN)/mypy
	@$(NPM) run --silent types

contracts: setup  ## who may import whom
	@$(BIN)/lint-imports

pictures: web-tools web-build  ## the pictures of the guide, of a real service
	@PYTHON="$(CURDIR)/$(BIN)/python" $(NPM) run --silent pictures

bench: setup  ## speed and accuracy benchmarks (minutes)
	@$(BIN)/python -m benchmarks.speed minute hour && $(BIN)/python -m benchmarks.accuracy

documents: setup  ## write conformance, reference and figures from results and code
	@$(BIN)/python -m tools.write_documents $(ARGS)

lock: | $(filter .uv/bin/uv,$(UV))  ## pin every package with its hashes
	@$(RUN_UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		pyproject.toml --all-extras -o requirements/runtime.txt --custom-compile-command 'make lock'
	@$(RUN_UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		pyproject.toml --all-extras requirements/build.in --group dev --override requirements/overrides.in -o requirements/dev.txt --custom-compile-command 'make lock'
	@$(RUN_UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		requirements/node.in -o requirements/node.txt --custom-compile-command 'make lock'

clean:  ## remove what was set up and made
	@rm -rf $(VENV) .uv build dist demo .mypy_cache .ruff_cache .pytest_cache web/node_modules src/sightline/api/pages/web
