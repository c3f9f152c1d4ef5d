#!/usr/bin/env bash
# make demo: replay the investigation that passive DNS exists for, on a history
# made for it. Names and addresses are those reserved for documentation.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${BIN:-bin}
work=$bin/demo
export PDNS_STORE=$work/store PDNS_NOW=2019-09-01T00:00:00Z
rm -rf "$work"
mkdir "$work"
server=
cleanup() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
}
trap cleanup EXIT

say() { printf '\n%s\n' "$*" | fold -s -w 78; }
show() {
    printf '\n$ %s\n' "$*"
    "$@"
}
# expect NUMBER WHAT SUBJECT: the story tells what the store holds.
expect() {
    local got
    got=$("$bin/pdns" lookup "$3" --limit 0 --json | grep -o '"rrname":"[^"]*"' | sort -u | wc -l)
    [ "$got" -eq "$1" ] || { echo "demo: $got $2, not $1" >&2; exit 1; }
}

free_port() {
    local port
    while port=$((20000 + RANDOM % 10000)); (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do :; done
    echo "$port"
}
port=$(free_port)

# ask SUBJECT: the history of it, by dig, or by pdns where there is no dig.
ask() {
    if command -v dig >/dev/null; then
        show dig @127.0.0.1 -p "$port" +short TXT "$1._pdns.local"
    else
        printf '\n(without dig: the same question by pdns)'
        local subject=${1%%._*}
        show "$bin/pdns" lookup "$subject" --limit 5
    fi
}

say "Whoever wants to type the lines with pdns again, then or later, begins with this:"
printf '\n$ export PDNS_STORE=%q PDNS_NOW=%s\n' "$PDNS_STORE" "$PDNS_NOW"

go run ./test/demo >"$work/history.json"
say "A history of $(wc -l <"$work/history.json") RRsets, as a resolver would have recorded it in the summer of 2019, is imported into an empty store."
show "$bin/pdns" import "$work/history.json"

cat >"$work/Corefile" <<COREFILE
_pdns.local:$port {
    bind 127.0.0.1
    pdnsquery $PDNS_STORE
    transfer {
        to 127.0.0.1
    }
}
COREFILE
"$bin/coredns" -conf "$work/Corefile" >"$work/log" 2>&1 &
server=$!
for _ in $(seq 200); do
    if grep -q '^CoreDNS-' "$work/log" || ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.05
done
grep -q '^CoreDNS-' "$work/log" || { cat "$work/log" >&2; exit 1; }

lure=parcel-8841.track-delivery.example
say "1. A mail says that a parcel waits at $lure. The name no longer resolves anywhere, but while it did, it was looked up here: the history knows its two addresses, how often each was fetched, and when it moved from one to the other."
ask "$lure"
show "$bin/pdns" lookup "$lure"

say "2. Who else lived at the first address? 42 names, and all of them tell of parcels."
ask "192.0.2.41._rdata._summary"
show "$bin/pdns" lookup 192.0.2.41 --limit 6
expect 42 "names at the first address" 192.0.2.41

say "3. At the second, 44. Swindlers leave one house for the next, and take the business along."
ask "198.51.100.23._rdata._summary"
show "$bin/pdns" lookup 198.51.100.23 --limit 6
expect 44 "names at the second address" 198.51.100.23

say "4. On the day of the mail, the lure was at the first of them."
ask "$lure._a._at-20190710"
if command -v dig >/dev/null; then
    show dig @127.0.0.1 -p "$port" +short A "$lure._at-20190710._pdns.local"
fi

say "5. A picture of the page shows where the victim was sent to pay: pay.secure-checkout.example. It only ever had one address."
ask "pay.secure-checkout.example"

say "6. That address is the till of more than one swindle: 1,475 names."
ask "203.0.113.77._rdata._summary"
show "$bin/pdns" lookup 203.0.113.77 --limit 6
expect 1475 "names at the till" 203.0.113.77

say "7. All of them, for the block list: by zone transfer, or as JSON."
count() { printf '\n$ %s\n' "$1"; bash -c "$1"; }
if command -v dig >/dev/null; then
    count "dig @127.0.0.1 -p $port +noall +answer AXFR 203.0.113.77._rdata._pdns.local | grep -c TXT"
fi
count "$bin/pdns lookup 203.0.113.77 --limit 0 --json | wc -l"

say "Three questions led from one mail to nearly 1,500 names, and none of them left this machine: nobody was warned."
say "The store stays in $PDNS_STORE until the next make demo or make clean."
