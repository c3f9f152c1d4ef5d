package capture

import (
	"bytes"
	"container/list"
	"slices"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// A stream is what a server sends on one connection.
type stream struct {
	dec   *decoder
	key   flow
	place *list.Element
	seen  time.Time

	messages messages
	next     uint32 // number of the octet that is to come
	begun    bool   // next is known
	acked    uint32 // number of the client's octet that the server waits for

	held  []segment // what came before its turn, in order
	early int       // octets that held takes
	since time.Time // since when it is held
}

// A segment is a part of a stream that came before its turn.
type segment struct {
	from uint32
	data []byte
	time time.Time
}

// size is about what it takes in memory.
func (s *segment) size() int { return len(s.data) + 128 }

// How far ahead, or behind, a segment may be, and what it acknowledges.
const (
	maxWindow = 1 << 20
	maxAsked  = 64 << 10
)

// fits reports whether a segment is one of this stream. Who does not see the stream
// has to guess two numbers and a port for that (RFC 5961).
func (st *stream) fits(tcp *layers.TCP) bool {
	if tcp.RST {
		return tcp.Seq == st.next
	}
	return tcp.ACK && within(tcp.Ack, st.acked, maxAsked) && within(tcp.Seq, st.next, maxWindow)
}

// within reports whether a number is at most so far from another, either way.
func within(a, b uint32, far int32) bool {
	d := int32(a - b)
	return -far <= d && d <= far
}

func (st *stream) octets() int { return cap(st.messages.buf) + st.early }

// segment takes a segment and reports whether the stream has ended.
func (st *stream) segment(tcp *layers.TCP, now time.Time) (done bool) {
	st.messages.settle()
	from := tcp.Seq
	if tcp.SYN {
		from++
		if !st.begun || st.next != from { // maybe between the ports of an old one
			st.finish()
			st.begin(from, true)
		}
	}
	if tcp.SYN || int32(tcp.Ack-st.acked) > 0 {
		st.acked = tcp.Ack
	}
	if len(tcp.Payload) > 0 {
		st.data(segment{from, tcp.Payload, now})
	}
	end := from + uint32(len(tcp.Payload))
	return tcp.RST || tcp.FIN && st.begun && int32(end-st.next) <= 0
}

// begin sets where the stream goes on. Only the start of a connection is known
// to be that of a message.
func (st *stream) begin(from uint32, synced bool) {
	st.next, st.begun = from, true
	st.messages.begin(synced)
}

// data puts a segment into its place.
func (st *stream) data(s segment) {
	ahead := int32(s.from - st.next)
	switch {
	case !st.begun:
		st.begin(s.from, false)
	case !within(s.from, st.next, maxWindow):
		st.finish()
		st.lose()
		st.begin(s.from, false)
	case ahead > 0:
		st.hold(s)
		st.leap(s.time)
		return
	}
	st.feed(s)
	st.release()
}

// feed passes on what is new of a segment that begins at next or before.
func (st *stream) feed(s segment) {
	old := st.next - s.from
	if old >= uint32(len(s.data)) { // sent again
		return
	}
	st.next = s.from + uint32(len(s.data))
	st.messages.feed(s.data[old:], s.time)
}

// hold keeps a copy of a segment until its turn.
func (st *stream) hold(s segment) {
	at, found := slices.BinarySearchFunc(st.held, s, func(a, b segment) int { return int(int32(a.from - b.from)) })
	if found && len(st.held[at].data) >= len(s.data) {
		return
	}
	if len(st.held) == 0 {
		st.since = s.time
	}
	s.data = bytes.Clone(s.data)
	st.held = slices.Insert(st.held, at, s)
	st.early += s.size()
}

// release feeds what was held and has its turn.
func (st *stream) release() {
	n := 0
	for n < len(st.held) && int32(st.held[n].from-st.next) <= 0 {
		st.feed(st.held[n])
		st.early -= st.held[n].size()
		n++
	}
	st.held = slices.Delete(st.held, 0, n)
}

// leap goes over a gap that nothing will fill any more.
func (st *stream) leap(now time.Time) {
	for len(st.held) > 0 && (st.early > maxHeld || now.Sub(st.since).Abs() > maxGapAge) {
		st.over()
		st.since = now
	}
}

// over goes on behind the first gap.
func (st *stream) over() {
	st.lose()
	st.begin(st.held[0].from, false)
	st.release()
}

func (st *stream) lose() { st.dec.stats.count(Gap) }

func (st *stream) give(wire []byte, at time.Time) { st.dec.give(wire, at) }

// finish gives out what can be read of what is held. The beginning of a message
// is lost.
func (st *stream) finish() {
	for len(st.held) > 0 {
		st.over()
	}
	if st.messages.pending() {
		st.lose()
	}
	st.messages.begin(false)
}
