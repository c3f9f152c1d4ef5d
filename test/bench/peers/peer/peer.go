// Package peer is what the stores that are compared have in common: the data
// that each of them keeps, and what each of them must be able to do with it.
package peer

import (
	"bytes"

	"example.org/pdns/plugin/pkg/rrset"
)

// A Peer keeps figures by record key, and finds RRsets by their rdata. It is used
// by one goroutine.
type Peer interface {
	// Put adds the figures of a batch to what is held. The batch is sorted, each
	// RRset is there once, and it is valid until Put returns.
	Put(batch []Entry) error

	// Flush returns when everything that was put is safe from the end of this
	// process.
	Flush() error

	// Settle returns when everything is on disk and nothing is left to be done in
	// the background.
	Settle() error

	// Owner yields the RRsets whose record key begins with prefix, in order of the
	// keys, up to a limit. A key is valid until yield returns.
	Owner(prefix []byte, limit int, yield Yield) error

	// Rdata does so with those that have a posting which begins with prefix; it may
	// yield others at the same owner too.
	Rdata(prefix []byte, limit int, yield Yield) error

	// Size is what everything takes on disk, in bytes, at its smallest: what a peer
	// can be told to compact is compacted.
	Size() (int64, error)

	// Close ends the use of the peer.
	Close() error
}

// A Yield takes what is found; its error ends the search.
type Yield func(key []byte, f rrset.Figures) error

// All is a limit that nothing reaches.
const All = 1 << 40

// After is a key behind all keys that begin with prefix. Keys have no 256 octets
// of 255 in a row.
func After(prefix []byte) []byte {
	return append(bytes.Clone(prefix), bytes.Repeat([]byte{0xff}, 256)...)
}
