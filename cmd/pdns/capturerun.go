package main

import (
	"context"
	"errors"
	"io"
	"runtime"
	"time"

	"example.org/pdns/plugin/pkg/capture"
	"example.org/pdns/plugin/pkg/intake"
)

// A capturing is a capture under way.
type capturing struct {
	p     *program
	iface string
	live  *capture.Live
	to    destination
	begun time.Time
	told  time.Time
	drops uint64 // of the kernel, so far

	workers *intake.Workers
	batch   *intake.Batch // nil if there is none to be filled
	since   time.Time     // of the first message in it
}

// tellEvery is the time between figures, but for the first.
const tellEvery = time.Minute

// captureTo captures until ctx ends, which is no error.
func (p *program) captureTo(ctx context.Context, iface string, live *capture.Live, to destination) error {
	now := time.Now()
	c := &capturing{p: p, iface: iface, live: live, to: to, begun: now, told: now.Add(between - tellEvery)}
	c.workers = intake.Start(runtime.GOMAXPROCS(0), to.take)
	if !p.quiet {
		p.say("listening on %s", iface)
	}
	defer context.AfterFunc(ctx, func() { live.Stop() })() // it stops, whatever the error is
	err := c.read()
	c.put()
	c.workers.Close()
	c.countDrops()
	err = errors.Join(err, to.close())
	c.end()
	return err
}

// read hands messages on until the capture ends.
func (c *capturing) read() error {
	for {
		m, err := c.live.Next()
		switch {
		case err == nil:
			c.add(m)
		case errors.Is(err, capture.ErrQuiet):
			c.put()
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
		if now := time.Now(); now.Sub(c.told) > tellEvery {
			c.told = now
			c.countDrops()
			c.tell("")
		}
	}
}

// add hands on a message, with others, but no later than after a second.
func (c *capturing) add(m capture.Message) {
	if c.batch != nil && (c.batch.Full(len(m.Wire)) || m.Time.Sub(c.since) > time.Second) {
		c.put()
	}
	if c.batch == nil {
		c.batch, c.since = c.workers.Get(), m.Time
	}
	c.batch.Append(m.Wire, m.Time)
}

func (c *capturing) put() {
	if c.batch != nil {
		c.workers.Put(c.batch)
		c.batch = nil
	}
}

// countDrops asks the kernel what it had no room for.
func (c *capturing) countDrops() {
	if n, err := c.live.Dropped(); err == nil {
		c.to.missed(n - c.drops)
		c.drops = n
	}
}

// tell says how far it is, or came in all, in one line.
func (c *capturing) tell(when string) {
	if c.p.quiet {
		return
	}
	s := c.live.Stats()
	amounts := append([]amount{{"packets", s.Packets}, {"messages", s.Messages}}, c.to.figures()...)
	c.p.say("%s%s: %s", c.iface, when, enumerate(append(amounts, amount{"dropped by the kernel", c.drops})))
}

// end says what there was in all, and what was left out.
func (c *capturing) end() {
	if c.p.quiet {
		return
	}
	c.tell(", in all")
	s := c.live.Stats()
	c.p.list("left out", byReason(c.to.dropped()))
	c.p.listPackets(s)
	if s.Messages == 0 && s.By[capture.Unasked] > 0 {
		c.p.say("hint: no query was seen; --unmatched takes responses all the same")
	}
}
