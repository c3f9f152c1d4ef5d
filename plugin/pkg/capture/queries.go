package capture

import (
	"hash/maphash"
	"time"
)

// Limits of what is kept of queries.
const (
	maxQueries  = 1 << 20
	maxQueryAge = 10 * time.Second // resolvers give up earlier
)

// queries remembers which queries were seen on their way, for seconds. Of a query
// it has a number only, made from addresses, ports, id and question by a key that
// is the process's own.
type queries struct {
	seed       maphash.Seed
	young, old map[uint64]struct{}
	since      time.Time // since when young is filled
}

func newQueries() *queries {
	return &queries{seed: maphash.MakeSeed(), young: map[uint64]struct{}{}, old: map[uint64]struct{}{}}
}

func isResponse(wire []byte) bool {
	return len(wire) >= headerSize && wire[flagsAt]&responseBit != 0
}

func isQuery(wire []byte) bool {
	return len(wire) >= headerSize && wire[flagsAt]&responseBit == 0
}

// add remembers a query.
func (q *queries) add(f flow, wire []byte, now time.Time) {
	q.age(now)
	if n, ok := q.number(f, wire); ok {
		q.young[n] = struct{}{}
	}
}

// answers reports whether a query was seen that a response is the first answer to:
// a resolver takes no other.
func (q *queries) answers(f flow, wire []byte, now time.Time) bool {
	q.age(now)
	f.from, f.to, f.fromPort, f.toPort = f.to, f.from, f.toPort, f.fromPort
	n, ok := q.number(f, wire)
	if !ok {
		return false
	}
	if _, ok = q.young[n]; ok {
		delete(q.young, n)
		return true
	}
	_, ok = q.old[n]
	delete(q.old, n)
	return ok
}

// age forgets: what is older than maxQueryAge, and no later than after twice that.
func (q *queries) age(now time.Time) {
	age := now.Sub(q.since).Abs()
	if age <= maxQueryAge && len(q.young) < maxQueries/2 {
		return
	}
	q.young, q.old = q.old, q.young
	if age > 2*maxQueryAge {
		clear(q.old)
	}
	clear(q.young)
	q.since = now
}

// number is that of a query. Letter case does not count: some servers change it.
func (q *queries) number(f flow, wire []byte) (uint64, bool) {
	end := questionEnd(wire)
	if end < 0 {
		return 0, false
	}
	var h maphash.Hash
	h.SetSeed(q.seed)
	h.Write(f.from[:])
	h.Write(f.to[:])
	h.Write([]byte{byte(f.fromPort >> 8), byte(f.fromPort), byte(f.toPort >> 8), byte(f.toPort)})
	h.Write(wire[:2])
	var lower [maxQuestion]byte
	n := copy(lower[:], wire[headerSize:end])
	for i, c := range lower[:n] {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c | 0x20
		}
	}
	h.Write(lower[:n])
	return h.Sum64(), true
}

// maxQuestion is the longest name, a type and a class.
const maxQuestion = 255 + 4

// questionEnd is where the only question of a message ends; -1 if it has none, or
// several.
func questionEnd(wire []byte) int {
	if wire[4] != 0 || wire[5] != 1 {
		return -1
	}
	for at := headerSize; at < len(wire); at += 1 + int(wire[at]) {
		switch {
		case wire[at] >= 64: // compressed, which the first name cannot be
			return -1
		case wire[at] > 0:
		case at+5 <= len(wire) && at+5 <= headerSize+maxQuestion:
			return at + 5
		default:
			return -1
		}
	}
	return -1
}
