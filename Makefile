# make statements   the annual accounts, from the vouchers in ledger/
# make reports      them in every format, into build/
# make test         all checks
# make quick        what to run at every save: style, types, and the tests that are quick
# make check        the books alone: every rule, every statement proven
# make import-demo  a year, a bank statement and an invoice come into new books
# make fava         the books in the browser
#
# The first of them sets up .venv, with the exact versions of requirements.lock.

LEDGER   := ledger/main.bean
YEAR     := 2024
PRINTED  := ledger/printed/$(YEAR).csv
BUILD    := build
BIN      := .venv/bin
READY    := .venv/ready
ROOMS    := plugins importers queries scripts web
LINKS    := $(BUILD)/links/forbundsbok
BEANS     = $(shell find ledger -name '*.bean')
# A process for each core takes one test at a time, in their order: the slow ones first (tests/conftest.py).
PYTEST   := $(BIN)/pytest --numprocesses auto --dist loadgroup --no-loadscope-reorder
# The first of these that is 3.11 or newer and can install packages, else the first that is 3.11 or newer. The system's
# own is first, for it is built to be quick: with one that pyenv compiles the tests take a seventh longer.
PYTHONS  := /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11
PYTHON    = $(shell for modules in venv,pip venv,ensurepip sys; do for python in $(PYTHONS); do \
	$$python -c "import sys, $$modules; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo $$python && exit; done; done)

# Who says make -j4 has said how many already.
TWO_JOBS  = $(if $(findstring jobserver,$(MAKEFLAGS)),,--jobs 2)

# A cached load would not notice an edited plugin.
export BEANCOUNT_DISABLE_LOAD_CACHE = 1
# Tests start the program many times: it is compiled once.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore

.PHONY: statements reports report-pictures test browser quick style types check import-demo docs messages fava bean-format bench format lock clean mutants
.DELETE_ON_ERROR:

statements: $(READY)
	@echo "Checking $(LEDGER)"
	@$(BIN)/bean-check -C $(LEDGER)
	@$(BIN)/forbundsbok export --ledger $(LEDGER) --year $(YEAR) --out $(BUILD) --yes
	@echo
	@$(BIN)/forbundsbok show resultat --ledger $(LEDGER) --year $(YEAR)
	@echo
	@$(if $(wildcard $(PRINTED)),$(BIN)/forbundsbok compare $(PRINTED) --ledger $(LEDGER) --year $(YEAR) --allow-known,\
		echo "$(PRINTED) is not there: nothing to compare with")

# Every format of the year, also those that take a while.
reports: $(READY)
	@$(BIN)/forbundsbok export --ledger $(LEDGER) --year $(YEAR) --out $(BUILD) --yes \
		$$($(BIN)/python -c 'from forbundsbok.scripts.render.formats import FORMATS; print(*map("--format {}".format, FORMATS))')

# The pages that README shows.
report-pictures: $(READY)
	@$(BIN)/python -m forbundsbok.scripts.dev.pictures $(LEDGER) $(YEAR) docs/bilder

# What is one process runs beside the tests, else a core would wait for it.
test: $(READY) style
	@$(MAKE) --no-print-directory $(TWO_JOBS) types-and-books suite

.PHONY: types-and-books suite
types-and-books: types
	@echo "bean-check"
	@$(BIN)/bean-check -C $(LEDGER)
	@echo "bean-format"
	@$(MAKE) --no-print-directory bean-format

suite: $(READY) browser
	@echo "pytest"
	@$(PYTEST)

# What pages are tried in.
browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { \
		echo "Setting up Chromium for the tests" && \
		apt-get -qq update && apt-get -qq install -y chromium chromium-driver >/dev/null; }

# Left out are the tests marked slow: mutants, chance, killed writes, the browser, the real books' way out and in again, the
# examples of the docs, the hook and the wheel. Kept are all ledgers of the rules, and each reader, door, command
# and statement by example.
quick: $(READY) style types
	@echo "pytest"
	@$(PYTEST) -m "not slow"

style: $(READY)
	@echo "ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "make format puts this right" >&2; exit 1; }

types: $(READY)
	@echo "mypy"
	@rm -rf $(LINKS) && mkdir -p $(LINKS) && cd $(LINKS) && ln -s $(addprefix ../../../,forbundsbok/*.py $(ROOMS)) .
	@$(BIN)/mypy --no-error-summary

# What a federation runs on its own books before it takes a change in.
check: $(READY)
	@$(BIN)/forbundsbok check --ledger $(LEDGER)
	@$(MAKE) --no-print-directory bean-format

# A small federation moves in, and what happens next comes in: the commands are shown as one would type them.
DEMO     := $(BUILD)/dalen
EXAMPLE  := docs/exempel/dalen
BOOKS    := --ledger $(DEMO)/main.bean
run       = echo; echo '$$ forbundsbok $(1)'; $(BIN)/forbundsbok $(1)

import-demo: $(READY)
	@rm -rf $(DEMO) && mkdir -p $(DEMO) && cp $(EXAMPLE)/import.toml $(DEMO)
	@$(call run,sie check $(EXAMPLE)/bokforing-2024.se)
	@$(call run,import $(EXAMPLE)/bokforing-2024.se $(BOOKS))
	@$(call run,show balans --year 2024 --kr $(BOOKS))
	@$(call run,import $(EXAMPLE)/kontoutdrag-2024-12-30.xml $(EXAMPLE)/faktura-4711.xml $(BOOKS))
	@echo; cat $(DEMO)/import/2024-12-30-*.bean
	@$(call run,show balans --year 2024 --kr $(BOOKS))
	@$(call run,trace "Kortfristiga skulder" --statement balans --year 2024 $(BOOKS))
	@$(call run,import $(EXAMPLE)/kontoutdrag-2024-12-30.xml $(BOOKS))
	@$(call run,sie export --year 2024 --type 4 --out $(DEMO)/bokforing-2024.se $(BOOKS))

bean-format: $(READY)
	@rm -rf $(BUILD)/format && mkdir -p $(BUILD)/format && cp -R ledger $(BUILD)/format
	@$(BIN)/bean-format -i $(addprefix $(BUILD)/format/,$(BEANS)) >/dev/null
	@diff -r ledger $(BUILD)/format/ledger || { echo "make format puts this right" >&2; exit 1; }

docs: $(READY)
	@mkdir -p $(BUILD)
	@$(BIN)/python -m forbundsbok.scripts.dev.catalogue > $(BUILD)/regler.md && mv $(BUILD)/regler.md docs/regler.md

# Every text of the code that is not in the catalogue yet is entered there, to be translated; what is gone goes.
messages: $(READY)
	@$(BIN)/python -m forbundsbok.scripts.dev.messages

# The long lists whole: every mutant of the rules, every mistake, and all documents and kills drawn by chance. `make test`
# tries one in twelve, and of what is drawn by chance a quarter.
mutants: $(READY)
	@FORBUNDSBOK_ALL_TESTS=1 $(PYTEST) --quiet tests/test_mutations.py tests/mistakes \
		tests/plugins/test_later_changes.py tests/scripts/commands/test_pay.py tests/importers tests/scripts/store

fava: $(READY)
	@$(BIN)/forbundsbok serve --ledger $(LEDGER)

bench: $(READY)
	@$(BIN)/python -m forbundsbok.scripts.dev.benchmark
	@$(BIN)/python -m forbundsbok.scripts.dev.benchmark_peers
	@$(BIN)/python -m forbundsbok.scripts.dev.benchmark_sie --peer
	@$(BIN)/python -m forbundsbok.scripts.dev.benchmark_region $(LEDGER) --year $(YEAR)

format: $(READY)
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/bean-format -i $(BEANS) >/dev/null

# Made anew only when the versions or the project's own settings change. By uv, where it is there already and reaches
# the packages, else by pip.
$(READY): requirements.lock pyproject.toml
	@if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Python 3.11 or newer is needed: $(if $(PYTHON),$(PYTHON) is not,none of $(PYTHONS) is)" >&2; exit 1; fi
	@echo "Setting up .venv with $(PYTHON)"
	@"$(PYTHON)" -m venv --clear --without-pip .venv
	@{ $(UV) -r requirements.lock && $(UV) --no-build-isolation -e .; } 2>/dev/null || \
		$(MAKE) --no-print-directory installed-by-pip
	@$(BIN)/python -c 'import beangulp, beanquery, fava.application, hypothesis, pandas, pytest'
	@touch $@

UV       := uv pip install --quiet --python $(BIN)/python --no-deps
# Only what is used is compiled, when it is first imported.
PIP      := -qq --no-compile --no-deps

# The pip that Python came with may be old, and then takes twice as long: it installs the one of the lock, and what
# builds the project; two of that one install half of the packages each. They are jobs of make, so that Ctrl-C ends both.
# A fresh Debian or Ubuntu leaves pip and ensurepip out of its Python: they are fetched when needed.
.PHONY: installed-by-pip half other-half
installed-by-pip:
	@"$(PYTHON)" -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv .venv >/dev/null 2>&1 || { \
		package=$$("$(PYTHON)" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])') && \
		apt-get -qq update && apt-get -qq install -y $$package >/dev/null && "$(PYTHON)" -m venv .venv; } || { \
		echo "$(PYTHON) cannot install packages: pip and ensurepip are missing. Install them, or uv," \
			"or name another Python: make PYTHON=python3.13" >&2; exit 1; }
	@pip() { if [ -x $(BIN)/pip ]; then $(BIN)/pip "$$@"; else "$(PYTHON)" -m pip --python $(BIN)/python "$$@"; fi; }; \
		pip install $(PIP) $$(grep -E '^(pip|setuptools)==' requirements.lock) && \
		$(MAKE) --no-print-directory $(TWO_JOBS) half other-half || { \
		echo "Not all packages of requirements.lock are installed: make $(READY) PIP=--no-deps tells more" >&2; exit 1; }

half:
	@awk 'NR % 2' requirements.lock > .venv/$@
	@$(BIN)/pip install $(PIP) --no-build-isolation -r .venv/$@ -e .

other-half:
	@awk 'NR % 2 == 0' requirements.lock > .venv/$@
	@$(BIN)/pip install $(PIP) -r .venv/$@

# Writes requirements.lock: the newest versions that pyproject.toml allows. Commit it. Versions made for
# the oldest Python are found by newer ones, not the other way: make lock PYTHON=/usr/bin/python3.11
# on Debian 12, whose 3.11.2 is the oldest in use.
lock:
	@rm -rf $(BUILD)/lock && "$(PYTHON)" -m venv $(BUILD)/lock
	@$(BUILD)/lock/bin/pip install -qq --upgrade pip 'setuptools>=77' -e '.[dev]'
	@$(BUILD)/lock/bin/pip freeze --all --exclude forbundsbok > $(BUILD)/requirements.lock
	@mv $(BUILD)/requirements.lock requirements.lock
	@rm -rf $(BUILD)/lock
	@echo "$$(wc -l < requirements.lock) packages in requirements.lock"

clean:
	rm -rf .venv $(BUILD) *.egg-info .mypy_cache .pytest_cache .ruff_cache
