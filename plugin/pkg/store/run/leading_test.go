package run

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// TestLeadingSegments looks for names in a run of several segments: one in each
// thousand, with several RRsets each, some where a segment begins and ends.
func TestLeadingSegments(t *testing.T) {
	const owners = 3<<segmentBits/2 + 1000
	w, err := Create(filepath.Join(t.TempDir(), "a.run"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	b := NewBuilder(w, owners)
	want := 0
	for i := range owners {
		host := "h"
		if i%1000 == 0 || i%(1<<segmentBits) == 0 || i%(1<<segmentBits) == 1<<segmentBits-1 {
			host = "sought"
			want += 2
		}
		r := &rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("%s.below.n%07d.test", host, i)), Rdata: [][]byte{{192, 0, 2, 1}}, Figures: rrset.Figures{Count: 1}}
		for _, r.Type = range []uint16{1, 99} {
			if err := b.Add(record.AppendKey(nil, r), &r.Figures); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	r, err := Open(w.path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for _, labels := range [][][]byte{{[]byte("sought")}, {[]byte("sought"), []byte("below")}} {
		if got := leadingKeys(t, r, labels); got != want {
			t.Errorf("%q: %d records, want %d", labels, got, want)
		}
	}
	if got := leadingKeys(t, r, [][]byte{[]byte("other")}); got != 0 {
		t.Errorf("%d records of another label", got)
	}
}

// leadingKeys counts what a cursor by leading labels gives, and checks its order.
func leadingKeys(t *testing.T, r *Run, labels [][]byte) int {
	t.Helper()
	lo, hi, suffix := record.LeadingHashes(labels)
	c := r.Leading(lo, hi)
	defer c.Close()
	n, last := 0, ""
	for c.Next() {
		if bytes.HasSuffix(c.Key[:record.OwnerLen(c.Key)], suffix) {
			n++
		}
		if key := string(c.Key); key <= last {
			t.Fatalf("%x comes behind %x", key, last)
		}
		last = string(c.Key)
	}
	if c.Err() != nil {
		t.Error(c.Err())
	}
	return n
}

// FuzzLeadingBlock decodes anything as a block of groups: no more entries than
// bytes, and what decodes comes back.
func FuzzLeadingBlock(f *testing.F) {
	f.Add((&leadingBlock{3, []uint32{0x1207, 0x1209, 0x80a00001}}).appendPayload(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		var b, again leadingBlock
		if b.open(payload) != nil {
			return
		}
		if len(b.entries) > len(payload) {
			t.Fatal("more entries than bytes")
		}
		if err := again.open(b.appendPayload(nil)); err != nil || fmt.Sprint(again) != fmt.Sprint(b) {
			t.Fatalf("%v comes back as %v, %v", b, again, err)
		}
	})
}
