FROM python:3.11-slim AS build
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /build
ENV UV_PROJECT_ENVIRONMENT=/opt/contratempo UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project --compile-bytecode
COPY README.md LICENSE ./
COPY src src
COPY specs specs
COPY fixtures fixtures
RUN uv build --wheel --out-dir dist && uv pip install --python /opt/contratempo --no-deps --compile-bytecode dist/*.whl

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Contratempo" \
      org.opencontainers.image.description="A contract-testing mock server for APIs that schedule future communications" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --create-home --home-dir /work contratempo
COPY --from=build /opt/contratempo /opt/contratempo
# Only here does the mock listen beyond loopback; it then asks for CONTRATEMPO_CONTROL_TOKEN, or makes and prints one.
ENV PATH=/opt/contratempo/bin:$PATH CONTRATEMPO_HOST=0.0.0.0 PYTHONUNBUFFERED=1
WORKDIR /work
USER 10001
EXPOSE 4010
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 CMD ["contratempo", "ready"]
ENTRYPOINT ["contratempo"]
CMD ["serve"]
