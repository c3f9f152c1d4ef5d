package analysis_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/asn"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// origins are autonomous systems by their /16; what is not there is not known.
type origins map[netip.Prefix]uint32

func (o origins) Lookup(a netip.Addr) (asn.Origin, bool, error) {
	p, err := a.Prefix(16)
	n, ok := o[p]
	return asn.Origin{Number: n, Organisation: fmt.Sprint("System ", n), Network: p}, ok, err
}

// everybody has each /16 of 10.0.0.0/8 in a system of its own.
func everybody() origins {
	o := origins{}
	for i := range 256 {
		o[netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i)}), 16)] = uint32(64500 + i)
	}
	return o
}

// fluxing is a name with four new addresses in four networks each day of three weeks.
func fluxing(name string) string {
	var b strings.Builder
	for d := range 21 {
		var addrs []string
		for i := range 4 {
			addrs = append(addrs, fmt.Sprintf("10.%d.%d.%d", 4*d+i, d, i+1))
		}
		at := time.Date(2019, 8, 1+d, 0, 0, 0, 0, time.UTC).Format("01-02")
		fmt.Fprintf(&b, "%s %s 5/300 %s A %s\n", at, at, name, strings.Join(addrs, "|"))
	}
	return b.String()
}

// serving is as many names at each address.
func serving(names int, addrs ...string) string {
	var b strings.Builder
	for i := range names {
		fmt.Fprintf(&b, "06-01 08-30 3 shop%d.example A %s\n", i, strings.Join(addrs, "|"))
	}
	return b.String()
}

const long = "01-01 01-02 1 old.example A 198.51.100.200\n"

func TestFluxVerdicts(t *testing.T) {
	ranges := &analysis.Ranges{}
	if err := ranges.Read(strings.NewReader("203.0.113.0/24 Example CDN\n"), ""); err != nil {
		t.Fatal(err)
	}
	var double, aliases, pool strings.Builder
	double.WriteString(fluxing("x.test"))
	for d := range 12 {
		fmt.Fprintf(&double, "08-%02d 08-%02d 2/300 x.test NS ns1.x.test.|ns2.x.test.\n", d+1, d+1)
		fmt.Fprintf(&double, "08-%02d 08-%02d 2/300 ns1.x.test A 10.%d.9.1\n", d+1, d+1, 100+d)
	}
	for i := range 40 {
		fmt.Fprintf(&aliases, "06-01 08-30 9 www.shop%d.example CNAME e%d.edge.example.\n", i, i)
	}
	for d := range 20 { // the same twenty again and again
		fmt.Fprintf(&pool, "%02d-01 %02d-28 9/130 x.test A 10.%d.0.1|10.%d.0.1|10.%d.0.1\n", 1+d%8, 1+d%8, d, (d+7)%20, (d+13)%20)
	}
	tests := []struct {
		name, seen string
		q          analysis.FluxQuery
		want       analysis.Verdict
		because    string
	}{
		{"flux, by networks", long + fluxing("x.test"), analysis.FluxQuery{}, analysis.IsFlux, "flux from 4"},
		{"flux, by systems", long + fluxing("x.test"), analysis.FluxQuery{Origins: everybody()}, analysis.IsFlux, "flux from 4"},
		{"double flux", long + double.String(), analysis.FluxQuery{}, analysis.IsDoubleFlux, "its name servers had 12 addresses in 12 networks"},
		{"flux that ended", long + fluxing("x.test") + "09-01 12-30 30 x.test A 192.0.2.1", analysis.FluxQuery{}, analysis.IsFlux, "flux from 4"},
		{"flux before the time asked for", long + fluxing("x.test") + "09-01 12-30 30 x.test A 192.0.2.1",
			analysis.FluxQuery{Window: analysis.Window{Since: day(t, "09-01")}}, analysis.IsStable, "1 address"},
		{"not yet, at that time", long + "06-01 07-20 9 x.test A 192.0.2.1\n" + fluxing("x.test"),
			analysis.FluxQuery{Window: analysis.Window{Until: day(t, "07-30")}}, analysis.IsStable, ""},
		{"an alias at a CDN", long + aliases.String() + "06-01 08-30 9 x.test CNAME ex.edge.example.\n06-01 08-30 9 ex.edge.example A 10.1.0.1|10.2.0.1", analysis.FluxQuery{},
			analysis.IsCDN, "it is an alias at edge.example., as are 40 other registered domains"},
		{"in ranges", long + "06-01 08-30 9 x.test A 203.0.113.1|203.0.113.2|203.0.113.3|203.0.113.4", analysis.FluxQuery{Ranges: ranges},
			analysis.IsCDN, "100% of its 4 addresses are in Example CDN"},
		{"shared hosting", long + serving(50, "192.0.2.1") + "06-01 08-30 9 x.test A 192.0.2.1", analysis.FluxQuery{}, analysis.IsShared, "half of its addresses each have 50 other registered domains or more; 40 are enough"},
		{"more than a thousand", long + serving(1474, "192.0.2.1") + "06-01 08-30 9 x.test A 192.0.2.1", analysis.FluxQuery{}, analysis.IsShared, "each have 1,474 other"},
		{"few beside it", long + serving(39, "192.0.2.1") + "06-01 08-30 9 x.test A 192.0.2.1", analysis.FluxQuery{}, analysis.IsStable, ""},
		{"a pool", long + pool.String(), analysis.FluxQuery{Origins: everybody()}, analysis.IsStable, ""},
		{"moved", long + "01-01 03-30 9 x.test A 192.0.2.1\n04-01 08-30 9 x.test A 198.51.100.1", analysis.FluxQuery{}, analysis.IsStable, ""},
		{"new", long + "08-29 08-30 9 x.test A 192.0.2.1", analysis.FluxQuery{}, analysis.IsUnclear, "too little was seen"},
		{"hardly seen", long + "06-01 08-30 2 x.test A 192.0.2.1", analysis.FluxQuery{}, analysis.IsUnclear, "too little was seen"},
		{"never seen", long, analysis.FluxQuery{}, analysis.IsUnclear, "it was not seen"},
		{"without addresses", long + "06-01 08-30 9 x.test CNAME y.test.", analysis.FluxQuery{}, analysis.IsUnclear, "no addresses of it were seen"},
		{"an alias of itself", long + "06-01 08-30 9 x.test CNAME y.test.\n06-01 08-30 9 y.test CNAME x.test.", analysis.FluxQuery{}, analysis.IsUnclear, "no addresses of it were seen"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Name = rrset.MustName("x.test")
			r, err := analysis.Flux(t.Context(), saw(t, tt.seen), tt.q)
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != tt.want || !strings.Contains(r.Because, tt.because) {
				t.Errorf("%s, %s; want %s, %s\n%s", r.Verdict, r.Because, tt.want, tt.because, evidence(r))
			}
			if (r.Holz != nil) != (tt.q.Origins != nil && r.Addresses.IPv4 > 0) {
				t.Errorf("Holz %+v with origins %v", r.Holz, tt.q.Origins != nil)
			}
			adds(t, r)
		})
	}
}

