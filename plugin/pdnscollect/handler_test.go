package pdnscollect

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"
	dto "github.com/prometheus/client_model/go"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// open returns a handler that records into a store of its own.
func open(t testing.TB, next plugin.Handler) (*Handler, *store.Store) {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "store"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &Handler{
		Next:     next,
		observer: observer(),
		store:    func() *store.Store { return s },
	}, s
}

func observer() *observation.Observer { return observation.New(observation.Options{}) }

// answering writes an answer to the question with these records.
func answering(t testing.TB, records ...string) plugin.HandlerFunc {
	t.Helper()
	rrs := make([]dns.RR, len(records))
	for i, r := range records {
		rrs[i] = test.A(r)
	}
	return func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		m := new(dns.Msg)
		m.SetReply(r)
		m.RecursionAvailable = true
		m.Answer = rrs
		return dns.RcodeSuccess, w.WriteMsg(m)
	}
}

func ask(name string) *dns.Msg { return new(dns.Msg).SetQuestion(name, dns.TypeA) }

// nameMaker returns names that nobody asked for before.
func nameMaker() func() string {
	n := 0
	return func() string {
		n++
		return "n" + strconv.Itoa(n) + ".example.com."
	}
}

// seen returns how often each owner was seen with a type.
func seen(t *testing.T, s *store.Store) map[string]uint64 {
	t.Helper()
	counts := make(map[string]uint64)
	for r, err := range s.Find(t.Context(), store.Query{Negative: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Marks&(rrset.FromForward|rrset.FromDnstap) == 0 {
			t.Errorf("%s: marks %b", rrset.NameString(r.Owner), r.Marks)
		}
		counts[rrset.NameString(r.Owner)+" "+rrset.TypeString(r.Type)] = r.Count
	}
	return counts
}

func wantSeen(t *testing.T, s *store.Store, want map[string]uint64) {
	t.Helper()
	got := seen(t, s)
	if len(got) != len(want) {
		t.Errorf("seen %v, want %v", got, want)
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s seen %d times, want %d", name, got[name], n)
		}
	}
}

func TestHandlerRecords(t *testing.T) {
	h, s := open(t, answering(t, "www.example.com. 300 IN A 192.0.2.1", "other.example.com. 300 IN A 192.0.2.2"))
	for range 3 {
		w := new(recordingWriter)
		rcode, err := h.ServeDNS(t.Context(), w, ask("WWW.example.com."))
		if rcode != dns.RcodeSuccess || err != nil || w.written == nil || len(w.written.Answer) != 2 {
			t.Fatalf("rcode %d, error %v, answer %v", rcode, err, w.written)
		}
	}
	wantSeen(t, s, map[string]uint64{"www.example.com. A": 3})
	if n := s.Dropped("off_chain").Load(); n != 3 {
		t.Errorf("%d dropped off_chain, want 3", n)
	}
}

// A recordingWriter keeps what is written.
type recordingWriter struct {
	test.ResponseWriter
	written *dns.Msg
}

func (w *recordingWriter) WriteMsg(m *dns.Msg) error {
	w.written = m
	return nil
}

func TestHandlerPassesOn(t *testing.T) {
	broken := errors.New("broken")
	for _, tc := range []struct {
		name  string
		next  plugin.Handler
		rcode int
		err   error
	}{
		{"an rcode without an answer", plugin.HandlerFunc(func(context.Context, dns.ResponseWriter, *dns.Msg) (int, error) {
			return dns.RcodeServerFailure, broken
		}), dns.RcodeServerFailure, broken},
		{"NXDOMAIN without an answer", plugin.HandlerFunc(func(context.Context, dns.ResponseWriter, *dns.Msg) (int, error) {
			return dns.RcodeNameError, nil
		}), dns.RcodeNameError, nil},
		{"nothing but nil", plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, _ *dns.Msg) (int, error) {
			return dns.RcodeSuccess, w.WriteMsg(nil)
		}), dns.RcodeSuccess, nil},
		{"octets", plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, _ *dns.Msg) (int, error) {
			_, err := w.Write([]byte{1})
			return dns.RcodeSuccess, err
		}), dns.RcodeSuccess, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, s := open(t, tc.next)
			rcode, err := h.ServeDNS(t.Context(), new(recordingWriter), ask("www.example.com."))
			if rcode != tc.rcode || !errors.Is(err, tc.err) {
				t.Errorf("rcode %d, error %v, want %d, %v", rcode, err, tc.rcode, tc.err)
			}
			wantSeen(t, s, nil)
		})
	}
}

func TestHandlerWithoutStore(t *testing.T) {
	h := &Handler{
		Next:     answering(t, "www.example.com. 300 IN A 192.0.2.1"),
		observer: observer(),
		store:    func() *store.Store { return nil },
	}
	w := new(recordingWriter)
	if _, err := h.ServeDNS(t.Context(), w, ask("www.example.com.")); err != nil || w.written == nil {
		t.Errorf("answer %v, error %v", w.written, err)
	}
	if h.Ready() {
		t.Error("ready without a store")
	}
}

func TestHandlerAfterClose(t *testing.T) {
	h, s := open(t, answering(t, "www.example.com. 300 IN A 192.0.2.1"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w := new(recordingWriter)
	if _, err := h.ServeDNS(t.Context(), w, ask("www.example.com.")); err != nil || w.written == nil {
		t.Errorf("answer %v, error %v", w.written, err)
	}
}

func TestHandlerWithoutNext(t *testing.T) {
	h, _ := open(t, nil)
	if rcode, err := h.ServeDNS(t.Context(), new(recordingWriter), ask("www.example.com.")); err == nil || rcode != dns.RcodeServerFailure {
		t.Errorf("rcode %d, error %v", rcode, err)
	}
}

// TestHandlerSurvivesPanic writes a message that no resolver makes, as a plugin
// with a defect could.
func TestHandlerSurvivesPanic(t *testing.T) {
	h, s := open(t, plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		m := new(dns.Msg).SetReply(r)
		m.Answer = []dns.RR{(*dns.A)(nil)}
		return dns.RcodeSuccess, w.WriteMsg(m)
	}))
	for range 2 {
		w := new(recordingWriter)
		if _, err := h.ServeDNS(t.Context(), w, ask("www.example.com.")); err != nil || w.written == nil {
			t.Errorf("answer %v, error %v", w.written, err)
		}
	}
	if n := s.Dropped("panic").Load(); n != 2 {
		t.Errorf("%d panics counted, want 2", n)
	}
}

// TestHandlerSheds fills the memtable while nothing can be flushed.
func TestHandlerSheds(t *testing.T) {
	s, err := store.Open(filepath.Join(t.TempDir(), "store"), store.Options{Memory: 1 << 20, MaxRunBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := &Handler{observer: observer(), store: func() *store.Store { return s }}
	h.Next = plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		m := new(dns.Msg).SetRcode(r, dns.RcodeNameError)
		return dns.RcodeNameError, w.WriteMsg(m)
	})
	metric := func() float64 {
		var m dto.Metric
		if err := dropped.WithLabelValues("", "memtable_full").Write(&m); err != nil {
			t.Fatal(err)
		}
		return m.GetCounter().GetValue()
	}
	before, full := metric(), s.Dropped("memtable_full")
	names := nameMaker()
	for full.Load() == 0 {
		if _, err := h.ServeDNS(t.Context(), new(recordingWriter), ask(names())); err != nil {
			t.Fatal(err)
		}
	}
	if n := metric() - before; n != float64(full.Load()) {
		t.Errorf("metric %v, coverage %d", n, full.Load())
	}
}
