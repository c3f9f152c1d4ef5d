package capture

import (
	"encoding/binary"
	"hash/maphash"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
)

// Limits of what is kept of queries.
const (
	maxAskedFor = 1 << 20
	maxAskedAge = 10 * time.Second // resolvers give up earlier
)

// asked remembers which queries by UDP, and which openings of TCP connections, were
// seen on their way, for seconds. Of each it has a number only, made by a key that
// is the process's own from addresses, ports and what an answer has to repeat.
type asked struct {
	seed       maphash.Seed
	young, old map[uint64]struct{}
	since      time.Time // since when young is filled
}

func newAsked() *asked {
	return &asked{seed: maphash.MakeSeed(), young: map[uint64]struct{}{}, old: map[uint64]struct{}{}}
}

// query remembers a query.
func (a *asked) query(f flow, wire []byte, now time.Time) {
	if n, ok := a.queryNumber(f, wire); ok {
		a.add(n, now)
	}
}

// answered reports whether a query was seen that a response is the first answer to:
// a resolver takes no other.
func (a *asked) answered(f flow, wire []byte, now time.Time) bool {
	n, ok := a.queryNumber(f.back(), wire)
	return ok && a.take(n, now)
}

// connect remembers the first segment of a connection, by its sequence number.
func (a *asked) connect(f flow, seq uint32, now time.Time) { a.add(a.connectNumber(f, seq), now) }

// accepted reports whether a connection that a server accepts was asked for.
func (a *asked) accepted(f flow, seq uint32, now time.Time) bool {
	return a.take(a.connectNumber(f.back(), seq), now)
}

func (a *asked) add(n uint64, now time.Time) {
	a.age(now)
	a.young[n] = struct{}{}
}

// take forgets a number, and reports whether it was there.
func (a *asked) take(n uint64, now time.Time) bool {
	a.age(now)
	_, young := a.young[n]
	_, old := a.old[n]
	delete(a.young, n)
	if !young {
		delete(a.old, n)
	}
	return young || old
}

// age forgets: what is older than maxAskedAge, and no later than after twice that.
func (a *asked) age(now time.Time) {
	age := now.Sub(a.since).Abs()
	if age <= maxAskedAge && len(a.young) < maxAskedFor/2 {
		return
	}
	a.young, a.old = a.old, a.young
	if age > 2*maxAskedAge {
		clear(a.old)
	}
	clear(a.young)
	a.since = now
}

// begin begins the number of what is asked by a flow.
func (a *asked) begin(h *maphash.Hash, f flow) {
	h.SetSeed(a.seed)
	h.Write(f.from[:])
	h.Write(f.to[:])
	var ports [4]byte
	binary.BigEndian.PutUint16(ports[:], f.fromPort)
	binary.BigEndian.PutUint16(ports[2:], f.toPort)
	h.Write(ports[:])
}

// queryNumber is that of a query. Letter case does not count: some servers change
// it. There is none where there is not one question.
func (a *asked) queryNumber(f flow, wire []byte) (uint64, bool) {
	const typeAndClass = 4
	end, err := rrset.SkipWireName(wire, headerSize)
	end += typeAndClass
	var question [maxQuestion]byte
	if err != nil || binary.BigEndian.Uint16(wire[4:]) != 1 || end > len(wire) || end-headerSize > len(question) {
		return 0, false
	}
	n := copy(question[:], wire[headerSize:end])
	rrset.LowerWireName(question[:n], 0)
	var h maphash.Hash
	a.begin(&h, f)
	h.Write(wire[:2])
	h.Write(question[:n])
	return h.Sum64(), true
}

// maxQuestion is the longest name, a type and a class.
const maxQuestion = 255 + 4

// connectNumber is that of a connection's first segment. It is made from fewer
// octets than that of a query.
func (a *asked) connectNumber(f flow, seq uint32) uint64 {
	var h maphash.Hash
	a.begin(&h, f)
	var octets [4]byte
	binary.BigEndian.PutUint32(octets[:], seq)
	h.Write(octets[:])
	return h.Sum64()
}
