package novelty

import (
	"context"
	"errors"
	"iter"
)

// A Feed tells the selected events of a log in the order in which they were logged,
// while it is written, by this process or another. It is not safe for concurrent use.
type Feed struct {
	want  Selection
	parts []*Reader
	done  int64 // all that was logged until then was told
	at    int64 // what is being told was logged then
}

// NewFeed returns a Feed of the log in a directory, from Selection.Since on.
func NewFeed(dir string, s Selection) *Feed {
	f := &Feed{want: s, done: s.Since, at: s.Since}
	for _, st := range s.stems() {
		f.parts = append(f.parts, NewReader(dir, st == rrsets, s.Since))
	}
	return f
}

// Last is until when all that was logged has been told, Unix seconds: a Feed since then
// tells the rest. A flush may log domains and hosts a moment before RRsets, so where both
// are wanted it goes up to the newest when another call of Next has found no more.
func (f *Feed) Last() int64 { return f.done }

// Next is as Reader.Next, for what is selected. The context's error ends it.
func (f *Feed) Next(ctx context.Context, visit func(*Event) error, batch func(logged int64, shed int)) error {
	n, before := 0, f.at
	give := func(e *Event) error {
		if n++; n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		f.reach(e.Logged)
		if !f.want.Has(e) {
			return nil
		}
		return visit(e)
	}
	end := func(logged int64, shed int) {
		f.reach(logged)
		if batch != nil {
			batch(logged, shed)
		}
	}
	var err error
	if len(f.parts) == 1 {
		err = f.parts[0].Next(give, end)
	} else {
		err = f.merge(give, end)
	}
	var l *LineError
	if (err == nil || errors.As(err, &l)) && (len(f.parts) == 1 || f.at == before) {
		f.done = f.at
	}
	return err
}

// reach goes on to what was logged at a time: all before it was told.
func (f *Feed) reach(logged int64) {
	if logged > f.at {
		f.done, f.at = f.at, logged
	}
}

// merge tells what two readers do, in order.
func (f *Feed) merge(give func(*Event) error, end func(int64, int)) error {
	a, b := newStream(f.parts[0]), newStream(f.parts[1])
	defer func() { a.stop(); b.stop() }()
	var bad error
	for {
		for _, s := range []*stream{a, b} {
			if err := s.fill(); err != nil {
				var l *LineError
				if !errors.As(err, &l) {
					return err
				}
				bad = errors.Join(bad, err)
			}
		}
		// Whose end was reached has more by now, perhaps, that was logged before what the
		// other read since.
		if a.resume(b) || b.resume(a) {
			continue
		}
		least := a
		if !a.on || b.on && b.logged < a.logged {
			least = b
		}
		if !least.on {
			return bad
		}
		least.on = false
		if least.event == nil {
			end(least.logged, least.shed)
		} else if err := give(least.event); err != nil {
			return err
		}
	}
}

// An item is an event, or the end of a batch.
type item struct {
	event  *Event
	logged int64
	shed   int
}

// A stream is what a reader tells, taken one by one.
type stream struct {
	*Reader
	next func() (item, error, bool)
	stop func()
	item
	on   bool // item is one
	over bool // there is no more for now,
	seen int  // or there was none when the other had opened so many files
}

func newStream(r *Reader) *stream {
	s := &stream{Reader: r}
	s.next, s.stop = iter.Pull2(r.items())
	return s
}

// fill takes the next item if there is none.
func (s *stream) fill() error {
	for !s.on && !s.over {
		it, err, ok := s.next()
		switch {
		case !ok:
			s.over = true
		case err != nil:
			return err
		default:
			s.item, s.on = it, true
		}
	}
	return nil
}

// resume reads on behind the end if the other one has opened a file since that was
// reached.
func (s *stream) resume(other *stream) bool {
	if !s.over || !other.on || s.seen == other.opened {
		return false
	}
	s.stop()
	again := newStream(s.Reader)
	again.seen = other.opened
	*s = *again
	return true
}

// items are what Next tells.
func (r *Reader) items() iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		stopped := false
		err := r.Next(func(e *Event) error {
			if !stopped && yield(item{event: e, logged: e.Logged}, nil) {
				return nil
			}
			stopped = true
			return errStopped
		}, func(logged int64, shed int) {
			stopped = stopped || !yield(item{logged: logged, shed: shed}, nil)
		})
		if err != nil && !stopped {
			yield(item{}, err)
		}
	}
}

var errStopped = errors.New("nobody takes more")
