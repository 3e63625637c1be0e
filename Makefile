# The commands of this project. `make run` and `make test` need nothing but python3, make and git.

PYTHON ?= python3
BIN := .venv/bin
# pip, because it knows how this machine reaches packages (proxy, mirror, certificates).
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps
# Compiled here, on all cores, because some machines let no program write bytecode by itself.
COMPILE := $(BIN)/python -m compileall -q -j 0 -x '/(var|tests|bench)/' .venv/lib . >/dev/null
LOCK := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --upgrade \
	--generate-hashes --no-emit-index-url --no-emit-find-links --only-binary :all: \
	--custom-compile-command "make lock"
TESTS ?=
# One more than a small machine has cores: many tests wait for processes and browsers.
WORKERS ?= 3
BENCH ?=

.PHONY: run test check quick hooks bench faults drawing lock clean

run: .venv/runtime.stamp
	@CENTRALA_DEMO=$${CENTRALA_DEMO:-1} exec $(BIN)/centrala run

test: .venv/dev.stamp
	@$(MAKE) --no-print-directory check

check:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy & types=$$!; $(BIN)/pytest -n $(WORKERS) --dist worksteal $(TESTS) && wait $$types

# What was changed, in seconds. Types are checked beside the tests.
quick: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy & types=$$!; $(BIN)/python -m tests.quick | xargs $(BIN)/pytest -q -n 2 --dist worksteal && wait $$types

# git asks .githooks/pre-commit before each commit.
hooks:
	git config core.hooksPath .githooks

bench: .venv/dev.stamp
	@$(BIN)/python -m bench $(BENCH)

# docs/rooms.md, from the imports.
drawing: .venv/dev.stamp
	$(BIN)/python -m tests.architecture

# The long form; `make check` has the short one. One after the other: each has a whole stack.
faults: .venv/dev.stamp
	FAULTS_REPORT=1 $(BIN)/pytest -n 0 -m faults tests/faults

lock: .venv/dev.stamp
	$(LOCK) --output-file requirements.lock --extra demo --group build pyproject.toml
	$(LOCK) --output-file requirements-dev.lock --constraint requirements.lock \
		--extra demo --group build --group dev pyproject.toml

clean:
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info

.venv/runtime.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Centrala needs Python 3.11 or newer.")'
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-build-isolation --config-settings editable_mode=compat -e .
	@$(COMPILE) || true
	@touch $@

.venv/dev.stamp: .venv/runtime.stamp requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(COMPILE) || true
	@touch $@
