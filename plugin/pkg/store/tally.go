package store

import "sync/atomic"

// A tally is a number that many writers add to. It is kept in parts, on cache
// lines of their own: one that all cores write to is slower than all else that an
// addition takes.
type tally struct {
	parts [16]struct {
		n atomic.Uint64
		_ [56]byte
	}
}

// add adds n to the part that spread points at, any octet that differs from one
// addition to the next.
func (t *tally) add(spread byte, n uint64) { t.parts[int(spread)%len(t.parts)].n.Add(n) }

// Load is the number. While it is added to, it is one that was right at some time
// in between.
func (t *tally) Load() uint64 {
	var sum uint64
	for i := range t.parts {
		sum += t.parts[i].n.Load()
	}
	return sum
}

// Store sets the number, before anybody adds to it.
func (t *tally) Store(n uint64) { t.parts[0].n.Store(n) }
