package run

import (
	"bytes"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// FuzzRecordBlock decodes anything as a block of records: no panic, no more
// records than bytes, and no key that shares what was not there.
func FuzzRecordBlock(f *testing.F) {
	var block recordBlock
	for _, r := range pinned() {
		block.add(record.AppendKey(nil, r), &r.Figures)
	}
	f.Add(block.appendPayload(nil, 7))
	f.Add([]byte{})
	f.Add([]byte{0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		var r recordReader
		if r.open(payload) != nil {
			return
		}
		var d record.Decoder
		for n := 0; r.left > 0; n++ {
			if n > len(payload) {
				t.Fatal("more records than bytes")
			}
			key, err := r.next()
			if err != nil {
				return
			}
			if set, err := d.Decode(key); err == nil && rrset.CheckName(set.Owner) == nil {
				if again := record.AppendKey(nil, set); !bytes.Equal(again, key) && set.Bailiwick == nil && len(set.Rdata) == 0 {
					t.Fatalf("key %x decodes to one with key %x", key, again)
				}
			}
		}
	})
}

// FuzzPostingBlock decodes anything as a block of postings.
func FuzzPostingBlock(f *testing.F) {
	var block postingBlock
	block.add([]byte("\x01\xc0\x00\x02\x01\x00\x01"), []uint32{1, 2, 1 << 30})
	block.add([]byte("\x01\xc0\x00\x02\x02\x00\x01"), []uint32{0})
	f.Add(block.appendPayload(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		var r postingReader
		if r.open(payload) != nil {
			return
		}
		total := 0
		for r.left > 0 {
			if _, err := r.next(); err != nil {
				return
			}
			if total += len(r.list); total > len(payload) {
				t.Fatal("more ordinals than bytes")
			}
		}
	})
}

// FuzzFrame unpacks anything; what was packed unpacks to itself.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("abc"))
	f.Add(place{}.appendFrame(nil, bytes.Repeat([]byte("abc"), 100), Fast))
	f.Fuzz(func(t *testing.T, b []byte) {
		place{}.unpackFrame(nil, b)
		for _, c := range []Compression{Fast, Small} {
			got, err := place{}.unpackFrame(nil, place{}.appendFrame(nil, b, c))
			if err != nil || !bytes.Equal(got, b) {
				t.Fatalf("%x comes back as %x, %v", b, got, err)
			}
		}
	})
}
