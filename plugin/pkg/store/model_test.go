package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A model is the store as anyone would write it in a minute: a map.
type model map[string]*rrset.RRset

func identity(r *rrset.RRset) string {
	return fmt.Sprintf("%x %d %x %x", r.Owner, r.Type, r.Bailiwick, r.Rdata)
}

func (m model) add(r *rrset.RRset) {
	if held := m[identity(r)]; held != nil {
		held.Add(&r.Figures)
		return
	}
	m[identity(r)] = r.Clone()
}

// find answers a question by looking at everything.
func (m model) find(match func(*rrset.RRset) bool) map[string]rrset.Figures {
	found := map[string]rrset.Figures{}
	for id, r := range m {
		if match(r) {
			found[id] = r.Figures
		}
	}
	return found
}

// A question is asked of store and model alike.
type question struct {
	name  string
	query store.Query
	match func(*rrset.RRset) bool
}

func positive(r *rrset.RRset) bool { return !rrset.IsNegative(r.Type) }

func hasAddress(r *rrset.RRset, in func(netip.Addr) bool) bool {
	return slices.ContainsFunc(r.Rdata, func(rd []byte) bool {
		a, ok := netip.AddrFromSlice(rd)
		return ok && (r.Type == dns.TypeA || r.Type == dns.TypeAAAA) && in(a)
	})
}

func hasTarget(r *rrset.RRset, in func(name []byte) bool) bool {
	return slices.ContainsFunc(r.Rdata, func(rd []byte) (hit bool) {
		rrset.RdataNames(r.Type, rd, func(n []byte) { hit = hit || in(n) })
		return hit
	})
}

// world makes RRsets out of few names and addresses, so that they meet often.
type world struct{ *rand.Rand }

func (w world) name() []byte {
	labels := []string{"www", "mail", "a", "b-1", "x\\000y", "ns1"}
	zones := []string{"example.com", "example.net", "a.example.com", "test", "co.example"}
	n := zones[w.IntN(len(zones))]
	for range w.IntN(3) {
		n = labels[w.IntN(len(labels))] + "." + n
	}
	return rrset.MustName(n)
}

func (w world) address() []byte { return []byte{192, 0, 2, byte(w.IntN(24))} }

