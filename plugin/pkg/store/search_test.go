package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// line reads an RRset from "OWNER TYPE FIRST LAST COUNT RDATA,RDATA...".
func line(t testing.TB, s string) *rrset.RRset {
	t.Helper()
	f := strings.SplitN(s, " ", 6)
	r := &rrset.RRset{Owner: rrset.MustName(f[0])}
	var err error
	r.Type, err = rrset.ParseType(f[1])
	must(t, err)
	_, err = fmt.Sscan(strings.Join(f[2:5], " "), &r.First, &r.Last, &r.Count)
	must(t, err)
	for _, text := range strings.Split(f[5], ",") {
		if r.Type == rrset.TypeNXDOMAIN {
			break
		}
		rd, err := rrset.ParseRdata(r.Type, text)
		must(t, err)
		r.Rdata = append(r.Rdata, rd)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r
}

// text is the inverse of line.
func text(r *rrset.RRset) string {
	var rdata []string
	for _, rd := range r.Rdata {
		rdata = append(rdata, rrset.RdataString(r.Type, rd))
	}
	return fmt.Sprintf("%s %s %d %d %d %s", rrset.NameString(r.Owner), rrset.TypeString(r.Type), r.First, r.Last, r.Count, strings.Join(rdata, ","))
}

func answer(t testing.TB, src store.Source, q store.Query) []string {
	t.Helper()
	var lines []string
	for r, err := range src.Find(context.Background(), q) {
		must(t, err)
		lines = append(lines, text(r))
	}
	return lines
}

// history is written in three flushes, so that it lies in three runs and, with
// the last part, in the memtable.
var history = []string{
	"www.example.com. A 100 110 2 192.0.2.1",
	"example.com. NS 100 100 1 ns1.example.net.,ns2.example.net.",
	"mail.example.com. A 100 100 1 192.0.2.9",
	"flush",
	"www.example.com. A 200 210 3 192.0.2.1",
	"www.example.com. A 205 206 1 192.0.2.2,192.0.2.3",
	"www.example.net. CNAME 200 200 1 www.example.com.",
	"new.example.com. NXDOMAIN 150 180 4 ",
	"flush",
	"www.example.com. A 300 310 1 198.51.100.7",
	"new.example.com. A 300 310 1 192.0.2.2",
	"example.com. MX 300 300 1 10 mail.example.com.",
	"example.com. TXT 300 300 1 \"v=spf1 -all\"",
	"example.com. HTTPS 300 300 1 1 . alpn=\"h2\" ipv4hint=\"192.0.2.77\"",
	"flush",
	"www.example.com. AAAA 400 400 1 2001:db8::1",
	"example.com. SOA 400 400 1 ns1.example.net. hostmaster.example.com. 1 2 3 4 5",
}

func historic(t testing.TB) *store.Store {
	t.Helper()
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Now: func() time.Time { return time.Unix(500, 0) }})
	for _, h := range history {
		if h == "flush" {
			must(t, s.Flush(context.Background()))
			continue
		}
		must(t, s.Add(line(t, h)))
	}
	return s
}

