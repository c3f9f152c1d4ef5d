package run

import "encoding/binary"

// maxList is how many ordinals one entry of a posting block may hold; longer
// lists go on in further entries with the same key.
const maxList = 2048

// A postingBlock collects ascending posting keys, each with the ascending
// ordinals of the records found under it.
type postingBlock struct {
	keys     prefixes
	n        int
	lengths  []byte
	ordinals []byte
}

func (b *postingBlock) add(key []byte, ordinals []uint32) {
	b.keys.add(key)
	b.n++
	b.lengths = binary.AppendUvarint(b.lengths, uint64(len(ordinals)))
	var last uint32
	for _, o := range ordinals {
		b.ordinals = binary.AppendUvarint(b.ordinals, uint64(o-last))
		last = o
	}
}

func (b *postingBlock) size() int { return b.keys.size() + len(b.lengths) + len(b.ordinals) }

func (b *postingBlock) reset() {
	b.keys.reset()
	b.n, b.lengths, b.ordinals = 0, b.lengths[:0], b.ordinals[:0]
}

// appendPayload appends the block: number of entries, then the columns.
func (b *postingBlock) appendPayload(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(b.n))
	dst = b.keys.appendColumns(dst)
	dst = appendColumn(dst, b.lengths)
	return appendColumn(dst, b.ordinals)
}

// A postingReader walks the entries of one block.
type postingReader struct {
	left              int
	keys              prefixReader
	lengths, ordinals column
	list              []uint32 // of the entry read last
}

func (r *postingReader) rest() int { return r.left }

func (r *postingReader) open(payload []byte) error {
	r.left = 0
	c := column{b: payload}
	n := c.uvarint()
	r.keys.open(&c)
	r.lengths, r.ordinals = c.column(), c.column()
	// Each entry has a length of at least a byte: a count that lies is found here.
	if c.bad || n > uint64(len(r.lengths.b)) {
		return errBlock
	}
	r.left = int(n)
	return nil
}

// next decodes one entry; the key and the list are valid until the next call.
func (r *postingReader) next() ([]byte, error) {
	key, err := r.keys.next()
	n := r.lengths.uvarint()
	r.list = r.list[:0]
	if err != nil || r.lengths.bad || n > uint64(len(r.ordinals.b)) {
		r.left = 0
		return nil, errBlock
	}
	var last uint64
	for i := range n {
		more := r.ordinals.uvarint()
		if last += more; i > 0 && more == 0 || more >= 1<<32 || last >= 1<<32 {
			r.ordinals.bad = true
			break
		}
		r.list = append(r.list, uint32(last))
	}
	if r.ordinals.bad {
		r.left = 0
		return nil, errBlock
	}
	r.left--
	return key, nil
}
