package pdnsquery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/feed"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// A stuck client never reads.
type stuck struct {
	test.ResponseWriter
	closed chan struct{}
	once   sync.Once
	first  *dns.Msg // what was written
}

func newStuck(remote string) *stuck {
	return &stuck{ResponseWriter: test.ResponseWriter{TCP: true, RemoteIP: remote}, closed: make(chan struct{})}
}

func (s *stuck) WriteMsg(m *dns.Msg) error {
	if m.Rcode != dns.RcodeSuccess {
		s.first = m
		return nil // there is room for that
	}
	<-s.closed
	return net.ErrClosed
}

func (s *stuck) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// feeding is a handler with a feed of one name, and transfers to everybody.
func feeding(t *testing.T) *Handler {
	t.Helper()
	dir, now := t.TempDir(), time.Now()
	b := novelty.NewLog(dir).Begin(now)
	name := rrset.MustName("a.example")
	b.Add(&novelty.Event{Kind: novelty.Domain, Name: name, Rdata: 1, Set: rrset.RRset{
		Owner: name, Type: dns.TypeA, Rdata: [][]byte{{192, 0, 2, 1}}, Figures: rrset.Figures{First: now.Unix(), Last: now.Unix(), Count: 1},
	}})
	if _, err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	z := feed.Zone{Kind: feed.NOD, Age: 3600}
	h := transferring(t, nil)
	h.allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	h.feeds = newFeedsAt("", 0)
	h.feeds.zones = []feed.Zone{z}
	h.feeds.follower = feed.NewFollower(dir, feed.Options{Zones: h.feeds.zones})
	if err := h.feeds.follower.Poll(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	return h
}

func axfrOfFeed() *dns.Msg { return new(dns.Msg).SetAxfr("1h._nod._pdns.local.") }

// TestFeedCut: a transfer to a client that does not read ends when its time is over, or
// that of the Corefile.
func TestFeedCut(t *testing.T) {
	for name, ends := range map[string]func(*feeds){
		"time":   func(*feeds) { time.Sleep(transferTime) },
		"reload": (*feeds).cut,
	} {
		synctest.Test(t, func(t *testing.T) {
			h, w := feeding(t), newStuck("192.0.2.1")
			done := make(chan struct{})
			go func() {
				defer close(done)
				if rcode, err := h.ServeDNS(t.Context(), w, axfrOfFeed()); rcode != dns.RcodeSuccess || err != nil {
					t.Errorf("%s: the server is told %d, %v", name, rcode, err)
				}
			}()
			synctest.Wait()
			if w.first != nil {
				t.Fatalf("%s: %v", name, w.first)
			}
			select {
			case <-done:
				t.Fatalf("%s: ended before", name)
			default:
			}
			begun := time.Now()
			ends(h.feeds)
			<-done
			if name == "reload" && time.Since(begun) > 0 {
				t.Errorf("%s: ended after %s", name, time.Since(begun))
			}
		})
	}
}

// TestFeedShares: clients that do not read keep neither another address from feeds, nor
// those of feeds others from transfers of the history.
func TestFeedShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := feeding(t)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		refused := 0
		for range 8*runtime.GOMAXPROCS(0) + 64 {
			w := newStuck("192.0.2.1")
			wg.Go(func() { h.ServeDNS(ctx, w, axfrOfFeed()) })
			synctest.Wait()
			if w.first != nil && w.first.Rcode == dns.RcodeServerFailure {
				refused++
			}
		}
		if refused == 0 {
			t.Error("one address has all places")
		}
		free := newStuck("192.0.2.2")
		free.Close() // it reads: what is written is not waited for
		h.ServeDNS(ctx, free, axfrOfFeed())
		if free.first != nil {
			t.Errorf("another address: %v", free.first)
		}
		leave, err := h.bounds.transfer.enter(ctx, "192.0.2.1")
		if err != nil {
			t.Fatalf("the history: %v", err)
		}
		leave()
		cancel()
		wg.Wait()
	})
}

// TestShares: what one client leaves is free, and nothing is kept of who has gone.
func TestShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShares(4, 4)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var leaves []func()
		for i := range 6 {
			leave, err := s.enter(ctx, fmt.Sprint("client", i/3))
			if full := i%3 == 2; full != errors.Is(err, errBusy) {
				t.Fatalf("transfer %d: %v", i, err)
			} else if !full {
				leaves = append(leaves, leave)
			}
			if i == 2 {
				ctx, cancel = context.WithTimeout(t.Context(), time.Second)
				defer cancel()
			}
		}
		for _, leave := range leaves {
			leave()
		}
		if len(s.clients) != 0 {
			t.Errorf("%d clients are left", len(s.clients))
		}
	})
}
