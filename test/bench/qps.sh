#!/usr/bin/env bash
# Queries a second with and without the collector: test/bench/qps.sh [FLAGS of
# the bench program]. It needs dnsperf (Debian: apt-get install dnsperf).
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v dnsperf >/dev/null || { echo "bench: dnsperf is missing; on Debian: apt-get install dnsperf" >&2; exit 1; }
exec go run ./test/bench/qps -coredns "${BIN:-bin}/coredns" "$@"
