# make train, make eval, make test: each sets up what it needs (an environment in .venv, pinned and hashed packages).
PYTHON ?= python3
VENV ?= .venv
CONFIG ?= configs/default.gin

PY := $(VENV)/bin/python
# `--set A --set B` from SET="A B" would break on spaces: bindings are given one by one, as ARGS="--set '...'".
FILE_FLAGS = $(if $(CORPUS),--corpus '$(CORPUS)') $(if $(TEXT),--text '$(TEXT)') $(if $(LABEL),--label '$(LABEL)')
RUN_FLAG = $(if $(RUN),--run '$(RUN)')

.PHONY: help install train eval report predict serve corpus variants test test-slow browser trax-tests seed-numbers variants-table export-table bench quality lint lock clean

help:
	@echo "make train [CONFIG=configs/default.gin] [CORPUS=my.csv TEXT=text LABEL=label] [RUN=folder] [ARGS=...]"
	@echo "make eval [RUN=runs/0001-mean-vader] [CORPUS=...] [ARGS='--split test']"
	@echo "make report [RUN=...] [ARGS='--split test']    a page and a model card"
	@echo "make predict SENTENCE='what a day' [RUN=...]"
	@echo "make serve [RUN=...] [ARGS='--port 8000 --workers 2']      a page and an HTTP service"
	@echo "make corpus [CORPUS=vader]      describe a corpus"
	@echo "make variants                   list the configs"
	@echo "make test | test-slow | trax-tests | seed-numbers | lint | lock | clean"

install: $(VENV)/installed
dev: $(VENV)/installed-dev

# `import sentiment` works through the .pth file: an editable install would have to fetch a build backend first.
$(PY):
	$(PYTHON) -m venv $(VENV)
	echo "$(CURDIR)" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/sentiment-checkout.pth"

# The lock is complete, so pip has nothing to resolve: --no-deps keeps it from fetching the TensorFlow that trax names.
$(VENV)/installed: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	touch $@

$(VENV)/installed-serve: requirements-serve.txt $(VENV)/installed
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-serve.txt
	touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed-serve
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	touch $@

train: install
	$(PY) scripts/train.py --config $(CONFIG) $(FILE_FLAGS) $(RUN_FLAG) $(ARGS)

eval: install
	$(PY) scripts/evaluate.py $(FILE_FLAGS) $(RUN_FLAG) $(ARGS)

report: install
	$(PY) scripts/report.py $(FILE_FLAGS) $(RUN_FLAG) $(ARGS)

predict: install
	$(PY) scripts/predict.py $(RUN_FLAG) $(ARGS) "$(SENTENCE)"

serve: $(VENV)/installed-serve
	$(PY) scripts/serve.py $(RUN_FLAG) $(ARGS)

corpus: install
	$(PY) scripts/corpus.py $(or $(CORPUS),auto) $(if $(TEXT),--text '$(TEXT)') $(if $(LABEL),--label '$(LABEL)') $(ARGS)

variants: install
	$(PY) scripts/train.py --list

# The page's tests need Chromium. Only where there is none and we may (a fresh machine or container, as root), Debian's
# is installed; else those tests are skipped, and say why.
browser:
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome || { test "$$(id -u)" = 0 && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }; } > /dev/null 2>&1 || \
		echo "no Chromium here: the page's tests will be skipped (apt-get install chromium)"

test: dev browser
	$(PY) -m pytest -m "not slow" $(ARGS)

test-slow: dev
	$(PY) -m pytest -m slow $(ARGS)

trax-tests: dev
	$(PY) tests/trax_own_tests.py

# The peers have an environment of their own, with everything that training needs besides.
.venvs/bench/installed: requirements.txt requirements-bench.txt
	$(PYTHON) -m venv .venvs/bench
	.venvs/bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r requirements.txt -r requirements-bench.txt
	touch $@

bench: .venvs/bench/installed
	.venvs/bench/bin/python benchmarks/speed.py $(ARGS)
	.venvs/bench/bin/python benchmarks/time_to_accuracy.py
	.venvs/bench/bin/python benchmarks/growth.py $(ARGS)
	.venvs/bench/bin/python benchmarks/cold_start.py

quality: .venvs/bench/installed
	.venvs/bench/bin/python benchmarks/quality.py tweets stripped vader outside semeval $(ARGS)

variants-table: install
	$(PY) benchmarks/variants_table.py $(ARGS)

export-table: install
	$(PY) benchmarks/export_table.py $(ARGS)

seed-numbers: dev
	$(PY) tests/seed_numbers.py --table

lint: dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

lock: dev
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--excludes requirements-excluded.txt requirements.in -o requirements.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		requirements-serve.in -o requirements-serve.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--excludes requirements-predict-excluded.txt requirements-predict.in -o requirements-predict.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		requirements-dev.in -o requirements-dev.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		requirements-bench.in -o requirements-bench.txt

clean:
	rm -rf .venv .venvs runs .pytest_cache .ruff_cache .hypothesis .coverage*
