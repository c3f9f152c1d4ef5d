package disposable_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// A crowd is names of one kind, one after the other.
type crowd func(i int) string

func hex(zone string) crowd {
	rng := rand.New(rand.NewPCG(1, 2))
	return func(int) string { return fmt.Sprintf("%016x.%s", rng.Uint64(), zone) }
}

func letters(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + rng.IntN(26))
	}
	return string(b)
}

// judge shows a tracker names and returns why the last one collapses, where to, and
// how many did in all.
func judge(t *disposable.Tracker, names crowd, n int, rtype uint16, p disposable.Policy) (last disposable.Verdict, collapsed int) {
	p = p.WithDefaults()
	for i := range n {
		last = t.Judge(rrset.MustName(names(i)), rtype, &p)
		if last.Labels > 0 {
			collapsed++
		}
	}
	return last, collapsed
}

func TestJudge(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	words := func(zone string) crowd { return func(int) string { return letters(rng, 12) + "." + zone } }
	deep := func(zone string) crowd {
		return func(int) string { return letters(rng, 6) + "." + letters(rng, 6) + "." + zone }
	}
	octets := func(zone string) crowd {
		return func(int) string {
			return fmt.Sprintf("%d.%d.%d.%d.%s", rng.IntN(256), rng.IntN(256), rng.IntN(256), rng.IntN(256), zone)
		}
	}
	collapse := disposable.Policy{Mode: disposable.Collapse, Children: 100}
	off := disposable.Policy{Mode: disposable.Off, Children: 100}
	count := disposable.Policy{Mode: disposable.Count, Children: 100}
	exempt := disposable.Policy{Mode: disposable.Collapse, Children: 100, Exempt: [][]byte{rrset.MustName("example.com")}}
	tests := []struct {
		name   string
		names  crowd
		rtype  uint16
		policy disposable.Policy
		why    disposable.Reason
		labels int
		shape  string
	}{
		{"hex below a domain", hex("example.com"), dns.TypeA, collapse, disposable.Disposing, 1, "h16"},
		{"hex deeper", hex("tracker.example.co.uk"), dns.TypeA, collapse, disposable.Disposing, 1, "h16"},
		{"a list of addresses", octets("zen.example.com"), dns.TypeA, collapse, disposable.Disposing, 4, "d1.d1.d1.d1"},
		{"one that denies", octets("zen.example.com"), rrset.TypeNXDOMAIN, collapse, disposable.Disposing, 4, "d1.d1.d1.d1"},
		{"words", words("example.com"), dns.TypeA, collapse, disposable.None, 0, ""},
		{"domains of others", hex("com"), dns.TypeA, collapse, disposable.None, 0, ""},
		{"domains of others, deeper", hex("co.uk"), dns.TypeA, collapse, disposable.None, 0, ""},
		{"pages of others", hex("github.io"), dns.TypeA, collapse, disposable.None, 0, ""},
		{"distributions of others", hex("cloudfront.net"), dns.TypeA, collapse, disposable.None, 0, ""},
		{"what does not exist below a domain of others", hex("co.uk"), rrset.TypeNXDOMAIN, collapse, disposable.None, 0, ""},
		{"below a domain of others", hex("shop.github.io"), dns.TypeA, collapse, disposable.Disposing, 1, "h16"},
		{"addresses backwards", octets("in-addr.arpa"), dns.TypePTR, collapse, disposable.None, 0, ""},
		{"PTR elsewhere", hex("example.com"), dns.TypePTR, collapse, disposable.None, 0, ""},
		{"exempt", hex("a.example.com"), dns.TypeA, exempt, disposable.None, 0, ""},
		{"off", hex("example.com"), dns.TypeA, off, disposable.None, 0, ""},
		{"counted", hex("example.com"), dns.TypeA, count, disposable.Counted, 0, ""},

		{"words that do not exist", words("example.com"), rrset.TypeNXDOMAIN, collapse, disposable.Denied, 1, "*"},
		{"no such type", words("example.com"), rrset.TypeNODATA, collapse, disposable.Denied, 1, "*"},
		{"flood where nothing collapses", words("example.com"), rrset.TypeNXDOMAIN, off, disposable.Flooded, 1, "*"},
		{"flood where it is counted", words("example.com"), rrset.TypeNXDOMAIN, count, disposable.Flooded, 1, "*"},
		{"flood where it is exempt", words("example.com"), rrset.TypeNXDOMAIN, exempt, disposable.Flooded, 1, "*"},
		{"flood of many levels", deep("example.com"), rrset.TypeNXDOMAIN, collapse, disposable.Flooded, 2, "**"},
		{"flood of many levels below two", deep("example.co.uk"), rrset.TypeNXDOMAIN, off, disposable.Flooded, 2, "**"},
		{"sweep of what has no name", octets("in-addr.arpa"), rrset.TypeNXDOMAIN, collapse, disposable.None, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v, collapsed := judge(disposable.New(), test.names, 2000, test.rtype, test.policy)
			shape := ""
			if v.Labels > 0 {
				shape = string(v.Shape())
			}
			if v.Reason != test.why || v.Labels != test.labels || shape != test.shape {
				t.Errorf("%v, %d labels, %q; want %v, %d, %q", v.Reason, v.Labels, shape, test.why, test.labels, test.shape)
			}
			want := 2000 - test.policy.Children
			if test.why == disposable.Flooded {
				want -= 9 * test.policy.Children
			}
			if off := collapsed - want; test.labels > 0 && (off < -want/2 || off > want/2) {
				t.Errorf("%d have collapsed, want about %d", collapsed, want)
			}
		})
	}
}

