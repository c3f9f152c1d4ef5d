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
	leading []uint64 // posting key by leading labels, then ordinal
	buf     []byte
}

// A posting is a key by rdata with the ordinal of a record. The first octets of
// the key are kept at hand for sorting.
type posting struct {
	head, tail uint64
	offset     uint32 // in keys, in units that make 32 bits enough: see keyAlign
	length     uint16
	ordinal    uint32
}

// keyAlign spaces posting keys so that four billion units hold 16 GiB of them.
const keyAlign = 4

// NewBuilder returns a builder that writes to w.
func NewBuilder(w *Writer) *Builder { return &Builder{w: w} }

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
	if b.buf = record.OwnerLeadingKey(b.buf[:0], r.Owner); len(b.buf) == record.LeadingLen {
		b.leading = append(b.leading, uint64(b.buf[0])<<48|uint64(b.buf[1])<<40|uint64(b.buf[2])<<32|uint64(ordinal))
	}
	return nil
}

func (b *Builder) post(key []byte, ordinal uint32) {
	for len(b.keys)%keyAlign != 0 {
		b.keys = append(b.keys, 0)
	}
	p := posting{offset: uint32(len(b.keys) / keyAlign), length: uint16(len(key)), ordinal: ordinal}
	b.keys = append(b.keys, key...)
	var head [16]byte
	copy(head[:], key)
	p.head, p.tail = binary.BigEndian.Uint64(head[:]), binary.BigEndian.Uint64(head[8:])
	b.rdata = append(b.rdata, p)
}

func (b *Builder) key(p *posting) []byte {
	at := int(p.offset) * keyAlign
	return b.keys[at : at+int(p.length)]
}

// Finish writes the postings. The writer is left to be finished.
func (b *Builder) Finish() error {
	if err := b.finishRdata(); err != nil {
		return err
	}
	return b.finishLeading()
}

func (b *Builder) finishRdata() error {
	slices.SortFunc(b.rdata, b.compare)
	var ordinals []uint32
	for i := 0; i < len(b.rdata); {
		p := &b.rdata[i]
		ordinals = ordinals[:0]
		j := i
		for ; j < len(b.rdata) && b.sameKey(p, &b.rdata[j]); j++ {
			ordinals = append(ordinals, b.rdata[j].ordinal)
		}
		if err := b.w.Post(Rdata, b.key(p), slices.Compact(ordinals)); err != nil {
			return err
		}
		i = j
	}
	return nil
}

func (b *Builder) compare(x, y posting) int {
	if c := cmp.Or(cmp.Compare(x.head, y.head), cmp.Compare(x.tail, y.tail)); c != 0 {
		return c
	}
	if x.length > 16 || y.length > 16 {
		if c := bytes.Compare(b.key(&x), b.key(&y)); c != 0 {
			return c
		}
	}
	return cmp.Compare(x.ordinal, y.ordinal)
}

func (b *Builder) sameKey(x, y *posting) bool {
	return x.head == y.head && x.tail == y.tail && bytes.Equal(b.key(x), b.key(y))
}

func (b *Builder) finishLeading() error {
	slices.Sort(b.leading)
	var ordinals []uint32
	for i := 0; i < len(b.leading); {
		prefix := b.leading[i] >> 32
		ordinals = ordinals[:0]
		for ; i < len(b.leading) && b.leading[i]>>32 == prefix; i++ {
			ordinals = append(ordinals, uint32(b.leading[i]))
		}
		key := []byte{byte(prefix >> 16), byte(prefix >> 8), byte(prefix)}
		if err := b.w.Post(Leading, key, ordinals); err != nil {
			return err
		}
	}
	return nil
}
