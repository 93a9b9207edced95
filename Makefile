# Two commands for users: `make verify` prints the error tables, `make test` runs all checks.
# Both install what is missing first; see `make deps`.

SWIFT ?= swift
# Element-wise loops run twice as fast with AVX2 than with the SSE2 of the default target. The flag is
# given here and not in Package.swift, because packages with unsafe flags cannot be depended upon.
ARCH := $(shell uname -m)
NATIVE := $(if $(and $(filter x86_64,$(ARCH)),$(shell grep -m1 -o avx2 /proc/cpuinfo 2>/dev/null)),-Xcc -march=x86-64-v3,)
BUILD_FLAGS := -c release $(NATIVE)
CLI = $$($(SWIFT) build $(BUILD_FLAGS) --show-bin-path)/verify-cli

LIBRARIES := pkg-config libopenblas-dev liblapacke-dev zlib1g-dev libsqlite3-dev
DATA := dataset-fashion-mnist
PYTHON_TOOLS := python3 python3-venv
# What draws charts and typesets mathematics in reports; vl-convert-python comes from PyPI.
CHART_TOOLS := gnuplot-nox fonts-dejavu-core pandoc
CHART_PYTHON := .venv/charts
BROWSER := chromium
SLURM_TOOLS := munge slurm-wlm
PROOF_TOOLS := coq libcoq-mathcomp-algebra libcoq-mathcomp-algebra-tactics libcoq-mathcomp-analysis

.PHONY: test-slurm deps-slurm
.PHONY: test-certificates test-as-published test-graphs
.PHONY: help verify test deps deps-libraries deps-data deps-proofs deps-charts deps-charts-html build swift-test \
  proofs proofs-sources proofs-selftest \
  filter-check test-python notebooks notebooks-check results results-check docs-check test-report clean

help:
	@echo 'make verify   error tables of the paper'"'"'s network on Fashion-MNIST'
	@echo 'make test     everything that continuous integration runs'
	@echo 'make bench    the measurements of verify-cli bench'
	@echo 'make proofs   check the machine-checked proofs from clean'
	@echo 'make proofs-selftest   plant faults in the proofs and see the check fail on each'
	@echo 'make results       run the commands of the quick results and write what changed'
	@echo 'make results-check run them and compare'
	@echo 'make docs-check    links, paths and commands in all pages'
	@echo 'make mutants  plant faults in the sources and see the tests fail on each (FAULTS=words chooses)'
	@echo 'make docs     the reference documentation, warnings being errors'
	@echo 'make man      the manual page of verify-cli, from its help'
	@echo 'make notebooks    run the notebooks and write what changed beyond the last digits'
	@echo 'make test-python  the Python package against PyTorch and JAX (downloads 0.5 GB)'
	@echo 'make wheel     a Python wheel with the program in it; make test-wheel tries it'
	@echo 'make test-certificates  words about updates against the definitions in mpmath (4 minutes)'
	@echo 'make test-as-published  the rules as published against a twin in numpy'
	@echo 'make test-graphs  exact updates of graphs against a weight-space solve in PyTorch'
	@echo 'make test-published-code  rules against the code of other works (clones five repositories)'
	@echo 'make published-findings   what three published programs compute beside what they say'
	@echo 'make test-instructions  instruction counts of the main kernels under valgrind against the kept ones'
	@echo 'make test-report  verify-cli report in Chromium, on a phone and a desktop, with pictures'
	@echo 'make test-slurm  a study as a Slurm array on a private Slurm of one node (not part of test)'
	@echo 'make deps     install missing Debian packages (sudo only if not root)'

# install-missing PACKAGES: those that dpkg does not have, and nothing else.
define install-missing
	@missing=''; for package in $(1); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' \
	    || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing:$$missing" >&2; \
	  sudo=$$([ "$$(id -u)" -eq 0 ] || echo sudo); \
	  $$sudo apt-get update -qq >&2 && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >&2; \
	fi
endef

deps: deps-libraries deps-data deps-proofs

deps-libraries:
	$(call install-missing,$(LIBRARIES))

deps-data:
	$(call install-missing,$(DATA))

deps-charts:
	$(call install-missing,$(CHART_TOOLS))

# A Python with vl-convert, for --chart FILE.html; the command finds it by VERIFY_CLI_PYTHON.
deps-charts-html: $(CHART_PYTHON)/installed

$(CHART_PYTHON)/installed:
	$(call install-missing,$(PYTHON_TOOLS))
	python3 -m venv $(CHART_PYTHON)
	$(CHART_PYTHON)/bin/pip install --quiet vl-convert-python==1.9.0 >&2
	touch $@

