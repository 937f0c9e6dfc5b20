# Two commands do all the set-up: `make demo` and `make test`. The rest is for development.
PYTHON ?= python3
BIN = .venv/bin
PORT ?= 8000

# Some machines forbid Python to keep what it compiled; the tests start it hundreds of times.
export PYTHONDONTWRITEBYTECODE =

# What the web app is built from; the package's own build hook builds it.
UI = $(shell find ui -type f -not -path '*/node_modules/*') scripts/web_app.py hatch_build.py

.DEFAULT_GOAL := help
.PHONY: help demo serve test check format bench pin clean chromium

help:            ## List the targets
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/.demo        ## Train 24 small models on real data, then show the runs on http://127.0.0.1:8000
	$(BIN)/modellab demo --port $(PORT)

serve: .venv/.demo       ## Show the runs of this folder
	$(BIN)/modellab serve --port $(PORT)

test: check chromium     ## Lint, types, import contracts, tests
	$(BIN)/python -m pytest -n 4 --dist worksteal

check: .venv/.dev        ## Lint, types and import contracts alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/web_app.py run --silent check

format: .venv/.dev       ## Let ruff and biome put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python scripts/web_app.py run --silent format

bench: .venv/.dev        ## Measure speed against floors, in one table (about 10 minutes)
	$(BIN)/python -m benchmarks

pin: .venv/.dev          ## Write requirements/*.txt anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra server --extra examples --extra templates --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements/demo.txt
	uv pip compile pyproject.toml --extra all --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements/dev.txt

chromium:        # the browser of the tests: Debian's
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }

clean:           ## Remove what was built and measured; runs stay
	rm -rf .venv ui/node_modules src/modellab/server/static dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/.made:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "ModelLab needs Python 3.11 or newer"'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.demo: .venv/.made requirements/demo.txt pyproject.toml $(UI)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/demo.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

.venv/.dev: .venv/.made requirements/dev.txt pyproject.toml $(UI)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python scripts/web_app.py ci --loglevel=error
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@
