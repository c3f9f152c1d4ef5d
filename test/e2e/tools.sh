#!/usr/bin/env bash
# Say which programs the end-to-end tests miss here. Fails when one is missing:
# quietly enough for a machine with Go alone, which then leaves these tests out;
# under CI=true the caller must not go on.
set -euo pipefail
missing=()
for tool in unbound:unbound dig:bind9-dnsutils dnsdbq:dnsdbq; do
    PATH=$PATH:/usr/sbin command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
echo "test/e2e: NOT RUN, it needs: ${missing[*]}" >&2
echo "test/e2e: on Debian: apt-get install ${missing[*]}" >&2
exit 1
