# Participatiemix. Needs Python 3.11 or later and make; fetches the rest.

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench mutants
.DELETE_ON_ERROR:

# Bytecode halves the start of every process, so it is always kept.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
ASSETS := node_modules/.package-lock.json
TEST_PROFILE := PARTICIPATIEMIX_PROFILE=test

# The first Python that is new enough; PYTHON=… chooses another.
PYTHON ?= $(shell for candidate in python3.11 python3.12 python3.13 python3 python; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$candidate && break; done)

PIP := $(PY) -m pip --disable-pip-version-check --no-input install -qq --retries 2 --only-binary :all: --require-hashes

help: ## Say what there is to do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.run $(ASSETS) ## Run the demo municipality; PORT=8000, DATA=folder of real files
	@$(PY) -m config.run_demo

test: $(VENV)/.peers $(ASSETS) ## Run every test
	@$(TEST_PROFILE) $(PY) tools/messages.py compile
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev $(ASSETS) ## Check style, types, directions, migrations, texts and templates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(TEST_PROFILE) $(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	@# There is no database here; Django would warn that it cannot compare with one.
	$(TEST_PROFILE) $(PY) -W "ignore:Got an error checking a consistent" manage.py makemigrations --check --dry-run
	$(TEST_PROFILE) $(PY) tools/messages.py check
	$(TEST_PROFILE) $(PY) tools/templates.py
	$(VENV)/bin/djlint --lint --quiet templates
	$(PY) tools/mutants.py --check

bench: $(VENV)/.peers $(ASSETS) ## Run every benchmark
	@for script in bench/*.py; do echo "== $$script"; $(PY) "$$script" || exit 1; done

mutants: $(VENV)/.dev $(ASSETS) ## See the safety tests fail, with one guard taken away at a time
	@$(PY) tools/mutants.py

# --- What must be there first ---------------------------------------------------------------------------

$(VENV)/.made:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or later is needed and was not found: install it, or name it with PYTHON=/path/to/python."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) cannot be used: Python 3.11 or later is needed."; exit 1; }
	@echo "Making a virtual environment …"
	@umask 022; $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module does not work here: install it (on Debian: apt-get install python3-venv)."; exit 1; }
	@$(PY) -c "import sysconfig; open(sysconfig.get_path('purelib') + '/participatiemix.pth', 'w').write('$(CURDIR)\n$(CURDIR)/site\n')"
	@touch $@

$(VENV)/.run: requirements/run.txt | $(VENV)/.made
	@echo "Installing the packages the site runs on (about a minute) …"
	@umask 022; $(PIP) -r $< || { echo "A package cannot be had (see above): check the network, the disk and the package index."; exit 1; }
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Installing the packages for tests and checks …"
	@umask 022; $(PIP) -r $< || { echo "A package cannot be had (see above): check the network, the disk and the package index."; exit 1; }
	@touch $@

# Second counts, without what they ask for and never load here (docs/decisions/0029).
$(VENV)/.peers: requirements/peers.txt $(VENV)/.dev
	@echo "Installing public libraries that count too …"
	@umask 022; $(PIP) --no-deps -r $< || { echo "A package cannot be had (see above): check the network, the disk and the package index."; exit 1; }
	@touch $@

# Node comes from the machine when it is new enough, else from a Python package.
$(ASSETS): package.json package-lock.json .npmrc | $(VENV)/.made
	@echo "Fetching styles and scripts …"
	@export PATH="$$PATH:$(CURDIR)/$(VENV)/bin"; \
	if ! { npm --version && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'; } >/dev/null 2>&1; then \
		export PATH="$(CURDIR)/$(VENV)/bin:$$PATH"; \
		$(PIP) -r requirements/node.txt || { echo "Node.js cannot be had (see above): install Node.js 18 or later, or check the network."; exit 1; }; \
	fi; \
	npm ci --loglevel=error --no-progress || { echo "A style or script package cannot be had (see above): check the network and the disk."; exit 1; }
	@touch $@
