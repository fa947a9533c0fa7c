#!/usr/bin/env bash
# Makes bench/peers/.venv, in which `npm run bench -- peers` finds what it is held against. About 2 GB.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m venv .venv
.venv/bin/pip install --quiet --upgrade pip
.venv/bin/pip install --quiet tensorflow tf-keras tensorflow-model-optimization ai-edge-litert
