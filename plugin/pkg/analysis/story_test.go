package analysis_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
)

// The story: a lure in a mail had two addresses, one after the other, with 42 and 44
// names on them. Nine of these names moved on to a third address, where they are
// among 1,475: there is the payment page.
const (
	lureName    = "parcel-notice.example"
	paymentName = "secure-payment.example"
	firstHome   = "192.0.2.42"
	secondHome  = "192.0.2.44"
	cashDesk    = "198.51.100.14"
	cdn         = "203.0.113.80"
	hostile     = 1475
	movedOn     = 9
)

// story makes that history.
func story(h *history) {
	at := func(name, address, first, last string) {
		h.add(fmt.Sprintf("%s %s 2 %s A %s", first, last, name, address))
	}
	at(lureName, firstHome, "08-01", "08-10")
	at(lureName, secondHome, "08-11", "08-20")
	for i := range 41 {
		at(fmt.Sprintf("first%02d.example", i), firstHome, "08-02", "08-09")
	}
	for i := range 43 {
		at(fmt.Sprintf("second%02d.example", i), secondHome, "08-12", "08-19")
	}
	for i := range movedOn {
		at(fmt.Sprintf("first%02d.example", i), cashDesk, "08-15", "08-30")
	}
	at(paymentName, cashDesk, "08-14", "08-30")
	for i := range hostile - movedOn - 1 {
		at(fmt.Sprintf("desk%04d.example", i), cashDesk, "08-16", "08-29")
	}
	// Before the scheme came, somebody else was there.
	for i := range 300 {
		at(fmt.Sprintf("former%03d.example", i), firstHome, "01-01", "02-01")
	}
}

// behindCDN puts the names of the scheme, and 50,000 in all, on one address of a CDN
// as well.
func behindCDN(h *history) {
	scheme := []string{lureName, paymentName}
	for i := range 41 {
		scheme = append(scheme, fmt.Sprintf("first%02d.example", i))
	}
	for i := range 50_000 {
		r := &rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("customer%05d.test", i)), Type: dns.TypeA,
			Rdata: [][]byte{netip.MustParseAddr(cdn).AsSlice()}}
		if i < len(scheme) {
			r.Owner = rrset.MustName(scheme[i])
		}
		r.First, r.Last, r.Count = day(h.t, "08-01"), day(h.t, "08-30"), 1
		if err := h.AddWait(h.t.Context(), r); err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestStory(t *testing.T) {
	tests := []struct {
		name   string
		make   []func(*history)
		shared []string
	}{
		{"as it was", []func(*history){story}, []string{}},
		{"behind a CDN", []func(*history){story, behindCDN}, []string{cdn}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHistory(t)
			for _, fill := range tt.make {
				fill(h)
			}
			if err := h.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			g, err := analysis.Map(t.Context(), h, analysis.MapQuery{Seeds: keys(t, lureName)})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(g.Shared, tt.shared) || len(g.Cut) > 0 {
				t.Errorf("shared %v, cut %v, want shared %v and nothing cut", g.Shared, g.Cut, tt.shared)
			}
			scheme(t, g)
		})
	}
}

// scheme checks that a map shows the scheme and nobody else.
func scheme(t *testing.T, g *analysis.Graph) {
	t.Helper()
	nodes := map[string]analysis.Node{}
	names := 0
	for _, n := range g.Nodes {
		nodes[n.ID] = n
		if n.Type == "name" {
			names++
		}
	}
	if want := 42 + 44 - 1 + hostile - movedOn; names != want {
		t.Errorf("%d names, want the %d of the scheme", names, want)
	}
	for address, want := range map[string]int{firstHome: 42, secondHome: 44, cashDesk: hostile} {
		if n := nodes[address]; n.Names != want || n.State != analysis.Expanded {
			t.Errorf("%s is %s with %d names, want it expanded with %d", address, n.State, n.Names, want)
		}
	}
	if n := nodes[paymentName+"."]; n.Depth != 4 || !slices.Contains(n.Via, cashDesk) {
		t.Errorf("the payment page: %+v", n)
	}
	if n := nodes[cdn]; n.ID != "" && (n.Domains != 20_000 || !n.More) {
		t.Errorf("the address of the CDN: %+v, want more than 20,000 domains", n)
	}
	// What shared a home with the lure stands before what only shares the desk.
	if near, far := nodes["second07.example."].Score, nodes["desk0007.example."].Score; near <= far {
		t.Errorf("scores %f beside the lure, %f at the desk", near, far)
	}
}

// BenchmarkMap makes a map of depth 3 of the story behind a CDN.
func BenchmarkMap(b *testing.B) {
	h := newHistory(b)
	story(h)
	behindCDN(h)
	if err := h.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	seeds := keys(b, lureName)
	b.ReportAllocs()
	var read int
	for b.Loop() {
		g, err := analysis.Map(b.Context(), h, analysis.MapQuery{Seeds: seeds, Depth: 3})
		if err != nil {
			b.Fatal(err)
		}
		read = g.Read
	}
	b.ReportMetric(float64(read), "RRsets/op")
}
