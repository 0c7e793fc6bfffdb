# `make run` and `make test` do all of their own set-up; the rest is for people who work on it.
PYTHON ?= python3
BIN := .venv/bin
LOCK := --quiet --upgrade --generate-hashes --universal --python-version 3.11 --no-emit-index-url
.NOTPARALLEL:
.PHONY: run setup dev packages islands test test-fast test-faults lint bench lock clean

run: setup  ## serve the product at http://127.0.0.1:8000
	@exec $(BIN)/mingjing run --data "$${MINGJING_DATA:-.data}" --port "$${MINGJING_PORT:-8000}"

setup:  ## what running needs
	@$(PYTHON) deploy/environment.py run

dev:  ## what working on it needs
	@$(PYTHON) deploy/environment.py dev

packages: dev  ## Debian's packages that some tests need
	@$(BIN)/python -m tests.setup_packages

islands: dev  ## build the browser islands again
	@$(BIN)/python -m service.web.islands_build --force

lint: dev  ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# What failed beside other tests is tried once more alone: a busy machine is no fault of the product, a fault fails twice.
test: packages lint  ## everything
	$(BIN)/python -m pytest -n 2 --dist loadgroup || $(BIN)/python -m pytest --last-failed --last-failed-no-failures none

test-fast: dev  ## what needs no server and no browser
	$(BIN)/python -m pytest -n 2 -m "not browser and not postgresql and not broker and not slow"

test-faults: packages  ## what is killed, stopped, restarted, lost or doubled; part of `make test`
	$(BIN)/python -m pytest -n 2 tests/faults

bench: dev  ## what it costs: every quick bench, kept in bench/results and told in docs/performance.md
	@$(BIN)/mingjing bench --save --format json
	@$(BIN)/python -m bench.report

lock: dev  ## pin requirements/*.in anew
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile $(LOCK) requirements/run.in -o requirements/run.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile $(LOCK) -c requirements/run.txt requirements/objects.in -o requirements/objects.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile $(LOCK) -c requirements/run.txt -c requirements/objects.txt requirements/dev.in -o requirements/dev.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile $(LOCK) requirements/bench.in -o requirements/bench.txt

clean:  ## everything that can be made again; what .data holds stays
	rm -rf .venv .bench .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf service/web/static/islands service/web/islands/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
