package run

import (
	"encoding/binary"

	"example.org/pdns/plugin/pkg/rrset"
)

// A recordBlock collects records with ascending keys until they are a block's
// worth. In a block each field has a column of its own, which is what makes it
// small: neighbours share their times and TTLs more often than not.
type recordBlock struct {
	keys    prefixes
	figures []rrset.Figures
	columns [figureColumns][]byte
}

// Columns of figures, behind the two of keys.
const (
	colFirst = iota // seconds since the earliest first of the block
	colSpan         // last - first
	colCount
	colTTLMin
	colTTLSpan // TTLMax - TTLMin
	colMarks
	figureColumns
)

func (b *recordBlock) add(key []byte, f *rrset.Figures) {
	b.keys.add(key)
	b.figures = append(b.figures, *f)
}

func (b *recordBlock) size() int { return b.keys.size() + len(b.figures)*8 }

func (b *recordBlock) reset() {
	b.keys.reset()
	b.figures = b.figures[:0]
}

// appendPayload appends the block: ordinal of its first record, number of
// records, earliest first, then the columns.
func (b *recordBlock) appendPayload(dst []byte, ordinal uint32) []byte {
	base := b.figures[0].First
	for i := range b.figures {
		base = min(base, b.figures[i].First)
	}
	dst = binary.AppendUvarint(dst, uint64(ordinal))
	dst = binary.AppendUvarint(dst, uint64(len(b.figures)))
	dst = binary.AppendVarint(dst, base)
	cols := &b.columns
	for i := range cols {
		cols[i] = cols[i][:0]
	}
	for i := range b.figures {
		f := &b.figures[i]
		cols[colFirst] = binary.AppendUvarint(cols[colFirst], uint64(f.First-base))
		cols[colSpan] = binary.AppendUvarint(cols[colSpan], uint64(f.Last-f.First))
		cols[colCount] = binary.AppendUvarint(cols[colCount], f.Count)
		cols[colTTLMin] = binary.AppendUvarint(cols[colTTLMin], uint64(f.TTLMin))
		cols[colTTLSpan] = binary.AppendUvarint(cols[colTTLSpan], uint64(f.TTLMax-f.TTLMin))
		cols[colMarks] = append(cols[colMarks], byte(f.Marks))
	}
	dst = b.keys.appendColumns(dst)
	for _, c := range cols {
		dst = appendColumn(dst, c)
	}
	return dst
}

// A recordReader walks the records of one block.
type recordReader struct {
	ordinal uint32 // of the record that next returns next
	left    int
	base    int64
	keys    prefixReader
	columns [figureColumns]column
	figures rrset.Figures // of the record read last
}

func (r *recordReader) rest() int { return r.left }

func (r *recordReader) open(payload []byte) error {
	r.left = 0
	c := column{b: payload}
	r.ordinal = uint32(c.uvarint())
	n := c.uvarint()
	r.base = c.varint()
	r.keys.open(&c)
	for i := range r.columns {
		r.columns[i] = c.column()
	}
	// Each record has a byte of marks: a count that lies is found here.
	if c.bad || n != uint64(len(r.columns[colMarks].b)) {
		return errBlock
	}
	r.left = int(n)
	return nil
}

// next decodes one record; the key is valid until the next call.
func (r *recordReader) next() ([]byte, error) {
	key, err := r.keys.next()
	if err != nil {
		r.left = 0
		return nil, err
	}
	c, f := &r.columns, &r.figures
	f.First = r.base + int64(c[colFirst].uvarint())
	f.Last = f.First + int64(c[colSpan].uvarint())
	f.Count = c[colCount].uvarint()
	f.TTLMin = uint32(c[colTTLMin].uvarint())
	f.TTLMax = f.TTLMin + uint32(c[colTTLSpan].uvarint())
	f.Marks = rrset.Marks(c[colMarks].byte())
	for i := range c {
		if c[i].bad {
			r.left = 0
			return nil, errBlock
		}
	}
	r.left--
	r.ordinal++
	return key, nil
}
