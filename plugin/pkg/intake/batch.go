// Package intake carries messages from whoever reads them to workers that
// observe them, many at a time, so that handing over costs little and all cores
// are of use.
//
// The order of messages does not matter to a history: figures are added. What
// matters is that nothing is lost and that memory is bounded. There is a fixed
// number of batches; a reader waits for an empty one, and with it whoever sends.
package intake

import (
	"slices"
	"time"
)

// BatchSize is how many octets of messages a batch is meant for. One that is
// larger than that fits into an empty batch all the same.
const BatchSize = 64 << 10

// A Batch is messages, or frames that hold one, behind one another. It is not
// safe for concurrent use.
type Batch struct {
	// Origin is what whoever fills the batch tells whoever takes it, where several
	// share workers; nil in an empty one.
	Origin any

	octets []byte
	items  []item
}

type item struct {
	end  int
	time time.Time
}

// Append adds a copy of p; a zero time is one that is not known.
func (b *Batch) Append(p []byte, t time.Time) { copy(b.Extend(len(p), t), p) }

// Extend adds a message of n octets, to be filled in.
func (b *Batch) Extend(n int, t time.Time) []byte {
	from := len(b.octets)
	b.octets = slices.Grow(b.octets, n)[:from+n]
	b.items = append(b.items, item{from + n, t})
	return b.octets[from : from+n : from+n]
}

// Len is the number of messages.
func (b *Batch) Len() int { return len(b.items) }

// Full reports whether there is no room for a message of n octets.
func (b *Batch) Full(n int) bool {
	return len(b.octets)+n > BatchSize && len(b.items) > 0 || len(b.items) >= mostItems
}

// mostItems is how many messages a batch takes: none is so short that more would
// be needed.
const mostItems = BatchSize / 16

// All calls yield with each message and its time. What is yielded is valid until
// the batch goes back, and may be changed.
func (b *Batch) All(yield func([]byte, time.Time) bool) {
	from := 0
	for _, it := range b.items {
		if !yield(b.octets[from:it.end:it.end], it.time) {
			return
		}
		from = it.end
	}
}

// reset empties the batch. What a large message has grown is not kept.
func (b *Batch) reset() {
	if cap(b.octets) > 2*BatchSize {
		b.octets = nil
	}
	b.Origin, b.octets, b.items = nil, b.octets[:0], b.items[:0]
}
