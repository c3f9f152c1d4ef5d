package interop

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/pdns/test/lab"
)

// fedAddress is where the examples have BIND and the collector.
const fedAddress = "127.0.0.1"

// bindFed transfers the feed of its own newly observed domains, and obeys it.
var bindFed = resolver{
	name: "BIND", address: fedAddress, user: "bind", example: "named-feed.conf",
	files: []string{"named-fed.conf", "named-fed-options.conf"}, command: "named -g -u bind -c named-fed.conf",
}

const (
	fed     = "1h._nod._pdns.local"
	fedFrom = fedAddress + ":5300"
	// What was seen before, long ago and yesterday.
	oldDomain = "other.beta."
	// exempt is new, and among the exceptions.
	exempt = "plain.alpha"
)

// newFeeder is a collector as examples/Corefile.feed has it, with edits.
func newFeeder(t *testing.T, edits ...string) *collector {
	t.Helper()
	dir := openDir(t)
	c := &collector{dir: dir, run: filepath.Join(dir, "run"), store: filepath.Join(dir, "store"), address: fedAddress}
	c.metrics = fedAddress + ":9253"
	makeRun(t, c.run, bindFed.user)
	text := strings.NewReplacer(append(edits, "    errors\n", "    errors\n    prometheus "+c.metrics+"\n")...).Replace(example(t, "Corefile.feed"))
	c.corefile = strings.NewReplacer("/run/pdns", c.run, "/var/lib/pdns", c.store,
		"    pdnscollect /var/lib/pdns {\n", "    pdnscollect "+c.store+" {\n        flush 1s\n        new learn 0\n").Replace(text)
	history := filepath.Join(dir, "old.json")
	now := time.Now().Unix()
	line := fmt.Sprintf(`{"rrname":%q,"rrtype":"NS","rdata":["ns1.other.beta."],"count":2,"time_first":%d,"time_last":%d}`, oldDomain, now-400*86400, now-86400)
	if err := os.WriteFile(history, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.pdns(t, "import", history)
	c.Server = lab.StartCoreDNSAt(t, binaries.CoreDNS, c.dir, c.corefile, fedFrom)
	return c
}

// named is BIND, with the directory where it keeps the feed.
type named struct {
	*lab.Process
	dir string
}

// startFed starts BIND, which has the feed then.
func (w *world) startFed(t *testing.T, c *collector, edits ...string) named {
	t.Helper()
	dir := openDir(t)
	uid, gid := account(t, bindFed.user)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	exceptions := strings.ReplaceAll(example(t, "feed-exceptions.db"), "example.com", exempt)
	lab.WriteFile(t, dir, "feed-exceptions.db", exceptions)
	edits = append(edits, "options {", `options { include "named-fed-options.conf";`, `file "`, `file "`+dir+"/")
	p := w.start(t, bindFed, c.socket(bindFed), edits...)
	lab.Wait(t, "the feed in BIND", func() bool {
		return strings.Contains(dig(t, fedAddress+":53", "+noall", "+comments", "SOA", fed), "status: NOERROR")
	})
	return named{p, dir}
}

// answered is what dig reads of a name's address.
func answered(t *testing.T, name string) string {
	t.Helper()
	out := dig(t, net.JoinHostPort(fedAddress, "53"), "A", name)
	if strings.Contains(out, "status: NXDOMAIN") {
		return "NXDOMAIN"
	}
	return strings.TrimSpace(dig(t, net.JoinHostPort(fedAddress, "53"), "+short", "A", name))
}

// wantBlocked waits until the domain of www.signed.alpha is not answered any more, and
// compares what is and what is not.
func (p named) wantBlocked(t *testing.T, c *collector) {
	t.Helper()
	lab.Wait(t, "www.signed.alpha being blocked", func() bool { return answered(t, "www.signed.alpha") == "NXDOMAIN" })
	for name, want := range map[string]string{
		"a.wild.signed.alpha": "NXDOMAIN", "signed.alpha": "NXDOMAIN", "mail.other.beta": "198.51.100.25",
	} {
		if got := answered(t, name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if said := "received notify for zone '" + fed + "'"; !strings.Contains(p.Output(), said) {
		t.Errorf("BIND did not say %q", said)
	}
	if _, err := os.Stat(filepath.Join(p.dir, fed+".db.jnl")); err != nil {
		t.Errorf("BIND has no journal of differences: %v", err)
	}
	if !c.counted(t, "pdnsquery_feed_transfers_total", `form="ixfr"`) {
		t.Error("no transfer was incremental")
	}
}

var soaSerial = regexp.MustCompile(`SOA\s+localhost\. nobody\.invalid\. (\d+) 60 60 3600 60`)

// TestFeed: BIND tells the collector what it resolves, as it recurses, is told which
// domains were never seen before, and does not answer about them again.
func TestFeed(t *testing.T) {
	w := newWorld(t)
	c := newFeeder(t)
	p := w.startFed(t, c)
	before := soaSerial.FindStringSubmatch(dig(t, fedFrom, "SOA", fed))
	pass := answered(t, "www."+exempt)
	if got := answered(t, "www.signed.alpha"); got != "203.0.113.1" || net.ParseIP(pass) == nil {
		t.Fatalf("at first: %s, %s", got, pass)
	}
	p.wantBlocked(t, c)
	if listed := dig(t, fedAddress+":53", "+short", "CNAME", exempt+"."+fed); listed != ".\n" {
		t.Errorf("%s: BIND lists %q", exempt, listed)
	}
	if got := answered(t, "www."+exempt); got != pass {
		t.Errorf("www.%s, an exception: got %s, want %s", exempt, got, pass)
	}

	all := dig(t, fedFrom, "AXFR", fed)
	after := soaSerial.FindAllStringSubmatch(all, -1)
	if before == nil || len(after) != 2 || after[0][1] == before[1] {
		t.Fatalf("serials %v and %v", before, after)
	}
	change := dig(t, fedFrom, "IXFR="+before[1], fed)
	if n := len(soaSerial.FindAllString(change, -1)); n != 4 {
		t.Errorf("%d SOA in a difference:\n%s", n, change)
	}
	for _, record := range []string{`signed\.alpha\.` + fed, `\*\.signed\.alpha\.` + fed} {
		line := regexp.MustCompile(`(?m)^` + record + `\.\s+60\s+IN\s+CNAME\s+\.$`)
		for what, text := range map[string]string{"AXFR": all, "IXFR": change} {
			if !line.MatchString(text) {
				t.Errorf("%s lacks %s:\n%s", what, record, text)
			}
		}
	}
	if strings.Contains(all, oldDomain) {
		t.Errorf("%s is not new:\n%s", oldDomain, all)
	}
	if up := dig(t, fedFrom, "IXFR="+after[0][1], fed); len(soaSerial.FindAllString(up, -1)) != 1 {
		t.Errorf("up to date:\n%s", up)
	}
}

// feedKey is the key of the manual.
const feedKey = "feeds.pdns.local"

// TestFeedSigned: a resolver of our own, which forwards, and transfers that are signed.
func TestFeedSigned(t *testing.T) {
	w := newWorld(t)
	secret := regexp.MustCompile(`secret "([^"]+)"`).FindStringSubmatch(recipe(t, "key "))
	c := newFeeder(t, "    transfer {\n", "    tsig {\n        secret "+feedKey+". "+secret[1]+"\n        require AXFR IXFR\n    }\n    transfer {\n",
		"_pdns.local:5300 {\n", ".:5301 {\n    bind "+fedAddress+"\n    pdnscollect /var/lib/pdns {\n    }\n    forward . 198.18.0.31\n}\n_pdns.local:5300 {\n")
	key, _, _ := strings.Cut(recipe(t, "key "), "zone ")
	p := w.startFed(t, c, "zone \""+fed+"\" {\n", key+"zone \""+fed+"\" {\n", "port 5300;", "port 5300 key \""+feedKey+"\";")
	if got := dig(t, fedAddress+":5301", "+short", "A", "www.signed.alpha"); got != "203.0.113.1\n" {
		t.Fatalf("at first: %s", got)
	}
	p.wantBlocked(t, c)
	if out := dig(t, fedFrom, "AXFR", fed); !strings.Contains(out, "Transfer failed") {
		t.Errorf("unsigned:\n%s", out)
	}
	if out := dig(t, fedFrom, "-y", "hmac-sha256:"+feedKey+":"+secret[1], "AXFR", fed); !strings.Contains(out, "*.signed.alpha."+fed) || strings.Contains(out, "verif") {
		t.Errorf("signed:\n%s", out)
	}
}
