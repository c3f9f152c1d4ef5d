package pdnsquery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// transferred asks for a transfer and returns its records.
func (s *server) transferred(name string) ([]dns.RR, error) {
	s.t.Helper()
	t := &dns.Transfer{ReadTimeout: 10 * time.Second}
	in, err := t.In(new(dns.Msg).SetAxfr(dns.Fqdn(name)), s.tcp)
	if err != nil {
		s.t.Fatal(err)
	}
	var rrs []dns.RR
	for e := range in {
		if e.Error != nil {
			return rrs, e.Error
		}
		rrs = append(rrs, e.RR...)
	}
	return rrs, nil
}

// elsewhere is a block that shows what goes on beyond the query zone.
const elsewhere = `
    template ANY ANY . {
        answer "{{ .Name }} 1 IN TXT leaked"
    }
`

func TestTransfer(t *testing.T) {
	s := start(t, ".:0 {\n pdnsquery "+world(t)+"\n transfer _pdns.local {\n to 127.0.0.1\n }\n"+elsewhere+"}")
	tests := []struct {
		name string
		want []string
	}{
		{"*.example.com._mx", []string{of("example.com.", "MX", 1, 20, "10 mail.example.com.")}},
		{"www.example.com._aaaa", []string{line("AAAA", 3, 4, "2001:db8::1")}},
		{"192.0.2.25._rdata", []string{of("mail.example.com.", "A", 1, 20, "192.0.2.25")}},
		{"never.example.com", nil},
	}
	for _, test := range tests {
		rrs, err := s.transferred(test.name + "._pdns.local")
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		for i, rr := range rrs {
			if _, soa := rr.(*dns.SOA); soa != (i == 0 || i == len(rrs)-1) {
				t.Errorf("%s: record %d is %v", test.name, i, rr)
			} else if !soa {
				got = append(got, shortRR(rr))
			}
		}
		if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	// The zone is everything but negative history.
	if rrs, err := s.transferred("_pdns.local"); err != nil || len(rrs) != 2+16 {
		t.Errorf("the zone: %d records, %v", len(rrs), err)
	}
	r := s.ask("tcp", "www.example.com._limit-5._pdns.local", dns.TypeAXFR)
	if r.Rcode != dns.RcodeRefused || len(extended(r)) != 1 {
		t.Errorf("a page as a transfer: %v", r)
	}
	if r := s.ask("udp", "www.example.com._pdns.local", dns.TypeAXFR); r.Rcode != dns.RcodeRefused {
		t.Errorf("over UDP: %v", r)
	}
}

// TestTransferRefused: whatever refuses a transfer, it goes on to no other plugin.
func TestTransferRefused(t *testing.T) {
	dir := world(t)
	for _, lines := range []string{
		"",
		"transfer {\n to 192.0.2.1\n }",
		"transfer example.net {\n to *\n }",
	} {
		s := start(t, ".:0 {\n pdnsquery "+dir+"\n "+lines+elsewhere+"}")
		for _, name := range []string{"*.example.com._pdns.local", "_pdns.local"} {
			r := s.ask("tcp", name, dns.TypeAXFR)
			if r.Rcode != dns.RcodeRefused || len(r.Answer) > 0 {
				t.Errorf("%q: %s: got %v", lines, name, r)
			}
		}
	}
}

// TestTransferLarge: as many messages as it takes.
func TestTransferLarge(t *testing.T) {
	const n = 5000
	rrsets := make([]*rrset.RRset, n)
	for i := range rrsets {
		rrsets[i] = seen(fmt.Sprintf("n%d.example A 1-2 192.0.2.1", i))
	}
	s := start(t, "_pdns.local:0 {\n pdnsquery "+history(t, rrsets...)+"\n transfer {\n to 127.0.0.1\n }\n}")
	if rrs, err := s.transferred("*.example._pdns.local"); err != nil || len(rrs) != n+2 {
		t.Errorf("%d records, %v, want %d", len(rrs), err, n+2)
	}
}
