package run

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// TestLongKeys writes records whose keys are alike for longer than a separator
// should be, and still differ by half a KiB each: whoever owns a zone may have so
// many. All come back, and a search finds the last.
func TestLongKeys(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "a.run"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	label := strings.Repeat("\\001", 62)
	r := &rrset.RRset{Owner: rrset.MustName(strings.Join([]string{label, label, label, label}, ".")), Type: 16, Figures: rrset.Figures{Count: 1}}
	b := NewBuilder(w, 0)
	rdata := bytes.Repeat([]byte{255}, 1024)
	const records = 2 * maxPayload / 500
	var key []byte
	for i := range uint64(records) {
		for at := 600; at+8 <= len(rdata); at += 8 {
			binary.BigEndian.PutUint64(rdata[at:], i*0x9e3779b97f4a7c15+uint64(at))
		}
		binary.BigEndian.PutUint64(rdata[592:], i)
		r.Rdata = [][]byte{rdata}
		key = record.AppendKey(key[:0], r)
		if err := b.Add(key, &r.Figures); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	run, err := Open(w.path)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if err := run.Check(t.Context()); err != nil {
		t.Error(err)
	}
	c := run.Records()
	defer c.Close()
	if c.Seek(key); !c.Next() || !bytes.Equal(c.Key, key) || c.Ordinal() != records-1 {
		t.Errorf("the last record is not found: %v", c.Err())
	}
}
