# Rung in a container: built in one stage, run in another, as a user who owns nothing.
# To pin the base to one build of it: --build-arg PYTHON=3.11.7-slim-bookworm@sha256:<digest>
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /build
RUN python -m venv /venv
COPY requirements.lock requirements-build.lock ./
RUN /venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock \
 && python -m pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
RUN python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
 && /venv/bin/python -m pip install --no-cache-dir --no-deps --no-index dist/*.whl

FROM python:${PYTHON} AS run
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/rung --create-home rung
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/rung
VOLUME /var/lib/rung
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import httpx; httpx.get('http://127.0.0.1:8000/healthz', timeout=4).raise_for_status()"]
ENTRYPOINT ["rung"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
