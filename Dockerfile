# syntax=docker/dockerfile:1
# Build:  docker build -t zohosyncd .
# Run:    docker run --read-only --tmpfs /run/zohosyncd:uid=10001,gid=10001,mode=0750 --cap-drop ALL \
#           --security-opt no-new-privileges --stop-timeout 45 -v ./config:/etc/zohosyncd:ro \
#           -v zohosyncd-state:/var/lib/zohosyncd -v ./secrets:/run/secrets:ro -p 127.0.0.1:9595:9595 zohosyncd
# There is no systemd in a container: name secrets as file:/run/secrets/NAME, readable for uid 10001 alone.
# With Prometheus and Grafana beside it: config/compose.yaml, config/kubernetes/zohosyncd.yaml.

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /source
# First what changes seldom. Every file is checked by its hash: what was tested, and nothing else.
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && python -m venv /opt/zohosyncd \
    && /opt/zohosyncd/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY config ./config
COPY systemd ./systemd
COPY daemon ./daemon
# A virtual environment moves to the next stage as a whole: no compiler, no pip, no sources.
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/zohosyncd/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl \
    && /opt/zohosyncd/bin/pip check \
    && /opt/zohosyncd/bin/python -m pip uninstall --yes --quiet pip

FROM python:${PYTHON}-slim
# docker build --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) ...
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="zohosyncd" \
      org.opencontainers.image.description="Keeps Zoho CRM contacts the same as the contacts in other apps" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN groupadd --gid 10001 zohosyncd \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin zohosyncd \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/zohosyncd \
    && install -d -o 10001 -g 10001 -m 0750 /run/zohosyncd \
    && install -d -m 0755 /etc/zohosyncd/accounts.d /etc/zohosyncd/connections.d /etc/zohosyncd/presets.d
COPY --from=build /opt/zohosyncd /opt/zohosyncd
# The listener has to be reachable from outside of the container; publish it on the host's loopback only.
ENV PATH=/opt/zohosyncd/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATE_DIRECTORY=/var/lib/zohosyncd \
    RUNTIME_DIRECTORY=/run/zohosyncd \
    ZOHOSYNCD_CONFIG=/etc/zohosyncd \
    ZOHOSYNCD_LISTEN=0.0.0.0:9595
USER 10001:10001
WORKDIR /var/lib/zohosyncd
VOLUME ["/var/lib/zohosyncd"]
EXPOSE 9595 9596
STOPSIGNAL SIGTERM
# Asks the event loop itself (/livez): red when it hangs, green again when it goes on.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-P", "-m", "zohosyncd", "health", "--timeout", "5"]
ENTRYPOINT ["python", "-P", "-m", "zohosyncd"]
CMD ["run"]
