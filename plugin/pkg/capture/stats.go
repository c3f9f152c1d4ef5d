package capture

import (
	"iter"
	"sync/atomic"
)

// An Outcome is what became of a packet, or of what was waiting for more of them.
type Outcome uint8

// The outcomes. Each packet has one of the first group.
const (
	DNS         Outcome = iota // it holds a response, or is part of a stream from a DNS port
	Query                      // it holds a DNS message that is no response
	NotDNS                     // it is neither
	Fragment                   // it waits for the other fragments of a datagram
	Unasked                    // it holds a response to no query that was seen
	Malformed                  // its headers are wrong
	Cut                        // it was not captured to its end
	UnknownLink                // it lies in a link layer that is not known here
	Panicked                   // it met a defect of this package

	// Of what is waiting.
	LostFragments // datagrams of which a fragment never came, or overlapped another
	Gap           // places in streams where octets are missing, or are no DNS

	outcomes
)

var outcomeNames = [outcomes]string{
	DNS: "dns", Query: "query", NotDNS: "not_dns", Fragment: "fragment", Unasked: "unasked",
	Malformed: "malformed_packet", Cut: "cut_packet", UnknownLink: "unknown_link_type",
	Panicked: "panic", LostFragments: "incomplete_fragments", Gap: "tcp_gap",
}

// String is the name of o in statistics.
func (o Outcome) String() string {
	if o < outcomes {
		return outcomeNames[o]
	}
	return "unknown"
}

// Outcomes are all of them, in order.
func Outcomes() iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		for o := range outcomes {
			if !yield(o) {
				return
			}
		}
	}
}

// Stats are counts since the beginning.
type Stats struct {
	Packets  uint64 // packets read
	Messages uint64 // responses given out
	By       [outcomes]uint64
}

// counters are Stats that are counted.
type counters struct {
	packets, messages atomic.Uint64
	by                [outcomes]atomic.Uint64
}

func (c *counters) count(o Outcome) { c.by[o].Add(1) }

func (c *counters) read() Stats {
	s := Stats{Packets: c.packets.Load(), Messages: c.messages.Load()}
	for i := range c.by {
		s.By[i] = c.by[i].Load()
	}
	return s
}