func (w world) rrset(now int64) *rrset.RRset {
	r := &rrset.RRset{Owner: w.name()}
	r.First = now - int64(w.IntN(5))
	r.Last, r.Count = r.First+int64(w.IntN(4)), uint64(1+w.IntN(3))
	if w.IntN(4) > 0 {
		r.Marks |= rrset.HasTTL
		r.TTLMin = uint32(w.IntN(600))
		r.TTLMax = r.TTLMin + uint32(w.IntN(2))*60
	}
	if w.IntN(3) > 0 {
		r.Bailiwick = rrset.Suffix(r.Owner, w.IntN(rrset.CountLabels(r.Owner)+1))
	}
	switch w.IntN(7) {
	case 0:
		r.Type = dns.TypeNS
		r.Rdata = [][]byte{w.name(), w.name()}
	case 1:
		r.Type = dns.TypeMX
		r.Rdata = [][]byte{append([]byte{0, 10}, w.name()...)}
	case 2:
		r.Type = dns.TypeTXT
		txt := strings.Repeat("x", w.IntN(200))
		r.Rdata = [][]byte{append([]byte{byte(len(txt))}, txt...)}
	case 3:
		r.Type = dns.TypeSOA
		soa := append(w.name(), w.name()...)
		r.Rdata = [][]byte{append(soa, make([]byte, 20)...)}
	case 4:
		r.Type = []uint16{rrset.TypeNXDOMAIN, rrset.TypeNODATA}[w.IntN(2)]
		if r.Type == rrset.TypeNODATA {
			r.Rdata = [][]byte{binary.BigEndian.AppendUint16(nil, dns.TypeAAAA)}
		}
	default:
		r.Type = dns.TypeA
		for range 1 + w.IntN(4) {
			r.Rdata = append(r.Rdata, w.address())
		}
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r
}

func (w world) question(now int64) question {
	name := w.name()
	switch w.IntN(11) {
	case 0:
		return question{"all", store.Query{}, positive}
	case 1:
		return question{"owner", store.Query{Subject: store.Owner(name)}, func(r *rrset.RRset) bool { return positive(r) && bytes.Equal(r.Owner, name) }}
	case 2:
		return question{"below", store.Query{Subject: store.Below(name)}, func(r *rrset.RRset) bool { return positive(r) && rrset.Encloses(name, r.Owner) }}
	case 3:
		first := []byte("www")
		return question{"leading", store.Query{Subject: store.Leading(first)}, func(r *rrset.RRset) bool {
			return positive(r) && rrset.CountLabels(r.Owner) > 1 && bytes.Equal(r.Owner[1:1+r.Owner[0]], first)
		}}
	case 4:
		a, _ := netip.AddrFromSlice(w.address())
		return question{"address", store.Query{Subject: store.Address(a)}, func(r *rrset.RRset) bool {
			return hasAddress(r, func(b netip.Addr) bool { return a == b })
		}}
	case 5:
		a, _ := netip.AddrFromSlice(w.address())
		p := netip.PrefixFrom(a, 29).Masked()
		return question{"network", store.Query{Subject: store.Network(p)}, func(r *rrset.RRset) bool { return hasAddress(r, p.Contains) }}
	case 6:
		return question{"target", store.Query{Subject: store.Target(name)}, func(r *rrset.RRset) bool {
			return hasTarget(r, func(n []byte) bool { return bytes.Equal(n, name) })
		}}
	case 7:
		return question{"target below", store.Query{Subject: store.TargetBelow(name)}, func(r *rrset.RRset) bool {
			return hasTarget(r, func(n []byte) bool { return rrset.Encloses(name, n) })
		}}
	case 8:
		prefixes := [][]byte{{192, 0, 2, 7}, {192, 0}, {0, 10, 3, 'w'}, {200, 'x'}, rrset.MustName("example.com")[:5], {3, 'n', 's'}}
		prefix := prefixes[w.IntN(len(prefixes))]
		return question{"raw", store.Query{Subject: store.Raw(prefix)}, func(r *rrset.RRset) bool {
			return positive(r) && slices.ContainsFunc(r.Rdata, func(rd []byte) bool { return bytes.HasPrefix(rd, prefix) })
		}}
	case 9:
		f := store.Fences{FirstBefore: now - 20, LastAfter: now - 40}
		return question{"fences", store.Query{Subject: store.Below(name), Fences: f, Negative: true}, func(r *rrset.RRset) bool {
			return rrset.Encloses(name, r.Owner) && r.First <= f.FirstBefore && r.Last >= f.LastAfter
		}}
	default:
		zone := rrset.Parent(name)
		q := store.Query{Types: []uint16{dns.TypeA, rrset.TypeNXDOMAIN}, Bailiwick: zone}
		return question{"type and bailiwick", q, func(r *rrset.RRset) bool {
			return (r.Type == dns.TypeA || r.Type == rrset.TypeNXDOMAIN) && r.Bailiwick != nil && bytes.Equal(r.Bailiwick, zone)
		}}
	}
}

// ask compares an answer of a source with the model's.
func ask(t *testing.T, src store.Source, m model, q question) {
	t.Helper()
	got := map[string]rrset.Figures{}
	for r, err := range src.Find(context.Background(), q.query) {
		if err != nil {
			t.Fatalf("%s %s: %v", q.name, q.query.Subject, err)
		}
		if _, twice := got[identity(r)]; twice {
			t.Fatalf("%s %s: %s comes twice", q.name, q.query.Subject, identity(r))
		}
		got[identity(r)] = r.Figures
	}
	want := m.find(q.match)
	for id, f := range want {
		if got[id] != f {
			t.Fatalf("%s %s: %s\n got %+v\nwant %+v", q.name, q.query.Subject, id, got[id], f)
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			t.Fatalf("%s %s: %s is not wanted", q.name, q.query.Subject, id)
		}
	}
}

// TestModel does random things to a store and to a map, and asks both.
func TestModel(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runModel(t, seed, 1500) })
	}
}

func runModel(t *testing.T, seed uint64, steps int) {
	w := world{rand.New(rand.NewPCG(seed, 1))}
	dir := t.TempDir()
	var clock atomic.Int64
	clock.Store(1_700_000_000)
	o := store.Options{Flush: time.Hour, Now: func() time.Time { return time.Unix(clock.Load(), 0) },
		Events: store.Events{Error: func(err error) { t.Error(err) }}}
	s := open(t, dir, o)
	m := model{}
	ctx := context.Background()
	for step := range steps {
		now := clock.Load()
		switch k := w.IntN(1000); {
		case k < 800:
			r := w.rrset(now)
			if err := s.Add(r); err != nil {
				t.Fatal(err)
			}
			m.add(r)
		case k < 870:
			ask(t, s, m, w.question(now))
		case k < 900:
			must(t, s.Flush(ctx))
		case k < 910:
			must(t, s.Merge(ctx, w.IntN(3) == 0, nil))
		case k < 920:
			must(t, s.Close())
			s = open(t, dir, o)
		case k < 930:
			must(t, s.Flush(ctx))
			r, err := store.OpenReader(dir)
			must(t, err)
			ask(t, r, m, w.question(now))
			must(t, r.Close())
		case k < 935:
			path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.snapshot", step))
			must(t, store.Snapshot(ctx, s, path, store.SnapshotOptions{}))
			r, err := store.OpenReader(path)
			must(t, err)
			ask(t, r, m, w.question(now))
			must(t, r.Close())
			intact(t, path)
		default:
			clock.Add(int64(w.IntN(1 << w.IntN(16))))
		}
	}
	ask(t, s, m, question{"all", store.Query{Negative: true}, func(*rrset.RRset) bool { return true }})
	must(t, s.Close())
	intact(t, dir)
}

func open(t testing.TB, dir string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(dir, o)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// intact fails if Verify finds anything.
func intact(t *testing.T, path string) {
	t.Helper()
	must(t, store.Verify(context.Background(), path, func(f store.Finding) { t.Errorf("%s: %s: %v", f.File, f.Place, f.Err) }, nil))
}
