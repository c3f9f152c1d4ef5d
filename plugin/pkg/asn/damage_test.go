package asn_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"

	"example.org/pdns/plugin/pkg/asn"
)

var some = []netip.Addr{
	netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1"),
	netip.MustParseAddr("255.255.255.255"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::"),
}

// read opens what may be damaged and looks up some; an error must name the file.
func read(t *testing.T, b []byte) (opened bool) {
	t.Helper()
	named := func(err error) {
		if err != nil && !strings.HasPrefix(err.Error(), "damaged.mmdb: ") {
			t.Errorf("%v does not name the file", err)
		}
	}
	db, err := asn.Read(b, "damaged.mmdb")
	named(err)
	if err != nil {
		return false
	}
	for _, a := range some {
		o, found, err := db.Lookup(a)
		named(err)
		if found && (o.Number == 0 || !o.Network.Contains(a)) {
			t.Errorf("%s: %+v", a, o)
		}
	}
	return true
}

// TestTruncated: no part of a database is taken for all of it.
func TestTruncated(t *testing.T) {
	whole := geolite(t)
	for n := range len(whole) {
		if read(t, bytes.Clone(whole[:n])) {
			t.Errorf("%d of %d bytes were opened", n, len(whole))
		}
	}
}

// TestFlipped: whatever bit is wrong, there is an answer or an error.
func TestFlipped(t *testing.T) {
	whole := geolite(t)
	for i := range len(whole) * 8 {
		b := bytes.Clone(whole)
		b[i/8] ^= 1 << (i % 8)
		read(t, b)
	}
}

// TestTangled: a tree of which each node leads twice to the next has more paths than
// anyone can walk.
func TestTangled(t *testing.T) {
	whole := database(t, "GeoLite2-ASN", mmdbwriter.Options{RecordSize: 32}, nil)
	at := bytes.LastIndex(whole, []byte("\xab\xcd\xefMaxMind.com"))
	meta := bytes.Clone(whole[at:])
	count := bytes.Index(meta, []byte("node_count")) + len("node_count")
	size := int(meta[count] & 0x1f) // a number, its octets behind it
	const nodes = 100
	var tree []byte
	for i := range uint32(nodes) {
		tree = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(tree, i+1), i+1)
	}
	if size != 1 {
		t.Fatalf("a number of nodes in %d octets, want one", size)
	}
	meta[count+1] = nodes
	b := append(append(tree, make([]byte, 16)...), meta...)
	if _, err := asn.Read(b, "tangled.mmdb"); err == nil || !strings.Contains(err.Error(), "with no AS numbers") {
		t.Errorf("%v, want that there are no AS numbers", err)
	}
}

func FuzzRead(f *testing.F) {
	whole := geolite(f)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("\xab\xcd\xefMaxMind.com"))
	f.Fuzz(func(t *testing.T, b []byte) { read(t, b) })
}
