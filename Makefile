# make demo · make test · make test-all · make docs · make lock · make specimens · make clean
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= ddextract-out

DOCS ?= docs/_build

.PHONY: demo test test-all lint types docs screenshot lock specimens benchmark clean

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/run.stamp
	$(BIN)/ddextract demo --out $(OUT)

test: $(VENV)/dev.stamp lint types
	$(BIN)/python -m pytest

test-all: $(VENV)/dev.stamp lint types
	$(BIN)/python -m pytest -m "slow or not slow"

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/dev.stamp
	$(BIN)/mypy

# Warnings are errors. Opens from disk: docs/_build/index.html
docs: $(VENV)/dev.stamp
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs $(DOCS)

# The picture in the README, anew, of the four specimens; needs Chromium.
screenshot: $(VENV)/dev.stamp
	$(BIN)/python docs/screenshot.py

specimens: $(VENV)/dev.stamp
	$(BIN)/python corpus/specimen/render.py

benchmark: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/main_job.py

# Pins for all platforms, with hashes and without addresses; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) $(OUT) $(DOCS) .mypy_cache .ruff_cache .pytest_cache
