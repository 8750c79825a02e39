# Every target installs what it needs from uv.lock. It requires only Python 3.11 to 3.14 and make.
UV_VERSION := 0.13.8
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --locked
# The tests start many processes, which would all compile the same modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test soak format bench sample pictures golden clean

demo: $(UV)  ## Run the whole job on invented papers, into demo/
	$(RUN) --no-dev daily-papers demo

test: $(UV)  ## Check format, lint and types, and run the tests
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(RUN) pytest

# Of one seed, all nights are the same again; RECORDS is a file as standins.arxiv reads.
SEED ?= $(shell date +%s)
NIGHTS ?= 60
RUNS ?= 10
soak: $(UV)  ## Play nights with faults everywhere: make soak SEED=1 NIGHTS=60 RUNS=10 RECORDS=FILE
	DAILY_PAPERS_SOAK_SEED=$(SEED) DAILY_PAPERS_SOAK_NIGHTS=$(NIGHTS) DAILY_PAPERS_SOAK_RUNS=$(RUNS) \
	DAILY_PAPERS_SOAK_RECORDS=$(RECORDS) $(RUN) pytest -n 0 -s tests/test_soak.py

format: $(UV)
	$(RUN) ruff format
	$(RUN) ruff check --fix

bench: $(UV)  ## Measure the cost of nightly runs, as a table; benchmarks/RESULTS.md explains it
	$(RUN) --no-dev python benchmarks/nights.py

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null || \
		{ echo "Daily Papers needs Python 3.11 to 3.14, which '$(PYTHON)' is not: install it, or name \
	it, as in 'make demo PYTHON=python3.13'." >&2; exit 1; }
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

sample: $(UV)  ## Write the demo's output into docs/sample
	$(RUN) python -c "from pathlib import Path; from daily_papers.commands.demo import write_sample; write_sample(Path(), Path('demo'))"

pictures: sample demo  ## Draw README and mail of the demo into docs/pictures, with a Chromium of this machine
	$(RUN) python docs/picture.py docs/sample/README.md docs/pictures/readme.png
	$(RUN) python docs/picture.py demo/notice.md docs/pictures/mail.png

golden: $(UV)  ## The pages in tests/golden, as the code writes them now
	DAILY_PAPERS_GOLDEN=1 $(RUN) pytest -n 0 tests/test_golden.py

clean:
	rm -rf .venv .tools demo
