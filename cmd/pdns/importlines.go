package main

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/rrset"
)

// A lineFeed reads COF.
type lineFeed struct {
	r        *importRun
	lines    *cof.Lines
	decoders sync.Pool
}

func newLineFeed(r *importRun, in io.Reader) *lineFeed {
	return &lineFeed{r: r, lines: cof.NewLines(in), decoders: sync.Pool{New: func() any { return cof.NewDecoder() }}}
}

func (f *lineFeed) unit() string { return "line" }

func (f *lineFeed) close() {}

func (f *lineFeed) drain(_ *outlet, ended bool) bool { return ended }

func (f *lineFeed) next(o *outlet) error {
	line, err := f.lines.Next()
	var wrong *cof.LineError
	switch {
	case errors.As(err, &wrong):
		o.gap()
		f.wrong(wrong.Line, wrong.Err)
		return nil
	case err != nil:
		return err
	}
	if f.lines.Open() {
		// It may be a part of a line: unless it is a record it is no item yet, but one
		// when the file has grown.
		record, err := cof.Decode(line)
		if err != nil {
			f.wrong(f.lines.Count(), err)
		}
		if record == nil {
			return nil
		}
	}
	o.add(line, time.Time{})
	return nil
}

func (f *lineFeed) wrong(number uint64, err error) {
	f.r.im.isWrong(fmt.Sprintf("%s:%d", f.r.path, number), err)
}

func (f *lineFeed) take(b *intake.Batch, t *tally) {
	d := f.decoders.Get().(*cof.Decoder)
	defer f.decoders.Put(d)
	number := b.Origin.(uint64)
	for line := range b.All {
		record, err := d.Decode(line)
		if err == nil && record != nil {
			err = takeRecord(record, t)
		}
		switch {
		case err != nil:
			f.wrong(number, err)
		case record == nil:
			t.blank++
		}
		number++
	}
}

// takeRecord takes a record; the error says what is wrong with it.
func takeRecord(r *rrset.RRset, t *tally) error {
	const sources = rrset.FromForward | rrset.FromDnstap | rrset.FromImport
	if r.Marks&sources == 0 {
		r.Marks |= rrset.FromImport
	}
	if err := t.store.Add(r); err != nil {
		return err
	}
	t.took(r)
	return nil
}
