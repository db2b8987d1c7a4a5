# Everything a fresh machine needs: `make demo` and `make test` set themselves up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# mitmproxy pins packages that the chat's servers need newer: it has an environment of its own.
PROXY_VENV := .venv-proxy
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test lint catalogues unit uncompiled bench labs conditions docs setup clean
.DEFAULT_GOAL := help

help:  ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.ready  ## Create .venv and install what is missing

$(VENV)/.ready: pyproject.toml setup.py debian-packages.txt $(shell grep -rlx "import cython" inspector --include=*.py)
	@sh tools/debian-packages.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

$(PROXY_VENV)/.ready: $(VENV)/.ready
	@test -x $(PROXY_VENV)/bin/python || $(BIN)/python -m venv $(PROXY_VENV)
	@$(PROXY_VENV)/bin/python -m pip install --quiet --editable '.[proxy]'
	@touch $@

demo: setup $(PROXY_VENV)/.ready  ## A chat, its recording, a fault, the verdict: about twenty seconds
	@INSPECTOR_PROXY_PYTHON=$(CURDIR)/$(PROXY_VENV)/bin/python $(BIN)/inspector demo

# The proxy's environment is made while the checks of the style run: one waits for a network, the other for a processor.
test: setup  ## Everything CI runs
	@$(MAKE) --no-print-directory -j2 lint $(PROXY_VENV)/.ready
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory uncompiled

catalogues: setup  ## Collect texts for translation and compile what is translated
	@$(BIN)/python -m tools.catalogue update
	@$(BIN)/python -m tools.catalogue compile

# --quiet would keep mkdocs from counting warnings: --strict would let them pass.
lint: setup  ## Style, types, import contract, translations, links of the manual
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.catalogue check
	@$(BIN)/mkdocs build --strict

# What tshark answers does not depend on our kernels: the uncompiled run takes the answers of the one before.
unit uncompiled: export INSPECTOR_TSHARK_ANSWERS := $(CURDIR)/build/tshark

# Three at once on two cores: tests with real servers wait more than they work. Neighbours stay together (worksteal), so
# that what a module or a folder starts for its tests is not started by each of the three.
unit: setup $(PROXY_VENV)/.ready  ## Tests with the compiled kernels
	@rm -rf $(INSPECTOR_TSHARK_ANSWERS)
	@INSPECTOR_PROXY_PYTHON=$(CURDIR)/$(PROXY_VENV)/bin/python $(BIN)/pytest -n 3 --dist worksteal

uncompiled: setup  ## Core tests with the kernels as plain Python
	@INSPECTOR_UNCOMPILED=1 $(BIN)/pytest -n 2 --dist worksteal -m "not slow" tests/recording tests/analysis

bench: setup $(PROXY_VENV)/.ready  ## Large captures, side by side with other tools (minutes)
	@$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@$(BIN)/python -m tools.bench
	@INSPECTOR_PROXY_PYTHON=$(CURDIR)/$(PROXY_VENV)/bin/python $(BIN)/python -m tools.bench.proxy
	@$(BIN)/python -m tools.bench.report

labs: setup  ## Every lab on every server, three times, checked on the wire (half an hour)
	@INSPECTOR_LABS=3 $(BIN)/pytest tests/chat/labs

score: setup  ## Labs with fresh seeds, diagnosed and compared with their truth (about 20 minutes): MIXES=200 SEED=…
	@$(BIN)/python -m tools.score --mixes $(or $(MIXES),200) $(if $(SEED),--first-seed $(SEED)) --write
	@$(BIN)/python -m tools.link_score

conditions: setup  ## Remove each condition of each rule, one at a time: a case must notice (about ten minutes)
	@$(BIN)/python -m tools.rule_conditions

docs: setup  ## The manual as a site in build/site, its examples checked
	@$(BIN)/python -m tools.command_pages
	@$(BIN)/python -m tools.rule_pages
	@$(BIN)/python -m tools.sample_pages
	@$(BIN)/mkdocs build --strict
	@$(BIN)/pytest -q tests/test_docs.py

clean:  ## Remove what make created
	rm -rf $(VENV) $(PROXY_VENV) build *.egg-info
	find inspector -name "*.c" -delete -o -name "*.so" -delete
