# Everything here is a name for one or two commands; the work is in scripts/ and manage.py.
.DEFAULT_GOAL := help
.PHONY: help demo test up down lint generate bench model replay races

# The first of these that is new enough; another one: make PYTHON=/path/to/python3 …
PYTHON ?= $(firstword $(foreach name,python3 python3.11 python3.12 python3.13 python3.14,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))) python3)
VENV := .venv/bin/python
BOOTSTRAP = $(PYTHON) -m scripts.bootstrap

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Start the product with its demo shops, until Ctrl-C
	@$(BOOTSTRAP) demo
	@$(VENV) -m scripts.demo

up: ## The same in the background
	@$(BOOTSTRAP) demo
	@$(VENV) -m scripts.demo --background

down: ## Stop it
	@test ! -x $(VENV) || $(VENV) manage.py down

test: ## All checks and all tests; ARGS="…" goes to pytest
	@$(BOOTSTRAP) dev --browser
	@$(VENV) -m scripts.check $(ARGS)

lint: ## The checks alone
	@$(BOOTSTRAP) dev
	@$(VENV) -m scripts.check --lint

generate: ## Write the generated files anew
	@$(BOOTSTRAP) dev
	@$(VENV) scripts/generate.py
	@PATH="$(CURDIR)/.venv/bin:$$PATH" npm --prefix frontend run --silent generate
	@$(VENV) scripts/messages.py

bench: ## Measure, each figure beside its limit; ARGS="…" goes to the benchmark
	@$(BOOTSTRAP) dev
	@$(VENV) -m tests.bench $(ARGS)

model: ## Play 10 × 5,000 random operations against the model of the rules; ARGS="--seed 3 --steps 900"
	@$(BOOTSTRAP) dev
	@$(VENV) -m tests.model $(ARGS)

replay: ## Replay 69,659 orders with cancellations over HTTP against the model; ARGS="--limit 5000"
	@$(BOOTSTRAP) dev
	@$(VENV) -m tests.replay $(ARGS)

races: ## Race every contended operation, 20 rounds of each; ROUNDS=3 for fewer
	@$(BOOTSTRAP) dev
	@JIFEN_RACE_ROUNDS=$(or $(ROUNDS),20) $(VENV) -m pytest tests/races -q $(ARGS)
