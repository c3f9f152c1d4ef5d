#!/usr/bin/env bash
# The plugins in upstream's own CoreDNS: two lines of its plugin.cfg and one
# replace in its go.mod, as the README says. Builds that from the copy in the
# module cache, starts it with Corefile.example, and asks it about the past.
# It takes minutes and a gigabyte or two of memory.
set -euo pipefail
cd "$(dirname "$0")/../.."
checkout=$PWD
module=github.com/coredns/coredns

work=$(mktemp -d)
server=
cleanup() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
    rm -rf "$work"
}
trap cleanup EXIT

go mod download "$module"
cp -r "$(go list -m -f '{{.Dir}}' "$module")" "$work/coredns"
chmod -R u+w "$work/coredns"
cp "$checkout/go.sum" "$work/go.sum"

cd "$work/coredns"
sed -i -e 's|^forward:forward$|pdnscollect:example.org/pdns/plugin/pdnscollect\n&|' \
       -e 's|^template:template$|pdnsquery:example.org/pdns/plugin/pdnsquery\n&|' plugin.cfg
if [ "$(grep -c '^pdns' plugin.cfg)" != 2 ]; then
    echo "plugin.cfg has no template or no forward to put the plugins above" >&2
    exit 1
fi
go mod edit -require example.org/pdns@v0.0.0 -replace "example.org/pdns=$checkout"
sort -u "$work/go.sum" go.sum -o go.sum
export GOFLAGS=-mod=mod
go generate
go build -trimpath -o "$work/upstream" .
unset GOFLAGS
"$work/upstream" -plugins > plugins
for p in pdnscollect pdnsquery; do
    grep -w "$p" plugins || { echo "upstream's CoreDNS has no $p" >&2; exit 1; }
done

cd "$work"
# Other ports than the example's own, so that one of those may run beside.
sed -e 's/1053/21053/' -e 's/1054/21054/' -e 's/:\(8053\|8080\|8181\|9153\)/:0/' "$checkout/Corefile.example" > Corefile
"$work/upstream" -conf Corefile > log 2>&1 &
server=$!

ask() { (cd "$checkout" && go run ./test/run/ask 127.0.0.1:21053 "$@"); }
for _ in $(seq 60); do
    if ask www.demo.example A > answer 2>/dev/null; then break; fi
    if ! kill -0 "$server"; then cat log >&2; exit 1; fi
    sleep 0.5
done
cat answer
history=$(ask www.demo.example._pdns.local TXT)
echo "$history"
if [[ $history != *'"A '*'"192.0.2.10"'* ]]; then
    cat log >&2
    echo "upstream's CoreDNS does not remember www.demo.example" >&2
    exit 1
fi
