// Package e2e is passive DNS as it is used: dig asks the custom CoreDNS, which
// forwards to a real Unbound, which asks the name servers of a small world of
// zones, one of them signed, one hostile, one that changes. What the history
// holds is compared with what was served.
//
// It needs unbound, dig and dnsdbq; see tools.sh.
package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

var binaries *lab.Binaries

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	for _, tool := range []string{"unbound", "dig", "dnsdbq"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "%v: the end-to-end tests need it; see test/e2e/tools.sh\n", err)
			return 1
		}
	}
	var err error
	if binaries, err = lab.Build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer binaries.Remove()
	return m.Run()
}

// A world is the name servers, the recursive resolver and our CoreDNS.
type world struct {
	t       testing.TB
	dir     string
	store   string
	truth   lab.Served
	anchor  string
	auth    *lab.Server
	unbound string // address and port
	coredns *lab.Server
	poison  *poisoner
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), truth: lab.Served{}}
	w.store = filepath.Join(w.dir, "store")
	signed, anchor := lab.Sign(t, signedZone)
	w.anchor = anchor
	for zone, text := range map[string]string{
		"plain.test": plainZone, "other.test": otherZone, "signed.test": signed, "changing.test": changingZone(1),
	} {
		lab.WriteFile(t, w.dir, zone, text)
		w.truth.Add(t, lab.ParseZone(t, text))
	}
	w.poison = newPoisoner(t)
	w.auth = lab.StartCoreDNS(t, binaries.CoreDNS, w.dir, authCorefile)
	w.startUnbound()
	w.coredns = lab.StartCoreDNS(t, binaries.CoreDNS, w.dir, w.corefile("forward . "+w.unbound))
	return w
}

// authCorefile serves the zones, each at a loopback address of its own.
const authCorefile = `
.:$PORT {
    bind 127.0.0.1
    errors
}
plain.test:$PORT {
    bind 127.0.0.2
    file plain.test
}
other.test:$PORT {
    bind 127.0.0.3
    file other.test
}
signed.test:$PORT {
    bind 127.0.0.4
    file signed.test
}
changing.test:$PORT {
    bind 127.0.0.5
    file changing.test {
        reload 100ms
    }
}
`

// corefile is our resolver, with one directive that answers.
func (w *world) corefile(backend string) string {
	return `
.:$PORT {
    bind 127.0.0.1
    errors
    pdnscollect ` + w.store + ` {
        flush 1s
    }
    ` + backend + `
}
_pdns.local:$PORT {
    bind 127.0.0.1
    pdnsquery ` + w.store + `
    transfer {
        to 127.0.0.1
    }
}
`
}

const unboundConf = `server:
    interface: 127.0.0.1@%[1]s
    port: %[1]s
    access-control: 127.0.0.0/8 allow
    do-ip6: no
    do-not-query-localhost: no
    module-config: "validator iterator"
    use-caps-for-id: yes
    qname-minimisation: yes
    minimal-responses: no
    username: ""
    chroot: ""
    directory: "%[2]s"
    pidfile: ""
    use-syslog: no
    logfile: ""
    num-threads: 1
    local-zone: "test." nodefault
    trust-anchor: "%[3]s"
    root-hints: "%[2]s/root.hints"
remote-control:
    control-enable: no
`

// startUnbound starts a validating Unbound that finds each zone at its server.
func (w *world) startUnbound() {
	w.t.Helper()
	port := lab.FreePort(w.t, "127.0.0.1")
	_, authPort, _ := net.SplitHostPort(w.auth.Addr)
	conf := fmt.Sprintf(unboundConf, port, w.dir, w.anchor)
	for zone, addr := range map[string]string{
		"plain.test": "127.0.0.2@" + authPort, "other.test": "127.0.0.3@" + authPort,
		"signed.test": "127.0.0.4@" + authPort, "changing.test": "127.0.0.5@" + authPort,
		"poison.test": strings.Replace(w.poison.Addr, ":", "@", 1),
	} {
		conf += fmt.Sprintf("stub-zone:\n    name: %q\n    stub-addr: %s\n", zone, addr)
	}
	file := filepath.Join(w.dir, "unbound.conf")
	lab.WriteFile(w.t, w.dir, "root.hints", ". 3600000 NS nowhere.test.\nnowhere.test. 3600000 A 127.0.0.127\n")
	lab.WriteFile(w.t, w.dir, "unbound.conf", conf)
	w.unbound = net.JoinHostPort("127.0.0.1", port)
	p := lab.Start(w.t, w.dir, "unbound", "-d", "-p", "-c", file)
	lab.Wait(w.t, "an answer of Unbound", func() bool {
		if !p.Alive() {
			w.t.Fatalf("unbound ended:\n%s", p.Output())
		}
		_, err := lab.Exchange("udp", w.unbound, "", new(dns.Msg).SetQuestion("www.plain.test.", dns.TypeA))
		return err == nil
	})
}

// dig asks our CoreDNS and returns what dig prints.
func (w *world) dig(args ...string) string {
	w.t.Helper()
	host, port, _ := net.SplitHostPort(w.coredns.Addr)
	args = append([]string{"@" + host, "-p", port, "+tries=2", "+time=5", "+nocookie"}, args...)
	out, err := exec.Command("dig", args...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("dig %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// history is what dig +short prints of the past of a subject.
func (w *world) history(subject string) string {
	w.t.Helper()
	return w.dig("+short", "TXT", subject+"._pdns.local")
}

// pdns runs the command on the store.
func (w *world) pdns(args ...string) string {
	w.t.Helper()
	cmd := exec.Command(binaries.PDNS, args...)
	cmd.Env = append(os.Environ(), "PDNS_STORE="+w.store, "NO_COLOR=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("pdns %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// export is the whole store.
func (w *world) export() []lab.Record {
	w.t.Helper()
	return lab.Records(w.t, w.pdns("export", "--json"))
}
