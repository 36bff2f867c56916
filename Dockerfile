# FluxDash in a container:
#
#   docker build --tag fluxdash:local .
#
# The first stage makes the wheel, the second installs it with the libraries it needs, and the last one is what runs: no
# compiler, no cache, a user without a name, and a root that may be read-only as long as something can be written in /tmp.
# The tests run these very commands without Docker.

# The Python and the Debian that the tests run on.
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS wheel
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY constraints.txt ./
RUN python -m pip install --quiet -c constraints.txt hatchling
COPY pyproject.toml README.md LICENSE ./
COPY fluxdash fluxdash
COPY assets assets
RUN python -m hatchling build -t wheel -d dist

FROM ${BASE} AS installed
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY constraints.txt ./
COPY --from=wheel /build/dist dist
# `otlp` is for the simulated gateway, which sends spans.
RUN python -m venv --without-pip /opt/fluxdash \
    && python -m pip --python /opt/fluxdash/bin/python install --quiet --no-compile -c constraints.txt "$(ls dist/*.whl)[otlp]"
COPY deploy/image deploy/image
RUN /opt/fluxdash/bin/python deploy/image/prune.py
# Python cannot keep its bytecode on a root that is read-only, so it is made here, that of its own library included.
RUN PYTHONPYCACHEPREFIX=/opt/bytecode /opt/fluxdash/bin/python deploy/image/warm.py

FROM ${BASE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="FluxDash" \
      org.opencontainers.image.description="A dashboard for an LLM gateway" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=installed /opt /opt
ENV PATH=/opt/fluxdash/bin:$PATH \
    PYTHONPYCACHEPREFIX=/opt/bytecode \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# Not /tmp: Python looks for modules where it is started.
WORKDIR /opt/fluxdash
USER 10001:10001
EXPOSE 8501
# gunicorn answers what it has begun, for ten seconds at most.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; e = os.environ.get; u.urlopen('http://127.0.0.1:' + (e('FLUXDASH_PORT') or '8501') + (e('FLUXDASH_PREFIX') or '').rstrip('/') + '/healthz', timeout=3)"]
ENTRYPOINT ["fluxdash"]
CMD ["serve"]
