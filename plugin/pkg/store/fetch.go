package store

import (
	"bytes"
	"context"
	"runtime"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/run"
)

const (
	// aheadFrom is after how many records of a stream it is worth to read ahead.
	aheadFrom = 128
	// A batch asks for so many records, and has enough with so many octets.
	batchRecords = 256
	batchBytes   = 256 << 10
	// maxFetchers bounds the goroutines of one stream.
	maxFetchers = 4
)

// fetchers bounds those of the process: a search that gets none reads by itself.
var fetchers = make(chan struct{}, 4*runtime.GOMAXPROCS(0))

// hireFetchers returns how many goroutines a stream may have.
func hireFetchers() (n int) {
	for n < min(runtime.GOMAXPROCS(0), maxFetchers) {
		select {
		case fetchers <- struct{}{}:
			n++
		default:
			return n
		}
	}
	return n
}

// A fetch reads the records of a posting stream ahead of who wants them, several
// batches at a time. In a large pivot nearly each record lies in another block:
// to unpack these is what takes time, and more than one core can.
type fetch struct {
	stream  *postingStream
	cursors chan *run.RecordCursor // those that no batch reads with
	now     *batch
	at      int      // in now
	queue   []*batch // under way, in the order of the index
	spare   []*batch
}

// A batch is records that follow each other in the index.
type batch struct {
	wanted  []wanted
	ranks   []byte // posting keys of these
	keys    []byte
	records []read // of the first of these
	err     error  // that the reading ended with
	done    chan struct{}
}

type wanted struct {
	ordinal   uint32
	from, end int // of its posting key, in ranks
}

type read struct {
	end     int // of its key, which begins where that of the one before ends
	figures rrset.Figures
}

// newFetch is nil if the process has too many already.
func newFetch(s *postingStream) *fetch {
	n := hireFetchers()
	if n == 0 {
		return nil
	}
	f := &fetch{stream: s, cursors: make(chan *run.RecordCursor, n)}
	for range n {
		f.cursors <- s.run.Records()
	}
	return f
}

// next moves to the next record that was not given before.
func (f *fetch) next() bool {
	for f.at++; ; f.at++ {
		for f.now == nil || f.at >= len(f.now.records) {
			if !f.advance() {
				return false
			}
		}
		if o := f.now.wanted[f.at].ordinal; !f.stream.given[o] {
			f.stream.note(o, f.key())
			return true
		}
	}
}

// advance moves before the records that are read next; false if there are none.
func (f *fetch) advance() bool {
	f.at = 0
	if b := f.now; b != nil {
		if b.err != nil {
			return false
		}
		if len(b.records) < len(b.wanted) {
			b.wanted = b.wanted[len(b.records):]
			b.read(f.stream.RecordCursor, f.stream.p.reading)
			return true
		}
		f.now, f.spare = nil, append(f.spare, b)
	}
	for len(f.queue) <= cap(f.cursors) {
		b := f.gather()
		if len(b.wanted) == 0 {
			break
		}
		f.queue = append(f.queue, b)
		go f.run(b)
	}
	if len(f.queue) == 0 {
		return false
	}
	f.now, f.queue = f.queue[0], f.queue[1:]
	<-f.now.done
	return true
}

// gather returns a batch with what is wanted next.
func (f *fetch) gather() *batch {
	b := &batch{done: make(chan struct{}, 1)}
	if n := len(f.spare); n > 0 {
		b, f.spare = f.spare[n-1], f.spare[:n-1]
	}
	b.wanted, b.ranks = b.wanted[:0], b.ranks[:0]
	from := 0
	for len(b.wanted) < batchRecords {
		o, ok := f.stream.ordinal()
		if !ok {
			break
		}
		if rank := f.stream.postings.Key; !bytes.Equal(rank, b.ranks[from:]) {
			from = len(b.ranks)
			b.ranks = append(b.ranks, rank...)
		}
		b.wanted = append(b.wanted, wanted{o, from, len(b.ranks)})
	}
	return b
}

func (f *fetch) run(b *batch) {
	c := <-f.cursors
	b.read(c, f.stream.p.reading)
	f.cursors <- c
	b.done <- struct{}{}
}

// read reads what is wanted, or as much of it as a batch has room for. What is
// wanted when the search is over is nothing.
func (b *batch) read(c *run.RecordCursor, ctx context.Context) {
	b.keys, b.records = b.keys[:0], b.records[:0]
	for i, w := range b.wanted {
		if i%checkEvery == 0 {
			runtime.Gosched() // as in pulse
			if ctx.Err() != nil {
				b.wanted = b.wanted[:i]
				return
			}
		}
		if !c.To(w.ordinal) {
			b.err = c.Err()
			return
		}
		b.keys = append(b.keys, c.Key...)
		b.records = append(b.records, read{len(b.keys), *c.Figures()})
		if len(b.keys) > batchBytes {
			return
		}
	}
}

func (f *fetch) rank() []byte {
	w := &f.now.wanted[f.at]
	return f.now.ranks[w.from:w.end]
}

func (f *fetch) key() []byte {
	from := 0
	if f.at > 0 {
		from = f.now.records[f.at-1].end
	}
	return f.now.keys[from:f.now.records[f.at].end]
}

func (f *fetch) figures() rrset.Figures { return f.now.records[f.at].figures }

func (f *fetch) err() error {
	if f.now == nil {
		return nil
	}
	return f.now.err
}

// close waits for the goroutines, which end soon if the search is over.
func (f *fetch) close() {
	for _, b := range f.queue {
		<-b.done
	}
	close(f.cursors)
	for c := range f.cursors {
		c.Close()
		<-fetchers
	}
}
