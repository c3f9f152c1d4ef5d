package interop

import (
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// Where the resolvers answer.
const (
	unboundAddress          = "198.18.53.1"
	bindAddress             = "198.18.53.2"
	recursorAddress         = "198.18.53.3"
	knotAddress             = "198.18.53.4"
	bindForwarderAddress    = "198.18.53.5"
	unboundForwarderAddress = "198.18.53.6"
	corednsAddress          = "198.18.53.7"
)

// A resolver is a program of Debian's, and how it is told to send dnstap.
type resolver struct {
	name    string
	address string
	user    string   // that Debian runs it as
	example string   // file in examples
	files   []string // in testdata: the rest of its configuration
	command string   // in its directory
	client  bool     // sends its answers to clients, and nothing else
	recipe  string   // how the recipe of the pdnsquery manual begins that it has, if any
}

var (
	unbound = resolver{
		name: "Unbound", address: unboundAddress, user: "unbound", example: "unbound.conf",
		files: []string{"unbound.conf"}, command: "unbound -d -p -c unbound.conf",
	}
	bind = resolver{
		name: "BIND", address: bindAddress, user: "bind", example: "named.conf",
		files: []string{"named.conf"}, command: "named -g -u bind -c named.conf",
	}
	recursor = resolver{
		name: "PowerDNS Recursor", address: recursorAddress, user: "pdns", example: "recursor.lua",
		files:   []string{"recursor.conf", "recursor.lua"},
		command: "pdns_recursor --config-dir=. --daemon=no --write-pid=no --disable-syslog",
	}
	knot = resolver{
		name: "Knot Resolver", address: knotAddress, user: "knot-resolver", example: "kresd.conf",
		files: []string{"kresd.conf"},
		// As its unit of systemd runs it.
		command: "setpriv --reuid knot-resolver --regid knot-resolver --clear-groups --inh-caps +net_bind_service" +
			" --ambient-caps +net_bind_service kresd -n -c kresd.conf -c dnstap.conf .",
		client: true,
	}
	// These two ask Unbound instead of recursing.
	bindForwarder = resolver{
		name: "BIND", address: bindForwarderAddress, user: "bind", example: "named.conf",
		files: []string{"named-forwarder.conf"}, command: "named -g -u bind -c named-forwarder.conf",
	}
	unboundForwarder = resolver{
		name: "Unbound", address: unboundForwarderAddress, user: "unbound", example: "unbound.conf",
		files: []string{"unbound-forwarder.conf"}, command: "unbound -d -p -c unbound-forwarder.conf",
	}
)

// exampleSocket is where most examples have the socket.
const exampleSocket = "/run/pdns/dnstap.sock"

// socket is where the example of a resolver has it.
func (r resolver) socket() string {
	if r.client {
		return "/run/pdns-knot/dnstap.sock"
	}
	return exampleSocket
}

// start starts a resolver that sends dnstap to a socket, or elsewhere if its
// example is edited otherwise.
func (w *world) start(t *testing.T, r resolver, socket string, edits ...string) *lab.Process {
	t.Helper()
	dir := openDir(t)
	uid, gid := account(t, r.user)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	lab.WriteFile(t, dir, "root.hints", rootHints)
	lab.WriteFile(t, dir, "dnstap.conf", strings.NewReplacer(append(edits, r.socket(), socket)...).Replace(example(t, r.example)))
	if r.recipe != "" {
		lab.WriteFile(t, dir, "recipe.conf", strings.NewReplacer(edits...).Replace(recipe(t, r.recipe)))
	}
	for _, name := range r.files {
		text := read(t, filepath.Join("testdata", name))
		text = strings.NewReplacer("@ADDR@", r.address, "@DIR@", dir, "@UPSTREAM@", unboundAddress).Replace(text)
		lab.WriteFile(t, dir, name, w.anchored(t, text))
	}
	args := strings.Fields(r.command)
	p := lab.Start(t, dir, args[0], args[1:]...)
	waitForAnswer(t, p, r.address, "plain.alpha.")
	return p
}

// anchored is a configuration with the trust anchors that it names.
func (w *world) anchored(t *testing.T, text string) string {
	t.Helper()
	root, signed := w.anchors["."], w.anchors["signed.alpha."]
	return strings.NewReplacer(
		"@ROOT-DS@", root, "@ROOT-STATIC@", static(t, root),
		"@DS@", signed, "@DIGEST@", digest(t, signed), "@STATIC@", static(t, signed),
	).Replace(text)
}

// digest is the rdata of a DS record.
func digest(t *testing.T, ds string) string {
	t.Helper()
	rr, err := dns.NewRR(ds)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String())
}

// static is a trust anchor as BIND has it.
func static(t *testing.T, ds string) string {
	t.Helper()
	f := strings.Fields(digest(t, ds))
	return "static-ds " + strings.Join(f[:3], " ") + ` "` + f[3] + `"`
}

// example is the text of a file in examples.
func example(t *testing.T, name string) string {
	t.Helper()
	return read(t, filepath.Join("..", "..", "examples", name))
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// openDir is a temporary directory that programs of other users can enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// account is the user and the group that a program runs as.
func account(t *testing.T, name string) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	if uid, err = strconv.Atoi(u.Uid); err == nil {
		gid, err = strconv.Atoi(u.Gid)
	}
	if err != nil {
		t.Fatal(err)
	}
	return uid, gid
}

// dig asks at an address and returns what dig prints.
func dig(t *testing.T, addr string, args ...string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"@" + host, "-p", port, "+tries=2", "+time=5"}, args...)
	out, err := exec.Command("dig", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("dig %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
