#!/usr/bin/env bash
# Sets everything up and runs the benchmark on one core. Needs Python 3 with venv and the networks.
set -euo pipefail
cd "$(dirname "$0")"

target=$PWD/../../target/peers
export CARGO_TARGET_DIR=$target
python=$target/venv/bin/python
data=$(realpath "${BELLWETHER_DATA:-../../../shared/data}")
export BELLWETHER_DATA=$data
if ! "$python" -c "import ai_edge_litert" 2>/dev/null; then
  python3 -m venv --clear "$target/venv"
  "$python" -m pip install --quiet --requirement requirements.txt
fi
(
  cd ../..
  CARGO_TARGET_DIR=target cargo run --quiet --release --package bellwether-sim -- \
    model pack "$data/ad01/ad01_int8.tflite" -o target/peers/ad01.bwm
)
cargo build --quiet --release
PEERS_PYTHON=$python exec taskset --cpu-list 0 "$target/release/bellwether-peers" "$target/ad01.bwm"
