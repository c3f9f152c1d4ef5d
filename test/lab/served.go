package lab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// ParseZone reads a zone file.
func ParseZone(t testing.TB, text string) []dns.RR {
	t.Helper()
	var rrs []dns.RR
	p := dns.NewZoneParser(strings.NewReader(text), ".", "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		rrs = append(rrs, rr)
	}
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return rrs
}

// WriteFile writes a file into a directory.
func WriteFile(t testing.TB, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Served is what was really said: the RRsets of zones, by owner and type, each
// as its sorted rdata in presentation form.
type Served map[string][]string

// Add adds the RRsets of a zone.
func (s Served) Add(t testing.TB, rrs []dns.RR) {
	t.Helper()
	sets := map[string][]string{}
	for _, rr := range rrs {
		rdata, err := rrset.AppendRdata(nil, rr)
		if err != nil {
			t.Fatalf("%v: %v", rr, err)
		}
		k := key(rr.Header().Name, dns.Type(rr.Header().Rrtype).String())
		sets[k] = append(sets[k], rrset.RdataString(rr.Header().Rrtype, rdata))
	}
	for k, rdata := range sets {
		slices.Sort(rdata)
		s[k] = append(s[k], strings.Join(rdata, "\n"))
	}
}

// Holds reports whether the records were served at the name, by itself or by
// what stands for it: a wildcard, a DNAME above.
func (s Served) Holds(owner, rrtype string, rdata []string) bool {
	slices.Sort(rdata)
	want := strings.Join(rdata, "\n")
	if slices.Contains(s[key(owner, rrtype)], want) {
		return true
	}
	for at, end := dns.NextLabel(owner, 0); !end; at, end = dns.NextLabel(owner, at) {
		if slices.Contains(s[key("*."+owner[at:], rrtype)], want) {
			return true
		}
		for _, target := range s[key(owner[at:], "DNAME")] {
			if rrtype == "CNAME" && want == owner[:at]+target {
				return true
			}
		}
	}
	return false
}

// Exists reports whether there is anything at a name or below it, by itself or
// from a wildcard.
func (s Served) Exists(name string) bool {
	name = strings.ToLower(name)
	for k := range s {
		owner, _, _ := strings.Cut(k, " ")
		above, wild := strings.CutPrefix(owner, "*.")
		if dns.IsSubDomain(name, owner) || wild && dns.IsSubDomain(above, name) {
			return true
		}
	}
	return false
}

// Has reports whether there are records of a type at a name itself.
func (s Served) Has(owner, rrtype string) bool { return s[key(owner, rrtype)] != nil }

func key(owner, rrtype string) string { return strings.ToLower(owner) + " " + rrtype }