func TestFind(t *testing.T) {
	name := rrset.MustName
	network := func(p string) store.Subject { return store.Network(netip.MustParsePrefix(p)) }
	only := func(s store.Subject, types ...uint16) store.Query { return store.Query{Subject: s, Types: types} }
	wwwA := []string{
		"www.example.com. A 100 210 5 192.0.2.1",
		"www.example.com. A 205 206 1 192.0.2.2,192.0.2.3",
		"www.example.com. A 300 310 1 198.51.100.7",
	}
	www := append(slices.Clone(wwwA), "www.example.com. AAAA 400 400 1 2001:db8::1")
	tests := []struct {
		name  string
		query store.Query
		want  []string
	}{
		{"owner", store.Query{Subject: store.Owner(name("www.example.com"))}, www},
		{"owner and type", only(store.Owner(name("www.example.com")), dns.TypeAAAA), www[3:]},
		{"owner unknown", store.Query{Subject: store.Owner(name("nothing.example.com"))}, nil},
		{"below", only(store.Below(name("example.com")), dns.TypeA), append([]string{
			"mail.example.com. A 100 100 1 192.0.2.9",
			"new.example.com. A 300 310 1 192.0.2.2",
		}, wwwA...)},
		{"below, not beside", store.Query{Subject: store.Below(name("ample.com"))}, nil},
		{"leading", only(store.Leading([]byte("www"), []byte("example")), dns.TypeCNAME), []string{"www.example.net. CNAME 200 200 1 www.example.com."}},
		{"leading needs more labels", store.Query{Subject: store.Leading([]byte("example"), []byte("com"))}, nil},
		{"address", store.Query{Subject: store.Address(netip.MustParseAddr("192.0.2.2"))}, []string{
			"new.example.com. A 300 310 1 192.0.2.2",
			"www.example.com. A 205 206 1 192.0.2.2,192.0.2.3",
		}},
		{"address in a hint", store.Query{Subject: store.Address(netip.MustParseAddr("192.0.2.77"))}, []string{
			"example.com. HTTPS 300 300 1 1 . alpn=\"h2\" ipv4hint=\"192.0.2.77\"",
		}},
		{"network gives each once", only(network("192.0.2.2/31"), dns.TypeA), []string{
			"new.example.com. A 300 310 1 192.0.2.2",
			"www.example.com. A 205 206 1 192.0.2.2,192.0.2.3",
		}},
		{"range", store.Query{Subject: store.Range(netip.MustParseAddr("192.0.2.3"), netip.MustParseAddr("192.0.2.9"))}, []string{
			"www.example.com. A 205 206 1 192.0.2.2,192.0.2.3",
			"mail.example.com. A 100 100 1 192.0.2.9",
		}},
		{"IPv6 network", store.Query{Subject: network("2001:db8::/32")}, www[3:]},
		{"target", store.Query{Subject: store.Target(name("ns1.example.net"))}, []string{
			"example.com. NS 100 100 1 ns1.example.net.,ns2.example.net.",
			"example.com. SOA 400 400 1 ns1.example.net. hostmaster.example.com. 1 2 3 4 5",
		}},
		{"target of MX", store.Query{Subject: store.Target(name("mail.example.com"))}, []string{"example.com. MX 300 300 1 10 mail.example.com."}},
		{"target below", store.Query{Subject: store.TargetBelow(name("example.net"))}, []string{
			"example.com. NS 100 100 1 ns1.example.net.,ns2.example.net.",
			"example.com. SOA 400 400 1 ns1.example.net. hostmaster.example.com. 1 2 3 4 5",
		}},
		{"raw text", store.Query{Subject: store.Raw([]byte("\x0bv=spf1"))}, []string{"example.com. TXT 300 300 1 \"v=spf1 -all\""}},
		{"raw name", store.Query{Subject: store.Raw([]byte("\x03www\x07exa"))}, []string{"www.example.net. CNAME 200 200 1 www.example.com."}},
		{"raw MX", store.Query{Subject: store.Raw([]byte("\x00\x0a\x04mail"))}, []string{"example.com. MX 300 300 1 10 mail.example.com."}},
		{"negative history on request", store.Query{Subject: store.Owner(name("new.example.com")), Negative: true}, []string{
			"new.example.com. A 300 310 1 192.0.2.2",
			"new.example.com. NXDOMAIN 150 180 4 ",
		}},
		{"fences are inclusive", store.Query{Subject: store.Owner(name("www.example.com")), Fences: store.Fences{FirstAfter: 205, LastBefore: 310}}, wwwA[1:]},
		{"fences are on merged figures", store.Query{Subject: store.Owner(name("www.example.com")), Fences: store.Fences{LastBefore: 110}}, nil},
		{"slices are told apart", store.Query{Subject: store.Owner(name("www.example.com")), Slices: true, Fences: store.Fences{LastBefore: 210}}, []string{
			"www.example.com. A 100 110 2 192.0.2.1",
			"www.example.com. A 200 210 3 192.0.2.1",
			"www.example.com. A 205 206 1 192.0.2.2,192.0.2.3",
		}},
		{"at: all that stood", store.Query{Subject: store.Owner(name("www.example.com")), At: 206}, wwwA[:2]},
		{"at: the last known", store.Query{Subject: store.Owner(name("www.example.com")), At: 250}, wwwA[:1]},
		{"at: before anything", store.Query{Subject: store.Owner(name("www.example.com")), At: 99}, nil},
		{"at: below only what stood", store.Query{Subject: store.Below(name("example.com")), At: 250}, nil},
		{"at: by address only what stood", store.Query{Subject: network("192.0.2.0/24"), At: 250}, nil},
	}
	s := historic(t)
	path := filepath.Join(t.TempDir(), "snapshot")
	must(t, store.Snapshot(context.Background(), s, path, store.SnapshotOptions{}))
	snapshot, err := store.OpenReader(path)
	must(t, err)
	defer snapshot.Close()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := answer(t, s, tt.query); !slices.Equal(got, tt.want) {
				t.Errorf("store:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if got := answer(t, snapshot, tt.query); !tt.query.Slices && !slices.Equal(got, tt.want) {
				t.Errorf("snapshot:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestFindRefusesSubjects(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{})
	for _, sub := range []store.Subject{
		store.Owner([]byte("example.com")),
		store.Owner([]byte("\x03WWW\x00")),
		store.Target(nil),
		store.Leading(),
		store.Range(netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("192.0.2.1")),
		store.Range(netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::1")),
		store.Address(netip.Addr{}),
	} {
		n := 0
		for r, err := range s.Find(context.Background(), store.Query{Subject: sub}) {
			if n++; r != nil || err == nil {
				t.Errorf("%v: %v, %v: want an error alone", sub, r, err)
			}
		}
		if n != 1 {
			t.Errorf("%v: %d results, want one error", sub, n)
		}
	}
}

func TestFindStops(t *testing.T) {
	s := historic(t)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	for range s.Find(ctx, store.Query{}) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d results, want 3", n)
	}
	cancel()
	var last error
	for _, err := range s.Find(ctx, store.Query{}) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a cancelled search ends with %v", last)
	}
}

// A search that finds nothing looks at its context too.
func TestSearchesInVainStop(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	for part := range 2 {
		for i := range 2000 {
			must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 100 100 1 192.0.2.%d", i, part))))
		}
		if part == 0 {
			must(t, s.Flush(context.Background()))
		}
	}
	for _, q := range []store.Query{
		{Types: []uint16{dns.TypeTXT}},
		{Subject: store.Raw([]byte("nothing"))},
		{Subject: store.Leading([]byte("nothing"))},
	} {
		ctx := &countdown{Context: context.Background(), left: 3}
		var last error
		for _, err := range s.Find(ctx, q) {
			last = err
		}
		if q.Subject.String() != "nothing.*" && !errors.Is(last, context.Canceled) {
			t.Errorf("%v %v: ends with %v", q.Subject, q.Types, last)
		}
	}
}

// A countdown is a context that ends after it was looked at a few times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A reader in another process sees what was flushed, and not what was not.
func TestReaderFollows(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{Flush: time.Hour})
	r, err := store.OpenReader(dir)
	must(t, err)
	defer r.Close()
	q := store.Query{Subject: store.Owner(rrset.MustName("a.test"))}
	for i := range 20 { // past a merge or two
		must(t, s.Add(line(t, fmt.Sprintf("a.test. A %d %d 1 192.0.2.1", 100+i, 100+i))))
		if i == 0 && len(answer(t, r, q)) != 0 {
			t.Error("a reader sees the memtable")
		}
		must(t, s.Flush(context.Background()))
		must(t, s.Merge(context.Background(), false, nil))
		want := []string{fmt.Sprintf("a.test. A 100 %d %d 192.0.2.1", 100+i, i+1)}
		if got := answer(t, r, q); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	c, err := r.Coverage()
	must(t, err)
	if c.Recorded != 20 || c.Since.Unix() != 100 {
		t.Errorf("coverage %+v", c)
	}
}
