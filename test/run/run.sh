#!/usr/bin/env bash
# make run: start Corefile.example as it is, resolve a few names of its
# demonstration zone, show their history, and leave the server running.
# RUN_ONCE=1 stops it instead.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${BIN:-bin}
port=1053
export PDNS_STORE=pdns-data

# CoreDNS shares its ports with other servers of the same user without a word.
taken=
for p in $port 1054 8053 8080 8181 9153; do
    if (: </dev/tcp/127.0.0.1/$p) 2>/dev/null; then taken+=" $p"; fi
done
if [ -n "$taken" ]; then
    echo "make run: something listens on 127.0.0.1 already, port$taken: stop that, or run CoreDNS with a copy of Corefile.example that has other ports, and put these into the commands of README.md" >&2
    exit 1
fi
"$bin/coredns" -conf Corefile.example &
server=$!
stop() {
    trap - EXIT INT TERM
    if kill -0 "$server" 2>/dev/null; then
        kill -TERM "$server"
        wait "$server" || true
    fi
}
trap stop EXIT
trap 'stop; exit 0' INT TERM

# is_ready: what the ready plugin says, without any program that may be missing.
is_ready() {
    { exec 3<>/dev/tcp/127.0.0.1/8181; } 2>/dev/null || return 1
    printf 'GET /ready HTTP/1.0\r\n\r\n' >&3
    local line
    read -r line <&3 || true
    exec 3>&-
    [[ $line == *" 200 "* ]]
}
for _ in $(seq 300); do
    if ! kill -0 "$server" 2>/dev/null; then
        echo "make run: CoreDNS ended; what it says above is why" >&2
        exit 1
    fi
    if is_ready; then break; fi
    sleep 0.1
done
is_ready || { echo "make run: CoreDNS is not ready" >&2; exit 1; }

show() {
    printf '\n$'
    local word
    for word; do
        case $word in *\**) word="'$word'" ;; esac # as it is typed at a shell
        printf ' %s' "$word"
    done
    printf '\n'
    "$@"
}
resolve() {
    if command -v dig >/dev/null; then
        show dig @127.0.0.1 -p $port +short "$2" "$1"
    else
        show go run ./test/run/ask 127.0.0.1:$port "$1" "$2"
    fi
}
# past SUBJECT: by pdns only what is on disk is seen, so wait for a flush.
past() {
    if command -v dig >/dev/null; then
        show dig @127.0.0.1 -p $port +short TXT "$1._pdns.local"
        return
    fi
    for _ in $(seq 150); do
        if "$bin/pdns" lookup "$1" >/dev/null 2>&1; then break; fi
        sleep 0.1
    done
    show "$bin/pdns" lookup "$1"
}

printf '\nNames are resolved through it, as any client would:\n'
resolve shop.demo.example A
resolve demo.example MX
printf '\nIt remembers what the answers said, and not who asked:\n'
past shop.demo.example
past '*.demo.example'
if command -v dig >/dev/null; then past 192.0.2.10._rdata; else past 192.0.2.10; fi

if [ -n "${RUN_ONCE:-}" ]; then
    stop
    printf '\nstopped; what it recorded is in %s:\n' "$PDNS_STORE"
    show "$bin/pdns" lookup shop.demo.example
    exit 0
fi
cat <<NEXT

CoreDNS is running; Ctrl-C stops it. To go on, in another terminal:

    dig @127.0.0.1 -p $port +short www.demo.example                   resolve a name
    dig @127.0.0.1 -p $port +short TXT www.demo.example._pdns.local   its history
    dig @127.0.0.1 -p $port +short A www.demo.example._pdns.local     the past, resolved
    dig @127.0.0.1 -p $port +short TXT _status._pdns.local            what is known
    $bin/pdns lookup '*.demo.example' --store $PDNS_STORE
    DNSDB_SERVER=http://127.0.0.1:8053 DNSDB_API_KEY=any dnsdbq -r '*.demo.example'
NEXT
wait "$server"
