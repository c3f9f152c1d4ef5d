package run

import (
	"encoding/binary"
	"fmt"
)

var errBlock = fmt.Errorf("%w: block does not decode", ErrDamaged)

// A column is the rest of a column being read. A read past its end, or of a
// malformed number, sets bad and gives zero.
type column struct {
	b   []byte
	bad bool
}

func (c *column) uvarint() uint64 {
	if len(c.b) > 0 && c.b[0] < 0x80 {
		v := c.b[0]
		c.b = c.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.bad = true
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *column) varint() int64 {
	v, n := binary.Varint(c.b)
	if n <= 0 {
		c.bad = true
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *column) byte() byte {
	if len(c.b) == 0 {
		c.bad = true
		return 0
	}
	v := c.b[0]
	c.b = c.b[1:]
	return v
}

// take returns the next n bytes.
func (c *column) take(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.bad = true
		return nil
	}
	v := c.b[:n]
	c.b = c.b[n:]
	return v
}

// column returns the next column: its length, then its bytes.
func (c *column) column() column { return column{b: c.take(c.uvarint())} }

func appendColumn(dst, col []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(col)))
	return append(dst, col...)
}

// prefixes collects ascending keys, each as what it does not share with the key
// before it.
type prefixes struct {
	last           []byte
	shared, suffix []byte // columns of lengths
	bytes          []byte // the suffixes
}

func (p *prefixes) add(key []byte) {
	n := sharedLen(p.last, key)
	p.shared = binary.AppendUvarint(p.shared, uint64(n))
	p.suffix = binary.AppendUvarint(p.suffix, uint64(len(key)-n))
	p.bytes = append(p.bytes, key[n:]...)
	p.last = append(p.last[:n], key[n:]...)
}

func (p *prefixes) size() int { return len(p.shared) + len(p.suffix) + len(p.bytes) }

func (p *prefixes) reset() {
	p.last, p.shared, p.suffix, p.bytes = p.last[:0], p.shared[:0], p.suffix[:0], p.bytes[:0]
}

func (p *prefixes) appendColumns(dst []byte) []byte {
	dst = appendColumn(dst, p.shared)
	dst = appendColumn(dst, p.suffix)
	return appendColumn(dst, p.bytes)
}

func sharedLen(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for i+8 <= n && binary.LittleEndian.Uint64(a[i:]) == binary.LittleEndian.Uint64(b[i:]) {
		i += 8
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// A prefixReader walks the keys that prefixes wrote.
type prefixReader struct {
	key                   []byte
	shared, suffix, bytes column
}

func (p *prefixReader) open(c *column) {
	p.key = p.key[:0]
	p.shared, p.suffix, p.bytes = c.column(), c.column(), c.column()
}

func (p *prefixReader) next() ([]byte, error) {
	n := p.shared.uvarint()
	rest := p.bytes.take(p.suffix.uvarint())
	if p.shared.bad || p.suffix.bad || p.bytes.bad || n > uint64(len(p.key)) {
		return nil, errBlock
	}
	// What is shared is all that is: the next octet tells which key is the larger.
	if n < uint64(len(p.key)) && (len(rest) == 0 || rest[0] <= p.key[n]) {
		return nil, errBlock
	}
	p.key = append(p.key[:n], rest...)
	return p.key, nil
}
