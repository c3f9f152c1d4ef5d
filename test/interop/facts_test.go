package interop

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// questions are what clients ask, and what must then be known, as an owner and a
// type each.
var questions = []struct {
	name, qtype string
	want        []string
}{
	{"www.plain.alpha", "A", []string{"www.plain.alpha. A"}},
	{"wWw.PlAiN.aLpHa", "AAAA", []string{"www.plain.alpha. AAAA"}},
	{"pool.plain.alpha", "A", []string{"pool.plain.alpha. A"}},
	{"plain.alpha", "MX", []string{"plain.alpha. MX"}},
	{"text.plain.alpha", "TXT", []string{"text.plain.alpha. TXT"}},
	{"caa.plain.alpha", "CAA", []string{"caa.plain.alpha. CAA"}},
	{"svc.plain.alpha", "HTTPS", []string{"svc.plain.alpha. HTTPS"}},
	{"_sip._tcp.plain.alpha", "SRV", []string{"_sip._tcp.plain.alpha. SRV"}},
	{"any.wild.plain.alpha", "A", []string{"any.wild.plain.alpha. A"}},
	{"chain.plain.alpha", "A", []string{"chain.plain.alpha. CNAME", "hop.other.beta. CNAME", "end.hosted.beta. A"}},
	{"mail.other.beta", "A", []string{"mail.other.beta. A"}},
	{"www.signed.alpha", "A", []string{"www.signed.alpha. A"}},
	{"alias.signed.alpha", "AAAA", []string{"alias.signed.alpha. CNAME", "www.signed.alpha. AAAA"}},
	{"any.wild.signed.alpha", "A", []string{"any.wild.signed.alpha. A"}},
	{"www.poison.beta", "A", []string{"www.poison.beta. A"}},
	{"alias.poison.beta", "A", []string{"alias.poison.beta. CNAME", "www.plain.alpha. A"}},
	{"nowhere.plain.alpha", "A", []string{"nowhere.plain.alpha. NXDOMAIN"}},
	{"nowhere.signed.alpha", "A", []string{"nowhere.signed.alpha. NXDOMAIN"}},
	{"www.plain.alpha", "TXT", []string{"www.plain.alpha. NODATA"}},
}

// last is the question that is asked last.
var last = questions[len(questions)-1]

// delegations are what a resolver learns on its way, by the zone that says so.
var delegations = map[string][]string{
	".":      {"alpha. NS", "beta. NS", "ns.alpha. A", "ns.beta. A"},
	"alpha.": {"plain.alpha. NS", "signed.alpha. NS", "ns1.plain.alpha. A", "ns1.plain.alpha. AAAA", "ns.signed.alpha. A"},
	"beta.":  {"other.beta. NS", "hosted.beta. NS", "ns1.other.beta. A"},
}

// A view is how much of the tree a sender's messages tell.
type view int

const (
	fromServers view = iota // answers of name servers, with their zones
	fromOthers              // answers of a resolver: no zone, no delegation
)

// asker is who asks question i, with all that dig can tell of a client.
func asker(i int) lab.Client {
	return lab.Client{
		From: fmt.Sprintf("10.207.%d.%d", i+17, 201-i), Subnet: fmt.Sprintf("10.208.%d.%d", i+33, i+99),
		Cookie: fmt.Sprintf("f00d%02xfacecafe%02x", i+16, i+64),
	}
}

// ask has each client ask its question.
func ask(t *testing.T, address string) {
	t.Helper()
	for i, q := range questions {
		c := asker(i)
		out := dig(t, net.JoinHostPort(address, "53"), "-b", c.From, "+subnet="+c.Subnet+"/32", "+cookie="+c.Cookie, "+nsid", "+dnssec", q.qtype, q.name)
		if !strings.Contains(out, "status: NOERROR") && !strings.Contains(out, "status: NXDOMAIN") {
			t.Errorf("%s %s:\n%s", q.name, q.qtype, out)
		}
	}
}

// zoneOf is the origin of the zone that a name is in.
func (w *world) zoneOf(name string) string {
	for at, end := 0, false; !end; at, end = dns.NextLabel(name, at) {
		if w.truth[name[at:]] != nil {
			return name[at:]
		}
	}
	return "."
}

// facts are what must be known after all questions were asked: zone, owner and
// type.
func (w *world) facts(v view) []string {
	var all []string
	for _, q := range questions {
		for _, want := range q.want {
			owner, _, _ := strings.Cut(want, " ")
			all = append(all, v.fact(w.zoneOf(owner), want))
		}
	}
	if v == fromServers {
		for zone, wants := range delegations {
			for _, want := range wants {
				all = append(all, v.fact(zone, want))
			}
		}
	}
	return all
}

// fact leaves out the zone where it is not told.
func (v view) fact(zone, want string) string {
	if v == fromOthers {
		return want
	}
	return zone + " says " + want
}

// missing is which facts dig does not find.
func (w *world) missing(t *testing.T, c *collector, v view) []string {
	t.Helper()
	found := map[string]bool{}
	for _, r := range c.everything(t) {
		found[v.fact(r.Bailiwick, r.Owner+" "+r.Type)] = true
	}
	var missing []string
	for _, f := range w.facts(v) {
		if !found[f] {
			missing = append(missing, f)
		}
	}
	return missing
}

// everything is all that there is, and all that there was not.
func (c *collector) everything(t *testing.T) []lab.Record {
	t.Helper()
	return append(c.past(t, "*"), c.past(t, "*._nxdomain._nodata")...)
}

// compare waits until all facts are in the history, and then looks whether there
// is anything else that is not true.
func (w *world) compare(t *testing.T, c *collector, v view) {
	t.Helper()
	var missing []string
	defer func() {
		if len(missing) > 0 {
			t.Errorf("not in the history:\n%s", strings.Join(missing, "\n"))
		}
	}()
	lab.Wait(t, "all facts in the history", func() bool {
		missing = w.missing(t, c, v)
		return len(missing) == 0
	})
	for _, r := range c.everything(t) {
		if r.Known != (v == fromServers) {
			t.Errorf("%s %s: bailiwick %q, known: %v", r.Owner, r.Type, r.Bailiwick, r.Known)
		}
		if !w.holds(t, r) {
			t.Errorf("%q did not say %s %s %q", r.Bailiwick, r.Owner, r.Type, r.Rdata(t))
		}
	}
}

// holds reports whether the zone of a record says it, or any zone if there is none.
func (w *world) holds(t *testing.T, r lab.Record) bool {
	for origin, zone := range w.truth {
		if r.Bailiwick != "" && r.Bailiwick != origin || !dns.IsSubDomain(origin, r.Owner) {
			continue
		}
		switch rdata := r.Rdata(t); r.Type {
		case "NXDOMAIN":
			if w.zoneOf(r.Owner) == origin && !zone.Exists(r.Owner) {
				return true
			}
		case "NODATA":
			if len(rdata) == 1 && w.zoneOf(r.Owner) == origin && zone.Exists(r.Owner) && !zone.Has(r.Owner, rdata[0]) {
				return true
			}
		default:
			if zone.Holds(r.Owner, r.Type, rdata) {
				return true
			}
		}
	}
	return false
}
