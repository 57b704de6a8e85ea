# make site: the gallery from nothing. make test: the checks of every change. make test-all: those that take long, too.
# All work on a fresh clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What is installed is compiled when it is first imported, and kept: where that is forbidden, each worker and each build
# that the tests start would compile scikit-learn and SciPy for itself, seven seconds each time.
unexport PYTHONDONTWRITEBYTECODE

# A process of tests a core, at most four: each has a browser of its own. Each begins with its share of the files, in
# order, and who has none left takes over half of another's rest.
TESTS := -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal

.PHONY: site test test-all lint format tests-quick tests-all bench clean

site: $(VENV)/installed
	$(BIN)/python build.py

# style and types beside the tests: nothing waits for mypy
test: $(VENV)/installed-dev
	$(BIN)/python -m tests.browser.install
	$(MAKE) --no-print-directory --jobs 2 lint tests-quick

test-all: $(VENV)/installed-dev
	$(BIN)/python -m tests.browser.install
	$(MAKE) --no-print-directory --jobs 2 lint tests-all

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deno fmt --check --quiet site_templates/static
	$(BIN)/deno lint --quiet site_templates/static
	$(BIN)/mypy
	$(BIN)/lint-imports

# what lint complains of and a program can mend
format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/deno fmt --quiet site_templates/static

tests-quick: $(VENV)/installed-dev
	$(BIN)/python $(TESTS) -m "not slow"

tests-all: $(VENV)/installed-dev
	KILL_EVERY=3 $(BIN)/python $(TESTS)

bench: $(VENV)/installed-dev
	for bench in tests/benchmarks/bench_*.py; do $(BIN)/python $$bench || exit 1; done

clean:
	rm -rf results site artifacts

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than Python 3.11; name a newer one: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# pip 25.1 is the first to know dependency groups; most of what it installs is never imported, so not compiled either
$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --no-compile --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --no-compile --group dev
	@touch $@
