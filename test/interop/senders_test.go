package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/pdns/test/lab"
)

// TestForwarders: what a resolver was told by another one comes from no zone that
// it knows of. BIND says ".", which is as good as none.
func TestForwarders(t *testing.T) {
	w := newWorld(t)
	w.start(t, unbound, nowhere)
	for _, r := range []resolver{bindForwarder, unboundForwarder} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := collect(t, r.user)
			w.start(t, r, c.socket(r))
			ask(t, r.address)
			w.compare(t, c, fromOthers)
			c.Stop()
			noClient(t, c, r.address)
		})
	}
}

// nowhere is the socket of a collector that does not exist.
const nowhere = "/nowhere/dnstap.sock"

// TestNetwork: Unbound sends by TLS to a collector that wants a certificate of it,
// and PowerDNS Recursor by TCP.
func TestNetwork(t *testing.T) {
	w := newWorld(t)
	authority := lab.NewAuthority(t)
	cert, key := authority.Issue("collector.example")
	senderCert, senderKey := authority.Issue("sender.example")
	t.Run("TLS", func(t *testing.T) {
		t.Parallel()
		c := collect(t, "root", "unix "+exampleSocket, "tls $TAP "+cert+" "+key+" "+authority.File)
		w.start(t, unbound, "", `dnstap-socket-path: "`+exampleSocket+`"`, `dnstap-ip: "`+strings.Replace(c.tap, ":", "@", 1)+`"
    dnstap-tls-server-name: "collector.example"
    dnstap-tls-cert-bundle: "`+authority.File+`"
    dnstap-tls-client-key-file: "`+senderKey+`"
    dnstap-tls-client-cert-file: "`+senderCert+`"`)
		ask(t, unboundAddress)
		w.compare(t, c, fromServers)
	})
	t.Run("TCP", func(t *testing.T) {
		t.Parallel()
		c := collect(t, "root", "unix "+exampleSocket, "tcp $TAP")
		w.start(t, recursor, c.tap)
		ask(t, recursorAddress)
		w.compare(t, c, fromServers)
	})
}

// TestCoreDNS receives what CoreDNS's own dnstap plugin sends.
func TestCoreDNS(t *testing.T) {
	w := newWorld(t)
	w.start(t, unbound, nowhere)
	c := collect(t, "root", "unix "+exampleSocket, "tcp $TAP")
	text := strings.NewReplacer(
		"127.0.0.1:6000", c.tap, "127.0.0.1:5301", unboundAddress, "bind 127.0.0.1", "bind "+corednsAddress,
	).Replace(example(t, "Corefile.dnstap"))
	lab.WriteFile(t, w.dir, "Corefile.dnstap", text)
	p := lab.Start(t, w.dir, binaries.CoreDNS, "-conf", "Corefile.dnstap")
	waitForAnswer(t, p, corednsAddress, "plain.alpha.")
	ask(t, corednsAddress)
	w.compare(t, c, fromOthers)
	c.Stop()
	noClient(t, c, corednsAddress)
}

// TestReplay takes what Unbound sent to fstrm_capture from its file, by
// fstrm_replay over TCP.
func TestReplay(t *testing.T) {
	w := newWorld(t)
	socket, file := filepath.Join(w.dir, "capture.sock"), filepath.Join(w.dir, "capture.fstrm")
	capture := lab.Start(t, w.dir, "fstrm_capture", "-t", "protobuf:dnstap.Dnstap", "-u", socket, "-w", file)
	lab.Wait(t, "the socket of fstrm_capture", func() bool { return os.Chmod(socket, 0o666) == nil })
	w.start(t, unbound, socket)
	ask(t, unboundAddress)
	lab.Wait(t, "the last answer in the file", func() bool {
		capture.Signal(syscall.SIGHUP) // it writes what it has
		out, _ := exec.Command("dnstap-ldns", "-q", "-r", file).Output()
		return strings.Contains(string(out), `"`+last.name+`." IN `+last.qtype)
	})
	capture.Stop()
	c := collect(t, "root", "unix "+exampleSocket, "tcp $TAP")
	replay := lab.Start(t, w.dir, "fstrm_replay", "-t", "protobuf:dnstap.Dnstap", "-a", c.address, "-p", "6000", "-r", file)
	if code := replay.ExitCode(); code != 0 {
		t.Fatalf("fstrm_replay: exit %d\n%s", code, replay.Output())
	}
	w.compare(t, c, fromServers)
	c.Stop()
	noClient(t, c, unboundAddress)
}
