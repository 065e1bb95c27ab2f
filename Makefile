# make train, make eval, make test: each sets up what it needs (an environment in .venv, pinned and hashed packages).
# The newest Python on the PATH that serves is taken; PYTHON=/path/to/python3.12 names another.
PYTHONS := python3.14 python3.13 python3.12 python3.11 python3
SERVES := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
FIRST_OF = $(shell for each in $(1); do "$$each" -c '$(SERVES)' > /dev/null 2>&1 && { echo "$$each"; break; }; done)
CHOSEN = $(call FIRST_OF,$(or $(PYTHON),$(PYTHONS)))
NO_PYTHON = $(if $(PYTHON),$(PYTHON) does not serve,No python3 on the PATH serves): Python 3.11 to 3.14 with its venv \
	module does (Debian and Ubuntu: apt-get install python3-venv), named by make PYTHON=/path/to/python3.13
VENV ?= .venv
CONFIG ?= configs/default.gin

PY := $(VENV)/bin/python
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
# A variable's value as one word, whatever it holds ("my tweets (1).csv", "it's $5"): no shell reads it.
WORD = '$(subst ','\'',$(value $(1)))'
FLAG = $(if $(value $(2)),--$(1) $(call WORD,$(2)))
# `--set A --set B` from SET="A B" would break on spaces: bindings are given one by one, as ARGS="--set '...'".
COLUMN_FLAGS = $(call FLAG,text,TEXT) $(call FLAG,label,LABEL)
FILE_FLAGS = $(call FLAG,corpus,CORPUS) $(COLUMN_FLAGS)
RUN_FLAG = $(call FLAG,run,RUN)

.PHONY: help install dev prepare train distil search eval report predict serve corpus devices variants browser test test-slow test-matrix trax-tests \
	seed-numbers bench quality variants-table export-table lint lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

install: $(VENV)/installed $(if $(DEVICE),$(VENV)/installed-$(DEVICE))  ## [DEVICE=cuda12|cuda13|tpu]: what trains and predicts, in .venv
dev: $(VENV)/installed-dev  ## the same with what serves, tests and lints

# `import sentiment` works through the .pth file: an editable install would have to fetch a build backend first.
$(PY):
	$(if $(CHOSEN),,$(error $(NO_PYTHON)))
	$(CHOSEN) -m venv $(VENV)
	echo "$(CURDIR)" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/sentiment-checkout.pth"

# The lock is complete, so pip has nothing to resolve: --no-deps keeps it from fetching the TensorFlow that trax names.
$(VENV)/installed: requirements.txt | $(PY)
	$(PY) $(PIP_INSTALL) -r requirements.txt
	touch $@

$(VENV)/installed-serve: requirements-serve.txt $(VENV)/installed
	$(PY) $(PIP_INSTALL) -r requirements-serve.txt
	touch $@

$(VENV)/installed-scale: requirements-scale.txt $(VENV)/installed
	$(PY) $(PIP_INSTALL) -r requirements-scale.txt
	touch $@

# JAX for an accelerator, beside what every machine has.
DEVICES := cuda12 cuda13 tpu
$(if $(filter-out $(DEVICES),$(DEVICE)),$(error DEVICE=$(DEVICE): it is one of $(DEVICES), or left out for the CPU))
$(DEVICES:%=$(VENV)/installed-%): $(VENV)/installed-%: requirements-%.txt $(VENV)/installed
	$(PY) $(PIP_INSTALL) -r $<
	touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed-serve $(VENV)/installed-scale
	$(PY) $(PIP_INSTALL) -r requirements-dev.txt
	touch $@

prepare: install  ## CORPUS='tweets/*.csv' OUTPUT=folder [CONFIG=...] [TEXT=...] [LABEL=...]: a corpus of any size, for train
	$(PY) scripts/prepare.py $(call WORD,CORPUS) --config $(call WORD,CONFIG) $(COLUMN_FLAGS) --output $(call WORD,OUTPUT) $(ARGS)

train: install  ## [CONFIG=configs/default.gin] [CORPUS=my.csv TEXT=text LABEL=label] [RUN=folder] [ARGS=...]
	$(PY) scripts/train.py --config $(call WORD,CONFIG) $(FILE_FLAGS) $(RUN_FLAG) $(ARGS)

distil: install  ## TEACHER=runs/0001-minilm-vader [STUDENT=...] [CORPUS=...] ARGS='--texts tweets.csv': a small model learns from it
	$(PY) scripts/distil.py --teacher $(call WORD,TEACHER) $(call FLAG,student,STUDENT) $(FILE_FLAGS) $(RUN_FLAG) $(ARGS)

search: $(VENV)/installed-scale  ## [CONFIG=...] [CORPUS=...] ARGS="--over 'Recipe.batch_size = [32, 64]'": settings that do better
	$(PY) scripts/search.py $(call WORD,CONFIG) $(FILE_FLAGS) $(RUN_FLAG) $(ARGS)

