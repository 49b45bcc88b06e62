# make demo     set up and scan the sample data
# make test     set up with everything and run all checks and tests
# make check    format, lint, types
# make sample   write sample_data/ again
# make bench    how fast is a scan here, and with how much memory
# make clean-venv

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --constraint constraints.txt
REPORT := poisonscan-report

.PHONY: demo test check sample bench clean-venv
.DELETE_ON_ERROR:

# A demo that finds nothing is broken: anything but exit code 1 (finding) fails, and so does a
# first finding without the planted phrase.
demo: $(VENV)/.installed
	@code=0; $(BIN)/poisonscan scan sample_data/acme_support.jsonl --out $(REPORT) || code=$$?; \
	test $$code -eq 1 || { echo "demo: exit code $$code, but 1 (finding) was expected" >&2; exit 1; }
	@$(BIN)/python -c 'import sys, poisonscan; \
	first = poisonscan.Report.load("$(REPORT)").findings[0]; \
	sys.exit("weather is nice in Geneva" not in first.trigger and "demo: wrong first finding")'

# one process for each core; the tests of a file share what its fixtures have scanned
test: check
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict

sample: $(VENV)/.installed
	$(BIN)/python -m poisonscan.synth --out sample_data

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/scale.py

clean-venv:
	rm -rf $(VENV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	"poisonscan needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

# The stamps are made last: what was interrupted is done again.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	@touch $@

# torch alone and first: a range, or a package that depends on it, may take another build of it.
$(VENV)/.installed-test: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) torch==2.13.0
	$(PIP) --editable '.[sentence-transformers,test]'
	@touch $@ $(VENV)/.installed
