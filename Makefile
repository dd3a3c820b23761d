# Everything sets itself up: `make demo` and `make test` need only Python ≥ 3.11, make and a package registry.
.DEFAULT_GOAL := help
BIN := .venv/bin
RUN := $(BIN)/python -m

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/ready: pyproject.toml requirements.lock scripts/bootstrap
	@scripts/bootstrap
install: .venv/ready ## the environment, from the lock

demo: .venv/ready ## the golden hour on a sandbox province (HEADLESS=1: print the result and end)
	@$(BIN)/lachan demo $(if $(HEADLESS),--headless)

test: .venv/ready style ## everything CI runs
	@scripts/test-services
	@$(RUN) pytest -n $$((2 * $$(nproc))) --maxprocesses 8 --dist worksteal --durations 20 -m "not soak"

style: .venv/ready ## ruff, mypy --strict, import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >/tmp/lint-imports.$$$$ 2>&1 || { cat /tmp/lint-imports.$$$$; exit 1; }

soak: .venv/ready ## the long stories: full ledgers, a hundred kills
	@$(RUN) pytest -m soak

bench: .venv/ready ## every figure the project quotes
	@for file in benchmarks/[!_i]*.py; do PYTHONPATH=. $(BIN)/python $$file || exit 1; done

lock: .venv/ready ## refresh requirements.lock from pyproject.toml
	@scripts/lock

.PHONY: help install demo test style soak bench lock