// A sweep of an address space that has no names is bounded by the part of the
// reverse tree that somebody holds.
func TestReverseSweep(t *testing.T) {
	sweep := func(i int) string { return fmt.Sprintf("%d.%d.%d.10.in-addr.arpa", i%256, i/256%256, i/65536) }
	_, collapsed := judge(disposable.New(), sweep, 20_000, rrset.TypeNXDOMAIN, disposable.Policy{Children: 100})
	if collapsed < 18_000 {
		t.Errorf("%d of 20000 have collapsed", collapsed)
	}
}

// The increases of a set's count come to the number of its names, whatever comes
// again and again.
func TestNames(t *testing.T) {
	const n = 50_000
	var total uint64
	begins := 0
	tr := disposable.New()
	p := disposable.Policy{Mode: disposable.Collapse, Children: 100}.WithDefaults()
	for range 2 {
		names := hex("example.com") // the same ones again
		for i := range n {
			v := tr.Judge(rrset.MustName(names(i)), dns.TypeA, &p)
			total += v.Fresh
			if v.Begins {
				begins++
			}
		}
	}
	if total < n/2 || total > n*2 || begins != 1 { // a thousandth of estimates are off by four standard errors
		t.Errorf("%d names, begun %d times; want about %d, once", total, begins, n)
	}
}

// What has collapsed stays so while the tables are flooded with sets of few names.
func TestEviction(t *testing.T) {
	tr := disposable.New()
	p := disposable.Policy{Mode: disposable.Collapse, Children: 10}.WithDefaults()
	if v, _ := judge(tr, hex("example.com"), 2000, dns.TypeA, p); v.Labels == 0 {
		t.Fatal("nothing has collapsed")
	}
	rng := rand.New(rand.NewPCG(5, 6))
	zone := ""
	others := func(i int) string {
		if i%4 == 0 {
			zone = letters(rng, 10) + ".org"
		}
		return fmt.Sprintf("%016x.%s", rng.Uint64(), zone)
	}
	judge(tr, others, 500_000, dns.TypeA, p)
	if v, _ := judge(tr, hex("example.com"), 1, dns.TypeA, p); v.Labels == 0 {
		t.Error("forgotten")
	}
}

func TestState(t *testing.T) {
	tr := disposable.New()
	p := disposable.Policy{Mode: disposable.Collapse, Children: 100}.WithDefaults()
	if tr.Changed() {
		t.Error("changed by nothing")
	}
	names := hex("example.com")
	judge(tr, names, 1999, dns.TypeA, p)
	last := names(1999)
	again := func(int) string { return last }
	judge(tr, again, 1, dns.TypeA, p)
	if !tr.Changed() || tr.Changed() {
		t.Error("want one change")
	}
	state := tr.State()
	back, err := disposable.Restore(state)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := judge(back, again, 1, dns.TypeA, p)
	if v.Labels != 1 || v.Fresh != 0 || v.Begins {
		t.Errorf("a name seen before: %v, %d labels, %d new; want it to collapse, and nothing new", v.Reason, v.Labels, v.Fresh)
	}
	state[len(state)-1] ^= 1
	if _, err := disposable.Restore(state); !errors.Is(err, disposable.ErrState) {
		t.Errorf("damaged: %v", err)
	}
}

// What the store is told of a set is part of the state, though the name that it is
// told at is no new one.
func TestToldIsKept(t *testing.T) {
	tr := disposable.New()
	count := disposable.Policy{Mode: disposable.Count, Children: 100}
	judge(tr, hex("example.com"), 2000, dns.TypeA, count)
	tr.Changed()
	collapse := disposable.Policy{Mode: disposable.Collapse, Children: 100}
	if v, _ := judge(tr, hex("example.com"), 1, dns.TypeA, collapse); !v.Begins || !tr.Changed() {
		t.Fatalf("%v, begins %v: want a set that begins, and a change", v.Reason, v.Begins)
	}
	back, err := disposable.Restore(tr.State())
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := judge(back, hex("example.com"), 1, dns.TypeA, collapse); v.Labels != 1 || v.Begins || v.Fresh != 0 {
		t.Errorf("%d labels, begins %v, %d new; want a set that has collapsed, and nothing new", v.Labels, v.Begins, v.Fresh)
	}
}

func TestPolicy(t *testing.T) {
	p := disposable.Policy{Mode: disposable.Collapse, Children: 7, Combinations: 9, Exempt: [][]byte{rrset.MustName("corp.example"), {0}}}
	back, err := disposable.ParsePolicy(p.String())
	if err != nil || !back.Equal(p) {
		t.Errorf("%s became %s, %v", p, back, err)
	}
	if p.Equal(disposable.Policy{}) || !(disposable.Policy{}).Equal(disposable.Policy{Mode: disposable.Count, Children: 1000}) {
		t.Error("policies differ by what they say, and defaults are said")
	}
	for _, bad := range []string{"", "count", "count 0 1", "some 1 1", "off 1 x", "off 1 1 a..b"} {
		if _, err := disposable.ParsePolicy(bad); err == nil {
			t.Errorf("%q: taken", bad)
		}
	}
}
