// Package ask carries out the questions that come over HTTP, whatever dialect
// they were put in: one query type, one way to run it, with a bound on results, a
// deadline, and turns that keep one heavy asker from starving the others, and all
// of them from taking the processors of the resolver beside them.
package ask

import (
	"context"
	"errors"
	"runtime"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A Query is what every dialect comes down to: a query of the store, and what of
// its results is wanted.
type Query struct {
	store.Query

	// Keep, if not nil, leaves out results for which it is false. They count for
	// neither Offset nor Limit.
	Keep func(*rrset.RRset) bool

	Offset int // results to skip
	Limit  int // most results to give; 0: as many as there are
}

// An Outcome is how a query ended.
type Outcome struct {
	Given int  // results
	More  bool // there were more than Limit
	// Err is why the answer is not whole, apart from More: ErrBusy, ErrTimeout, an
	// error that matches store.ErrIncomplete, what the receiver of results
	// returned, or why the context ended.
	Err error
}

var (
	// ErrBusy: as many searches are under way, and as many wait, as may be.
	ErrBusy = errors.New("too many searches are under way, ask again later")
	// ErrTimeout: a search took longer than it may.
	ErrTimeout = errors.New("the search took too long")
	// ErrNotOpen: there is no store to ask, yet or any more.
	ErrNotOpen = errors.New("the store is not open")
)

// An Engine carries out queries. It is safe for concurrent use.
type Engine struct {
	source  func() store.Source
	timeout time.Duration
	exact   *turns // look-ups of one owner: quick
	search  *turns // all others: as much as there is history
}

// NewEngine returns an engine over a source, which may be nil while it is not
// open. timeout bounds a query with the time that its receiver takes.
func NewEngine(source func() store.Source, timeout time.Duration) *Engine {
	processors := runtime.GOMAXPROCS(0)
	return &Engine{source: source, timeout: timeout, exact: newTurns(16 * processors), search: newTurns(2 * processors)}
}

// Source is what is asked, for what is not a query: coverage and state.
func (e *Engine) Source() (store.Source, error) {
	if src := e.source(); src != nil {
		return src, nil
	}
	return nil, ErrNotOpen
}

// Run finds what a query asks for on behalf of an asker, and gives each result to
// a receiver as it is found. A result is valid until the receiver returns; an
// error from it ends the query.
func (e *Engine) Run(ctx context.Context, asker string, q *Query, receive func(*rrset.RRset) error) (o Outcome) {
	turns := e.search
	if q.Subject.Exact() {
		turns = e.exact
	}
	if err := e.do(ctx, turns, asker, func(ctx context.Context, src store.Source) error {
		o = run(ctx, src, q, receive)
		return nil
	}); err != nil {
		o.Err = err
	}
	return o
}

// Do carries out what takes more than one query, in one turn and one deadline. It
// returns ErrNotOpen, ErrBusy or what f does.
func (e *Engine) Do(ctx context.Context, asker string, f func(context.Context, store.Source) error) error {
	return e.do(ctx, e.search, asker, f)
}

func (e *Engine) do(ctx context.Context, turns *turns, asker string, f func(context.Context, store.Source) error) error {
	src, err := e.Source()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, e.timeout, ErrTimeout)
	defer cancel()
	leave, err := turns.enter(ctx, asker)
	if err != nil {
		return err
	}
	defer leave()
	return f(ctx, src)
}

func run(ctx context.Context, src store.Source, q *Query, receive func(*rrset.RRset) error) Outcome {
	var o Outcome
	skip := q.Offset
	for r, err := range src.Find(ctx, q.Query) {
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			o.Err = err
			return o
		}
		// What the caller does with a result may take longer than to find it.
		if ctx.Err() != nil {
			o.Err = context.Cause(ctx)
			return o
		}
		switch {
		case q.Keep != nil && !q.Keep(r):
			continue
		case skip > 0:
			skip--
			continue
		case q.Limit > 0 && o.Given == q.Limit:
			o.More = true
			return o
		}
		o.Given++
		if o.Err = receive(r); o.Err != nil {
			return o
		}
	}
	return o
}
