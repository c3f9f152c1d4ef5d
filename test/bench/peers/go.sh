#!/usr/bin/env bash
# Run go in the module of the peers, with the build tags of those whose libraries
# are there: test/bench/peers/go.sh build -o FILE . | test ./...
set -euo pipefail
cd "$(dirname "$0")"
tags=()
for library in rocksdb:rocksdb libmtbl:mtbl; do
    if pkg-config --exists "${library%%:*}" 2>/dev/null; then tags+=("${library##*:}"); fi
done
command=$1
shift
exec "${GO:-go}" "$command" -tags "${tags[*]}" "$@"
