//go:build unix

package listen_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"example.org/pdns/plugin/pkg/dnstap/listen"
)

func TestLimit(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{Connections: 2})
	one, two := dial(t, s.addr), dial(t, s.addr)
	write(t, one, begin)
	write(t, two, begin)
	eventually(t, "two are served", func() bool { return s.connections() == 2 })
	three := dial(t, s.addr)
	if _, err := three.Read(make([]byte, 1)); err == nil {
		t.Error("the third is served")
	}
	eventually(t, "the third is counted", func() bool { return s.ended(listen.Limit) == 1 })
	one.Close()
	eventually(t, "one is done", func() bool { return s.ended(listen.Finished) == 1 })
	sendGood(t, s.addr)
}

// crowd is how many connections there can be at once: ten thousand, or what the
// system allows.
func crowd(t *testing.T) int {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return min(10000, int(limit.Cur)-2*listen.DefaultConnections-100)
}

// TestTenThousand: as many connections as may be are served, the others closed at
// once; a good sender that was there before gets through meanwhile, one that comes
// later when they are gone, and nothing is left of them.
func TestTenThousand(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{})
	early := dial(t, s.addr)
	write(t, early, begin)
	eventually(t, "the early one is served", func() bool { return s.connections() == 1 })
	size := crowd(t)
	for came := 0; came < 10000; came += size {
		conns := make([]net.Conn, 0, size)
		for range size {
			conns = append(conns, persist(t, s.addr))
			if n := s.connections(); n > listen.DefaultConnections {
				t.Fatalf("%d connections are served", n)
			}
		}
		eventually(t, "all have come", func() bool { return s.endings()+s.connections() == 1+came+size })
		before := s.taken()
		write(t, early, data("in the crowd"))
		eventually(t, "the early one gets through", func() bool { return s.taken() == before+1 })
		for _, c := range conns {
			c.Close()
		}
		eventually(t, "they are gone", func() bool { return s.endings() == came+size && s.connections() == 1 })
	}
	eventually(t, "most were refused", func() bool {
		return s.ended(listen.Limit) >= 10000-listen.DefaultConnections*(10000/size+1)
	})
	sendGood(t, s.addr)
}

// persist connects, as often as it takes: more may come at a time than the system
// has room for.
func persist(t *testing.T, a listen.Address) net.Conn {
	t.Helper()
	for {
		c, err := net.Dial(a.Network, a.Name)
		if err == nil {
			return c
		}
		if !errors.Is(err, syscall.EAGAIN) {
			t.Fatal(err)
		}
	}
}

// TestNoDescriptorLeft: accepting goes on once there are some again.
func TestNoDescriptorLeft(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{})
	sendGood(t, s.addr) // what the poller needs is open
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	socket := os.NewFile(uintptr(fd), "sender")
	defer socket.Close()
	restore := exhaust(t)
	defer restore()
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: s.addr.Name}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "accepting fails, more than once", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.failed > 1
	})
	restore()
	if _, err := socket.Write(concat(begin, data("late"), stop)); err != nil {
		t.Fatal(err)
	}
	if err := socket.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the sender is served", func() bool { return s.taken() == 2 })
}

// exhaust takes every descriptor that the process may have, by allowing it few,
// until what it returns is called.
func exhaust(t *testing.T) (restore func()) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	var taken []io.Closer
	for {
		f, err := os.Open("/dev/null")
		if err != nil {
			break
		}
		taken = append(taken, f)
	}
	return func() {
		for _, f := range taken {
			f.Close()
		}
		taken = nil
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
			t.Fatal(err)
		}
	}
}
