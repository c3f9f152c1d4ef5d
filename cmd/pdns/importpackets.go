package main

import (
	"fmt"
	"io"

	"example.org/pdns/plugin/pkg/capture"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// A packetFeed reads responses out of captured packets.
type packetFeed struct {
	r       *importRun
	packets *capture.Reader
}

func newPacketFeed(r *importRun, in io.Reader) (*packetFeed, error) {
	var o capture.Options
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
	return &packetFeed{r, packets}, nil
}

const portFormat = "port %d"

func portNames(ports []uint16) (names []string) {
	for _, port := range ports {
		names = append(names, fmt.Sprintf(portFormat, port))
	}
	return names
}

func (f *packetFeed) unit() string { return "message" }

func (f *packetFeed) next(o *outlet) error {
	m, err := f.packets.Next()
	if err == nil {
		o.add(m.Wire, m.Time)
	}
	return err
}

func (f *packetFeed) take(b *intake.Batch, t *tally) {
	for wire, at := range b.All {
		f.r.im.observer.Observe(observation.Message{Wire: wire, Time: at, Source: rrset.FromImport}, t)
	}
}

func (f *packetFeed) close() {
	s, sum := f.packets.Stats(), &f.r.im.packets
	sum.Packets += s.Packets
	for outcome, n := range s.By {
		sum.By[outcome] += n
	}
}
