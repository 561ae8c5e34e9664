# What you can do here. Everything happens in this folder: `.venv` holds the environment, `var` the
# data of the demonstration. Settings: CASEROUND_* variables (`.venv/bin/caseround config` lists them).

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Name a Python of your own with `make run PYTHON=/path/to/python3`.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 $(BIN)/python -m pip --disable-pip-version-check
# Python compiles a module when it is first imported: doing it for all would take longer than the rest.
INSTALL := $(PIP) install --quiet --no-compile --require-hashes
NODE_MODULES := tests/node_modules/.package-lock.json
UV := 0.13.9
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)
# Extra words for pytest: `make unit ARGS="-k agenda"`.
ARGS ?=
TIMES ?= 1
HOSTILE := tests/sessions/media/test_hostile.py tests/sessions/live/test_broken_events.py \
	tests/security/test_slow_connections.py tests/security/test_broken_bodies.py \
	tests/security/test_matrix.py tests/cases/recommend/test_pages.py tests/server/deid/test_quality.py

.PHONY: help setup setup-test run test checks lint format types types-python types-js contracts scripts unit browser story hostile test-media \
	bench bench-media bench-deid docs migrate lock clean

help: ## This list
	@echo "Caseround. Start it with: make run"; echo
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

setup: $(VENV)/.runtime ## Prepare the environment (.venv), nothing else

setup-test: $(VENV)/.test ## … and what the tests need

run: setup ## Start the demonstration on http://localhost:8080 (Ctrl-C stops it)
	@exec $(BIN)/python -m server demo

test: checks unit browser ## Everything that must be green, in this order

# mypy takes as long as the others together, on one core.
checks: setup-test ## lint, types, contracts and scripts, two at a time
	@$(MAKE) --no-print-directory types-python & python=$$!; \
	$(MAKE) --no-print-directory lint types-js contracts scripts; others=$$?; \
	wait $$python && exit $$others

lint: setup-test ## Format and lint
	$(BIN)/ruff format --check
	$(BIN)/ruff check

format: setup-test ## Put the format right
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

types: types-python types-js ## Types: Python by mypy --strict, JavaScript (JSDoc) by tsc

types-python: setup-test
	$(BIN)/mypy

types-js:
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory $(NODE_MODULES) && set -x && tests/node_modules/.bin/tsc -p static; \
	else echo "JavaScript types: skipped, install Node.js 20 or newer (with npm) to check them."; fi

contracts: setup-test ## Import contracts: who may know whom
	$(BIN)/lint-imports --no-logo

scripts: ## Tests of the browser's modules, under Node.js
	@files=$$(find tests/js -name '*.test.*js' | sort); \
	if ! command -v node >/dev/null; then \
		echo "JavaScript tests: skipped, install Node.js 20 or newer to run them."; \
	elif [ -z "$$files" ]; then echo "JavaScript tests: none in tests/js."; \
	else set -x; node --import ./tests/tools/import_map.js --test $$files; fi

unit: setup-test ## Unit, property and integration tests, on SQLite and PostgreSQL
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser" $(ARGS)

browser: setup-test ## The story in real browsers
	$(BIN)/pytest -n 2 --dist loadgroup -m browser $(ARGS)

story: setup-test ## The stories only, again and again: make story TIMES=10
	PYTHONPATH=. $(BIN)/python tests/tools/story.py $(TIMES) $(ARGS)

hostile: setup-test ## The long attacks, about 20 minutes: see docs/testing.md
	CASEROUND_HOSTILE=long $(BIN)/pytest -s -p no:randomly $(HOSTILE) $(ARGS)

test-media: setup-test ## Attack the media plane's C; some minutes with CASEROUND_HOSTILE=long
	$(BIN)/pytest tests/sessions/media/test_native.py tests/sessions/media/test_dataplane_alike.py $(ARGS)

