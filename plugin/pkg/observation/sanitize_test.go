package observation_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
)

// TestSanitize cleans answers to many clients: they must all become the same.
func TestSanitize(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var want []byte
	for range 200 {
		m := clientResponse(rng)
		m.IsEdns0().Option[0].(*dns.EDNS0_SUBNET).SourceScope = 0
		m.Answer[0].Header().Name = m.Question[0].Name // a server that echoes it
		m.Compress = rng.IntN(2) == 0
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		wire = append(wire, "10.1.2.3"[:rng.IntN(8)]...)
		clean, err := observation.Sanitize(wire)
		if err != nil {
			t.Fatal(err)
		}
		u := new(dns.Msg)
		if err := u.Unpack(clean); err != nil {
			t.Fatal(err)
		}
		if clean, err = u.Pack(); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = clean
		}
		if !bytes.Equal(clean, want) {
			t.Fatalf("%x, before %x", clean, want)
		}
	}
}

// TestSanitizePlaces has OPT where it cannot be cut out, and where it must not be.
func TestSanitizePlaces(t *testing.T) {
	opt := subnet(t, "0")
	scoped := subnet(t, "24")
	tsig := &dns.TSIG{Hdr: dns.RR_Header{Name: "client-key.", Rrtype: dns.TypeTSIG, Class: dns.ClassANY},
		Algorithm: dns.HmacSHA256, MAC: "00", MACSize: 1}
	tkey := &dns.TKEY{Hdr: dns.RR_Header{Name: "client-key.", Rrtype: dns.TypeTKEY, Class: dns.ClassANY}, Algorithm: "gss-tsig.", Key: "00", KeySize: 1}
	glue, err := dns.NewRR("Ns1.Example.com. 300 A 192.0.2.53")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		answer, extra []dns.RR
		rcode         int
		want          error
		left          int // records in the additional section
	}{
		"none":                {extra: []dns.RR{glue}, left: 1},
		"last":                {extra: []dns.RR{glue, opt}, left: 1},
		"first":               {extra: []dns.RR{opt, glue}, left: 2},
		"before a signature":  {extra: []dns.RR{glue, opt, tsig}, left: 1},
		"behind a signature":  {extra: []dns.RR{tsig, opt}, want: observation.LeftOut{Why: observation.Malformed}},
		"data behind one":     {extra: []dns.RR{tsig, glue}, want: observation.LeftOut{Why: observation.Malformed}},
		"in the answer":       {answer: []dns.RR{opt}, want: observation.LeftOut{Why: observation.MetaType}},
		"of a key exchange":   {answer: []dns.RR{tkey}, want: observation.LeftOut{Why: observation.MetaType}},
		"with a scope":        {extra: []dns.RR{scoped}, want: observation.LeftOut{Why: observation.ECS}},
		"with extended rcode": {extra: []dns.RR{opt}, rcode: dns.RcodeBadVers, want: observation.LeftOut{Why: observation.Rcode}},
	} {
		t.Run(name, func(t *testing.T) {
			m := parseMessage(t, usual["referral"])
			m.Answer, m.Extra, m.Rcode, m.Compress = tc.answer, tc.extra, tc.rcode, true
			wire, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			clean, err := observation.Sanitize(wire)
			if err != tc.want {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if err != nil {
				return
			}
			u := new(dns.Msg)
			if err := u.Unpack(clean); err != nil {
				t.Fatal(err)
			}
			if len(u.Extra) != tc.left || len(u.Ns) != 2 {
				t.Errorf("%d records in the additional section, want %d; %d in authority", len(u.Extra), tc.left, len(u.Ns))
			}
			for _, secret := range [][]byte{{192, 0, 2, 0}, []byte("client-key"), []byte("Ns1")} {
				if bytes.Contains(clean, secret) {
					t.Errorf("%x holds %x", clean, secret)
				}
			}
			a, b := &notebook{t: t}, &notebook{t: t}
			o := observation.New(observation.Options{})
			o.Observe(observation.Message{Response: m, Time: when}, a)
			o.Observe(observation.Message{Wire: clean, Time: when}, b)
			if a.String() != b.String() || len(a.seen) == 0 {
				t.Errorf("before:\n%safter:\n%s", a, b)
			}
		})
	}
}

