// Package record encodes RRsets as the sorted keys that a store is made of: the
// record key, which is the whole identity of an RRset, and the posting keys,
// under which an RRset is found by what its rdata holds or by how its owner
// begins. FORMAT.md in the store's package draws the bytes.
package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
)

// ErrKey is wrapped by errors about a key that does not decode.
var ErrKey = errors.New("malformed key")

// largeRdata is how much rdata an RRset may have before its key begins with a
// digest of it.
const largeRdata = 1 << 10

// digestMark stands where the bailiwick of a small RRset does; a name has at
// most 127 labels.
const digestMark = 0xff

const digestLen = 16

// AppendKey appends the record key of r: reversed owner, type, bailiwick, and
// each rdata behind its length. The bailiwick is written as its number of
// labels plus one, since it is the owner or an ancestor; zero is none.
//
// The key of an RRset with much rdata has a mark and a digest before the
// bailiwick. Keys then differ early, however alike the rdata is, so that a block
// can always be cut between two: whoever owns a zone chooses its rdata, but not
// its SHA-256.
func AppendKey(dst []byte, r *rrset.RRset) []byte {
	dst = rrset.AppendReversed(dst, r.Owner)
	dst = binary.BigEndian.AppendUint16(dst, r.Type)
	size := 0
	for _, rd := range r.Rdata {
		size += len(rd)
	}
	if size > largeRdata {
		dst = append(dst, digestMark)
		dst = appendDigest(dst, r.Rdata)
	}
	if r.Bailiwick == nil {
		dst = append(dst, 0)
	} else {
		dst = append(dst, byte(rrset.CountLabels(r.Bailiwick)+1))
	}
	for _, rd := range r.Rdata {
		dst = binary.AppendUvarint(dst, uint64(len(rd)))
		dst = append(dst, rd...)
	}
	return dst
}

func appendDigest(dst []byte, rdata [][]byte) []byte {
	h := sha256.New()
	for _, rd := range rdata {
		var length [4]byte
		binary.BigEndian.PutUint32(length[:], uint32(len(rd)))
		h.Write(length[:])
		h.Write(rd)
	}
	var sum [sha256.Size]byte
	return append(dst, h.Sum(sum[:0])[:digestLen]...)
}

// OwnerLen returns how many bytes of a record key are the reversed owner, its
// final zero included; 0 if the key is malformed.
func OwnerLen(key []byte) int {
	if len(key) > 0 && key[0] == 0 {
		return 1
	}
	if i := bytes.Index(key, []byte{0, 0}); i > 0 {
		return i + 2
	}
	return 0
}

// Type returns the type in a record key whose owner takes n bytes.
func Type(key []byte, n int) uint16 {
	if len(key) < n+2 {
		return 0
	}
	return binary.BigEndian.Uint16(key[n:])
}

// A Decoder turns record keys back into RRsets. Its buffers are reused: what
// Decode returns is valid until the next call. The zero value is ready; it is
// not safe for concurrent use.
type Decoder struct {
	reversed []byte // the reversed owner that set holds
	owner    []byte
	set      rrset.RRset
}

// Decode decodes a record key; the figures are left zero.
func (d *Decoder) Decode(key []byte) (*rrset.RRset, error) {
	n := OwnerLen(key)
	if n == 0 || len(key) < n+3 {
		return nil, fmt.Errorf("%w: %x", ErrKey, key)
	}
	// Neighbours often share their owner.
	if !bytes.Equal(d.reversed, key[:n]) {
		if err := d.decodeOwner(key[:n]); err != nil {
			return nil, err
		}
	}
	s := &d.set
	s.Owner = d.owner
	s.Type = binary.BigEndian.Uint16(key[n:])
	if n += 2; key[n] == digestMark {
		n += 1 + digestLen
	}
	if n >= len(key) {
		return nil, fmt.Errorf("%w: ends in its digest", ErrKey)
	}
	s.Bailiwick = nil
	if labels := int(key[n]); labels > 0 {
		if s.Bailiwick = rrset.Suffix(d.owner, labels-1); s.Bailiwick == nil {
			return nil, fmt.Errorf("%w: bailiwick of %d labels above %s", ErrKey, labels-1, rrset.NameString(d.owner))
		}
	}
	s.Figures = rrset.Figures{}
	var err error
	s.Rdata, err = appendRdata(s.Rdata[:0], key[n+1:])
	return s, err
}

func (d *Decoder) decodeOwner(reversed []byte) error {
	owner, n, err := rrset.AppendUnreversed(d.owner[:0], reversed)
	if err != nil || n != len(reversed) {
		d.reversed = d.reversed[:0]
		return fmt.Errorf("%w: owner %x", ErrKey, reversed)
	}
	d.owner = owner
	d.reversed = append(d.reversed[:0], reversed...)
	return nil
}

func appendRdata(dst [][]byte, b []byte) ([][]byte, error) {
	for len(b) > 0 {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return dst, fmt.Errorf("%w: rdata of %d octets in %d", ErrKey, size, len(b))
		}
		dst = append(dst, b[n:n+int(size)])
		b = b[n+int(size):]
	}
	return dst, nil
}
