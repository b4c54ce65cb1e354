# Each target sets up all it needs in .venv first, on any machine with make and Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
READY := $(VENV)/.ready
PEERS := $(VENV)/.peers

.PHONY: help report test bench derivations opdb traced recognised lint clean

help:
	@echo "make report   check every formula and claim, write reports/published/"
	@echo "make test     run the tests and the documentation's examples"
	@echo "make bench    run the benchmarks beside other checkers, write reports/published/benchmarks.md"
	@echo "make derivations  derive every formula by each of its variables, every step and product verified"
	@echo "make opdb     check PyTorch's operator database, write reports/published/opdb.md"
	@echo "make traced   trace PyTorch's operator database to formulas, write reports/published/traced.md"
	@echo "make recognised  trace and recognise every formula's torch function, write reports/published/recognised.md"
	@echo "make lint     check style and types"
	@echo "make clean    remove the environment and the caches"

report: $(READY)
	$(RUN) gradcheck report

test: $(READY)
	OMP_NUM_THREADS=1 $(RUN) pytest -n auto --dist loadgroup

bench: $(PEERS)
	$(RUN) pytest tests/benchmarks
	$(RUN) tests.benchmarks.peers

derivations: $(READY)
	$(RUN) pytest -m derivations tests/formulas tests/symbolic/test_pullback.py

opdb: $(READY)
	$(RUN) tests.opdb --torch
	$(RUN) tests.opdb --results .benchmarks/opdb_planted.jsonl --per-operator 8 --plants
	$(RUN) tests.opdb.table
	$(RUN) pytest -m opdb tests/opdb

traced: $(READY)
	$(RUN) tests.traced --per-operator 3
	$(RUN) tests.traced.table
	$(RUN) pytest -m opdb tests/traced

recognised: $(READY)
	$(RUN) tests.symbolic.recognition.table
	$(RUN) pytest -m recognised tests/symbolic/recognition

lint: $(READY)
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gradcheck needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install -c constraints.txt "$$(grep '^torch==' constraints.txt)"
	$(RUN) pip install -c constraints.txt -e '.[dev]'
	@touch $@

$(PEERS): $(READY)
	$(RUN) pip install -c constraints.txt -e '.[dev,bench]'
	@touch $@