eval: install  ## [RUN=runs/0001-mean-vader] [CORPUS=...] [ARGS='--split test']
	$(PY) scripts/evaluate.py $(FILE_FLAGS) $(RUN_FLAG) $(ARGS)

report: install  ## [RUN=...] [ARGS='--split test']: a page and a model card
	$(PY) scripts/report.py $(FILE_FLAGS) $(RUN_FLAG) $(ARGS)

predict: install  ## SENTENCE='what a day' [RUN=...]
	$(PY) scripts/predict.py $(RUN_FLAG) $(ARGS) -- $(call WORD,SENTENCE)

serve: $(VENV)/installed-serve  ## [RUN=...] [ARGS='--port 8000 --workers 2']: a page and an HTTP service
	$(PY) scripts/serve.py $(RUN_FLAG) $(ARGS)

corpus: install  ## [CORPUS=vader]: describe a corpus
	$(PY) scripts/corpus.py $(if $(value CORPUS),$(call WORD,CORPUS)) $(COLUMN_FLAGS) $(ARGS)

devices: install  ## what JAX finds here to train on
	$(PY) scripts/devices.py $(ARGS)

variants: install  ## list the configs
	$(PY) scripts/train.py --list

# The page's tests need Chromium. Only where there is none and we may (a fresh machine or container, as root), Debian's
# is installed; else those tests are skipped, and say why.
browser:  ## Chromium for the page's tests, where there is none (apt-get, as root)
	@command -v chromium || command -v chromium-browser || command -v google-chrome || { \
		test "$$(id -u)" = 0 && command -v apt-get && \
		echo "the page's tests need Chromium: installing Debian's with apt-get (about 300 MB on the disk)" >&3 && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } 3>&1 > /dev/null 2>&1 || \
		echo "no Chromium here: the page's tests will be skipped (apt-get install chromium)"

test: dev browser  ## all tests but the slow ones; installs Chromium for the page's tests where there is none
	$(PY) -m pytest -m "not slow" $(ARGS)

test-slow: dev browser  ## the tests that take minutes
	$(PY) -m pytest -m slow $(ARGS)

trax-tests: dev  ## Trax's own tests under our runtime, 10 minutes
	$(PY) tests/trax_own_tests.py

# An environment for each Python and JAX, in .venvs: the whole suite in each, counts at the end.
MATRIX ?= 3.11 3.12-jax-0.11.2 3.13 3.14
test-matrix: browser  ## the whole suite on each Python (MATRIX='3.13 3.12-jax-0.11.2'), counts printed
	.ci/matrix $(MATRIX)

# The peers have an environment of their own, with everything that training needs besides.
BENCH_PYTHON = $(call FIRST_OF,$(or $(PYTHON),python3.12 python3.11))
.venvs/bench/installed: requirements.txt requirements-bench.txt
	$(if $(BENCH_PYTHON),,$(error The peers of the benchmarks need Python 3.11 or 3.12: make bench PYTHON=/path/to/python3.12))
	$(BENCH_PYTHON) -m venv .venvs/bench
	.venvs/bench/bin/python $(PIP_INSTALL) -r requirements.txt -r requirements-bench.txt
	touch $@

bench: .venvs/bench/installed  ## speed beside peers (Python 3.11 or 3.12: fastText has no wheel for later ones)
	.venvs/bench/bin/python benchmarks/speed.py $(ARGS)
	.venvs/bench/bin/python benchmarks/time_to_accuracy.py
	.venvs/bench/bin/python benchmarks/growth.py $(ARGS)
	.venvs/bench/bin/python benchmarks/cold_start.py

quality: .venvs/bench/installed  ## the tables of accuracy in docs/
	.venvs/bench/bin/python benchmarks/quality.py tweets stripped vader outside semeval $(ARGS)

variants-table: install  ## the table of the variants
	$(PY) benchmarks/variants_table.py $(ARGS)

export-table: install  ## the table of the exports
	$(PY) benchmarks/export_table.py $(ARGS)

seed-numbers: dev  ## the notebook's printed numbers, found again
	$(PY) tests/seed_numbers.py --table

lint: dev  ## style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# One lock serves every Python: where they need other versions, its lines carry markers.
LOCK := -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: dev  ## resolve requirements*.in into requirements*.txt, with hashes
	$(PY) $(LOCK) --excludes requirements-excluded.txt requirements.in -o requirements.txt
	$(foreach device,$(DEVICES),$(PY) $(LOCK) requirements-$(device).in -o requirements-$(device).txt &&) true
	$(PY) $(LOCK) requirements-serve.in -o requirements-serve.txt
	$(PY) $(LOCK) --excludes requirements-predict-excluded.txt requirements-predict.in -o requirements-predict.txt
	$(PY) $(LOCK) requirements-scale.in -o requirements-scale.txt
	$(PY) $(LOCK) requirements-dev.in -o requirements-dev.txt
	$(PY) $(LOCK) requirements-bench.in -o requirements-bench.txt
	$(PY) $(LOCK) requirements-seed-numbers.in -o requirements-seed-numbers.txt

clean:  ## remove the environments, the caches and runs/
	rm -rf .venv .venvs runs .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage*
