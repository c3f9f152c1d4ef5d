#!/usr/bin/env bash
# Say what the tests in test/e2e, test/clients, test/interop, test/capture or test/captures miss here.
# Fails when something is missing: quietly enough for a machine with Go alone, which then leaves
# these tests out; under CI=true the caller must not go on.
set -euo pipefail
suite=$1

# needs_right KIND WHO: a uid of 0 does not tell; root of a plain container may make no
# namespace, nor mount.
needs_right() {
    if ! unshare "$1" true 2>/dev/null; then
        echo "test/$suite: NOT RUN, it needs $2; in a container, a privileged one" >&2
        exit 1
    fi
}

needs_root() {
    # Programs run as their own users, in namespaces: root of one user will not do.
    if [ "$(id -u)" != 0 ] || awk '{n += $3} END {exit n > 1}' /proc/self/uid_map; then
        echo "test/$suite: NOT RUN, it needs root" >&2
        exit 1
    fi
    needs_right --net "root that may make namespaces (CAP_SYS_ADMIN)"
}

case $suite in
e2e)
    tools=(unbound:unbound dig:bind9-dnsutils dnsdbq:dnsdbq)
    needs_right --mount "root that may mount (CAP_SYS_ADMIN), or unshare -rm before the command"
    ;;
clients) tools=(dnsdbq:dnsdbq dig:bind9-dnsutils) ;;
interop)
    tools=(
        unbound:unbound named:bind9 pdns_recursor:pdns-recursor kresd:knot-resolver
        dig:bind9-dnsutils fstrm_capture:fstrm-bin dnstap-ldns:dnstap-ldns ip:iproute2 setpriv:util-linux
    )
    needs_root
    ;;
capture)
    tools=(ip:iproute2 nsenter:util-linux dig:bind9-dnsutils)
    needs_root
    ;;
captures) tools=(tshark:tshark) ;;
*)
    echo "usage: $0 e2e|clients|interop|capture|captures" >&2
    exit 2
    ;;
esac
missing=()
for tool in "${tools[@]}"; do
    PATH=$PATH:/usr/sbin command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
echo "test/$suite: NOT RUN, it needs: ${missing[*]}" >&2
echo "test/$suite: on Debian: apt-get install ${missing[*]}" >&2
exit 1
