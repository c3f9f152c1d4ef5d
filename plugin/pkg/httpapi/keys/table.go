package keys

import (
	"crypto/subtle"
	"sync/atomic"
)

// A table is the keys in use. It does not change.
type table struct {
	entries map[string]*entry
	hashers []hasher // of all keys, in the order of the file
}

// An entry is a key in use.
type entry struct {
	hash string
	hasher
	grant *Grant
	lane  *lane                // of its name
	known atomic.Pointer[mark] // of the secret, once it was verified
}

// newTable puts keys into use. Those that an old table has with the same hash go on
// with what they used up.
func newTable(path string, keys []Key, old *table) *table {
	t := &table{entries: map[string]*entry{}}
	for _, k := range keys {
		e := &entry{hash: k.hash, hasher: k.hasher}
		before := old.entries[k.Name]
		if before != nil {
			e.lane = before.lane
		} else {
			e.lane = newLane()
		}
		if before != nil && before.hash == k.hash {
			e.grant = before.grant.Renew(k.Terms)
			e.known.Store(before.known.Load())
		} else {
			e.grant = newGrant(k.Name, k.Terms, &use{spent: spentBy(spender{path, k.Name, k.hash})})
		}
		t.entries[k.Name] = e
		t.hashers = append(t.hashers, k.hasher)
	}
	return t
}

// remembers reports whether a mark is that of the secret. No entry remembers any.
func (e *entry) remembers(m mark) bool {
	if e == nil {
		return false
	}
	known := e.known.Load()
	return known != nil && subtle.ConstantTimeCompare(known[:], m[:]) == 1
}

// decoy is what to try a secret for a name by that there is not: the hash of some
// key, always the same for a name, as those of keys may take different times.
func (t *table) decoy(of uint64) hasher {
	if len(t.hashers) == 0 {
		return none
	}
	return t.hashers[of%uint64(len(t.hashers))]
}

// none is tried where a file has no keys.
var none = argon{memory: 19 << 10, time: 2, threads: 1, salt: make([]byte, 16), sum: make([]byte, 32)}
