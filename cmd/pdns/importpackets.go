package main

import (
	"fmt"
	"io"

	"github.com/cespare/xxhash/v2"

	"example.org/pdns/plugin/pkg/capture"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// A packetFeed reads responses out of captured packets.
//
// Where a file ends, what waits for the rest of a TCP stream is taken before its
// turn. If the file grows, it comes once more in its turn, and is passed over then.
type packetFeed struct {
	r       *importRun
	packets *capture.Reader
	before  capture.Stats  // of what was imported before
	early   map[uint64]int // responses that were taken before their turn, by digest: how often
}

func newPacketFeed(r *importRun, in io.Reader) (*packetFeed, error) {
	o := capture.Options{Match: r.im.match}
	for _, name := range r.choice {
		var port uint16
		if _, err := fmt.Sscanf(name, portFormat, &port); err != nil {
			return nil, err
		}
		o.Ports = append(o.Ports, port)
	}
	packets, err := capture.NewReader(in, o)
	if err != nil {
		return nil, err
	}
	return &packetFeed{r: r, packets: packets, early: map[uint64]int{}}, nil
}

const portFormat = "port %d"

func portNames(ports []uint16) (names []string) {
	for _, port := range ports {
		names = append(names, fmt.Sprintf(portFormat, port))
	}
	return names
}

func (f *packetFeed) unit() string { return "packet" }

func (f *packetFeed) next(o *outlet) error {
	messages, err := f.packets.Step()
	if err != nil {
		return err
	}
	o.n++
	for _, m := range messages {
		if o.n > o.skip && !f.cameEarly(m.Wire) {
			o.give(m.Wire, m.Time)
		}
	}
	if o.n == o.skip {
		f.goOn()
	}
	return nil
}

// goOn goes on behind what was imported before.
func (f *packetFeed) goOn() {
	f.before = f.packets.Stats()
	if f.r.last.Extent != manifest.Part {
		f.anticipate()
	}
}

// cameEarly reports whether a response was taken before its turn, which it was once.
func (f *packetFeed) cameEarly(wire []byte) bool {
	if len(f.early) == 0 {
		return false
	}
	digest := xxhash.Sum64(wire)
	n := f.early[digest]
	switch {
	case n > 1:
		f.early[digest]--
	case n == 1:
		delete(f.early, digest)
	}
	return n > 0
}

// anticipate returns the responses that wait and were not taken yet, to be taken
// before their turn.
func (f *packetFeed) anticipate() (fresh []capture.Message) {
	waiting := map[uint64]int{}
	for _, m := range f.packets.Waiting() {
		digest := xxhash.Sum64(m.Wire)
		if waiting[digest]++; waiting[digest] > f.early[digest] {
			f.early[digest] = waiting[digest]
			fresh = append(fresh, m)
		}
	}
	return fresh
}

// drain takes what waits also where something was taken before its turn that has
// not come yet: else it would have to be remembered of which end of the file.
func (f *packetFeed) drain(o *outlet, ended bool) bool {
	if !ended && len(f.early) == 0 {
		return false
	}
	for _, m := range f.anticipate() {
		o.give(m.Wire, m.Time)
	}
	return true
}

func (f *packetFeed) take(b *intake.Batch, t *tally) {
	for wire, at := range b.All {
		f.r.im.observer.Observe(observation.Message{Wire: wire, Time: at, Source: rrset.FromImport}, t)
	}
}

func (f *packetFeed) close() {
	f.packets.End()
	if f.r.out.n < f.r.out.skip {
		return
	}
	s, sum := f.packets.Stats(), &f.r.im.packets
	sum.Packets += s.Packets - f.before.Packets
	sum.Messages += s.Messages - f.before.Messages
	for outcome, n := range s.By {
		sum.By[outcome] += n - f.before.By[outcome]
	}
}
