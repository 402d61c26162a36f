# Needs Python 3.11 or newer and make; everything else goes into .venv, checked against the hashes in requirements/.
.DEFAULT_GOAL := help
SHELL := /bin/sh
TIERLINE := .venv/bin/tierline

# The first Python that is new enough and can make a virtual environment.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

# A .venv that was moved, or whose Python is gone, is not up to date whatever its stamps say.
ifneq ($(shell .venv/bin/python -c 'print(open(".venv/.place").read())' 2>/dev/null),$(CURDIR))
$(shell rm -f .venv/.uv .venv/.local .venv/.dev .venv/.quix)
endif

define install
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (Debian, Ubuntu: apt install python3-venv)."; \
		echo "需要 Python 3.11 以上并带有 venv(Debian/Ubuntu:apt install python3-venv)。"; exit 1; }
	@echo "Installing $(1) into .venv …" >&2
	@"$(PYTHON)" requirements/install.py $(2)
	@touch $@
endef

COMPILE = .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
	--universal --python-version 3.11 $(ARGS)

.PHONY: help demo up test check format bench lock clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

demo: .venv/.local ## run the whole system here, without Docker, on real orders (ARGS=--json …)
	@$(TIERLINE) demo $(ARGS)

up: .venv/.local ## run the local stack until Ctrl-C
	@$(TIERLINE) up $(ARGS)

test: .venv/.dev ## all tests but the slow ones and the fault tests (ARGS="-k name" …)
	@.venv/bin/python -m pytest -m "not faults and not slow" -n 3 --dist loadfile $(ARGS)

check: .venv/.dev ## style, types, import rules, contracts
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/python -m shared.contracts check

format: .venv/.dev ## put the code into shape
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: .venv/.dev .venv/.quix ## compare with the obvious FastStream program and with Quix Streams
	@.venv/bin/python -m bench $(ARGS)

lock: .venv/.uv ## resolve the locks anew (ARGS=--upgrade for the newest versions)
	@$(COMPILE) requirements/uv.in -o requirements/uv.txt
	@$(COMPILE) pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) pyproject.toml --extra local -c requirements/runtime.txt -o requirements/local.txt
	@$(COMPILE) pyproject.toml --extra local --group dev -c requirements/local.txt -o requirements/dev.txt
	@$(COMPILE) requirements/bench.in -o requirements/bench.txt

clean: ## remove what can be made again; data in .tierline stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.uv: requirements/uv.txt requirements/install.py
	$(call install,uv,)

.venv/.local: requirements/local.txt requirements/uv.txt requirements/install.py pyproject.toml
	$(call install,the local stack,--lock local --project)

.venv/.dev: requirements/dev.txt requirements/uv.txt requirements/install.py pyproject.toml
	$(call install,the local stack and the tools of development,--lock dev --project)

.venv/.quix: requirements/bench.txt requirements/uv.txt requirements/install.py
	$(call install,Quix Streams,--lock bench --into .venv/quix)
