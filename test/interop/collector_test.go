package interop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// A collector is our CoreDNS as examples/Corefile and Corefile.knot have it.
type collector struct {
	*lab.Server
	address  string // of its own
	metrics  string // address and port
	tap      string // address and port, for those that send by TCP
	run      string // for /run/pdns
	store    string
	dir      string
	corefile string
}

// collectors numbers them. Each has an address of its own, so that its ports are
// free; resolvers ask from none below 1024.
var collectors atomic.Int32

// collect starts a collector for a resolver that runs as a user, with edits of the
// examples: what is replaced, and by what. $TAP is where it may listen by TCP.
func collect(t *testing.T, username string, edits ...string) *collector {
	t.Helper()
	c := newCollector(t, username, edits...)
	c.start(t)
	return c
}

// newCollector is one that has not begun yet.
func newCollector(t *testing.T, username string, edits ...string) *collector {
	t.Helper()
	dir, n := openDir(t), collectors.Add(1)
	c := &collector{
		dir: dir, run: filepath.Join(dir, "run"), store: filepath.Join(dir, "store"),
		address: fmt.Sprintf("127.53.%d.%d", n/256, n%256),
	}
	c.metrics, c.tap = c.address+":9253", c.address+":6000"
	makeRun(t, c.run, username)
	makeRun(t, c.run+"-knot", knot.user)
	edits = append(edits, "    errors\n", "    errors\n    prometheus "+c.metrics+"\n")
	text := strings.NewReplacer(edits...).Replace(example(t, "Corefile") + example(t, "Corefile.knot"))
	c.corefile = strings.NewReplacer(
		"/run/pdns", c.run, "/var/lib/pdns", c.store, ":5300 {", ":$PORT {", "bind 127.0.0.1", "bind "+c.address, "$TAP", c.tap,
	).Replace(text)
	return c
}

// makeRun makes a directory for sockets as the README says: its group is that of the
// resolver, and passes to what is made in it.
func makeRun(t *testing.T, path, username string) {
	t.Helper()
	_, gid := account(t, username)
	if err := errors.Join(os.Mkdir(path, 0o700), os.Chown(path, 0, gid), os.Chmod(path, os.ModeSetgid|0o750)); err != nil {
		t.Fatal(err)
	}
}

// socket is where a resolver finds the collector.
func (c *collector) socket(r resolver) string {
	return strings.Replace(r.socket(), "/run/pdns", c.run, 1)
}

func (c *collector) start(t *testing.T) {
	t.Helper()
	c.Server = lab.StartCoreDNSAt(t, binaries.CoreDNS, c.dir, c.corefile, c.address+":53")
}

// past is what dig reads of a subject in the query zone.
func (c *collector) past(t *testing.T, subject string) []lab.Record {
	t.Helper()
	text := c.txt(t, subject+"._json._limit-1000")
	if strings.Contains(text, `"note"`) {
		t.Fatalf("%s: not whole:\n%s", subject, text)
	}
	return lab.Records(t, text)
}

// txt is what the TXT records of a question hold, a line each.
func (c *collector) txt(t *testing.T, question string) string {
	t.Helper()
	var b strings.Builder
	out := dig(t, c.Addr, "+tcp", "+noall", "+answer", "TXT", question+"._pdns.local")
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, ";") {
			continue
		}
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if txt, ok := rr.(*dns.TXT); ok {
			b.WriteString(plain(strings.Join(txt.Txt, "")) + "\n")
		}
	}
	return b.String()
}

var escape = regexp.MustCompile(`\\(\d\d\d|.)`)

// plain is a string without the backslashes of the presentation form.
func plain(s string) string {
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		if n, err := strconv.Atoi(e[1:]); err == nil && len(e) == 4 {
			return string([]byte{byte(n)})
		}
		return e[1:]
	})
}

// dropped is what was left out, by reason, as the query zone tells it.
func (c *collector) dropped(t *testing.T) map[string]int {
	t.Helper()
	var status struct{ Dropped map[string]int }
	if err := json.Unmarshal([]byte(c.txt(t, "_status._json")), &status); err != nil {
		t.Fatal(err)
	}
	return status.Dropped
}

// counts reports whether the metrics have a count above zero of what was left out
// for a reason.
func (c *collector) counts(t *testing.T, reason string) bool {
	t.Helper()
	return c.counted(t, `pdnscollect_dropped_total`, `reason="`+reason+`"`)
}

// counted reports whether a counter with a label is above zero.
func (c *collector) counted(t *testing.T, counter, label string) bool {
	t.Helper()
	r, err := http.Get("http://" + c.metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^coredns_` + counter + `\{[^}]*` + label + `[^}]*\} [1-9]`).Match(body)
}

// pdns runs the command on the store.
func (c *collector) pdns(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(binaries.PDNS, append(args, "--store", c.store)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdns %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}
