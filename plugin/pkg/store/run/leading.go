package run

import (
	"bytes"
	"encoding/binary"
	"slices"

	"example.org/pdns/plugin/pkg/store/record"
)

// The index by leading labels is cut into segments of records that follow each
// other: what belongs to one is known when it has passed, so that nothing has to
// be kept or sorted for a whole run. It leads to groups of records, which are
// read as a whole anyway.
const (
	groupBits   = 9             // a group is so many records, by their ordinals
	segmentBits = groupBits + 8 // a segment is so many: the number of a group in it is a byte
	leadingLen  = 8 << 10       // entries in a block
)

// A segment collects the entries of one: 24 bits of hash, then 8 of the group.
type segment struct {
	number  uint32
	entries []uint32
	owner   []byte // reversed, of the entry added last
}

// add enters the reversed owner of a record; a segment that is over goes to full
// first, in order.
func (s *segment) add(owner []byte, ordinal uint32, full func(*segment) error) error {
	if n := ordinal >> segmentBits; n != s.number {
		if err := s.end(full); err != nil {
			return err
		}
		s.number = n
	}
	if ordinal&(1<<groupBits-1) != 0 && bytes.Equal(owner, s.owner) {
		return nil
	}
	s.owner = append(s.owner[:0], owner...)
	if hash, ok := record.LeadingHash(owner); ok {
		s.entries = append(s.entries, hash<<8|ordinal>>groupBits&0xff)
	}
	return nil
}

// end gives what was collected to full.
func (s *segment) end(full func(*segment) error) error {
	if len(s.entries) == 0 {
		return nil
	}
	slices.Sort(s.entries)
	s.entries = slices.Compact(s.entries)
	err := full(s)
	s.entries = s.entries[:0]
	return err
}

// leadingKey is that of a block: the number of its segment, then its first hash.
func leadingKey(segment, hash uint32) []byte {
	key := binary.BigEndian.AppendUint32(nil, segment)
	return append(key, byte(hash>>16), byte(hash>>8), byte(hash))
}

// A leadingBlock is some of a segment's entries, with all that have one hash.
type leadingBlock struct {
	segment uint32
	entries []uint32
}

// appendPayload appends the block: the number of its segment, that of its entries,
// then the columns, of hashes, each less the one before, and of groups.
func (b *leadingBlock) appendPayload(dst []byte) []byte {
	var hashes, groups []byte
	last := uint32(0)
	for _, e := range b.entries {
		hashes = binary.AppendUvarint(hashes, uint64(e>>8-last))
		groups = append(groups, byte(e))
		last = e >> 8
	}
	dst = binary.AppendUvarint(dst, uint64(b.segment))
	dst = binary.AppendUvarint(dst, uint64(len(b.entries)))
	return appendColumn(appendColumn(dst, hashes), groups)
}

// open reads a payload; the entries of the block before are gone.
func (b *leadingBlock) open(payload []byte) error {
	c := column{b: payload}
	b.segment, b.entries = uint32(c.uvarint()), b.entries[:0]
	n := c.uvarint()
	hashes, groups := c.column(), c.column()
	if c.bad || n != uint64(len(groups.b)) {
		return errBlock
	}
	hash := uint64(0)
	for range n {
		more := hashes.uvarint()
		if hash += more; hashes.bad || more >= 1<<24 || hash >= 1<<24 {
			return errBlock
		}
		b.entries = append(b.entries, uint32(hash)<<8|uint32(groups.byte()))
	}
	return nil
}

// writeLeading writes a segment.
func (w *Writer) writeLeading(s *segment) error {
	w.info.Starts += uint64(len(s.entries))
	for rest := s.entries; len(rest) > 0; {
		n := min(leadingLen, len(rest))
		for n < len(rest) && rest[n]>>8 == rest[n-1]>>8 {
			n++
		}
		b := leadingBlock{s.number, rest[:n]}
		rest = rest[n:]
		key := leadingKey(s.number, b.entries[0]>>8)
		w.payload = b.appendPayload(w.payload[:0])
		frame := place{bucketLeading, key}.appendFrame(nil, w.payload, w.o.Compression)
		w.info.LeadingBytes += int64(len(frame))
		if err := w.put(bucketLeading, key, frame); err != nil {
			return err
		}
	}
	return nil
}
