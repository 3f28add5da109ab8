# make demo · make demo-data · make check · make test · make stress · make bench-evaluator ·
# make bench-warehouse · make bench-dashboard · make clean
PYTHON ?= python3
PORT ?= 8501
unexport PYTHONDONTWRITEBYTECODE  # else pytest rewrites every test in each run
run = .venv/bin/python -m
of_the_warehouse = $(addprefix tests/test_,snapshots.py retention.py verification.py watch.py \
	loading.py queries.py *_queries.py warehouse_cli.py export.py ledger_copy.py review_copy.py \
	ingest_*.py several_answers.py repeated_*.py safety.py real_flags.py checks.py derivations.py)
embedded = baseline:random baseline:majority baseline:longest-choice toy:llama

demo: demo-data  ## make the demonstration data; serve the dashboard, and work on what it is asked
	@$(run) honcho start --port $(PORT)

demo-data: .venv/ready  ## ask the embedded models the embedded questions, and load their answers
	@for model in $(embedded); do $(run) evaluator run --model $$model --tasks sample --precision float32 || exit; done
	@$(run) ingest runs && $(run) ingest reported

check: .venv/test-ready  ## everything but the tests: seconds
	$(run) ruff format --check . && $(run) ruff check . && $(run) mypy .

test: check  ## what CI runs
	$(run) pytest

stress: .venv/test-ready  ## 40 minutes: all that dies midway, a busy day, the warehouse in a lake and on S3
	$(run) pytest -m slow --dist worksteal
	LEADERBOARD_TEST_WAREHOUSE=lake $(run) pytest $(of_the_warehouse)
	LEADERBOARD_TEST_WAREHOUSE=s3 $(run) pytest $(of_the_warehouse)

bench-evaluator: .venv/test-ready  ## how fast the evaluator is beside a peer; nothing else should run
	$(run) tests.benchmarks.evaluator && $(run) tests.benchmarks.growth
	$(run) tests.benchmarks.workers

bench-warehouse: .venv/test-ready  ## how the warehouse grows to 10,000 runs; hours, and 6 GB of disk
	$(run) tests.benchmarks.imports && $(run) tests.benchmarks.ranks && $(run) tests.benchmarks.warehouse
	$(run) tests.benchmarks.scale && $(run) tests.benchmarks.waits

bench-dashboard: .venv/test-ready .venv/gradio/ready  ## how long readers wait; half an hour
	$(run) tests.benchmarks.dashboard

.venv/gradio/ready: tests/benchmarks/requirements.txt .venv/ready
	$(PYTHON) -m venv .venv/gradio
	.venv/gradio/bin/python -m pip install --disable-pip-version-check -r $<
	@touch $@

.venv/ready: requirements.txt
	@PYTHON=$(PYTHON) .ci/make-venv requirements.txt && touch $@

.venv/test-ready: .venv/ready tests/requirements.txt
	@PYTHON=$(PYTHON) .ci/make-venv tests/requirements.txt && touch $@

clean:  ## remove what was made: packages and data
	rm -rf .venv data

.PHONY: demo demo-data check test stress bench-evaluator bench-warehouse bench-dashboard clean