func evidence(r *analysis.FluxReport) string {
	var b strings.Builder
	for _, e := range r.Evidence {
		fmt.Fprintf(&b, "%s %.2f of %v, %s: %s\n", e.Sign, e.Points, e.Weight, e.What, e.Says)
	}
	return b.String()
}

// adds checks that the score is what the evidence says.
func adds(t *testing.T, r *analysis.FluxReport) {
	t.Helper()
	sum := 0.0
	for _, e := range r.Evidence {
		if e.Says == "" || e.Points < 0 || e.Points > e.Weight || (e.Points == 0) != (e.Sign == analysis.Neither) {
			t.Errorf("evidence %+v", e)
		}
		if e.Sign == analysis.For {
			sum += e.Points
		} else {
			sum -= e.Points
		}
	}
	if d := sum - r.Score; d > 0.01 || d < -0.01 {
		t.Errorf("score %v, and the evidence adds up to %v", r.Score, sum)
	}
}

// TestHolz: the score counts A records of all look-ups and their systems, and says
// of how many the system is known.
func TestHolz(t *testing.T) {
	seen := "08-01 08-02 3 x.test A 10.1.0.1|10.1.0.2|10.2.0.1\n08-03 08-20 3 x.test A 10.2.0.1|192.0.2.1\n08-03 08-20 3 x.test AAAA 2001:db8::1"
	r, err := analysis.Flux(t.Context(), saw(t, seen), analysis.FluxQuery{Name: rrset.MustName("x.test"), Origins: everybody()})
	if err != nil {
		t.Fatal(err)
	}
	want := analysis.HolzScore{Score: 4*1.32 + 2*18.54, Threshold: 142.38, Addresses: 4, ASNs: 2, Found: 0.75}
	if r.Holz == nil || *r.Holz != want {
		t.Errorf("%+v, want %+v", r.Holz, want)
	}
	for _, e := range r.Evidence {
		if e.What == "holz" {
			t.Errorf("a low score of which a quarter is not known is evidence: %+v", e)
		}
	}
	if a := r.Addresses; a.IPv4 != 4 || a.IPv6 != 1 || a.Networks != 4 || a.ASNs != 2 || a.Known != 3 || a.By != "network" {
		t.Errorf("%+v", a)
	}
	r, err = analysis.Flux(t.Context(), saw(t, seen), analysis.FluxQuery{Name: rrset.MustName("x.test")})
	if err != nil || r.Holz != nil || r.Addresses.ASNs != -1 {
		t.Errorf("without a database: %+v, %+v, %v", r.Holz, r.Addresses, err)
	}
}

