package pdnscollect

import (
	"path/filepath"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/lab"
)

// addressEvent is an event about an address.
func addressEvent(t testing.TB, name string) *dnstap.Event {
	t.Helper()
	return lab.Event(t, lab.Response(t, name+" 300 IN A 192.0.2.1"), time.Now(), rrset.MustName("example"))
}

// send sends events, and returns when they were read.
func send(t testing.TB, network, addr string, events ...*dnstap.Event) {
	t.Helper()
	p := lab.NewTap(t, network, addr)
	for _, e := range events {
		if err := p.Frame(dnstap.Append(nil, e)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestDnstapAlone: a server block that only listens records, with bailiwick and
// the mark of where it comes from.
func TestDnstapAlone(t *testing.T) {
	dir, socket := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "socket")
	s := start(t, "example {\nbind 127.0.0.1\npdnscollect "+dir+" {\ndnstap unix "+socket+"\n}\n}\n")
	send(t, "unix", socket, addressEvent(t, "www.example."), addressEvent(t, "www.example."))
	s.stop()
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	found := 0
	for r, err := range src.Find(t.Context(), store.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		found++
		if rrset.NameString(r.Owner) != "www.example." || rrset.NameString(r.Bailiwick) != "example." || r.Count != 2 || r.Marks&rrset.FromDnstap == 0 {
			t.Errorf("found %+v", r)
		}
	}
	if found != 1 {
		t.Errorf("%d RRsets, want 1", found)
	}
	if len(lease.Stores()) != 0 {
		t.Error("a store is still open")
	}
}
