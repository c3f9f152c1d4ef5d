package analysis

import (
	"context"
	"errors"
	"iter"
	"math"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/store"
)

// A PivotQuery says from where to pivot.
type PivotQuery struct {
	From  Key
	Kinds []Kind // edges to follow, both ways; default those that records say
	Window

	// AnyTime lets names be peers that shared something at different times.
	AnyTime bool

	// Progress, if not nil, is called now and then by the goroutine that takes what the
	// pivot streams.
	Progress func(Progress)
}

// mostTargets bounds how many different things one name may have had, of those that
// a pivot gives.
const mostTargets = 100_000

// reader checks a query and reads for it.
func (q *PivotQuery) reader(src store.Source) (*reader, error) {
	r := &reader{src: src, kinds: q.Kinds, window: q.Window, again: math.MaxInt, progress: q.Progress}
	if r.kinds == nil {
		r.kinds = Kinds()[:5]
	}
	if q.From == (Key{}) {
		return nil, errors.New("a pivot from nothing, want a name, an address or a network")
	}
	if q.Until != 0 && q.Until < q.Since {
		return nil, errBackwards
	}
	for _, k := range r.kinds {
		if err := k.check(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Pivot streams the links of one step: what a name had, then what had it: the zones
// of a name server, the owners of a target, the names at an address or in a network.
// Links of one direction come ordered by kind, target and owner. Memory does not grow
// with what had it. An error ends the stream; one that matches store.ErrIncomplete
// comes last.
func Pivot(ctx context.Context, src store.Source, q PivotQuery) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		r, err := q.reader(src)
		if err != nil {
			yield(Link{}, err)
			return
		}
		for l, err := range r.around(ctx, q.From) {
			if !yield(l, err) {
				return
			}
		}
		if r.damage != nil {
			yield(Link{}, r.damage)
		}
	}
}

// around streams what a key had, then what had it.
func (r *reader) around(ctx context.Context, k Key) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		links, _, err := r.forward(ctx, k, mostTargets)
		if err != nil {
			yield(Link{}, err)
			return
		}
		var at Seen
		for _, l := range links {
			at.Add(l.Seen)
			if !yield(l, nil) {
				return
			}
		}
		if l, ok := r.place(k, at); ok && !yield(l, nil) {
			return
		}
		for l, err := range r.backward(ctx, k, r.window) {
			if !yield(l, err) {
				return
			}
		}
		if k.name == "" || !r.follows(InDomain) || !registered.Is(k.Name()) {
			return
		}
		for l, err := range r.below(ctx, k) {
			if !yield(l, err) {
				return
			}
		}
	}
}

// A Peer is a link of another name to what the name that was asked about had too.
type Peer struct {
	Link
	// From and Until are when both had it, in Unix seconds, both inclusive; zero if
	// they never did at the same time.
	From  int64 `json:"together_first,omitempty"`
	Until int64 `json:"together_last,omitempty"`
}

// Peers streams who shared with a name what it had, in the order of its targets, by
// kind: the names at its addresses, the zones of its name servers, and so on. Without
// AnyTime only those count that did so at the same time. Memory does not grow with
// their number. Errors are those of Pivot.
func Peers(ctx context.Context, src store.Source, q PivotQuery) iter.Seq2[Peer, error] {
	return func(yield func(Peer, error) bool) {
		r, err := q.reader(src)
		if err == nil && q.From.name == "" {
			err = errors.New("peers are those of a name, want one")
		}
		if err != nil {
			yield(Peer{}, err)
			return
		}
		links, _, err := r.forward(ctx, q.From, mostTargets)
		for _, l := range links {
			if !r.sharers(ctx, l, q.AnyTime, yield) {
				return
			}
		}
		if err == nil {
			err = r.damage
		}
		if err != nil {
			yield(Peer{}, err)
		}
	}
}

// sharers gives the peers of one link. It is false when the caller has stopped or an
// error ended the stream.
func (r *reader) sharers(ctx context.Context, own Link, anyTime bool, yield func(Peer, error) bool) bool {
	window := r.window
	if !anyTime {
		window = periods{{own.First, own.Last}}.within(window)
	}
	for l, err := range r.backward(ctx, own.Target, window) {
		if err != nil {
			yield(Peer{}, err)
			return false
		}
		if l.Owner == own.Owner || l.Kind != own.Kind {
			continue
		}
		p := Peer{Link: l}
		if l.Overlaps(own.Seen) {
			p.From, p.Until = max(l.First, own.First), min(l.Last, own.Last)
		} else if !anyTime {
			continue
		}
		if !yield(p, nil) {
			return false
		}
	}
	return true
}
