# The everyday commands. `make` alone lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help plan check watch ids status log verify audit demo test test-quick lint bench redlines fuzz conformance systems golden papers \
  install setup lock clean
MAKEFLAGS += --no-print-directory
# This checkout's own code, wherever .venv came from.
export PYTHONPATH := $(CURDIR)/pipeline

PYTHON := .venv/bin/python
PLAN := $(PYTHON) -m signed_plan.cli

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

plan: .venv/ready ## Install what is missing, then make the Word file and the PDF of every version
	@$(PLAN) build

check: .venv/ready ## Find mistakes and possible slips in the sources
	@$(PLAN) check

watch: .venv/ready ## Make a draft PDF at every save, until Ctrl-C
	@$(PLAN) watch

ids: .venv/ready ## Write an id into every entry that has none
	@$(PLAN) ids

status: .venv/ready ## Show how far each version is, and who signs next
	@$(PLAN) status

log: .venv/ready ## Show the register as a timeline
	@$(PLAN) log

verify: .venv/ready ## Prove that nothing has changed since the last build
	@$(PLAN) verify

audit: .venv/ready ## Show what changed and who signed which line, and pack the evidence (after make demo: of the demo)
	@folder=.; issued='"event":"issued"'; \
	if ! grep -qs "$$issued" output/register.jsonl && [ -f demo/output/register.jsonl ]; then folder=demo; fi; \
	$(PLAN) compare -C $$folder && $(PLAN) trace -C $$folder && \
	if grep -qs "$$issued" $$folder/output/register.jsonl; then $(PLAN) evidence -C $$folder; fi

demo: .venv/ready ## Play the whole story, from keys to proof, with specimens in demo/
	@$(PYTHON) -m tools.demo

test: lint ## Install what is missing, then run every test
	@$(PYTHON) -m pytest -n 2 --dist loadfile

test-quick: lint ## Run the quick tests of every room, before every commit
	@$(PYTHON) -m pytest -n 2 --dist loadfile -m "quick or not slow"

lint: .venv/ready-test ## Check style and types
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check -q
	@$(PYTHON) -m mypy

golden: .venv/ready-test ## Accept the present output as the expected one (look at it first)
	@$(PYTHON) -m pytest tests/document/test_golden.py tests/report/test_report.py tests/test_previews.py \
	  --update-golden

papers: .venv/ready-test ## Write again what the papers quote from the program
	@$(PYTHON) -m tools.papers

conformance: .venv/ready-test ## Have veraPDF, EU DSS, openssl and poppler check, and other programs sign
	@tools/set-up conformance
	@$(PLAN) build
	@tests/conformance/run output/*/*.pdf
	@tests/conformance/own_look
	@tests/conformance/claims output/2017-11/action-plan-2017-11.pdf
	@tests/conformance/story
	@tests/conformance/others

SYSTEMS := bookworm trixie
systems: ## Try all of it in fresh root file systems of Debian 12 and 13, as root
	@tools/set-up systems
	@tools/systems $(SYSTEMS)

bench: .venv/ready-test ## Measure speed, as ratios of interleaved runs
	@tools/set-up bench
	@$(PYTHON) -m tools.bench

redlines: .venv/ready-test ## Measure how exact redlines are, beside those of other programs
	@$(PYTHON) -m tools.bench.redlines

MINUTES := 10
fuzz: .venv/ready-test ## Damage every kind of file that comes from outside, MINUTES each
	@$(PYTHON) -m tools.fuzz --minutes $(MINUTES)

install: .venv/ready ## Install the command `plan`, so that you can type it anywhere
	@tools/set-up install

setup: ## Check again that everything needed is installed
	@tools/set-up plan
	@touch .venv/ready

lock: .venv/ready-test ## Bring the two lock files up to date
	@for one in "install requirements.lock" "dev requirements-dev.lock"; do \
	  set -- $$one; $(PYTHON) -m uv pip compile -q --universal --generate-hashes --upgrade \
	    --no-emit-index-url --no-header --group $$1 pyproject.toml -o $$2; done

clean: ## Remove what the set-up made, but never the output or the register
	@rm -rf .venv .peers .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/actual tests/conformance/target \
	  tests/conformance/signers/target tests/conformance/stories

.venv/ready: requirements.lock pyproject.toml tools/set-up
	@tools/set-up plan
	@touch $@

.venv/ready-test: requirements-dev.lock pyproject.toml tools/set-up
	@tools/set-up test
	@touch $@ .venv/ready
