package capture

import (
	"container/list"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// Limits of what is kept of TCP streams.
const (
	maxStreams      = 1 << 16
	maxStreamOctets = 64 << 20         // of all
	maxHeld         = 256 << 10        // of one, behind a gap
	maxIdle         = 2 * time.Minute  // resolvers close idle connections earlier (RFC 7766)
	maxGapAge       = 10 * time.Second // a sender repeats what got lost sooner
)

// A flow is one direction of a connection.
type flow struct {
	pair
	fromPort, toPort uint16
}

// back is the other direction.
func (f flow) back() flow { return flow{pair{f.to, f.from}, f.toPort, f.fromPort} }

// streams holds the streams that are under way.
type streams struct {
	dec    *decoder
	open   map[flow]*stream
	order  *list.List // of *stream, the one that was silent for longest first
	octets int
}

func (s *streams) init(d *decoder) {
	*s = streams{dec: d, open: map[flow]*stream{}, order: list.New()}
}

// take takes a segment. With Match it has to be one that the client would believe;
// else a stream that begins before the capture does is read from where a message
// seems to begin.
func (s *streams) take(key flow, tcp *layers.TCP, now time.Time) Outcome {
	s.expire(now)
	st := s.open[key]
	switch {
	case s.dec.asked != nil && !s.believed(key, st, tcp, now):
		return Unasked
	case st != nil:
	case tcp.RST || len(tcp.Payload) == 0 && !tcp.SYN:
		return DNS
	default:
		st = s.add(key)
	}
	st.seen = now
	s.order.MoveToBack(st.place)
	before := st.octets()
	done := st.segment(tcp, now)
	s.octets += st.octets() - before
	if done {
		s.drop(st)
	}
	return DNS
}

// believed reports whether a segment opens a connection that the client has asked
// for, or has its place in one that is open. What comes behind the end, and holds
// nothing, is no forgery.
func (s *streams) believed(key flow, st *stream, tcp *layers.TCP, now time.Time) bool {
	switch {
	case tcp.SYN:
		return tcp.ACK && s.dec.asked.accepted(key, tcp.Ack-1, now)
	case st == nil:
		return len(tcp.Payload) == 0
	}
	return st.fits(tcp)
}

func (s *streams) add(key flow) *stream {
	st := &stream{dec: s.dec, key: key}
	st.messages.to = st
	st.place = s.order.PushBack(st)
	s.open[key] = st
	return st
}

// expire ends streams that are too old, and the oldest where there are too many.
func (s *streams) expire(now time.Time) {
	for e := s.order.Front(); e != nil; e = s.order.Front() {
		st := e.Value.(*stream)
		age := now.Sub(st.seen).Abs()
		if age <= maxIdle && len(s.open) < maxStreams && s.octets <= maxStreamOctets {
			return
		}
		s.drop(st)
	}
}

// drop ends a stream; what can be read of it is given out.
func (s *streams) drop(st *stream) {
	s.octets -= st.octets()
	st.finish()
	delete(s.open, st.key)
	s.order.Remove(st.place)
}

func (s *streams) finish() {
	for e := s.order.Front(); e != nil; e = s.order.Front() {
		s.drop(e.Value.(*stream))
	}
}