bench: setup-test ## Measure, as JSON lines
	@for file in tests/bench/bench_*.py; do PYTHONPATH=. $(BIN)/python "$$file" || exit; done

bench-media: setup-test ## Measure the media plane beside Janus: see docs/testing.md
	$(BIN)/python -m tests.bench.media $(ARGS)

bench-deid: setup-test ## Measure the identifier check, beside Presidio where it is installed
	PYTHONPATH=. $(BIN)/python tests/bench/bench_deid.py --presidio $(CORPORA)

docs: setup-test ## Write the reference pages in docs/ from the code
	PYTHONPATH=. $(BIN)/python tests/tools/reference_pages.py

migrate: setup ## Bring the database of CASEROUND_DATABASE_URL up to date
	$(BIN)/python -m server migrate

lock: setup ## Lock the dependencies again (UPGRADE=--upgrade takes newer ones)
	$(PIP) install --quiet uv==$(UV)
	printf 'pip\nsetuptools>=77\ncffi>=1.17\n' | $(COMPILE) --output-file requirements/build.txt -
	$(COMPILE) --output-file requirements/runtime.txt pyproject.toml
	$(COMPILE) --extra attachments --constraints requirements/runtime.txt \
		--output-file requirements/attachments.txt pyproject.toml
	$(COMPILE) --extra test --constraints requirements/runtime.txt \
		--output-file requirements/test.txt pyproject.toml

clean: ## Remove the environment and caches; the data in var/ stays
	rm -rf $(VENV) tests/node_modules build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp is newer than the locks it stands for, so a second start installs nothing.

$(VENV)/.runtime: requirements/build.txt requirements/runtime.txt pyproject.toml setup.py \
		sessions/media/dataplane/native_build.py $(wildcard sessions/media/dataplane/c/*.[ch])
	@$(writable)
	@$(usable) || { $(find-python); echo "Preparing the environment (once, about a minute) …"; \
		$(make-venv); }
	@{ $(INSTALL) -r requirements/build.txt && $(INSTALL) -r requirements/runtime.txt && \
		PYTHONWARNINGS=ignore $(PIP) install --quiet --no-build-isolation --no-deps --editable .; } || { $(no-packages); }
	@touch $@

$(VENV)/.test: $(VENV)/.runtime requirements/test.txt
	@$(writable)
	@echo "Installing what the tests need …"
	@$(INSTALL) -r requirements/test.txt || { $(no-packages); }
	@touch $@

$(NODE_MODULES): tests/package-lock.json
	@npm ci --prefix tests --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

say = echo "$(1)" >&2; exit 1

writable = [ -w . ] || { $(call say,This folder cannot be written to: put the clone where you own the folder and run make again.); }

usable = $(BIN)/python -m pip --version >/dev/null 2>&1

no-packages = $(call say,The packages could not be installed: see the message above - without a network nothing can be fetched - and run make again.)

# The first Python that runs and is new enough; a version manager's shim may exist and not run.
find-python = chosen=; for python in $(PYTHON) $(if $(PYTHON),,python3 python3.14 python3.13 python3.12 python3.11 python); do \
	"$$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
		{ chosen=$$python; break; }; done; \
	[ -n "$$chosen" ] || { found=$$($(or $(PYTHON),python3) --version 2>/dev/null || echo none); \
		$(call say,Caseround needs Python 3.11 or newer (found: $$found): install it or name one with make run PYTHON=/path/to/python3.); }

# Debian splits ensurepip off: its pip can still fill an environment made without one.
make-venv = rm -rf $(VENV); "$$chosen" -m venv $(VENV) >/dev/null 2>&1 || \
	{ "$$chosen" -m venv --clear --without-pip $(VENV) && \
	  "$$chosen" -m pip --python $(BIN)/python install --quiet --require-hashes -r requirements/build.txt; } || \
	{ rm -rf $(VENV); $(call say,Python cannot make an environment here: install its venv and pip modules (on Debian: apt install python3-venv) and run make again.); }
