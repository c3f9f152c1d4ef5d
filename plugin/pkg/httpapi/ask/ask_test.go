package ask_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// engine is over n RRsets.
func engine(t *testing.T, n int, timeout time.Duration) *ask.Engine {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for i := range n {
		r := rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("n%d.example.", i)), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
			Figures: rrset.Figures{First: 100, Last: 100, Count: uint64(i + 1)}}
		if err := s.Add(&r); err != nil {
			t.Fatal(err)
		}
	}
	return ask.NewEngine(func() store.Source { return s }, timeout)
}

func TestRun(t *testing.T) {
	e := engine(t, 6, time.Hour)
	even := func(r *rrset.RRset) bool { return r.Count%2 == 1 }
	for _, c := range []struct {
		q    ask.Query
		want string
		more bool
	}{
		{ask.Query{}, "012345", false},
		{ask.Query{Limit: 6}, "012345", false},
		{ask.Query{Limit: 5}, "01234", true},
		{ask.Query{Offset: 2, Limit: 3}, "234", true},
		{ask.Query{Offset: 3, Limit: 3}, "345", false},
		{ask.Query{Offset: 6}, "", false},
		{ask.Query{Keep: even}, "024", false},
		{ask.Query{Keep: even, Offset: 1, Limit: 1}, "2", true},
		{ask.Query{Keep: even, Offset: 2, Limit: 1}, "4", false},
	} {
		got := ""
		o := e.Run(t.Context(), "a", &c.q, func(r *rrset.RRset) error {
			got += fmt.Sprint(r.Count - 1)
			return nil
		})
		if got != c.want || o.More != c.more || o.Given != len(c.want) || o.Err != nil {
			t.Errorf("offset %d, limit %d: %q, %+v, want %q, more %t", c.q.Offset, c.q.Limit, got, o, c.want, c.more)
		}
	}
}

// TestRunEnds: why a query did not come to its end.
func TestRunEnds(t *testing.T) {
	const n = 5000
	gone := errors.New("gone")
	count := func(*rrset.RRset) error { return nil }
	closed := ask.NewEngine(func() store.Source { return nil }, time.Hour)
	if o := closed.Run(t.Context(), "a", &ask.Query{}, count); !errors.Is(o.Err, ask.ErrNotOpen) {
		t.Errorf("%+v, want %v", o, ask.ErrNotOpen)
	}
	e := engine(t, n, time.Hour)
	if o := e.Run(t.Context(), "a", &ask.Query{}, func(*rrset.RRset) error { return gone }); o.Err != gone || o.Given != 1 {
		t.Errorf("%+v, want the error of the receiver", o)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	o := e.Run(ctx, "a", &ask.Query{}, func(*rrset.RRset) error {
		cancel(gone)
		return nil
	})
	if o.Err != gone || o.Given == n {
		t.Errorf("%+v, want why the context ended", o)
	}
	e = engine(t, n, time.Nanosecond)
	if o := e.Run(t.Context(), "a", &ask.Query{}, count); !errors.Is(o.Err, ask.ErrTimeout) || o.Given == n {
		t.Errorf("%+v, want %v", o, ask.ErrTimeout)
	}
}

// TestHeavyAsker: while one has 500 searches under way and waiting, none of which
// moves, another asks and is answered.
func TestHeavyAsker(t *testing.T) {
	e := engine(t, 1, time.Hour)
	begun, goOn := make(chan struct{}, 500), make(chan struct{})
	var heavy sync.WaitGroup
	for range 500 {
		heavy.Go(func() {
			o := e.Run(context.Background(), "heavy", &ask.Query{}, func(*rrset.RRset) error {
				begun <- struct{}{}
				<-goOn
				return nil
			})
			if o.Err != nil || o.Given != 1 {
				t.Errorf("%+v", o)
			}
		})
	}
	for range e.Turns().Each() {
		<-begun
	}
	if o := e.Run(context.Background(), "light", &ask.Query{}, func(*rrset.RRset) error { return nil }); o.Err != nil || o.Given != 1 {
		t.Errorf("%+v", o)
	}
	close(goOn)
	heavy.Wait()
}
