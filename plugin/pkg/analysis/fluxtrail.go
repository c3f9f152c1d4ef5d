package analysis

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A trail is the addresses that something led to, over time.
type trail struct {
	addrs []traced
	index map[netip.Addr]int32
	looks []look
	sets  map[string]struct{} // different sets of addresses
	led   map[int]int64       // by group of looks: when the name first led to its owner
}

// A traced address is one of a trail, and when it was seen there.
type traced struct {
	addr netip.Addr
	seen Seen
}

// A look is an RRset of addresses as one slice of the store saw it, clipped to the
// window.
type look struct {
	group   int // owner and type: only looks of one follow each other
	members []int32
	rrset.Figures
}

func newTrail() *trail {
	return &trail{index: map[netip.Addr]int32{}, sets: map[string]struct{}{}, led: map[int]int64{}}
}

// add takes in an RRset of addresses.
func (t *trail) add(group int, rdata [][]byte, f rrset.Figures) {
	l := look{group: group, Figures: f}
	var key []byte
	for _, rd := range rdata {
		a, ok := netip.AddrFromSlice(rd)
		if !ok {
			continue
		}
		i, ok := t.index[a]
		if !ok {
			i = int32(len(t.addrs))
			t.index[a] = i
			t.addrs = append(t.addrs, traced{addr: a})
		}
		t.addrs[i].seen.Add(seen(&f))
		l.members = append(l.members, i)
		key = append(key, rd...)
	}
	slices.Sort(l.members)
	t.sets[string(key)] = struct{}{}
	t.looks = append(t.looks, l)
}

// sort orders what was read by time; until then members of looks stay as they are.
func (t *trail) sort() {
	slices.SortFunc(t.looks, func(a, b look) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last), slices.Compare(a.members, b.members))
	})
}

// all covers all looks.
func (t *trail) all() (s Seen) {
	for i := range t.looks {
		s.Add(seen(&t.looks[i].Figures))
	}
	return s
}

// startSlack is how much later than the first something may be seen, in seconds, and
// count as there from the start: one question follows the other.
const startSlack = 3600

// present tells of each address whether it was there from the start: among the first
// that were seen of an owner and a type, where the name led to that owner since it was
// first seen itself. Nobody asks for all types and all name servers at once, so that an
// address may have been there for long before somebody asked for it.
func (t *trail) present(began int64) []bool {
	there := make([]bool, len(t.addrs))
	first := int64(0)
	for i := range t.looks {
		l := &t.looks[i]
		if i == 0 || l.group != t.looks[i-1].group {
			first = l.First
		}
		if t.led[l.group] > began+startSlack || l.First > first+startSlack {
			continue
		}
		for _, m := range l.members {
			there[m] = true
		}
	}
	return there
}

// overlap is the mean of Jaccard's index of each look and the one before it; false
// where none follows another.
func (t *trail) overlap() (mean float64, ok bool) {
	n := 0
	for i := 1; i < len(t.looks); i++ {
		if t.looks[i].group == t.looks[i-1].group {
			mean += jaccard(t.looks[i-1].members, t.looks[i].members)
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return mean / float64(n), true
}

// jaccard is how many two ordered sets have in common, by how many they have together.
func jaccard(a, b []int32) float64 {
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := cmp.Compare(a[i], b[j]); {
		case c == 0:
			both++
			i++
			j++
		case c < 0:
			i++
		default:
			j++
		}
	}
	if len(a)+len(b) == 0 {
		return 1
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// ttl is the lowest that was seen, and the median by sightings of the highest of each
// look; nil if none was.
func (t *trail) ttl() *FluxTTL {
	var withTTL []look
	total := 0.0
	for _, l := range t.looks {
		if l.Marks&rrset.HasTTL != 0 {
			withTTL = append(withTTL, l)
			total += float64(l.Count)
		}
	}
	if len(withTTL) == 0 {
		return nil
	}
	slices.SortFunc(withTTL, func(a, b look) int { return cmp.Compare(a.TTLMax, b.TTLMax) })
	out := &FluxTTL{Min: withTTL[0].TTLMin, Typical: withTTL[0].TTLMax}
	half := 0.0
	for _, l := range withTTL {
		out.Min = min(out.Min, l.TTLMin)
		if half < total/2 {
			out.Typical = l.TTLMax
		}
		half += float64(l.Count)
	}
	return out
}

// clip is the part of some figures that lies in times.
func clip(f rrset.Figures, within period) rrset.Figures {
	f.First, f.Last = max(f.First, within.first), min(f.Last, within.last)
	return f
}

// ever is a window as a time.
func (w Window) ever() period {
	p := period{w.Since, w.Until}
	if w.Until == 0 {
		p.last = 1<<63 - 1
	}
	return p
}

// slices reads RRsets of an owner by slice, clipped to times, until as many members
// were read as may be.
func (f *fluxer) slices(ctx context.Context, owner []byte, types []uint16, within period, add func(*rrset.RRset)) error {
	q := store.Query{Subject: store.Owner(owner), Types: types, Slices: true, Fences: store.Fences{LastAfter: within.first}}
	if within.last < 1<<62 {
		q.FirstBefore = within.last
	}
	for s, err := range f.find(ctx, q) {
		if err != nil {
			return err
		}
		if f.left -= max(1, len(s.Rdata)); f.left < 0 {
			f.cuts.part("records", int64(f.q.Records), &node{key: NameKey(owner)})
			return errSpent
		}
		part := *s
		part.Figures = clip(s.Figures, within)
		add(&part)
	}
	return nil
}

// addresses takes the addresses of an owner, to which the name led since some time,
// into a trail.
func (f *fluxer) addresses(ctx context.Context, t *trail, owner []byte, within period, led int64) error {
	group := len(t.looks) // one that no look has yet
	t.led[group], t.led[-group-1] = led, led
	return f.slices(ctx, owner, []uint16{dns.TypeA, dns.TypeAAAA}, within, func(s *rrset.RRset) {
		of := group
		if s.Type == dns.TypeAAAA {
			of = -group - 1
		}
		t.add(of, s.Rdata, s.Figures)
	})
}
