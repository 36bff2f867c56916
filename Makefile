# FluxDash: `make demo` to see it, `make check` for what CI runs. Needs make and Python 3.11 or newer.

VENV := .venv
BIN := $(VENV)/bin
DEMO_FLAGS ?=
PYTEST_FLAGS ?=
WORKERS ?= 2
SCREENSHOT_FLAGS ?=

# A file's tests stay together, for they share what they start. WORKERS=0 runs all in one process, for a debugger.
SPREAD := -n $(WORKERS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo serve test check lint types browser jaeger screenshots clean

help:
	@echo "make demo         the dashboard with an invented gateway, at http://127.0.0.1:8501"
	@echo "make serve        the dashboard for the sources named in the environment, on port 8501"
	@echo "make test         all tests but those in a browser"
	@echo "make check        what CI runs: lint, types, test, browser"
	@echo "make jaeger       build the Jaeger that some tests use, once, with Go"
	@echo "make screenshots  pictures of every page over an invented gateway, in screenshots/"
	@echo "make clean        remove what these targets made"

demo: $(VENV)/.installed
	@exec $(BIN)/fluxdash demo $(DEMO_FLAGS)

serve: $(VENV)/.installed
	@exec $(BIN)/fluxdash serve

check: lint types test browser

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

test: $(VENV)/.installed-dev
	$(BIN)/pytest -m "not browser" $(SPREAD) $(PYTEST_FLAGS)

browser: $(VENV)/.installed-dev
	$(BIN)/pytest -m browser $(SPREAD) $(PYTEST_FLAGS)

jaeger: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.servers.jaeger

screenshots: $(VENV)/.installed-dev
	@exec $(BIN)/python -m tools.screenshots $(SCREENSHOT_FLAGS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than what it was installed from, so a second run installs nothing.
$(VENV)/.installed: $(VENV)/.made pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

$(VENV)/.made:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    "$$python" -c 'import ensurepip, venv' 2>/dev/null \
	      || { echo "$$python cannot make virtual environments; on Debian: apt install python3-venv" >&2; exit 1; }; \
	    echo "Installing into $(VENV) with $$($$python --version)"; \
	    "$$python" -m venv $(VENV) && touch $@; exit $$?; \
	  fi; \
	done; \
	echo "FluxDash needs Python 3.11 or newer; none of python3.13, python3.12, python3.11, python3 is." >&2; exit 1
