# `make help` lists the targets. Everything lives in .venv and data/; nothing is installed elsewhere.
PYTHON ?= python3
YEAR ?= 2019
UV_VERSION := 0.13.9
SPARK_VERSION := 4.0.5
BIN := .venv/bin
RUN := $(BIN)/daijiao
STAMP := .venv/ready
SPARK := data/spark/$(SPARK_VERSION)
# The files with what `make test` leaves to `make test-whole` (tests/deep.py).
WHOLE := $(shell grep -rlE 'only_whole|IS_WHOLE|in .make test-whole' tests --include='test_*.py')
# Tests write and throw away databases by the hundred: in memory, where there is room for them, none waits for the disk.
IN_MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR > 1 && $$4 > 4000000 {print "/dev/shm"}')

export DAGSTER_HOME ?= $(CURDIR)/data/dagster
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test quick-tests test-whole test-deep test-desktop test-spark pictures lint ui notebook bench bench-short bench-large bench-tenfold bench-ways bench-parts licences setup clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(STAMP)  ## Make the environment in .venv

$(STAMP): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 以上(Python 3.11 or newer is needed), $(PYTHON) 版本太低(is older): make PYTHON=python3.12 run" >&2; exit 1; }
	@echo "正在建立运行环境(Making the environment): .venv" >&2
	@$(PYTHON) -m venv .venv || \
		{ echo "python3 缺少 venv(Its venv package is missing). Debian, Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv sync --frozen --quiet --all-extras --compile-bytecode --python $(BIN)/python
	@$(BIN)/uv pip uninstall --quiet --python $(BIN)/python pip setuptools
	@echo 'DAGSTER_HOME=$(CURDIR)/data/dagster' > .env
	@mkdir -p -m 700 data/dagster && cp dagster.yaml data/dagster/
	@touch $(STAMP)

run: $(STAMP)  ## Write a synthetic district of YEAR where no file lies yet, refresh it, print the tables, write the reports
	@if [ -z "$$(ls -A data/raw/$(YEAR) 2>/dev/null)" ]; then $(RUN) sample --year $(YEAR); fi
	@$(RUN) refresh --year $(YEAR)
	@$(RUN) report --year $(YEAR)
	@echo
	@echo "下一步(Next):"
	@echo "  看报告(read)         data/reports/$(YEAR)/"
	@echo "  看板(dashboard)      make notebook"
	@echo "  流程图(Dagster)      make ui"
	@echo "  其他命令(commands)   $(RUN) --help"

test: $(STAMP)  ## Check style and types, load the definitions, pass the tests (those of a desktop apart)
	@$(MAKE) --no-print-directory --jobs 2 lint quick-tests

quick-tests: $(STAMP)  ## Pass the tests alone (those of a desktop apart)
	@TMPDIR=$${TMPDIR:-$(IN_MEMORY)} $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not desktop"

test-whole: $(STAMP)  ## Tests that take minutes: the whole district, a refresh for Spark, canaries, faults that are put in, the guide
	@DAIJIAO_WHOLE=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not desktop" $(WHOLE)

test-deep: $(STAMP)  ## Every test, with thousands of random worlds, hundreds of kills and a running schedule
	@DAIJIAO_WORLDS=2000 DAIJIAO_KILLS=200 DAIJIAO_DEEP=1 $(BIN)/python -m pytest -q -s

test-desktop: $(STAMP)  ## Browser and office tests; fails where Chromium or LibreOffice is missing
	@DAIJIAO_DESKTOP=required $(BIN)/python -m pytest -q -m desktop

test-spark: $(STAMP) $(SPARK)/ready  ## Both engines build the same, on Apache Spark with two workers (Java 17; DAIJIAO_SPARK_WORLDS, DAIJIAO_SPARK_PERSONS)
	@java -version >/dev/null 2>&1 || { echo "Spark needs Java 17, and there is none. Install it (Debian, Ubuntu: apt install openjdk-17-jre-headless)." >&2; exit 1; }
	@DAIJIAO_SPARK_HOME=$$(echo $(CURDIR)/$(SPARK)/lib/python3*/site-packages/pyspark) $(BIN)/python -m pytest -q -n 0 -s tests/spark

$(SPARK)/ready: | $(STAMP)
	@echo "Installing Apache Spark $(SPARK_VERSION) in $(SPARK) (400 MB)" >&2
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(SPARK)
	@$(BIN)/uv pip install --quiet --python $(SPARK)/bin/python pyspark==$(SPARK_VERSION)
	@touch $@

pictures: $(STAMP)  ## Make the pictures in docs anew, in Chromium (Debian, Ubuntu: apt install chromium)
	@DAIJIAO_DESKTOP=required DAIJIAO_SCREENSHOTS=$(CURDIR)/docs $(BIN)/python -m pytest -q -m desktop tests/pipeline/test_ui.py tests/analysts

lint: $(STAMP)  ## Style, types, Dagster definitions
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@$(BIN)/pyrefly check --summary=none --output-format min-text
	@$(BIN)/dagster definitions validate --log-level error 2>/dev/null || $(BIN)/dagster definitions validate

ui: $(STAMP)  ## Start the Dagster UI on 127.0.0.1:3000 behind a token, with schedule and sensors
	@$(RUN) ui

notebook: $(STAMP)  ## Open the dashboard on the published tables, behind a token
	@$(RUN) notebook

bench: $(STAMP)  ## Print what a refresh of 103,600 persons costs beside a bare script, pandas and the imports, as ratios
	@$(BIN)/python benchmarks/bench.py

bench-short: $(STAMP)  ## Two of these ratios for a few persons; fails at twice what was recorded
	@$(BIN)/python benchmarks/bench.py --short

bench-large: $(STAMP)  ## The same of 654,430 persons (an hour, 10 GB of disk)
	@$(BIN)/python benchmarks/bench.py --persons 654430

bench-tenfold: $(STAMP)  ## Time and memory of 65 thousand and of 650 thousand persons in text files
	@$(BIN)/python benchmarks/tenfold.py

bench-ways: $(STAMP)  ## The same tables by other tools, each in an environment of its own
	@$(BIN)/python benchmarks/ways.py

bench-parts: $(STAMP)  ## Measure suggestions, workbooks and reading alone
	@$(BIN)/python benchmarks/suggestions.py
	@$(BIN)/python benchmarks/workbooks.py
	@$(BIN)/python benchmarks/landing.py

licences: $(STAMP)  ## Write docs/licences.md anew: what stands under which licence
	@$(BIN)/python docs/make_licences.py

clean:  ## Remove the environment and caches; data stays
	@rm -rf .venv .env .pytest_cache .ruff_cache .hypothesis