deps-proofs:
	$(call install-missing,$(PROOF_TOOLS))

deps-slurm:
	$(call install-missing,$(SLURM_TOOLS))

build: deps-libraries
	@$(SWIFT) build $(BUILD_FLAGS) --product verify-cli >&2

verify: deps-data build
	@"$(CLI)" table --data fashion-mnist --activation relu --measures relative-distance,cosine,proximal-gap
	@"$(CLI)" table --data fashion-mnist --activation tanh --measures relative-distance,cosine,proximal-gap

bench: build
	@"$(CLI)" bench

# FILTER=Name runs only matching tests; one that matches nothing is an error. No test imports with @testable, and
# without it tests and program are one build.
TEST_FLAGS := $(BUILD_FLAGS) --disable-testable-imports
swift-test: deps-libraries deps-data deps-charts
	Tests/run $(TEST_FLAGS) $(if $(FILTER),--filter '$(FILTER)')

filter-check: swift-test
	@! Tests/run $(TEST_FLAGS) --skip-build --filter NoSuchTestAnywhere >/dev/null 2>&1 \
	  && echo 'a filter that matches nothing is an error: ok'

# Faults planted one at a time, in a copy that keeps its own build; takes minutes. `make test` sees that they fit.
.PHONY: mutants mutants-check
mutants: deps-libraries
	@Tests/mutants/run.py $(FAULTS)

mutants-check:
	$(call install-missing,python3)
	@Tests/mutants/run.py --check

# Instruction counts of the main kernels against the kept ones, whatever else the machine does; a minute, not part of test.
.PHONY: test-instructions
test-instructions: build
	$(call install-missing,valgrind binutils python3)
	@python3 -B Tests/instructions/check "$(CLI)"

test-slurm: deps-slurm build
	@Tests/slurm.sh "$(CLI)"

test: swift-test filter-check mutants-check proofs proofs-sources notebooks-check docs-check

proofs: deps-proofs
	bash Proofs/check.sh

# The faults that are seen without Coq, in seconds; all of them take several compilations.
proofs-sources:
	bash Proofs/selftest.sh --fast

proofs-selftest: deps-proofs
	bash Proofs/selftest.sh

.venv/certificates/installed: Tests/certificates/requirements.txt
	$(call install-missing,$(PYTHON_TOOLS))
	@python3 -m venv .venv/certificates && .venv/certificates/bin/pip install -q -r $< >&2 && touch $@

# What the program calls exact, saddle or refused, against the definitions in 60 digits. COUNT=cases.
COUNT ?= 1000
test-certificates: build .venv/certificates/installed
	@.venv/certificates/bin/python Tests/certificates/check "$(CLI)" $(COUNT)

# The rules as published against a twin in numpy, over the grid of docs/as-published.md.
test-as-published: build .venv/certificates/installed
	@.venv/certificates/bin/python Tests/as-published/check "$(CLI)"
	@.venv/certificates/bin/python Tests/as-published/implicit "$(CLI)"

# Exact updates of convolutions, skips and shared weights against Newton's method in weight space; WORDS choose networks.
test-graphs: build .venv/python/installed
	@.venv/python/bin/python Tests/graphs/selftest.py
	@.venv/python/bin/python Tests/graphs/check "$(CLI)" $(WORDS)
# Rules against the code of other works, cloned at fixed commits into .build; not part of test.
.PHONY: test-published-code published-findings
test-published-code: build .venv/python/installed
	@.venv/python/bin/python -W ignore Tests/published-code/check "$(CLI)"

published-findings: build .venv/python/installed
	@.venv/python/bin/python -W ignore Tests/published-code/findings "$(CLI)"

# The report in a real browser at two widths, light and dark; screenshots and contact sheets of all charts go to PICTURES.
PICTURES ?= .build/report-pictures
test-report: build deps-charts deps-charts-html
	$(call install-missing,$(BROWSER) python3)
	@VERIFY_CLI_PYTHON=$(CHART_PYTHON)/bin/python Tests/report/check "$(CLI)" "$(PICTURES)"

# The interpreter of one requirements file, in a folder that git ignores. pip takes CPU wheels of torch
# where it is told of them, e.g. by PIP_EXTRA_INDEX_URL.
.venv/python/installed: Python/requirements.txt
	$(call install-missing,$(PYTHON_TOOLS))
	@python3 -m venv .venv/python && .venv/python/bin/pip install -q -r $< >&2 && touch $@

