package listen_test

import (
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/test/lab"
)

// A receiver notes what it is told.
type receiver struct {
	hold chan struct{} // if not nil, Take waits until it is closed
	held atomic.Int32  // batches that wait

	mu        sync.Mutex
	frames    []string
	count     int
	oversized uint64
	counts    []int // of connections, as told
	ends      [listen.Ends]int
	errors    []error
	failed    int
}

func (r *receiver) Take(b *intake.Batch) {
	if r.hold != nil {
		r.held.Add(1)
		<-r.hold
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count += b.Len()
	for frame := range b.All {
		if len(r.frames) < 1000 {
			r.frames = append(r.frames, string(frame))
		}
	}
}

func (r *receiver) Oversized(n uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.oversized += n
}

func (r *receiver) Connected(_ net.Addr, now int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts = append(r.counts, now)
}

func (r *receiver) Ended(_ net.Addr, now int, why listen.End, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts = append(r.counts, now)
	r.ends[why]++
	r.errors = append(r.errors, err)
}

func (r *receiver) SocketFailed(error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
}

// taken is how many frames have been taken.
func (r *receiver) taken() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

func (r *receiver) ended(why listen.End) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ends[why]
}

// present is how many connections there were, each time that it was told.
func (r *receiver) present() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.counts)
}

// endings is how many connections have ended, for whatever reason.
func (r *receiver) endings() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.errors)
}

// waitLimit is how long a test waits for what must happen.
const waitLimit = 30 * time.Second

// eventually waits for a condition.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(waitLimit); !holds(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("not after %v: %s", waitLimit, what)
		}
	}
}

// wantNoLeak makes the end of the test wait until no goroutine and no descriptor is
// open that was not when it began.
func wantNoLeak(t testing.TB) {
	t.Helper()
	runtime.GC()
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors(t)
	t.Cleanup(func() {
		eventually(t, "goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines })
		eventually(t, "descriptors are closed", func() bool { return openDescriptors(t) <= descriptors })
	})
}

func openDescriptors(t testing.TB) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// A site is a pool with one listener.
type site struct {
	*receiver
	pool listen.Pool
	addr listen.Address
}

func newSite(t testing.TB, addr listen.Address, conf listen.Config) *site {
	t.Helper()
	wantNoLeak(t)
	s := &site{receiver: new(receiver), addr: addr}
	if conf.Receiver == nil {
		conf.Receiver = s.receiver
	}
	if err := s.pool.Hold(s, addr, conf); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.pool.Release(s) })
	return s
}

// connections is how many senders the listener serves.
func (s *site) connections() int { return s.pool.Listeners()[0].Connections() }

// unixAddress is one in a directory of the test.
func unixAddress(t testing.TB) listen.Address {
	t.Helper()
	a, err := listen.UnixAddress(filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tcpAddress(t testing.TB) listen.Address {
	t.Helper()
	a, err := listen.TCPAddress("127.0.0.1:" + lab.FreePort(t, "127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// dial connects and says nothing.
func dial(t testing.TB, a listen.Address) net.Conn {
	t.Helper()
	c, err := net.Dial(a.Network, a.Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func write(t testing.TB, c net.Conn, octets []byte) {
	t.Helper()
	if _, err := c.Write(octets); err != nil {
		t.Fatal(err)
	}
}

// sendGood sends a frame as a sender does that behaves, and waits until it was
// read.
func sendGood(t testing.TB, a listen.Address) {
	t.Helper()
	p := lab.NewTap(t, a.Network, a.Name)
	if err := p.Frame([]byte("good")); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// Control frames (https://farsightsec.github.io/fstrm).
var (
	ready = control(4, dnstap.ContentType)
	begin = control(2, dnstap.ContentType)
	stop  = control(3)
)

func control(kind uint32, contentTypes ...string) []byte {
	body := binary.BigEndian.AppendUint32(nil, kind)
	for _, c := range contentTypes {
		body = binary.BigEndian.AppendUint32(body, 1)
		body = binary.BigEndian.AppendUint32(body, uint32(len(c)))
		body = append(body, c...)
	}
	head := binary.BigEndian.AppendUint32(make([]byte, 4), uint32(len(body)))
	return append(head, body...)
}

// data is a data frame.
func data(content string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(content))), content...)
}

func concat(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}
