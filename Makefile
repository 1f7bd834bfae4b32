# make run    install, publish the fiches, train if needed, start everything;
#             CHANNELS=telegram,matrix starts these messengers too (docs/messageries.md)
# make test   install and run every test
# make bench-nlu   compares four systems; OFF_BASE=file.jsonl adds messages that no fiche answers,
#             INTENTS=file.jsonl measures the method on other intents, STOCK_EPOCHS=100,100 trains stock
#             Rasa in full (hours), WITHOUT=stock leaves it out, REUSE=folder keeps and takes again what was
#             trained there, MOST=12 has every system learn 12 wordings of a fiche at most (benchmarks/fewer.md)
# make bench-growth   measures 100, 1,000 and 10,000 generated fiches
# make bench-serve   puts the service and stock Rasa under load; REUSE=folder keeps the stock model there
PYTHON ?= python3.11
MAITRE := .venv/bin/maitre
# Epochs of stock Rasa's DIETClassifier and ResponseSelector in bench-nlu; the page says them.
STOCK_EPOCHS ?= 5,50
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3
export UV_HTTP_TIMEOUT := 180

.PHONY: run install widget browser synapse publish train test check screenshots bench bench-nlu bench-serve bench-growth exemples clean

run: install widget
	@$(MAITRE) publish
	@$(MAITRE) train --if-needed
	@exec $(MAITRE) serve $(CHANNELS:%=--channels %)

install: .venv/installed

# uv reads the hashed lock; where it is missing, pip brings it into .uv, beside the project.
.venv/installed: requirements.lock pyproject.toml
	@uv=$$(command -v uv || echo .uv/bin/uv); \
	if ! $$uv --version >/dev/null 2>&1; then \
	  $(PYTHON) -m venv .uv && .uv/bin/python -m pip install --quiet uv && uv=.uv/bin/uv; \
	fi; \
	$$uv venv --quiet --allow-existing --python 3.11 .venv && \
	VIRTUAL_ENV=$(CURDIR)/.venv $$uv pip sync --quiet --require-hashes requirements.lock && \
	VIRTUAL_ENV=$(CURDIR)/.venv $$uv pip install --quiet --no-deps --no-build-isolation --editable . && \
	touch .venv/installed

# Only when its sources changed since the committed build, and only where npm is.
widget: install
	@.venv/bin/python widget/build.py

# What the browser tests need; they say so and are skipped where it cannot be had.
browser: install
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  chromium fonts-roboto-unhinted fonts-noto-core >/dev/null; } || echo "no Chromium: its tests will be skipped"
	@command -v npm >/dev/null && .venv/bin/python widget/build.py --packages || echo "no npm: axe-core's tests will be skipped"

# A Matrix homeserver for the tests, in an environment of its own: they skip where it cannot be installed.
synapse: .synapse/installed

.synapse/installed: tests/servers/synapse.lock
	@uv=$$(command -v uv || echo .uv/bin/uv); \
	$$uv venv --quiet --allow-existing --python 3.11 .synapse && \
	VIRTUAL_ENV=$(CURDIR)/.synapse $$uv pip sync --quiet --require-hashes tests/servers/synapse.lock && \
	touch .synapse/installed

publish: install
	@$(MAITRE) publish

train: install
	@$(MAITRE) train --if-needed

check: install
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(MAITRE) fiche check

test: install widget browser
	-@$(MAKE) --no-print-directory synapse
	@$(MAITRE) train --if-needed
	@.venv/bin/pytest tests/browser && .venv/bin/pytest --ignore=tests/browser

# The pictures of docs/images, from the real service; look at them before committing.
screenshots: install widget browser
	@$(MAITRE) train --if-needed
	@.venv/bin/pytest tests/browser/screenshots.py

bench: install
	@.venv/bin/python benchmarks/service.py

bench-nlu: install
	@.venv/bin/python -W ignore -m benchmarks.nlu $(OFF_BASE:%=--off-base %) $(INTENTS:%=--intents %) \
	  --stock-epochs $(STOCK_EPOCHS) $(WITHOUT:%=--without %) $(REUSE:%=--reuse %) $(MOST:%=--most %) \
	  --output benchmarks/$(if $(MOST),fewer,README).md

bench-serve: train
	@.venv/bin/python -W ignore -m benchmarks.serve $(REUSE:%=--scratch %) --output benchmarks/serve.md

# 100, 1,000 and 10,000 fiches, generated.
bench-growth: install
	@.venv/bin/python -W ignore -m benchmarks.growth --output benchmarks/growth.md

exemples: train publish
	@for dialogue in docs/exemples/*.json; do \
	  $(MAITRE) transcript $$dialogue --markdown $${dialogue%.json}.md --html $${dialogue%.json}.html \
	    --pdf $${dialogue%.json}.pdf || exit 1; \
	done

clean:
	rm -rf models var .rasa results
