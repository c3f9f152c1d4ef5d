package run

import (
	"bytes"
	"encoding/binary"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/keysort"
	"example.org/pdns/plugin/pkg/store/record"
)

// A Builder writes a run from records alone: it works out the postings, which
// it keeps in memory until the last record is in.
type Builder struct {
	w       *Writer
	decoder record.Decoder
	keys    []byte // posting keys by rdata, one behind the other
	rdata   []keysort.Item
	buf     []byte
	short   [keysort.AtHand]byte
}

// Of a posting, an item of rdata has the ordinal in B, and in A the length of a key
// that is at hand whole, as those of IPv4 addresses are, or longKey and where in
// keys it lies.
const (
	longKey = keysort.AtHand + 1
	// keyAlign spaces keys so that four billion units hold 16 GiB of them.
	keyAlign = 4
)

// NewBuilder returns a builder that writes to w about so many records.
func NewBuilder(w *Writer, records int) *Builder {
	return &Builder{w: w, rdata: make([]keysort.Item, 0, records+records/4)}
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
	place := uint32(len(key))
	if len(key) > keysort.AtHand {
		for len(b.keys)%keyAlign != 0 {
			b.keys = append(b.keys, 0)
		}
		place = longKey + uint32(len(b.keys)/keyAlign)
		b.keys = binary.BigEndian.AppendUint16(b.keys, uint16(len(key)))
		b.keys = append(b.keys, key...)
	}
	b.rdata = append(b.rdata, keysort.New(key, place, ordinal))
}

// key is that of a posting. Of one that is at hand only the length is right.
func (b *Builder) key(p *keysort.Item) []byte {
	if p.A < longKey {
		return b.short[:p.A]
	}
	at := b.keys[int(p.A-longKey)*keyAlign:]
	return at[2 : 2+int(binary.BigEndian.Uint16(at))]
}

// Finish writes the postings. The writer is left to be finished.
func (b *Builder) Finish() error {
	keysort.Sort(b.rdata, b.key)
	var key []byte
	var ordinals []uint32
	for i := 0; i < len(b.rdata); {
		first := &b.rdata[i]
		first.Start(&b.short)
		key = append(key[:0], b.key(first)...)
		for ordinals = ordinals[:0]; i < len(b.rdata) && b.sameKey(first, &b.rdata[i]); i++ {
			ordinals = append(ordinals, b.rdata[i].B)
		}
		if err := b.w.Post(key, slices.Compact(ordinals)); err != nil {
			return err
		}
	}
	return nil
}

func (b *Builder) sameKey(x, y *keysort.Item) bool {
	return x.StartsAs(y) && (x.A == y.A || x.A >= longKey && y.A >= longKey && bytes.Equal(b.key(x), b.key(y)))
}
