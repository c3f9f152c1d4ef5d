package disposable_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// FuzzRestore: whatever is in the file, it is an error or a tracker that works and
// whose state is the same when it is read again.
func FuzzRestore(f *testing.F) {
	tr := disposable.New()
	judge(tr, hex("example.com"), 300, dns.TypeA, disposable.Policy{Mode: disposable.Collapse, Children: 20})
	state := tr.State()
	f.Add(state)
	f.Add(state[:len(state)-3])
	f.Add([]byte("passive-dns-disposable\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		const sum = len("passive-dns-disposable\n") + 4
		if len(b) > sum+4 { // else nothing would get past the checksum
			b = bytes.Clone(b)
			binary.BigEndian.PutUint32(b[sum:], crc32.Checksum(b[sum+4:], crc32.MakeTable(crc32.Castagnoli)))
		}
		tr, err := disposable.Restore(b)
		if err != nil {
			return
		}
		once := tr.State()
		again, err := disposable.Restore(once)
		if err != nil || len(again.State()) != len(once) {
			t.Fatalf("read again: %v", err)
		}
		judge(tr, hex("example.com"), 50, dns.TypeA, disposable.Policy{Mode: disposable.Collapse, Children: 20})
	})
}

// FuzzShape: any name has a shape that can be recorded, and lies in the set of it.
func FuzzShape(f *testing.F) {
	f.Add([]byte("\x03www\x07example"))
	f.Add([]byte("\x014\x013\x012\x011"))
	f.Add([]byte("\x05a-1_=\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		name := append(bytes.Clone(b), 0)
		if rrset.CheckName(name) != nil || len(b) == 0 {
			return
		}
		shape, _ := disposable.Shape(b)
		if err := rrset.CheckRdata(rrset.TypeWildcard, []byte(shape)); err != nil {
			t.Fatalf("%q: %v", shape, err)
		}
		if got := disposable.Find(shape, b); got != disposable.Inside {
			t.Fatalf("%q in %q: %d", b, shape, got)
		}
	})
}
