#!/usr/bin/env bash
# Runs a measurement and prints its table:
#
#   benchmarks/run.sh store-cost [--rows=life,lanes] [--bullmq] [--fsync=everysec] [--help]
#   benchmarks/run.sh rate-limit [--rates=100,1000] [--bullmq] [--help]
#
# BullMQ is measured only where asked for, and wants Node.js.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scenario=${1:-}
case "$scenario" in
  store-cost | rate-limit) ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
shift

for argument in "$@"; do
  if [[ "$argument" == --bullmq && ! -d benchmarks/peers/bullmq/node_modules ]]; then
    npm install --no-save --prefix benchmarks/peers/bullmq --no-audit --no-fund >&2
  fi
done

exec ./mvnw -q -Pbenchmarks test-compile "exec:exec@$scenario" "-D$scenario.args=$*"
