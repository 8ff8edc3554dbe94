# syntax=docker/dockerfile:1
# Build:  docker build -t zohosyncd .
# Run:    docker run --read-only --tmpfs /run/zohosyncd:uid=10001,gid=10001,mode=0750 --cap-drop ALL \
#           --security-opt no-new-privileges -v ./config:/etc/zohosyncd:ro -v zohosyncd-state:/var/lib/zohosyncd \
#           -v ./secrets:/run/secrets:ro -p 127.0.0.1:9595:9595 zohosyncd
# There is no systemd in a container: name secrets as file:/run/secrets/NAME, readable for uid 10001.

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY config ./config
COPY systemd ./systemd
COPY daemon ./daemon
# A virtual environment moves to the next stage as a whole: no compiler, no pip cache, no sources.
RUN python -m venv /opt/zohosyncd \
    && /opt/zohosyncd/bin/python -m pip install --no-cache-dir --disable-pip-version-check . \
    && /opt/zohosyncd/bin/python -m pip uninstall --yes --quiet pip

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="zohosyncd" \
      org.opencontainers.image.description="Keeps Zoho CRM contacts the same as the contacts in other apps" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 zohosyncd \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin zohosyncd \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/zohosyncd \
    && install -d -o 10001 -g 10001 -m 0750 /run/zohosyncd \
    && install -d -m 0755 /etc/zohosyncd
COPY --from=build /opt/zohosyncd /opt/zohosyncd
# The listener has to be reachable from outside of the container; publish it on the host's loopback only.
ENV PATH=/opt/zohosyncd/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATE_DIRECTORY=/var/lib/zohosyncd \
    RUNTIME_DIRECTORY=/run/zohosyncd \
    ZOHOSYNCD_LISTEN=0.0.0.0:9595
USER 10001:10001
WORKDIR /var/lib/zohosyncd
VOLUME ["/var/lib/zohosyncd"]
EXPOSE 9595
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-P", "-m", "zohosyncd", "status", "--config", "/etc/zohosyncd"]
ENTRYPOINT ["python", "-P", "-m", "zohosyncd"]
CMD ["run", "--config", "/etc/zohosyncd"]