// TestSanitizeLetters: a server may have made any name from the question.
func TestSanitizeLetters(t *testing.T) {
	m := parseMessage(t, "qr aa\n? wWw.example.test. A\nexample.test. 300 DNAME example.com.\nwWw.example.test. 300 CNAME wWw.example.com.\nwWw.example.com. 300 A 192.0.2.1\n"+
		"wWw.example.com. 300 HTTPS 1 wWw.example. alpn=h2\nauthority\nexample.com. 300 SOA wWw.example. root.wWw.example. 1 2 3 4 5\n"+
		"example.com. 300 NSEC \\000.wWw.example.com. A\nexample.com. 300 RRSIG NSEC 13 2 300 20300101000000 20200101000000 1 wWw.example. AAAA\n"+
		"example.com. 300 NS wWw.example.\nexample.com. 300 MX 1 wWw.example.")
	for _, m.Compress = range []bool{false, true} {
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		clean, err := observation.Sanitize(wire)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(clean, []byte("wWw")) {
			t.Errorf("%q", clean)
		}
	}
}

// TestSanitizeQuestions: what would not be observed is not sent.
func TestSanitizeQuestions(t *testing.T) {
	for question, want := range map[string]observation.Reason{
		"? example.com. A CH": observation.Class,
		"? example.com. AXFR": observation.MetaType,
		"? example.com. TKEY": observation.MetaType,
	} {
		wire, err := parseMessage(t, "qr\n"+question).Pack()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := observation.Sanitize(wire); err != (observation.LeftOut{Why: want}) {
			t.Errorf("%s: %v, want %v", question, err, want)
		}
	}
}

// TestSanitizePointers: a name that points into what is cleaned would be another
// one afterwards.
func TestSanitizePointers(t *testing.T) {
	const question = "\x03www\x07example\x00\x00\x02\x00\x01"
	record := func(owner string, t byte, rdata string) string {
		return owner + "\x00" + string(t) + "\x00\x01\x00\x00\x00\x09\x00" + string(byte(len(rdata))) + rdata
	}
	opt := record("\x00", byte(dns.TypeOPT), "\x00\x0a\x00\x0a\x02ab\x00cookie")
	for name, tc := range map[string]struct {
		answer, additional string // of which there is one each, or none
		extra              byte
		want               error
	}{
		"to the question":    {answer: record("\xc0\x0c", 2, "\x02ns\xc0\x10")},
		"to the id":          {answer: record("\xc0\x0c", 2, "\x02ns\xc0\x00"), want: observation.LeftOut{Why: observation.Malformed}},
		"to the counts":      {answer: record("\xc0\x0c", 2, "\xc0\x0b"), want: observation.LeftOut{Why: observation.Malformed}},
		"to itself":          {answer: record("\xc0\x0c", 2, "\xc0\x29"), want: observation.LeftOut{Why: observation.Malformed}},
		"forward":            {answer: record("\xc0\x0c", 2, "\xc0\x2b\x00"), want: observation.LeftOut{Why: observation.Malformed}},
		"into an OPT":        {additional: opt + record("\xc0\x2c", 1, "abcd"), extra: 2, want: observation.LeftOut{Why: observation.Malformed}},
		"behind an OPT":      {additional: opt + record("\xc0\x0c", 1, "abcd"), extra: 2},
		"past its own end":   {answer: record("\xc0\x0c", 2, "\x09ns\x00"), want: observation.LeftOut{Why: observation.Malformed}},
		"and more behind it": {answer: record("\xc0\x0c", 2, "\xc0\x0c\x00"), want: observation.LeftOut{Why: observation.Malformed}},
	} {
		t.Run(name, func(t *testing.T) {
			answers := byte(min(1, len(tc.answer)))
			wire := []byte("\x03\x61\x84\x00\x00\x01\x00" + string(answers) + "\x00\x00\x00" + string(tc.extra) + question + tc.answer + tc.additional)
			if _, err := observation.Sanitize(wire); err != tc.want {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
}
