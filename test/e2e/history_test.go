package e2e

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

// questions are what dig asks, and what the history must then hold, as an owner
// and a type each.
var questions = []struct {
	name, qtype string
	want        []string
}{
	{"www.plain.test", "A", []string{"www.plain.test. A"}},
	{"wWw.PlAiN.tEsT", "A", []string{"www.plain.test. A"}},
	{"mixed-case.plain.test", "A", []string{"mixed-case.plain.test. A"}},
	{"pool.plain.test", "A", []string{"pool.plain.test. A"}},
	{"mail.plain.test", "AAAA", []string{"mail.plain.test. AAAA"}},
	{"plain.test", "MX", []string{"plain.test. MX"}},
	{"plain.test", "NS", []string{"plain.test. NS"}},
	{"plain.test", "SOA", []string{"plain.test. SOA"}},
	{"chain.plain.test", "A", []string{"chain.plain.test. CNAME", "hop.other.test. CNAME", "end.other.test. A"}},
	{"out.plain.test", "A", []string{"out.plain.test. CNAME", "last.plain.test. A"}},
	{"any.wild.plain.test", "A", []string{"any.wild.plain.test. A"}},
	{"two.wild.plain.test", "TXT", []string{"two.wild.plain.test. TXT"}},
	{"a.moved.plain.test", "A", []string{"moved.plain.test. DNAME", "a.moved.plain.test. CNAME", "a.new.other.test. A"}},
	{"_sip._tcp.plain.test", "SRV", []string{"_sip._tcp.plain.test. SRV"}},
	{"svc.plain.test", "HTTPS", []string{"svc.plain.test. HTTPS"}},
	{"_svc.plain.test", "SVCB", []string{"_svc.plain.test. SVCB"}},
	{"caa.plain.test", "CAA", []string{"caa.plain.test. CAA"}},
	{"naptr.plain.test", "NAPTR", []string{"naptr.plain.test. NAPTR"}},
	{"xn--bcher-kva.plain.test", "A", []string{"xn--bcher-kva.plain.test. A"}},
	{"bytes.plain.test", "TXT", []string{"bytes.plain.test. TXT"}},
	{"empty.plain.test", "TXT", []string{"empty.plain.test. TXT"}},
	{longName, "A", []string{longName + " A"}},
	{"www.signed.test", "A", []string{"www.signed.test. A"}},
	{"alias.signed.test", "AAAA", []string{"alias.signed.test. CNAME", "www.signed.test. AAAA"}},
	{"x.wild.signed.test", "A", []string{"x.wild.signed.test. A"}},
	{"nowhere.plain.test", "A", []string{"nowhere.plain.test. NXDOMAIN"}},
	{"nowhere.signed.test", "A", []string{"nowhere.signed.test. NXDOMAIN"}},
	{"www.plain.test", "TXT", []string{"www.plain.test. NODATA"}},
	{"www.poison.test", "A", []string{"www.poison.test. A"}},
}

// TestHistory resolves through Unbound and compares what is remembered with what
// the zones hold: all that was asked is there, and nothing that was not served.
func TestHistory(t *testing.T) {
	w := newWorld(t)
	w.truth.Add(t, lab.ParseZone(t, "www.poison.test. 60 A 192.0.2.66\npoison.test. 60 NS ns.poison.test.\nns.poison.test. 60 A 127.0.0.6\n"))
	for _, q := range questions {
		if out := w.dig("+dnssec", q.qtype, q.name); !strings.Contains(out, "status: NO") && !strings.Contains(out, "status: NX") {
			t.Errorf("%s %s: %s", q.name, q.qtype, out)
		}
	}
	w.coredns.Stop()
	found := map[string]bool{}
	for _, r := range w.export() {
		found[r.Owner+" "+r.Type] = true
		if r.Type == "NXDOMAIN" || r.Type == "NODATA" {
			continue
		}
		if !w.truth.Holds(r.Owner, r.Type, r.Rdata(t)) {
			t.Errorf("%s %s %q was never served", r.Owner, r.Type, r.Rdata(t))
		}
		if r.Count == 0 || r.First == 0 || r.First > r.Last {
			t.Errorf("%s %s: first %d, last %d, count %d", r.Owner, r.Type, r.First, r.Last, r.Count)
		}
	}
	for _, q := range questions {
		for _, want := range q.want {
			if !found[want] {
				t.Errorf("%s %s left no %s", q.name, q.qtype, want)
			}
		}
	}
}

