package record_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

func TestKeyOrder(t *testing.T) {
	var keys [][]byte
	for _, owner := range []string{".", "com", "a.com", "b.a.com", "\\000.a.com", "\\001.a.com", "a-b.com", "ab.com", "b.com", "net"} {
		for _, typ := range []uint16{1, 2, 257} {
			keys = append(keys, record.AppendKey(nil, &rrset.RRset{Owner: rrset.MustName(owner), Type: typ, Rdata: [][]byte{{1}}}))
		}
	}
	// Names of one zone lie together: \000 and \001 sort before b, all below a.com
	// before a-b.com's neighbours.
	names := func(keys [][]byte) (ns []string) {
		var d record.Decoder
		for _, k := range keys {
			r, err := d.Decode(k)
			if err != nil {
				t.Fatal(err)
			}
			if n := rrset.NameString(r.Owner); len(ns) == 0 || ns[len(ns)-1] != n {
				ns = append(ns, n)
			}
		}
		return ns
	}
	want := []string{".", "com.", "a.com.", "\\000.a.com.", "\\001.a.com.", "b.a.com.", "a-b.com.", "ab.com.", "b.com.", "net."}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	slices.SortFunc(keys, bytes.Compare)
	if got := names(keys); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRdataKeys(t *testing.T) {
	rev := func(n string) string {
		return string(rrset.AppendReversed([]byte{record.ClassName}, rrset.MustName(n)))
	}
	tests := []struct {
		typ   uint16
		rdata string
		want  []string // without the type
	}{
		{dns.TypeA, "192.0.2.1", []string{"\x01\xc0\x00\x02\x01"}},
		{dns.TypeAAAA, "2001:db8::1", []string{"\x02\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"}},
		{dns.TypeNS, "NS1.Example.com.", []string{rev("ns1.example.com")}},
		{dns.TypeMX, "10 mail.example.com.", []string{rev("mail.example.com")}},
		{dns.TypeMX, "0 .", []string{"\x04\x01\x01\x01\x01\x01\x01\x00"}},
		{dns.TypeSRV, "1 2 53 sip.example.com.", []string{rev("sip.example.com")}},
		{dns.TypeSOA, "a.test. b.test. 1 2 3 4 5", []string{rev("a.test"), rev("b.test")}},
		{dns.TypeHTTPS, `1 . alpn="h2" ipv4hint="192.0.2.1,192.0.2.2" ipv6hint="2001:db8::1"`, []string{
			"\x01\xc0\x00\x02\x01", "\x01\xc0\x00\x02\x02",
			"\x02\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",
		}},
		{dns.TypeHTTPS, `1 svc.example.com.`, []string{rev("svc.example.com")}},
		{dns.TypeTXT, `"a\000\001b"`, []string{"\x04\x04a\x01\x01\x01\x02b\x00"}},
		{rrset.TypeNODATA, "AAAA", nil},
	}
	for _, tt := range tests {
		rdata, err := rrset.ParseRdata(tt.typ, tt.rdata)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		record.RdataKeys(nil, tt.typ, rdata, func(key []byte) {
			if typ := uint16(key[len(key)-2])<<8 | uint16(key[len(key)-1]); typ != tt.typ {
				t.Errorf("%s: type %d", tt.rdata, typ)
			}
			got = append(got, string(key[:len(key)-2]))
		})
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: got %q, want %q", rrset.TypeString(tt.typ), tt.rdata, got, tt.want)
		}
	}
}

func TestLeading(t *testing.T) {
	tests := []struct {
		labels string // what the name begins with
		name   string
		want   bool
	}{
		{"www", "www.example.org", true},
		{"www.example", "www.example.org", true},
		{"www.example.org", "www.example.org", false}, // no label more
		{"www", "www", false},
		{"www", "ww.w.example.org", false},
		{"w", "www.example.org", false},
		{"example", "www.example.org", false},
		{"\\000", "\\000.example.org", true},
		{"a\\001.b", "a\\001.b.example", true},
		{"a.b.c.d", "a.b.c.d.e", true},
	}
	for _, tt := range tests {
		var labels [][]byte
		for wire := rrset.MustName(tt.labels); wire[0] > 0; wire = wire[wire[0]+1:] {
			labels = append(labels, wire[1:wire[0]+1])
		}
		owner := rrset.AppendReversed(nil, rrset.MustName(tt.name))
		lo, hi, suffix := record.LeadingHashes(labels)
		hash, ok := record.LeadingHash(owner)
		if got := bytes.HasSuffix(owner, suffix); got != tt.want {
			t.Errorf("%s: ends in %x: %v, want %v", tt.name, suffix, got, tt.want)
		}
		if tt.want && (!ok || hash < lo || hash > hi) {
			t.Errorf("%s: hash %x is not from %x to %x", tt.name, hash, lo, hi)
		}
	}
	for _, name := range []string{".", "org"} {
		if hash, ok := record.LeadingHash(rrset.AppendReversed(nil, rrset.MustName(name))); ok {
			t.Errorf("%s has hash %x", name, hash)
		}
	}
}

// FuzzDecode decodes anything as a record key; what decodes has the same key
// again, or its parts do not stand up to a check.
func FuzzDecode(f *testing.F) {
	f.Add(record.AppendKey(nil, &rrset.RRset{Owner: rrset.MustName("www.example.com"), Type: 1, Bailiwick: rrset.MustName("com"), Rdata: [][]byte{{1, 2, 3, 4}, {}}}))
	f.Add([]byte{0, 0, 1, 1})
	f.Add([]byte("a\x01\x03\x00\x00\x00\x01\x00"))
	f.Fuzz(func(t *testing.T, key []byte) {
		var d record.Decoder
		r, err := d.Decode(key)
		if err != nil {
			return
		}
		var buf []byte
		for _, rd := range r.Rdata {
			buf = record.RdataKeys(buf, r.Type, rd, func(k []byte) {
				if len(k) < 3 {
					t.Fatalf("posting key %x", k)
				}
			})
		}
		again, err := d.Decode(record.AppendKey(nil, r.Clone()))
		if err != nil || !bytes.Equal(again.Owner, r.Owner) || len(again.Rdata) != len(r.Rdata) {
			t.Fatalf("%x: comes back as %v, %v", key, again, err)
		}
	})
}
