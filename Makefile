# yinuo: what one does with this repository. `make` alone lists it.
#
# Everything goes into .venv; nothing outside this folder is changed. The stamps in .venv say which lock stands there.

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
PY := $(VENV)/bin/python
MADE := $(VENV)/.made-at
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
UV := uv

# An environment that was moved, or whose Python has gone, is made anew.
ifneq ($(shell cat $(MADE) 2>/dev/null && $(PY) -c '' 2>/dev/null && echo runs),$(CURDIR) runs)
.PHONY: $(MADE)
endif

# So is one that stands on another Python than the one that is asked for.
ifdef PYTHON
WHICH := -c 'import sys; print(sys.base_prefix, sys.version_info[:2])' 2>/dev/null
ifneq ($(shell $(PY) $(WHICH)),$(shell $(PYTHON) $(WHICH)))
.PHONY: $(MADE)
endif
endif

.PHONY: help setup demo up test chaos bench backlog lint schemas picture cookbook settings lock sbom licences
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(RUNTIME) ## make .venv with .venv/bin/yinuo; PYTHON=python3.12 chooses its Python
	@echo "ready: $(VENV)/bin/yinuo --help"

demo: $(RUNTIME) ## the whole path once, on the articles in seeds/, with everything embedded
	@$(PY) -m yinuo.cli.main demo seeds

up: $(RUNTIME) ## broker, database, extractor and writer until Ctrl-C
	@$(PY) -m yinuo.cli.main up

test: $(DEV) ## the whole test suite
	@$(PY) -m pytest $(TESTS)

bench: $(RUNTIME) ## how long questions take over ARTICLES=100000 generated articles
	@PYTHONPATH=tests $(PY) -m bench.measure --articles $(ARTICLES)
ARTICLES := 100000

backlog: $(DEV) ## memory of extractor and writer while WAITING=200000 articles are worked off
	@PYTHONPATH=tests $(PY) -m bench.backlog --articles $(WAITING)
WAITING := 200000

chaos: $(DEV) ## one fault after another on Apache Kafka and Postgres, all tables compared; CHAOS='--list'
	@PYTHONPATH=tests $(PY) -m chaos $(CHAOS)

lint: $(DEV) ## style, types, layers
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

schemas: $(DEV) ## JSON Schemas and AsyncAPI anew from the models
	@$(PY) -m yinuo_schemas.generate

picture: $(RUNTIME) ## docs/demo.svg anew from real output
	@$(PY) scripts/picture.py docs/demo.svg

cookbook: $(RUNTIME) ## the outputs in docs/queries.md anew from the articles in seeds/
	@PYTHONPATH=tests $(PY) -m cookbook.book

settings: $(RUNTIME) ## the README's settings table anew from the settings themselves
	@$(PY) scripts/settings_table.py README.md

sbom: $(DEV) ## sbom.json: what `make setup` installs, hashes included, as CycloneDX
	@$(PY) -W ignore -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml --mc-type application \
		--output-reproducible --output-format JSON --output-file sbom.json && echo sbom.json

licences: $(DEV) ## under which licence each package stands that `make setup` installs
	@$(VENV)/bin/pip-licenses --python $(PY) --order=license --packages $$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' requirements.lock)

lock: ## both lock files anew from pyproject.toml (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	$(UV) pip compile pyproject.toml --group build -o requirements.lock $(LOCK)
	$(UV) pip compile pyproject.toml --group dev -o requirements-dev.lock $(LOCK)
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

$(MADE): scripts/find_python.sh
	@python=$$(scripts/find_python.sh $(PYTHON)) || exit 1; \
	rm -f $(RUNTIME) $(DEV); \
	echo "making $(VENV) with $$python" && "$$python" -m venv --clear $(VENV) && echo "$(CURDIR)" > $@

$(RUNTIME): requirements.lock pyproject.toml $(MADE)
	@$(PY) scripts/install.py requirements.lock && touch $@

$(DEV): requirements-dev.lock pyproject.toml $(MADE)
	@$(PY) scripts/install.py requirements-dev.lock && touch $@ $(RUNTIME)
