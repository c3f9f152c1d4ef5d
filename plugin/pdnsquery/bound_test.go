package pdnsquery

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// slow is a source that finds an RRset, always another, every so often, for ever,
// and looks at the context now and then. Look-ups of one owner find nothing, at
// once.
type slow struct {
	store.Source
	every time.Duration
	under *atomic.Int64 // searches under way
}

func (s slow) Find(ctx context.Context, q store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		if !strings.HasPrefix(q.Subject.String(), "*") {
			return
		}
		s.under.Add(1)
		defer s.under.Add(-1)
		for i := 0; i%16 != 0 || ctx.Err() == nil; i++ {
			time.Sleep(s.every)
			r := &rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("n%d.example.com", i)), Type: dns.TypeA, Rdata: [][]byte{{192, 0, 2, 1}}}
			if !yield(r, nil) {
				return
			}
		}
		yield(nil, ctx.Err())
	}
}

// reply asks a handler and returns what it wrote, nil if the server is to answer.
func reply(t *testing.T, h *Handler, name string, qtype uint16) *dns.Msg {
	t.Helper()
	w := dnstest.NewRecorder(&test.ResponseWriter{TCP: true})
	m := new(dns.Msg).SetQuestion(name+"._pdns.local.", qtype).SetEdns0(1232, false)
	if rcode, err := h.ServeDNS(t.Context(), w, m); rcode != dns.RcodeSuccess || err != nil {
		t.Errorf("%s: server told %d, %v", name, rcode, err)
	}
	return w.Msg
}

// extended is the text of the extended errors of a message.
func extended(m *dns.Msg) string {
	var text string
	for _, o := range m.IsEdns0().Option {
		text += o.(*dns.EDNS0_EDE).ExtraText
	}
	return text
}

// TestTimeout: a search over much data ends in time, with what it has found.
func TestTimeout(t *testing.T) {
	for _, name := range []string{"*.example.com", "*.example.com._summary", "*.example.com._json"} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			m := reply(t, handler(slow{every: 10 * time.Millisecond, under: new(atomic.Int64)}), name, dns.TypeTXT)
			if m.Rcode != dns.RcodeSuccess || len(m.Answer) == 0 || !strings.Contains(extended(m), "incomplete: the search was stopped after 4s") {
				t.Errorf("%s: got %v", name, m)
			}
			// The bubble's clock: exact, whatever the machine does.
			if took := time.Since(begun); took < defaultTimeout || took > defaultTimeout+200*time.Millisecond {
				t.Errorf("%s: ended after %s", name, took)
			}
		})
	}
}

// TestBusy: of many searches at once few run, some wait, and the others are told
// so at once; exact questions are answered meanwhile.
func TestBusy(t *testing.T) {
	const asked = 3000
	processors := runtime.GOMAXPROCS(0)
	before := Outcomes(t)[outcomeBusy]
	synctest.Test(t, func(t *testing.T) {
		src := slow{every: time.Second, under: new(atomic.Int64)}
		h := handler(src)
		var busy, incomplete atomic.Int64
		var wg sync.WaitGroup
		for i := range asked {
			name := []string{"*.example.com", "*.example.com._rdata", "*.example.com._summary"}[i%3]
			wg.Go(func() {
				switch m := reply(t, h, name, dns.TypeTXT); {
				case m.Rcode == dns.RcodeServerFailure && strings.HasPrefix(extended(m), "busy: "):
					busy.Add(1)
				case len(m.Answer) > 0 && strings.HasPrefix(extended(m), "incomplete: "):
					incomplete.Add(1)
				default:
					t.Errorf("%s: got %v", name, m)
				}
			})
		}
		synctest.Wait()
		running, waiting := src.under.Load(), int64(asked)-busy.Load()
		if running != int64(2*processors) || waiting != int64(2*processors+64) {
			t.Errorf("%d run, %d wait or run", running, waiting)
		}
		h.source = func() store.Source { return endless{found: 1, err: store.ErrIncomplete} }
		if m := reply(t, h, "www.example.com", dns.TypeTXT); len(m.Answer) != 1 {
			t.Errorf("an exact question: %v", m)
		}
		wg.Wait()
		if busy.Load()+incomplete.Load() != asked || incomplete.Load() < running {
			t.Errorf("%d busy, %d incomplete", busy.Load(), incomplete.Load())
		}
		// And all is free again.
		if m := reply(t, h, "*.example.com", dns.TypeTXT); len(m.Answer) != 1 {
			t.Errorf("afterwards: %v", m)
		}
	})
	if n := Outcomes(t)[outcomeBusy] - before; n < asked-float64(2*processors+64) {
		t.Errorf("counted %v refusals", n)
	}
}

// TestBusyTransfers: transfers, which take as long as their clients please, are
// bounded by themselves.
func TestBusyTransfers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		src := slow{every: time.Second, under: new(atomic.Int64)}
		h := transferring(t, src)
		var wg sync.WaitGroup
		for range 2 * runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				h.ServeDNS(ctx, &leaving{ResponseWriter: test.ResponseWriter{TCP: true}, messages: 1 << 20}, new(dns.Msg).SetAxfr("*._pdns.local."))
			})
		}
		synctest.Wait()
		if m := reply(t, h, "*.example.com", dns.TypeAXFR); m == nil || m.Rcode != dns.RcodeServerFailure || !strings.HasPrefix(extended(m), "busy: ") {
			t.Errorf("one transfer more: %v", m)
		}
		if m := reply(t, h, "*.example.com", dns.TypeTXT); len(m.Answer) == 0 {
			t.Errorf("a search: %v", m)
		}
		cancel()
		wg.Wait()
		if n := src.under.Load(); n != 0 {
			t.Errorf("%d searches left", n)
		}
	})
}