test-python: build .venv/python/installed
	@cd Python && ../.venv/python/bin/mypy
	@cd Python && VERIFY_CLI="$(CLI)" ../.venv/python/bin/pytest
	@$(PYTORCH_NOTEBOOK) notebooks-md/run notebooks-md/07-*.md

# A wheel with the program in it, and its trial in an environment that has nothing else. The static standard
# library changes the flags of every module, so it builds in a folder of its own.
WHEEL_FLAGS := $(BUILD_FLAGS) --static-swift-stdlib --scratch-path .build-wheel

.PHONY: wheel test-wheel
wheel: deps-libraries .venv/python/installed
	$(call install-missing,patchelf binutils)
	@$(SWIFT) build $(WHEEL_FLAGS) --product verify-cli >&2
	@Python/make-wheel "$$($(SWIFT) build $(WHEEL_FLAGS) --show-bin-path)/verify-cli" $(CURDIR)/.venv/python/bin/python

test-wheel: wheel
	@rm -rf .venv/wheel && python3 -m venv .venv/wheel && .venv/wheel/bin/pip install -q Python/dist/*.whl >&2
	@cd Python/tests/installed && env -i PATH=/usr/bin:/bin ../../../.venv/wheel/bin/python check.py
	@.venv/wheel/bin/pip install -q cogapp "$$(grep ^torch Python/requirements.txt)" >&2
	@VERIFY_CLI=$(CURDIR)/.venv/wheel/bin/verify-cli PYTHON=.venv/wheel/bin/python notebooks-md/run notebooks-md/07-*.md

# Quick notebooks need only cogapp beside the program.
QUICK_NOTEBOOKS := $(wildcard notebooks-md/0[1-6]-*.md notebooks-md/08-*.md)

.venv/notebooks/installed:
	$(call install-missing,$(PYTHON_TOOLS))
	@python3 -m venv .venv/notebooks && .venv/notebooks/bin/pip install -q cogapp >&2 && touch $@

# Notebook 07 is a PyTorch user's session.
PYTORCH_NOTEBOOK = VERIFY_CLI="$(CLI)" PYTHON=.venv/python/bin/python PYTHONPATH=Python

notebooks: deps-charts build .venv/notebooks/installed .venv/python/installed
	@VERIFY_CLI="$(CLI)" PYTHON=.venv/notebooks/bin/python notebooks-md/run --write $(QUICK_NOTEBOOKS)
	@$(PYTORCH_NOTEBOOK) notebooks-md/run --write notebooks-md/07-*.md

notebooks-check: deps-charts build .venv/notebooks/installed
	@cd notebooks-md/tools && ../../.venv/notebooks/bin/python -B -m unittest -q
	@VERIFY_CLI="$(CLI)" PYTHON=.venv/notebooks/bin/python notebooks-md/run $(QUICK_NOTEBOOKS)

# Pages whose commands take seconds; the slow ones have stamps.
results: deps-data deps-charts build .venv/notebooks/installed
	@VERIFY_CLI="$(CLI)" PYTHON=.venv/notebooks/bin/python docs/results/make

results-check: deps-data deps-charts build .venv/notebooks/installed
	@VERIFY_CLI="$(CLI)" PYTHON=.venv/notebooks/bin/python docs/results/make --check

docs-check: build
	@cd docs/tools && python3 -B -m unittest -q
	@docs/tools/check.py --program "$(CLI)"

# The program's help as a manual page; `man -l .build/verify-cli.1` shows it.
.PHONY: man
man: build
	@docs/tools/manual.py "$(CLI)" >.build/verify-cli.1
	@echo 'manual page: .build/verify-cli.1 (read it with: man -l .build/verify-cli.1)'

# Every library module, found by its catalogue.
DOCUMENTED := $(sort $(basename $(notdir $(wildcard Sources/*/*/*.docc))))

.PHONY: docs
# Only this target needs the documentation plugin; Package.swift adds it when DOCUMENTATION is set. It builds
# in a folder of its own, because its flags would make the next build or test begin anew.
docs: deps-libraries
	@rm -rf .build-docs/site && mkdir -p .build-docs/site
	@DOCUMENTATION=1 $(SWIFT) package --scratch-path .build-docs/build $(BUILD_FLAGS) \
	  --allow-writing-to-directory .build-docs \
	  generate-documentation $(foreach module,$(DOCUMENTED),--target $(module)) \
	  --enable-experimental-combined-documentation --warnings-as-errors \
	  --transform-for-static-hosting --output-path .build-docs/site >&2
	@test -f .build-docs/site/documentation/implicitsgd/index.html
	@echo 'documentation: .build-docs/site (serve it with: python3 -m http.server -d .build-docs/site)'

clean:
	$(SWIFT) package clean
