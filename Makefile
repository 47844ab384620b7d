# Two commands matter: `make demo` and `make test`. Both create .venv from requirements.lock on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cksum < requirements.lock | cut -d' ' -f1)

.PHONY: demo test lint types imports unit market-check acceptance evaluate calibration long fault bench bench-growth ui lock clean help

help:
	@echo "make demo   score one generated session through Dagster and show the top events"
	@echo "make test   lint, types, import contracts and all tests"
	@echo "make market-check  hold the synthetic market against published statistics (DAYS=5)"
	@echo "make acceptance    score test packs over 20 seeds and say what passes (SEEDS=20)"
	@echo "make evaluate      hold scored validation and null packs against the goals (EVALUATE_SEEDS=3001..3048); seeds done are kept"
	@echo "make calibration   fit a calibration on calibration packs into .evaluate (CALIBRATE_SEEDS=1001..1016)"
	@echo "make long   acceptance, stress and long property tests"
	@echo "make fault  kill scoring runs at random moments, fill the disk, write twice at once (KILLS=30)"
	@echo "make bench  time a generated day, join and grouping beside other engines (PRINTS=1000000 QUOTES=12000000)"
	@echo "make bench-growth  how the time of a day grows with its prints"
	@echo "make ui     open the Dagster UI on the demo lake"
	@echo "make lock   resolve requirements.lock again (needs uv)"

$(STAMP): requirements.lock pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

install: $(STAMP)

# A cached kernel is not rebuilt when one that it calls in another file changes, so caches go when any source does.
KERNELS := $(VENV)/.kernels
$(KERNELS): $(STAMP) $(shell grep -rl --include='*.py' njit smartmoney_pipeline)
	find smartmoney_pipeline -name '*.nb[ic]' -delete
	touch $@

DEMO := $(CURDIR)/.demo
DEMO_SESSION := 2026-03-18
DEMO_SOURCE := demo-7
DEMO_ENV := DAGSTER_HOME=$(DEMO)/dagster SMARTMONEY_LAKE=$(DEMO)/lake DAGSTER_DISABLE_TELEMETRY=1

$(DEMO)/dagster/dagster.yaml: dagster.yaml
	mkdir -p $(DEMO)/dagster
	cp dagster.yaml $@

demo: $(STAMP) $(KERNELS) $(DEMO)/dagster/dagster.yaml
	$(DEMO_ENV) $(BIN)/python scripts/run_session.py $(DEMO_SESSION) $(DEMO_SOURCE)
	$(BIN)/smartmoney events $(DEMO)/lake --session $(DEMO_SESSION) --source $(DEMO_SOURCE) --top 5
	@echo "files:   .demo/lake/<table>/session=$(DEMO_SESSION)/source=$(DEMO_SOURCE)/"
	@echo "serve:   .venv/bin/smartmoney serve .demo/lake"
	@echo "lineage: make ui, then open http://127.0.0.1:3000/assets/published_manifest?view=lineage&lineageScope=upstream&lineageDepth=20"

test: lint types imports unit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy
	MYPYPATH=benchmarks $(BIN)/mypy benchmarks/*.py

imports: $(STAMP)
	$(BIN)/lint-imports --no-cache

WORKERS ?= 2
unit: $(STAMP) $(KERNELS)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

DAYS ?= 5
market-check: $(STAMP)
	$(BIN)/smartmoney market-check --days $(DAYS)

SEEDS ?= 20
acceptance: $(STAMP) $(KERNELS)
	$(BIN)/smartmoney acceptance --pack test --seeds $(SEEDS)

# Seeds from 1001 on are for calibration, from 3001 on for evaluation; no test and no other target draws from either range.
EVALUATE := $(CURDIR)/.evaluate
EVALUATE_SEEDS ?= 3001..3048
NULL_SEEDS ?= 3001..3005
EVALUATE_SESSION ?= 2026-03-18
LAST_REPORT = $(if $(wildcard $(EVALUATE)/report/sample.parquet),--against $(EVALUATE)/report)
evaluate: $(STAMP) $(KERNELS)
	$(BIN)/smartmoney evaluate --pack validation --seeds $(EVALUATE_SEEDS) --null-seeds $(NULL_SEEDS) \
		--session $(EVALUATE_SESSION) --processes 2 --keep $(EVALUATE)/seeds $(LAST_REPORT) --report $(EVALUATE)/report

CALIBRATE_SEEDS ?= 1001..1016
CALIBRATION ?= simulated-2
CALIBRATE_FORM ?= plain
calibration: $(STAMP) $(KERNELS)
	$(BIN)/smartmoney calibrate --pack calibration --seeds $(CALIBRATE_SEEDS) --session $(EVALUATE_SESSION) \
		--form $(CALIBRATE_FORM) --processes 2 --keep $(EVALUATE)/seeds --out $(EVALUATE)/$(CALIBRATION).json

KILLS ?= 30
fault: $(STAMP) $(KERNELS)
	SMARTMONEY_KILLS=$(KILLS) $(BIN)/pytest -s -m "long or not long" tests/faults

long: $(STAMP) $(KERNELS)
	$(BIN)/pytest -m "acceptance or long" tests

PRINTS ?= 1000000
QUOTES ?= 12000000
bench: $(STAMP) $(KERNELS)
	$(BIN)/python benchmarks/day.py --prints $(PRINTS) --quotes $(QUOTES)
	$(BIN)/python benchmarks/compare.py --prints $(PRINTS) --quotes $(QUOTES)

bench-growth: $(STAMP) $(KERNELS)
	$(BIN)/python benchmarks/growth.py

ui: $(STAMP) $(DEMO)/dagster/dagster.yaml
	$(DEMO_ENV) $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .demo .evaluate build dist