// TestDigAsksThePast reads the history with dig as a person would.
func TestDigAsksThePast(t *testing.T) {
	w := newWorld(t)
	w.dig("A", "chain.plain.test")
	w.dig("A", "www.plain.test")
	w.dig("A", "www.plain.test")
	for subject, want := range map[string][]string{
		"chain.plain.test":         {`"CNAME `, `"hop.other.test."`},
		"end.other.test._a":        {`"198.51.100.1" "198.51.100.2"`},
		"198.51.100.2._rdata":      {`end.other.test.`},
		"198.51.100.0/24._rdata":   {`end.other.test.`},
		"*.plain.test._summary":    {``},
		"www.plain.test._a._json":  {`\"rrname\":\"www.plain.test.\"`, `\"count\":`},
		"_status":                  {``},
		"hop.other.test._rdata":    {`chain.plain.test.`},
		"*.other.test._cname":      {`"end.other.test."`},
		"www.plain.*":              {`"192.0.2.1"`},
		"www.plain.test._limit-1":  {`"192.0.2.1"`},
		"www.plain.test._since-1h": {`"192.0.2.1"`},
	} {
		out := w.history(subject)
		if out == "" {
			t.Errorf("%s: no answer", subject)
		}
		for _, part := range want {
			if !strings.Contains(out, part) {
				t.Errorf("%s: no %s in\n%s", subject, part, out)
			}
		}
	}
	if got := w.dig("+short", "A", "www.plain.test._pdns.local"); got != "192.0.2.1" {
		t.Errorf("the past resolves to %q", got)
	}
	if out := w.dig("TXT", "never.plain.test._pdns.local"); !strings.Contains(out, "NXDOMAIN") || !strings.Contains(out, "SOA") {
		t.Errorf("never seen:\n%s", out)
	}
	if out := w.dig("TXT", "www.plain.test._limit-many._pdns.local"); !strings.Contains(out, "EDE: ") {
		t.Errorf("no extended error:\n%s", out)
	}
	if out := w.dig("AXFR", "*.plain.test._pdns.local"); !strings.Contains(out, "192.0.2.1") {
		t.Errorf("transfer:\n%s", out)
	}
}

// TestPoisonerDirectly forwards straight to the poisoner, without Unbound's own
// defences in between.
func TestPoisonerDirectly(t *testing.T) {
	w := newWorld(t)
	w.coredns.Stop()
	w.coredns = lab.StartCoreDNS(t, binaries.CoreDNS, w.dir, w.corefile("forward . "+w.poison.Addr))
	w.dig("A", "www.poison.test")
	w.dig("AAAA", "www.poison.test")
	w.coredns.Stop()
	for _, r := range w.export() {
		for _, f := range append(foreign, "plain.test") {
			if strings.HasSuffix(r.Owner, f+".") {
				t.Errorf("the poisoner wrote %s %s %s", r.Owner, r.Type, r.Data)
			}
		}
	}
	if out := w.pdns("lookup", "www.poison.test", "--type", "A"); !strings.Contains(out, "192.0.2.66") {
		t.Errorf("what it said of itself is missing:\n%s", out)
	}
}

// TestChangingZone follows a name through three addresses.
func TestChangingZone(t *testing.T) {
	w := newWorld(t)
	for version := 1; version <= 3; version++ {
		lab.WriteFile(t, w.dir, "changing.test", changingZone(version))
		want := fmt.Sprintf("192.0.2.%d", version)
		lab.Wait(t, want, func() bool { return w.dig("+short", "A", "www.changing.test") == want })
	}
	w.coredns.Stop()
	var last int64
	for version := 1; version <= 3; version++ {
		var found bool
		for _, r := range w.export() {
			if r.Owner == "www.changing.test." && r.Type == "A" && r.Rdata(t)[0] == fmt.Sprintf("192.0.2.%d", version) {
				found = true
				if r.First < last {
					t.Errorf("version %d was first seen at %d, before version %d ended at %d", version, r.First, version-1, last)
				}
				last = r.Last
			}
		}
		if !found {
			t.Errorf("no trace of version %d", version)
		}
	}
}
