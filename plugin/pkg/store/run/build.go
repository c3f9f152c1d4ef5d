package run

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// A Builder writes a run from records alone: it works out the postings, which
// it keeps in memory until the last record is in.
type Builder struct {
	w       *Writer
	decoder record.Decoder
	keys    []byte // posting keys by rdata, one behind the other
	rdata   []posting
	buf     []byte
}

// A posting is a key by rdata with the ordinal of a record. The first octets of
// the key are at hand for sorting, which is all of it for an IPv4 address.
type posting struct {
	head, tail uint64
	place      uint32 // length of a key that head and tail hold; else longKey and where it lies
	ordinal    uint32
}

const (
	inHead  = 16 // octets in head and tail
	longKey = inHead + 1
	// keyAlign spaces keys so that four billion units hold 16 GiB of them.
	keyAlign = 4
)

// NewBuilder returns a builder that writes to w about so many records.
func NewBuilder(w *Writer, records int) *Builder {
	return &Builder{w: w, rdata: make([]posting, 0, records+records/4)}
}

// Add adds a record; keys must ascend.
func (b *Builder) Add(key []byte, f *rrset.Figures) error {
	ordinal, err := b.w.Add(key, f)
	if err != nil {
		return err
	}
	r, err := b.decoder.Decode(key)
	if err != nil {
		return err
	}
	for _, rd := range r.Rdata {
		b.buf = record.RdataKeys(b.buf, r.Type, rd, func(key []byte) { b.post(key, ordinal) })
	}
	return nil
}

func (b *Builder) post(key []byte, ordinal uint32) {
	var head [inHead]byte
	copy(head[:], key)
	p := posting{binary.BigEndian.Uint64(head[:]), binary.BigEndian.Uint64(head[8:]), uint32(len(key)), ordinal}
	if len(key) > inHead {
		for len(b.keys)%keyAlign != 0 {
			b.keys = append(b.keys, 0)
		}
		p.place = longKey + uint32(len(b.keys)/keyAlign)
		b.keys = binary.BigEndian.AppendUint16(b.keys, uint16(len(key)))
		b.keys = append(b.keys, key...)
	}
	b.rdata = append(b.rdata, p)
}

// key is that of a posting; a short one is written to short.
func (b *Builder) key(p *posting, short *[inHead]byte) []byte {
	if p.place <= inHead {
		binary.BigEndian.PutUint64(short[:], p.head)
		binary.BigEndian.PutUint64(short[8:], p.tail)
		return short[:p.place]
	}
	at := b.keys[int(p.place-longKey)*keyAlign:]
	return at[2 : 2+int(binary.BigEndian.Uint16(at))]
}

// Finish writes the postings. The writer is left to be finished.
func (b *Builder) Finish() error {
	slices.SortFunc(b.rdata, b.compare)
	var ordinals []uint32
	var short [inHead]byte
	for i := 0; i < len(b.rdata); {
		p := &b.rdata[i]
		ordinals = ordinals[:0]
		j := i
		for ; j < len(b.rdata) && b.compareKeys(p, &b.rdata[j]) == 0; j++ {
			ordinals = append(ordinals, b.rdata[j].ordinal)
		}
		if err := b.w.Post(b.key(p, &short), slices.Compact(ordinals)); err != nil {
			return err
		}
		i = j
	}
	return nil
}

func (b *Builder) compare(x, y posting) int {
	return cmp.Or(b.compareKeys(&x, &y), cmp.Compare(x.ordinal, y.ordinal))
}

func (b *Builder) compareKeys(x, y *posting) int {
	switch {
	case x.head != y.head:
		return cmp.Compare(x.head, y.head)
	case x.tail != y.tail:
		return cmp.Compare(x.tail, y.tail)
	case x.place <= inHead && y.place <= inHead:
		return cmp.Compare(x.place, y.place)
	}
	var short [2][inHead]byte
	return bytes.Compare(b.key(x, &short[0]), b.key(y, &short[1]))
}
