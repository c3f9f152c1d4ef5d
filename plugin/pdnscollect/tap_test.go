package pdnscollect

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coredns/caddy"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/intake"
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

// listening is a server block that records what comes to a socket.
func listening(dir, socket, more string) string {
	return "example {\nbind 127.0.0.1\npdnscollect " + dir + " {\ndnstap unix " + socket + "\n" + more + "\n}\n}\n"
}

// TestDnstapThroughReloads: senders notice nothing of reloads, be it that they fail,
// and every frame is recorded once.
func TestDnstapThroughReloads(t *testing.T) {
	dir, socket := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "socket")
	busy, err := net.Listen("unix", socket+"2")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	s := start(t, listening(dir, socket, ""))
	const senders, each = 2, 20000
	event := dnstap.Append(nil, addressEvent(t, "www.example."))
	var done atomic.Int32
	for range senders {
		p := lab.NewTap(t, "unix", socket)
		go func() {
			defer done.Add(1)
			for range each {
				if err := p.Frame(event); err != nil {
					t.Error(err)
					return
				}
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	reloads := 0
	for ; done.Load() < senders || reloads < 6; reloads++ {
		switch reloads % 3 {
		case 0:
			err = s.reload(listening(dir, socket, "sensor"))
		case 1:
			if s.reload(listening(dir, socket, "dnstap unix "+socket+"2")) == nil {
				t.Fatal("a reload that cannot listen succeeded")
			}
		case 2:
			err = s.reload(listening(dir, socket, ""))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func() bool { return seen(t, lease.Stores()[dir])["www.example. A"] == senders*each })
}

// TestTypesChange: a reload says which messages count from then on.
func TestTypesChange(t *testing.T) {
	dir, socket := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "socket")
	s := start(t, listening(dir, socket, "types CLIENT_RESPONSE"))
	send(t, "unix", socket, addressEvent(t, "a.example."))
	if err := s.reload(listening(dir, socket, "exclude b.example")); err != nil {
		t.Fatal(err)
	}
	send(t, "unix", socket, addressEvent(t, "b.example."), addressEvent(t, "c.example."))
	recorded := lease.Stores()[dir]
	eventually(t, func() bool { return len(seen(t, recorded)) == 1 })
	wantSeen(t, recorded, map[string]uint64{"c.example. A": 1})
	for _, why := range []string{"message_type", "excluded"} {
		if n := recorded.Dropped(why).Load(); n != 1 {
			t.Errorf("%d dropped for %s, want 1", n, why)
		}
	}
}

// TestCannotListen: the error says where the Corefile asks for it.
func TestCannotListen(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	store := filepath.Join(dir, "store")
	good := listening(store, filepath.Join(dir, "socket"), "")
	for _, tc := range []struct{ corefile, want string }{
		{listening(store, file, ""), "plugin/pdnscollect: Corefile:4 - dnstap unix://" + file + ": " + file + ": is a file"},
		{listening(store, filepath.Join(dir, "no", "socket"), ""), filepath.Join(dir, "no") + " is missing: want a directory"},
		{listening(store, filepath.Join(dir, "other"), "dnstap tcp "+busy.Addr().String()), "Corefile:5 - dnstap tcp://" + busy.Addr().String()},
		{good + strings.Replace(good, "example", "example.org", 1), "Corefile:11 - dnstap unix://" + filepath.Join(dir, "socket") + ": line 4 listens there"},
	} {
		i, err := caddy.Start(input(tc.corefile))
		if err == nil {
			i.ShutdownCallbacks()
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q in it", tc.corefile, err, tc.want)
		}
		if len(listeners.Listeners()) != 0 || len(lease.Stores()) != 0 {
			t.Errorf("%s: something is left open", tc.corefile)
		}
	}
}

// TestSenderWaitsForRoom: what comes faster than it can be written is not lost.
func TestSenderWaitsForRoom(t *testing.T) {
	dir, socket := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "socket")
	start(t, listening(dir, socket, "memory 1MiB\nflush 1h"))
	const n = 30000
	p, names := lab.NewTap(t, "unix", socket), nameMaker()
	for range n {
		e := addressEvent(t, names())
		e.Zone = rrset.MustName("com")
		if err := p.Frame(dnstap.Append(nil, e)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		c, err := lease.Stores()[dir].Coverage()
		if err != nil || c.Dropped[memtableFull.String()] != 0 {
			t.Fatalf("%+v, %v", c, err)
		}
		return c.Recorded == n
	})
}

// batch returns events as a listener hands them on.
func batch(events ...*dnstap.Event) *intake.Batch {
	b := new(intake.Batch)
	for _, e := range events {
		b.Append(dnstap.Append(nil, e), time.Time{})
	}
	return b
}

// TestNoRoomOnDisk: where nothing can be written, senders are not held up.
func TestNoRoomOnDisk(t *testing.T) {
	s, err := store.Open(filepath.Join(t.TempDir(), "store"), store.Options{Memory: 1, MaxRunBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tp := newTap("test", s, observer(), dnstap.DefaultTypes, false)
	names, full := nameMaker(), s.Dropped(memtableFull.String())
	for full.Load() == 0 {
		e := addressEvent(t, names())
		e.Zone = nil
		tp.Take(batch(e))
	}
}

// TestDefect: one ends neither the process nor the listener, and is counted for each
// message that it keeps from being read.
func TestDefect(t *testing.T) {
	_, s := open(t, nil)
	tp := newTap("test", s, nil, dnstap.DefaultTypes, false) // there is no observer
	event := addressEvent(t, "www.example.")
	tp.Take(batch(event, &dnstap.Event{Type: dnstap.ResolverResponse}, event))
	for why, want := range map[string]uint64{panicked.String(): 2, "no_message": 1} {
		if n := s.Dropped(why).Load(); n != want {
			t.Errorf("%d dropped for %s, want %d", n, why, want)
		}
	}
}

// TestDiskHangs: a sender waits once, and not for each of what follows.
func TestDiskHangs(t *testing.T) {
	hang := make(chan struct{})
	s, err := store.Open(filepath.Join(t.TempDir(), "store"), store.Options{
		Memory: 1, Events: store.Events{Flushed: func(store.FlushInfo) { <-hang }},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	defer close(hang)
	tp := newTap("test", s, observer(), dnstap.DefaultTypes, false)
	tp.roomTime = 10 * time.Millisecond
	names, full := nameMaker(), s.Dropped(memtableFull.String())
	held := lab.Event(t, lab.Response(t, "held.example. 300 IN A 192.0.2.1"), time.Now(), nil)
	for full.Load() < 10000 {
		e := lab.Event(t, lab.Response(t, names()+" 300 IN A 192.0.2.1"), time.Now(), nil)
		tp.Take(batch(held, e))
	}
}
