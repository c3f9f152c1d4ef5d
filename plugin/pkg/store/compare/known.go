package compare

import (
	"hash/maphash"
	"time"
)

// generation is how many hashes one of the two generations of Known holds, in about
// 10 MB.
const generation = 1 << 19

// Known remembers, by a hash, what was seen lately: nothing is found out about it
// again. It forgets what was not seen for novelty.Options.Silence, and the oldest when it is
// full. It is not safe for concurrent use.
type Known struct {
	seed       maphash.Seed
	young, old map[uint64]struct{}
	turned     time.Time // when young began
	began      time.Time // when old did
}

// NewKnown returns one that knows nothing.
func NewKnown() *Known {
	return &Known{seed: maphash.MakeSeed(), young: map[uint64]struct{}{}, old: map[uint64]struct{}{}}
}

// The first octet of what is hashed, so that a name is not taken for a key.
const (
	ofDomain = iota
	ofHost
	ofRRset
)

// touch remembers something, and reports whether it was known.
func (k *Known) touch(of byte, b []byte) bool {
	var h maphash.Hash
	h.SetSeed(k.seed)
	h.WriteByte(of)
	h.Write(b)
	sum := h.Sum64()
	if _, ok := k.young[sum]; ok {
		return true
	}
	_, ok := k.old[sum]
	if len(k.young) >= generation {
		k.turn(k.turned)
	}
	k.young[sum] = struct{}{}
	return ok
}

// age forgets what may not have been seen for longer than silence.
func (k *Known) age(now time.Time, silence time.Duration) {
	if d := now.Sub(k.turned); d >= silence/2 || d < 0 {
		k.turn(now)
	}
	if d := now.Sub(k.began); d > silence || d < 0 {
		clear(k.old)
	}
}

// turn makes the young generation the old one. That of now begins then.
func (k *Known) turn(now time.Time) {
	clear(k.old)
	k.old, k.young = k.young, k.old
	k.began, k.turned = k.turned, now
}
