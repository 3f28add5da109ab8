# Two images: what serves and publishes, and what asks models. docs/run-it-for-real.md runs them.
#   docker build --target dashboard --tag leaderboard-dashboard .
#   docker build --target worker --tag leaderboard-worker .
FROM debian:bookworm-slim AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home leaderboard \
    && install --directory --owner leaderboard /data
ENV PATH=/opt/venv/bin:$PATH LEADERBOARD_DATA=/data HF_HOME=/data/huggingface
WORKDIR /app

FROM base AS packages
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv \
    && python3 -m venv /opt/venv
COPY requirements.txt .
# torch's own index has builds for a machine without a GPU, which are smaller by gigabytes
ARG PIP_EXTRA_INDEX_URL

FROM packages AS all-packages
RUN pip install --no-cache-dir --requirement requirements.txt && pip uninstall --yes pip

# Only evaluator/engines and served models need these; a test looks whether that is so.
FROM packages AS light-packages
RUN grep --extended-regexp --invert-match "^(accelerate|honcho|openai|peft|torch|transformers)==" \
        requirements.txt > light.txt \
    && pip install --no-cache-dir --requirement light.txt && pip uninstall --yes pip setuptools

FROM base AS program
COPY . .
RUN python3 -m compileall -q dashboard evaluator ingest warehouse

FROM base AS worker
COPY --from=all-packages /opt/venv /opt/venv
COPY --from=program /app /app
USER leaderboard
# the ledger has heard of a process of this container within the last minute
HEALTHCHECK --interval=60s --timeout=30s --start-period=120s CMD ["python", "-c", "\
import platform, sys; \
from warehouse.ledger import opening, workers; \
ledger = opening.open_ledger(); at = ledger.clock(); here = f' {platform.node()}:'; \
sys.exit(not any(here in one.name and one.is_alive(at) for one in workers.find_workers(ledger)))"]
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "evaluator", "work"]

# The last one, as a Hugging Face Space builds no other.
FROM base AS dashboard
COPY --from=light-packages /opt/venv /opt/venv
COPY --from=program /app /app
USER leaderboard
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", "\
from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"]
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "dashboard", "--address", "0.0.0.0"]
