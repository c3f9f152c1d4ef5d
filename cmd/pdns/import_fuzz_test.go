package main

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/store"
)

const fuzzed = `RESOLVER_RESPONSE 2019-08-01T10:00:00Z example.com. a.example.com. A
    a.example.com. 300 IN A 192.0.2.1
junk no protobuf at all
CLIENT_RESPONSE 2019-08-01T10:00:00Z - b.example.com. TXT
    b.example.com. 300 IN TXT "x"
`

// fuzzSeeds are files of every kind, compressed and not.
func fuzzSeeds(f *testing.F) (seeds [][]byte) {
	var stream, packets bytes.Buffer
	if err := writeDnstap(&stream, mustParse(f, fuzzed)); err != nil {
		f.Fatal(err)
	}
	if err := writePcap(&packets, mustParse(f, "53 2019-08-01T10:00:00Z - a.example.com. A\n    a.example.com. 300 IN A 192.0.2.1\n")); err != nil {
		f.Fatal(err)
	}
	lines := []byte(recordAt(1) + "\n" + recordAt(2))
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(stream.Bytes())
	w.Close()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	return [][]byte{nil, lines, stream.Bytes(), packets.Bytes(), zipped.Bytes(), z.EncodeAll(packets.Bytes(), nil),
		bytes.Repeat(stream.Bytes(), 2), stream.Bytes()[:70], []byte("BZh9"), []byte("\x0a\x0d\x0d\x0a"), make([]byte, 40)}
}

// FuzzImport imports anything: it does not panic, and what it has counted is what
// the store was given.
func FuzzImport(f *testing.F) {
	for _, seed := range fuzzSeeds(f) {
		f.Add(seed)
	}
	s, err := store.Open(f.TempDir(), store.Options{ByCut: true, Visit: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	f.Fuzz(func(t *testing.T, file []byte) {
		im := newImporter(&program{err: io.Discard}, importOptions{types: dnstap.AllTypes, ports: []uint16{53}})
		im.store = s
		im.expect(nil)
		if err := im.take(context.Background(), "file", &input{Reader: bytes.NewReader(file)}, nil); err != nil {
			t.Fatal(err)
		}
		var items uint64
		for _, n := range im.items {
			items += n
		}
		if im.total.taken > 0 && (items == 0 || len(im.imported.list) != 1) {
			t.Errorf("%d RRsets of %d items, %d files remembered", im.total.taken, items, len(im.imported.list))
		}
	})
}
