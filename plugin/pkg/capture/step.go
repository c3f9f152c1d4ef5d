package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Step reads one packet and returns the responses that it completes, which are
// valid until the next call: Next is for who does not need to know where in the
// file they are. At the end the error is io.EOF, or names the packet that is wrong;
// what waits for more packets goes on waiting.
func (r *Reader) Step() ([]Message, error) {
	if r.err == nil {
		if err := r.step(); err != nil {
			return nil, err
		}
	}
	return r.dec.all(), r.err
}

// Waiting returns the responses that would be given out if the file ended here:
// they came ahead of octets in their stream that may still come. They go on
// waiting.
func (r *Reader) Waiting() []Message {
	scratch := newDecoder(r.dec.Options)
	scratch.guarded(func() Outcome {
		for e := r.dec.streams.order.Front(); e != nil; e = e.Next() {
			if st := e.Value.(*stream); len(st.held) > 0 {
				st.copyTo(scratch).finish()
			}
		}
		return DNS
	})
	return scratch.out
}

// End gives up what waits for more packets, and counts it as missing.
func (r *Reader) End() { r.dec.finish() }

// step decodes one packet. An error that ends the file stays.
func (r *Reader) step() error {
	p, err := r.src.next()
	switch {
	case err == nil:
		r.n++
		r.dec.packet(p)
	case errors.Is(err, ErrQuiet):
		return err
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		r.err = err
	default:
		r.err = fmt.Errorf("packet %d: %w", r.n+1, err)
	}
	return r.err
}

// all takes what can be taken.
func (d *decoder) all() []Message {
	rest := d.out[d.taken:]
	d.taken = len(d.out)
	d.stats.messages.Add(uint64(len(rest)))
	return rest
}

// copyTo is a stream of another decoder that is where this one is.
func (st *stream) copyTo(dec *decoder) *stream {
	c := *st
	c.dec, c.place = dec, nil
	c.messages.to, c.messages.buf = &c, bytes.Clone(st.messages.buf)
	c.held = slices.Clone(st.held)
	return &c
}
