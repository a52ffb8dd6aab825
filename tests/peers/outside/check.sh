#!/usr/bin/env bash
# Feeds made rows to the outside peers and counts what comes back. Needs what README.md sets up, no data.
set -euo pipefail
cd "$(dirname "$0")"
rcf=${CARGO_TARGET_DIR:-rcf/target}/release/rcf

rows() { awk -v n="$2" -v v="$1" 'BEGIN { for (i = 0; i < n; i++) { s = sin(i)
  for (k = 1; k < v; k++) s = s "," cos(i * k); print s } }'; }

check() { # NAME VARIABLES COMMAND...
  local name=$1 variables=$2 answer
  shift 2
  # The stream repeats the five rows that are fitted to.
  answer=$({
    echo "{\"variables\":$variables,\"fit\":5,\"warm_up\":5,\"rows\":300,\"seed\":1}"
    rows "$variables" 5
    rows "$variables" 300
  } | "$@")
  [[ $(grep -cE '^-?[0-9.]+(e-?[0-9]+)?$' <<<"$answer") == 300 ]]
  [[ $(tail -n 1 <<<"$answer") =~ ^state_bytes=[1-9][0-9]*$ ]]
  # Too few rows are an error with a message, and no scores to be taken for whole ones.
  if { echo '{"variables":1,"fit":5,"warm_up":5,"rows":300,"seed":1}'; rows 1 9; } |
    "$@" >/dev/null 2>&1; then return 1; fi
  echo "$name with $variables variable(s): ok"
}

for variables in 1 3; do
  check hst "$variables" "${PYTHON:-python}" hst.py
  check rcf "$variables" "$rcf"
done
