package capture

import (
	"time"

	"github.com/gopacket/gopacket/layers"
)

// A decoder takes packets in and gives the messages in them out. What one packet
// completes has to be taken before the next is put in.
type decoder struct {
	Options
	stats     counters
	fragments fragments
	streams   streams
	asked     *asked // nil unless Match is set
	now       time.Time

	out   []Message
	taken int

	// The headers of the packet at hand: gopacket reads into them, without
	// allocation.
	ethernet layers.Ethernet
	tag      layers.Dot1Q
	cooked   layers.LinuxSLL
	cooked2  layers.LinuxSLL2
	loopback layers.Loopback
	ip4      layers.IPv4
	ip6      layers.IPv6
	udp      layers.UDP
	tcp      layers.TCP
	cut      truncated
	joined   bool // it was the last one of a datagram in fragments
}

// truncated is told by gopacket that a packet goes on where the data ends.
type truncated bool

// SetTruncated is gopacket's DecodeFeedback.
func (t *truncated) SetTruncated() { *t = true }

func newDecoder(o Options) *decoder {
	d := &decoder{Options: o}
	d.forget()
	return d
}

// forget lets go of all that packets before have left.
func (d *decoder) forget() {
	d.out, d.taken = d.out[:0], 0
	d.fragments.init(&d.stats)
	d.streams.init(d)
	if d.Match {
		d.asked = newAsked()
	}
}

// packet decodes one packet.
func (d *decoder) packet(p packet) {
	d.out, d.taken = d.out[:0], 0
	d.cut, d.joined = false, false
	d.now = p.time
	d.stats.packets.Add(1)
	d.stats.count(d.guarded(func() Outcome { return d.link(p) }))
}

// guarded runs what reads octets that anybody may have sent. A defect in it costs
// what was waiting, not all that comes behind.
func (d *decoder) guarded(decode func() Outcome) (o Outcome) {
	defer func() {
		if recover() != nil {
			d.forget()
			o = Panicked
		}
	}()
	return decode()
}

// finish gives up what is waiting for more packets.
func (d *decoder) finish() {
	d.out, d.taken = d.out[:0], 0
	if d.guarded(d.end) == Panicked {
		d.stats.count(Panicked)
	}
}

func (d *decoder) end() Outcome {
	d.fragments.finish()
	d.streams.finish()
	return DNS
}

// take returns the next message.
func (d *decoder) take() (Message, bool) {
	if d.taken == len(d.out) {
		return Message{}, false
	}
	m := d.out[d.taken]
	d.taken++
	d.stats.messages.Add(1)
	return m, true
}

// What is looked at in a DNS header (RFC 1035, section 4.1.1).
const (
	headerSize  = 12
	flagsAt     = 2
	responseBit = 0x80
)

// kind is what a message is: DNS for a response, Query, or NotDNS.
func kind(wire []byte) Outcome {
	switch {
	case len(wire) < headerSize:
		return NotDNS
	case wire[flagsAt]&responseBit == 0:
		return Query
	}
	return DNS
}

// give gives a message out, if it is a response.
func (d *decoder) give(wire []byte, at time.Time) Outcome {
	o := kind(wire)
	if o == DNS {
		d.out = append(d.out, Message{at, wire})
	}
	return o
}
