package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.org/pdns/plugin/pkg/dnstap/sender"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
)

// A forwarder sends responses to a collector.
type forwarder struct {
	p      *program
	to     string
	as     account
	sender *sender.Sender
	said   string // of the connection, last

	mu        sync.Mutex
	connected bool  // once at least
	last      error // of connecting
	defects   uint64
	drops     [observation.Reasons]uint64
}

func (p *program) forward(to string, o sender.Options, as account) *forwarder {
	f := &forwarder{p: p, to: to, as: as}
	o.Report = f.report
	f.sender = sender.New(o)
	return f
}

// report tells when there is no connection, and when there is one again, but not
// each try.
func (f *forwarder) report(err error) {
	f.mu.Lock()
	f.connected, f.last = f.connected || err == nil, err
	f.mu.Unlock()
	text := "connected"
	if err != nil {
		text = err.Error()
	}
	if text == f.said {
		return
	}
	f.said = text
	if err != nil || !f.p.quiet {
		f.p.say("%s: %s", f.to, text)
	}
	if hint := f.as.refused(err); hint != "" {
		f.p.say("hint: %s", hint)
	}
}

func (f *forwarder) take(b *intake.Batch) {
	for wire, at := range b.All {
		var out observation.LeftOut
		var err error
		ok := survives(func() { err = f.sender.Send(wire, at) })
		f.mu.Lock()
		if !ok {
			f.defects++
		} else if errors.As(err, &out) {
			f.drops[out.Why]++
		}
		f.mu.Unlock()
	}
}

func (f *forwarder) missed(uint64) {}

func (f *forwarder) figures() []amount {
	s := f.sender.Stats()
	f.mu.Lock()
	defer f.mu.Unlock()
	return withDefects([]amount{{"sent", s.Sent}, {"shed", s.Shed}}, f.defects)
}

func (f *forwarder) dropped() [observation.Reasons]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.drops
}

// lastWords is how long a collector may take for what waits at the end.
const lastWords = 5 * time.Second

// close fails if there was never a connection.
func (f *forwarder) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	f.sender.Close(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.connected:
		return nil
	case f.last == nil:
		return fmt.Errorf("--to %s: no connection", f.to)
	}
	return fmt.Errorf("--to %s: there was never a connection: %w", f.to, f.last)
}
