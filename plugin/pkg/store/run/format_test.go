package run

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

var golden = flag.Bool("golden", false, "write the file of the newest format in testdata anew")

// pinned are the records of the files in testdata.
func pinned() []*rrset.RRset {
	name := rrset.MustName
	f := rrset.Figures{First: 1_700_000_000, Last: 1_700_000_100, Count: 300, TTLMin: 60, TTLMax: 3600, Marks: rrset.HasTTL | rrset.BailiwickKnown | rrset.FromForward}
	return []*rrset.RRset{
		{Owner: name("example.com"), Type: 2, Bailiwick: name("com"), Rdata: [][]byte{name("a.test"), name("b.test")}, Figures: f},
		{Owner: name("www.example.com"), Type: 1, Bailiwick: name("example.com"), Rdata: [][]byte{{192, 0, 2, 1}}, Figures: f},
		{Owner: name("www.example.com"), Type: rrset.TypeNXDOMAIN, Figures: rrset.Figures{First: 1_600_000_000, Last: 1_600_000_000, Count: 1, Marks: rrset.FromImport}},
		{Owner: name("x\\000.test"), Type: 16, Rdata: [][]byte{[]byte("\x03\x00\x01z")}, Figures: f},
	}
}

// The bytes of keys and payloads are pinned: whoever changes them changes the
// format.
func TestPinnedBytes(t *testing.T) {
	var block recordBlock
	var keys []string
	for _, r := range pinned() {
		key := record.AppendKey(nil, r)
		keys = append(keys, hex.EncodeToString(key))
		block.add(key, &r.Figures)
	}
	var postings postingBlock
	record.RdataKeys(nil, 16, pinned()[3].Rdata[0], func(key []byte) { postings.add(key, []uint32{1, 3, 700}) })
	got := map[string]string{
		"key of NS":       keys[0],
		"key of A":        keys[1],
		"key of NXDOMAIN": keys[2],
		"key of TXT":      keys[3],
		"records":         hex.EncodeToString(block.appendPayload(nil, 5)),
		"postings":        hex.EncodeToString(postings.appendPayload(nil)),
		"leading":         hex.EncodeToString((&leadingBlock{3, []uint32{0x00001207, 0x00001209, 0x80a00001}}).appendPayload(nil)),
		"leading hash":    leadingHashHex("www.example.com"),
		"frame":           hex.EncodeToString(place{bucketRrset, []byte("k")}.appendFrame(nil, []byte("abc"), Fast)),
	}
	for what, want := range pinnedHex {
		if got[what] != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s:\n got %s\nwant %s", what, got[what], want)
		}
	}
	if len(got) != len(pinnedHex) {
		t.Errorf("%d pinned of %d", len(pinnedHex), len(got))
	}
}

func leadingHashHex(name string) string {
	hash, _ := record.LeadingHash(rrset.AppendReversed(nil, rrset.MustName(name)))
	return fmt.Sprintf("%06x", hash)
}

// A file that a format wrote once is read for ever.
func TestGolden(t *testing.T) {
	newest := fmt.Sprintf("format%d.run", Format)
	if *golden {
		writePinned(t, filepath.Join("testdata", newest))
	}
	for _, file := range []string{"format1.run", newest} {
		t.Run(file, func(t *testing.T) { readPinned(t, filepath.Join("testdata", file)) })
	}
}

func readPinned(t *testing.T, path string) {
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := r.Records()
	defer c.Close()
	var d record.Decoder
	for i, want := range pinned() {
		if !c.Next() {
			t.Fatalf("record %d: %v", i, c.Err())
		}
		got, err := d.Decode(c.Key)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Owner, want.Owner) || !bytes.Equal(got.Bailiwick, want.Bailiwick) || *c.Figures() != want.Figures {
			t.Errorf("record %d: %s %+v, want %s %+v", i, rrset.NameString(got.Owner), *c.Figures(), rrset.NameString(want.Owner), want.Figures)
		}
	}
	if c.Next() {
		t.Error("more records than were written")
	}
	if err := r.Check(t.Context()); err != nil {
		t.Error(err)
	}
	lo, hi, suffix := record.LeadingHashes([][]byte{[]byte("www"), []byte("example")})
	l := r.Leading(lo, hi)
	defer l.Close()
	found := 0
	for l.Next() {
		if bytes.HasSuffix(l.Key[:record.OwnerLen(l.Key)], suffix) {
			found++
		}
	}
	if found != 2 || l.Err() != nil {
		t.Errorf("by leading labels: %d records, %v; want 2", found, l.Err())
	}
}

func writePinned(t *testing.T, path string) {
	t.Helper()
	w, err := Create(path, Options{Compression: Small})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	b := NewBuilder(w, 0)
	for _, r := range pinned() {
		if err := b.Add(record.AppendKey(nil, r), &r.Figures); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(time.Unix(1_700_000_200, 0), nil); err != nil {
		t.Fatal(err)
	}
}

// A run of another format is refused by its number.
func TestOtherFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.run")
	writePinned(t, path)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("format\x00\x00\x00\x02"))
	if at < 0 {
		t.Fatal("no format in the file")
	}
	b[at+9] = 3
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "format 3: this version reads formats 1 to 2") {
		t.Errorf("got %v", err)
	}
}

var pinnedHex = map[string]string{
	"frame":           "00aa457751616263",
	"key of A":        "636f6d006578616d706c6500777777000000010304c0000201",
	"key of NS":       "636f6d006578616d706c650000000202080161047465737400080162047465737400",
	"key of NXDOMAIN": "636f6d006578616d706c65007777770000ff2900",
	"key of TXT":      "74657374007801010000001000040300017a",
	"leading":         "0303061200eebf820403070901",
	"leading hash":    "e676da",
	"postings":        "010100010a0a0403010101027a0000100103040102b905",
	"records":         "050480c0f0f50b04000c110004220d031244636f6d006578616d706c650000000202080161047465737400080162047465737400777777000000010304c0000201ff290074657374007801010000001000040300017a0d80c2d72f80c2d72f0080c2d72f046464006407ac02ac0201ac02043c3c003c07d41bd41b00d41b0407071007",
}
