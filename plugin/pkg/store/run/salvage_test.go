package run

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store/record"
)

// FuzzSalvage reads what is left of anything: no panic, and what comes ascends and
// is sound. The seeds are a small run, with its buckets inside one page, and parts.
func FuzzSalvage(f *testing.F) {
	path := filepath.Join(f.TempDir(), "00000001.run")
	w, err := Create(path, Options{})
	if err != nil {
		f.Fatal(err)
	}
	b := NewBuilder(w, 1)
	key := record.AppendKey(nil, pinned()[0])
	if err := b.Add(key, &pinned()[0].Figures); err != nil {
		f.Fatal(err)
	}
	if err := b.Finish(); err != nil {
		f.Fatal(err)
	}
	if _, err := w.Finish(time.Unix(1, 0), nil); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	if n := salvaged(f, whole); n != 1 {
		f.Fatalf("%d records of a sound run with one", n)
	}
	f.Add(whole)
	f.Add(whole[pageSize:])
	f.Add(whole[:len(whole)-pageSize])
	// A leaf that says it has more elements and pages than there are.
	lies := make([]byte, 2*pageSize)
	binary.NativeEndian.PutUint16(lies[8:], flagLeaf)
	binary.NativeEndian.PutUint16(lies[10:], 65535)
	binary.NativeEndian.PutUint32(lies[12:], 1<<31)
	f.Add(lies)
	f.Fuzz(func(t *testing.T, b []byte) { salvaged(t, b) })
}

func salvaged(t testing.TB, content []byte) (n int) {
	t.Helper()
	s, err := newSalvage(t.Context(), bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var last []byte
	var d record.Decoder
	for key, f := range s.Records {
		if _, err := d.Decode(key); err != nil || f.First > f.Last || f.Count == 0 {
			t.Errorf("key %x, %+v, %v", key, f, err)
		}
		if n > 0 && bytes.Compare(last, key) >= 0 {
			t.Errorf("key %x comes behind %x", key, last)
		}
		last = append(last[:0], key...)
		n++
	}
	return n
}
