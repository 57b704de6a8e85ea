# make site: the gallery from nothing. make test: every check there is. Both work on a fresh clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# about as long as all other tests together
FIRST_HALF := tests/browser tests/faults/test_kills.py tests/faults/test_machine.py

.PHONY: site test lint bench clean

site: $(VENV)/installed
	$(BIN)/python build.py

test: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.browser.install
	@echo "the tests in two halves at once; the first prints when it has ended"
	@mkdir -p artifacts; \
	$(BIN)/python -m pytest $(FIRST_HALF) > artifacts/first-half.txt 2>&1 & first=$$!; \
	$(BIN)/python -m pytest $(addprefix --ignore=,$(FIRST_HALF)); second=$$?; \
	wait $$first; first=$$?; cat artifacts/first-half.txt; \
	test $$first -eq 0 -a $$second -eq 0

bench: $(VENV)/installed-dev
	for bench in tests/benchmarks/bench_*.py; do $(BIN)/python $$bench || exit 1; done

clean:
	rm -rf results site artifacts

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than Python 3.11; name a newer one: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# pip 25.1 is the first to know dependency groups
$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@
