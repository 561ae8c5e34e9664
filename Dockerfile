# Caseround in one image: hash-locked packages, no compiler left in it, no root.
# tests/server/test_clean_boot.py starts the CMD below as an unprivileged user on an empty folder.
# Without attachments it is some 400 MB smaller: docker build --build-arg REQUIREMENTS=runtime

ARG REQUIREMENTS=attachments

FROM python:3.11-slim-bookworm AS build
ARG REQUIREMENTS
WORKDIR /app
# For the media plane; it does not come along into the image.
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
RUN python -m venv /venv
COPY requirements requirements
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/$REQUIREMENTS.txt
COPY pyproject.toml setup.py README.md LICENSE VENDOR.md ./
COPY server server
COPY sessions sessions
COPY cases cases
COPY static static
# Editable: the code stays in /app, where it finds static/ beside it.
RUN /venv/bin/pip install --no-cache-dir --no-build-isolation --no-deps --editable . \
 && /venv/bin/pip uninstall --yes --quiet setuptools \
 && python -m compileall -q server sessions cases

FROM python:3.11-slim-bookworm
ARG REQUIREMENTS
# What OpenCV, which reads attached pages, is linked against.
RUN if [ "$REQUIREMENTS" = attachments ]; then apt-get update \
 && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/*; fi
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin caseround \
 && install --directory --owner caseround --mode 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin
ENV PYTHONUNBUFFERED=1
ENV CASEROUND_DATA_DIR=/data
ENV CASEROUND_HTTP_HOST=0.0.0.0
ENV CASEROUND_HTTP_PORT=8080
ENV CASEROUND_MEDIA_PORT=8081
WORKDIR /app
USER caseround
VOLUME /data
EXPOSE 8080
EXPOSE 8081/udp
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"CASEROUND_HTTP_PORT\"]}/healthz', timeout=2)"]
# Brings the database up to date by itself, under the lock that keeps a second process away.
CMD ["caseround", "serve"]
