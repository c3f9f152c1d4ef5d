package peer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
)

// The trees of a peer that keeps keys in order and nothing more.
const (
	Forward = 'f' // ID -> figures
	Inverse = 'i' // posting, place, length of the place -> nothing
	Tails   = 't' // ID -> tail, where there is one
)

// A Tree keeps keys in order. Where it has no trees of its own, the byte that
// names one stands before each of its keys.
type Tree interface {
	Put(batch []Entry) error
	Flush() error
	Settle() error
	Size() (int64, error)
	Close() error

	// Scan yields the keys of a tree that begin with prefix, in order, until yield
	// returns false. They are valid until yield returns.
	Scan(tree byte, prefix []byte, yield func(key, value []byte) bool) error
}

// Each calls yield with what a tree must hold of an entry: figures are to be
// added up, all else is to be there. Key and value are valid until yield returns.
func (e *Entry) Each(yield func(tree byte, key, value []byte) error) error {
	var room [512]byte
	if err := yield(Forward, e.ID, AppendFigures(room[:0], e.Figures)); err != nil {
		return err
	}
	if e.Tail != nil {
		if err := yield(Tails, e.ID, e.Tail); err != nil {
			return err
		}
	}
	for _, p := range e.Postings {
		if err := yield(Inverse, appendInverse(room[:0], p, e.Place()), nil); err != nil {
			return err
		}
	}
	return nil
}

// OfTree makes a peer of a tree.
func OfTree(t Tree) Peer { return &ordered{t} }

type ordered struct{ Tree }

// Owner is that of Peer.
func (o *ordered) Owner(prefix []byte, limit int, yield Yield) error {
	var bad error
	err := o.Scan(Forward, prefix, func(id, value []byte) bool {
		var f rrset.Figures
		if f, bad = ParseFigures(value); bad == nil && cut(id) {
			id, bad = o.whole(id)
		}
		if bad == nil {
			bad = yield(id, f)
		}
		limit--
		return bad == nil && limit > 0
	})
	return errors.Join(err, bad)
}

// whole is the record key that an ID and a tail make.
func (o *ordered) whole(id []byte) (key []byte, err error) {
	err = o.Scan(Tails, id, func(id, tail []byte) bool {
		key = append(bytes.Clone(id), tail...)
		return false
	})
	return key, err
}

// Rdata is that of Peer: a look-up of the place for each posting.
func (o *ordered) Rdata(prefix []byte, limit int, yield Yield) error {
	var bad error
	err := o.Scan(Inverse, prefix, func(key, _ []byte) bool {
		var place []byte
		if place, bad = placeOf(key); bad == nil {
			bad = o.Owner(place, limit, func(key []byte, f rrset.Figures) error {
				limit--
				return yield(key, f)
			})
		}
		return bad == nil && limit > 0
	})
	return errors.Join(err, bad)
}

func placeOf(inverse []byte) ([]byte, error) {
	n := len(inverse) - 2
	if n < 0 {
		return nil, fmt.Errorf("malformed inverse key %x", inverse)
	}
	size := int(binary.BigEndian.Uint16(inverse[n:]))
	if size > n {
		return nil, fmt.Errorf("malformed inverse key %x", inverse)
	}
	return inverse[n-size : n], nil
}

// Flat lays a batch out for C: each key behind its length and that of its value,
// 4 bytes each in the order of the machine, the name of the tree before each key.
func Flat(dst []byte, batch []Entry) []byte {
	for i := range batch {
		_ = batch[i].Each(func(tree byte, key, value []byte) error { // it has no errors of its own
			dst = binary.NativeEndian.AppendUint32(dst, uint32(len(key)+1))
			dst = binary.NativeEndian.AppendUint32(dst, uint32(len(value)))
			dst = append(append(append(dst, tree), key...), value...)
			return nil
		})
	}
	return dst
}
