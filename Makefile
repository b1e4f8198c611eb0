# `make up` starts Flowdock, `make test` passes every test. Both set up whatever is missing, and are instant the second time.
# Options: PYTHON=python3.12 (which Python to use), ARGS='--port 4000' (more words for `flowdock up` or pytest).

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
SOURCES := pyproject.toml tools/bootstrap requirements/build.txt
UV := $(shell command -v uv || echo $(BIN)/uv)
LOCK := $(UV) pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-strip-extras --custom-compile-command 'make lock' $(UPGRADE)

SITE := src/flowdock/server/http/help/site/index.html
SITE_SOURCES := mkdocs.yml CHANGELOG.md benchmarks/README.md $(shell find docs examples deploy tools/site -type f ! -name '*.pyc') \
	$(shell find src/flowdock -name '*.py' ! -path 'src/flowdock/cli/*' ! -path 'src/flowdock/server/*' ! -path '*/_async/*')

.PHONY: help up docs dist test lint types bench lock sync clean

help:
	@echo 'make up      start Flowdock on this machine and print how to talk to it'
	@echo 'make test    run every check and every test'
	@echo 'make docs    build the documentation, which the server shows at /help'
	@echo 'make dist    build the package, with the documentation in it, into dist/'
	@echo 'make lint    style and import contracts      make types   mypy'
	@echo 'make sync    write client/_sync anew         make bench   run the benchmarks'
	@echo 'make lock    pin all requirements anew (UPGRADE=--upgrade for newer versions; needs uv)'
	@echo 'make clean   remove what these commands made, but not the data in .flowdock'

up: .venv/run.stamp
	@$(MAKE) --no-print-directory docs || echo 'the documentation could not be built, see above; /help has the one before, if any, and "make docs" tries again' >&2
	@$(BIN)/flowdock up --data .flowdock $(ARGS)

docs: $(SITE)

$(SITE): $(SITE_SOURCES) .venv/docs.stamp
	@echo 'building the documentation'
	@$(BIN)/python tools/site/build.py

dist: $(SITE)
	$(BIN)/python -m hatchling build

test: .venv/dev.stamp lint types
	@tools/contract-clients
	@tools/services
	$(BIN)/pytest -n 2 --dist loadfile --cov --cov-report=term $(ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/unasync.py --check

types: .venv/dev.stamp
	$(BIN)/mypy

bench: .venv/dev.stamp
	@set -e; for program in benchmarks/bench_*.py; do echo "== $$program"; $(BIN)/python -m "benchmarks.$$(basename "$$program" .py)" $(ARGS); done

sync: .venv/dev.stamp
	@$(BIN)/python tools/unasync.py

lock:
	@command -v $(UV) >/dev/null || { echo 'uv is not installed; install it with: pip install uv' >&2; exit 1; }
	$(LOCK) pyproject.toml --extra all --group dev -o requirements/dev.txt
	$(LOCK) pyproject.toml --extra bot --extra cli --extra server -c requirements/dev.txt -o requirements/run.txt
	$(LOCK) --group docs -c requirements/dev.txt -o requirements/docs.txt
	$(LOCK) pyproject.toml --extra all -c requirements/dev.txt -o requirements/all.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	$(LOCK) --group contract-wrapper-1-0 -o requirements/contract-wrapper-1.0.txt
	$(LOCK) --group contract-wrapper-1-1 -o requirements/contract-wrapper-1.1.txt

clean:
	rm -rf $(dir $(SITE)) .venv .contract .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run.stamp: requirements/run.txt $(SOURCES)
	@PYTHON='$(PYTHON)' tools/bootstrap run

.venv/dev.stamp: requirements/dev.txt $(SOURCES)
	@PYTHON='$(PYTHON)' tools/bootstrap dev

# Of its own: who develops has all of this already, who only runs Flowdock may do without.
.venv/docs.stamp: requirements/docs.txt .venv/run.stamp
	@PYTHON='$(PYTHON)' tools/bootstrap docs
