.PHONY: setup types check format test test-slow demo build clean
# Everything lives in one virtual environment, made on first use. Choose another Python with
# make PYTHON=python3.12 …, another place with make VENV=/some/where …
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

setup: $(READY) types

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --quiet --editable . --group dev
	touch $(READY)

# mypy and pyright cannot follow the import hook of an editable install: these links show
# them the five folders under the names that they have when installed.
types:
	mkdir -p build/typed/memctl
	for layer in cli ingest index memory query; do ln -sfn ../../../$$layer build/typed/memctl/$$layer; done

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup
	$(BIN)/python -m pytest -n auto -m "not slow" --cov --cov-report=term:skip-covered

test-slow: setup
	$(BIN)/python -m pytest -m slow

build: setup
	rm -rf dist
	$(BIN)/python -m build

demo: setup
	BIN=$(BIN) bash sample_corpus/demo.sh

clean:
	rm -rf build dist $(VENV) *.egg-info