func TestFootprint(t *testing.T) {
	r, err := analysis.Flux(t.Context(), saw(t, `
08-01 08-01 4/300 x.test A 10.0.0.1|10.0.0.2
08-05 08-05 1/60 x.test A 10.0.0.2|10.0.0.3
flush
08-11 08-11 1/600 x.test A 10.1.0.1
07-01 07-02 1 y.example A 10.1.0.1
`), analysis.FluxQuery{Name: rrset.MustName("x.test")})
	if err != nil {
		t.Fatal(err)
	}
	a := r.Addresses
	got := fmt.Sprintf("%d %d %v %.2f %.2f %.2f %.3f %d %v", a.IPv4, a.RRsets, a.Watched, a.NewPerDay, a.Later, a.SamePlaces, a.Overlap, a.Stay, a.Growth)
	want := "4 3 864000 0.20 0.25 0.00 0.167 0 [{2019-08-01 2} {2019-08-05 1} {2019-08-11 1}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if *r.TTL != (analysis.FluxTTL{Min: 60, Typical: 300}) {
		t.Errorf("TTL %+v", r.TTL)
	}
	if o := *r.Others; o.Sample != 4 || o.Domains != 0 || o.Most != 1 || o.Age != 0 || o.Known != 31*86400 || o.InRanges != -1 {
		t.Errorf("others %+v", o)
	}
}

func TestFluxRefuses(t *testing.T) {
	h := saw(t, "08-01 08-02 3 x.test A 10.1.0.1")
	broken := errors.New("broken.mmdb: damaged")
	for want, q := range map[string]analysis.FluxQuery{
		"malformed name":                   {},
		"the window ends before it begins": {Name: rrset.MustName("a"), Window: analysis.Window{Since: 2, Until: 1}},
		broken.Error():                     {Name: rrset.MustName("x.test"), Origins: fails{broken}},
	} {
		if r, err := analysis.Flux(t.Context(), h, q); r != nil || err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %s", q, err, want)
		}
	}
}

type fails struct{ error }

func (f fails) Lookup(netip.Addr) (asn.Origin, bool, error) { return asn.Origin{}, false, f.error }

// TestFluxBounds: each bound that left something out is told.
func TestFluxBounds(t *testing.T) {
	seen := fluxing("x.test") + `
08-01 08-21 9 x.test NS ns1.dns.example.|ns2.dns.example.|ns3.dns.example.
08-01 08-21 9 www.test CNAME a.cdn.example.
08-01 08-21 9 www.test CNAME b.cdn.example.
`
	h := saw(t, seen)
	for _, tt := range []struct {
		name string
		b    analysis.FluxBounds
		want []string
	}{
		{"x.test", analysis.FluxBounds{}, []string{"sample"}},
		{"x.test", analysis.FluxBounds{Sample: 100}, nil},
		{"x.test", analysis.FluxBounds{Records: 20}, []string{"records"}},
		{"x.test", analysis.FluxBounds{Servers: 2, Sample: 100}, []string{"servers"}},
		{"www.test", analysis.FluxBounds{Aliases: 1}, []string{"aliases"}},
		{"x.test", analysis.FluxBounds{Time: time.Nanosecond}, []string{"time"}},
	} {
		r, err := analysis.Flux(t.Context(), h, analysis.FluxQuery{Name: rrset.MustName(tt.name), FluxBounds: tt.b})
		if err != nil {
			t.Fatal(err)
		}
		var at []string
		for _, c := range r.Cut {
			at = append(at, c.At)
		}
		if !slices.Equal(at, tt.want) {
			t.Errorf("%s with %+v: cut at %v, want %v", tt.name, tt.b, at, tt.want)
		}
	}
}

// TestFluxOfVeryMany: a name with 100,000 RRsets is judged.
func TestFluxOfVeryMany(t *testing.T) {
	h, err := store.Open(t.TempDir(), store.Options{Disposable: disposable.Policy{Combinations: 1 << 30}})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	at := day(t, "01-01")
	for i := range int64(100_000) {
		r := &rrset.RRset{Owner: rrset.MustName("x.test"), Type: dns.TypeA, Rdata: [][]byte{{byte(1 + i%200), byte(i / 200), byte(i / 200 >> 8), 1}}}
		r.First, r.Last, r.Count = at+i*60, at+i*60+3600, 1
		if err := h.AddWait(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	r, err := analysis.Flux(t.Context(), h, analysis.FluxQuery{Name: rrset.MustName("x.test")})
	if err != nil || r.Addresses.IPv4 != 100_000 || r.Verdict != analysis.IsFlux {
		t.Errorf("%+v, %v", r.Addresses, err)
	}
}

func TestFluxIncomplete(t *testing.T) {
	src := broken{saw(t, fluxing("x.test"))}
	r, err := analysis.Flux(t.Context(), src, analysis.FluxQuery{Name: rrset.MustName("x.test")})
	if r == nil || !errors.Is(err, store.ErrIncomplete) || r.Incomplete != err.Error() || r.Addresses.IPv4 == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
