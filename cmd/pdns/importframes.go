package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// A frameFeed reads frame streams of dnstap.
type frameFeed struct {
	r      *importRun
	stream *dnstap.Stream
	taker  dnstap.Taker
}

func newFrameFeed(r *importRun, in io.Reader) (*frameFeed, error) {
	stream, err := dnstap.NewStream(in, nil)
	if err != nil {
		return nil, err
	}
	types, err := dnstap.ParseTypes(r.choice)
	if err != nil {
		return nil, err
	}
	return &frameFeed{r: r, stream: stream, taker: dnstap.Taker{Observer: r.im.observer, Types: types, Source: rrset.FromImport}}, nil
}

func typeNames(t dnstap.Types) []string { return strings.Split(t.String(), ",") }

func (f *frameFeed) unit() string { return "frame" }

func (f *frameFeed) drain(_ *outlet, ended bool) bool { return ended }

func (f *frameFeed) close() {
	f.r.im.total.dropped[observation.OversizedFrame] += f.stream.Counts().Oversized
}

func (f *frameFeed) next(o *outlet) error {
	switch err := f.stream.Wait(); {
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case err != nil:
		return fmt.Errorf("frame %d: %w", o.n+1, err)
	}
	if o.n < o.skip {
		return f.skip(o)
	}
	o.batch = o.workers.Get()
	o.batch.Origin = o.n + 1
	f.stream.Fill(o.batch)
	o.n += uint64(o.batch.Len())
	o.put()
	return nil
}

// skip passes over frames that were imported before, and hands on those behind.
func (f *frameFeed) skip(o *outlet) error {
	b := o.workers.Get()
	f.stream.Fill(b)
	for frame, t := range b.All {
		o.add(frame, t)
	}
	o.workers.Abandon(b)
	o.put()
	return nil
}

func (f *frameFeed) take(b *intake.Batch, t *tally) {
	f.taker.Take(b, t)
	if t.dropped[observation.MalformedFrame] > 0 {
		f.tellMalformed(b)
	}
	if t.dropped[observation.MessageType] > 0 {
		f.noteTypes(b)
	}
}

// tellMalformed says which frames of a batch are none.
func (f *frameFeed) tellMalformed(b *intake.Batch) {
	number := b.Origin.(uint64)
	var e dnstap.Event
	for frame := range b.All {
		if err := dnstap.Parse(frame, &e); err != nil {
			f.r.im.isWrong(fmt.Sprintf("%s: frame %d", f.r.path, number), err)
		}
		number++
	}
}

// noteTypes remembers of which types messages are left out, while nothing else is
// there: their flag is named at the end.
func (f *frameFeed) noteTypes(b *intake.Batch) {
	im := f.r.im
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.total.taken > 0 {
		return
	}
	var e dnstap.Event
	for frame := range b.All {
		if dnstap.Parse(frame, &e) == nil && dnstap.AllTypes.Has(e.Type) && !f.taker.Types.Has(e.Type) {
			im.untaken |= dnstap.NewTypes(e.Type)
		}
	}
}
