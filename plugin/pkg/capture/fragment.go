package capture

import (
	"bytes"
	"container/list"
	"slices"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// Limits of what is kept of datagrams in fragments.
const (
	maxDatagram       = 65535
	maxDatagrams      = 4096
	maxFragmentOctets = 16 << 20
	maxFragmentAge    = 30 * time.Second // Linux waits as long for IPv4
	maxParts          = 1024             // of one datagram
)

// A fragmentKey says which datagram a fragment belongs to.
type fragmentKey struct {
	pair
	id       uint32
	protocol layers.IPProtocol // 0 for IPv6, where it does not count
}

// A part is a fragment: what it holds, and from where on.
type part struct {
	start    int
	data     []byte
	protocol layers.IPProtocol
	last     bool
}

// A datagram is put together from its fragments.
type datagram struct {
	key      fragmentKey
	place    *list.Element
	since    time.Time
	octets   []byte // up to the highest fragment so far
	parts    []span // sorted, without overlap
	have     int    // octets in parts
	end      int    // -1 until the last fragment is here
	protocol layers.IPProtocol
	refused  bool // no fragment of it is taken
}

type span struct{ from, to int }

// fragments holds the datagrams that wait for more.
type fragments struct {
	stats  *counters
	open   map[fragmentKey]*datagram
	order  *list.List // of *datagram, the oldest first
	octets int
	free   []*datagram
}

func (f *fragments) init(stats *counters) {
	*f = fragments{stats: stats, open: map[fragmentKey]*datagram{}, order: list.New()}
}

// add takes a fragment. When it was the last one missing, the payload of the
// datagram is returned, with its protocol, valid until the next call.
func (f *fragments) add(key fragmentKey, p part, now time.Time) (layers.IPProtocol, []byte) {
	g := f.find(key, now)
	if g.refused {
		return 0, nil
	}
	before := cap(g.octets)
	ok := g.insert(p)
	f.octets += cap(g.octets) - before
	switch {
	case !ok:
		// Overlapping fragments are for deceiving those who look on (RFC 5722).
		f.lost(g)
		f.discard(g)
	case g.have == g.end:
		f.close(g)
		return g.protocol, g.octets[:g.end]
	}
	return 0, nil
}

// refuse keeps the other fragments of a datagram from being kept.
func (f *fragments) refuse(key fragmentKey, now time.Time) { f.discard(f.find(key, now)) }

func (f *fragments) discard(g *datagram) {
	f.octets -= cap(g.octets)
	g.refused, g.octets, g.parts = true, nil, nil
}

// find returns the datagram of a key, a new one if there is none.
func (f *fragments) find(key fragmentKey, now time.Time) *datagram {
	f.expire(now)
	if g := f.open[key]; g != nil {
		return g
	}
	g := f.fresh()
	g.key, g.since, g.end = key, now, -1
	f.open[key] = g
	g.place = f.order.PushBack(g)
	return g
}

func (f *fragments) fresh() *datagram {
	n := len(f.free)
	if n == 0 {
		return new(datagram)
	}
	g := f.free[n-1]
	f.free = f.free[:n-1]
	*g = datagram{octets: g.octets[:0], parts: g.parts[:0]}
	f.octets += cap(g.octets)
	return g
}

// expire gives up what is too old, and the oldest of what is too much. Times of
// packets may jump: what is from the future is too old as well.
func (f *fragments) expire(now time.Time) {
	for e := f.order.Front(); e != nil; e = f.order.Front() {
		g := e.Value.(*datagram)
		age := now.Sub(g.since).Abs()
		if age <= maxFragmentAge && len(f.open) < maxDatagrams && f.octets <= maxFragmentOctets {
			return
		}
		f.lose(g)
	}
}

func (f *fragments) lose(g *datagram) {
	f.lost(g)
	f.close(g)
}

// lost counts a datagram that will not be whole, if its first fragment has shown
// that it is DNS.
func (f *fragments) lost(g *datagram) {
	if len(g.parts) > 0 && g.parts[0].from == 0 {
		f.stats.count(LostFragments)
	}
}

// maxFree is how many datagrams are kept for use by others.
const maxFree = 16

func (f *fragments) close(g *datagram) {
	delete(f.open, g.key)
	f.order.Remove(g.place)
	f.octets -= cap(g.octets)
	if len(f.free) < maxFree && !g.refused {
		f.free = append(f.free, g)
	}
}

func (f *fragments) finish() {
	for e := f.order.Front(); e != nil; e = f.order.Front() {
		f.lose(e.Value.(*datagram))
	}
}

// insert takes a part of the datagram. It reports false where the parts do not
// fit together: then there is no telling what the receiver makes of them.
func (g *datagram) insert(p part) bool {
	s := span{p.start, p.start + len(p.data)}
	switch {
	case s.to > maxDatagram, s.from == s.to, !p.last && len(p.data)%8 != 0:
		return false
	case p.last && g.end >= 0 && g.end != s.to, p.last && s.to < len(g.octets), g.end >= 0 && s.to > g.end:
		return false
	}
	at, found := slices.BinarySearchFunc(g.parts, s, func(a, b span) int { return a.from - b.from })
	if found && g.parts[at] == s {
		return bytes.Equal(g.octets[s.from:s.to], p.data) // seen twice
	}
	if found || at > 0 && g.parts[at-1].to > s.from || at < len(g.parts) && g.parts[at].from < s.to || len(g.parts) >= maxParts {
		return false
	}
	g.parts = slices.Insert(g.parts, at, s)
	if n := s.to - len(g.octets); n > 0 {
		g.octets = append(g.octets, make([]byte, n)...)
	}
	copy(g.octets[s.from:], p.data)
	g.have += len(p.data)
	if p.last {
		g.end = s.to
	}
	if p.start == 0 {
		g.protocol = p.protocol
	}
	return true
}
