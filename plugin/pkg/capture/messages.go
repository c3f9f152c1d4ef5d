package capture

import (
	"encoding/binary"
	"time"
)

// messages takes the octets of a stream, in which each message stands behind its
// length (RFC 1035, section 4.2.2).
type messages struct {
	to     taker
	buf    []byte // from given on, what is not enough for a message yet
	given  int    // what stands before was given out, and is valid until settle
	synced bool   // a message begins at given; else there is no telling
}

// A taker is told of messages, which are valid until settle, and of places where
// none can be made out.
type taker interface {
	give(wire []byte, at time.Time)
	lose()
}

// prefix is the length of a length.
const prefix = 2

// begin forgets what was not enough for a message.
func (m *messages) begin(synced bool) {
	m.given, m.synced = len(m.buf), synced
}

// pending reports whether the beginning of a message is waiting for the rest.
func (m *messages) pending() bool { return m.synced && m.given < len(m.buf) }

// settle makes room, once what was given out has been used.
func (m *messages) settle() {
	const small = 4 << 10
	rest := m.buf[m.given:]
	if len(rest) == 0 && cap(m.buf) > small {
		m.buf = nil
	}
	m.buf, m.given = append(m.buf[:0], rest...), 0
}

// feed takes the octets that come next.
func (m *messages) feed(b []byte, at time.Time) {
	switch {
	case !m.synced && !m.sync(b):
	case m.given == len(m.buf): // the usual case: whole messages, taken from where they are
		n := m.split(b, at)
		m.keep(b[n:])
	default:
		m.buf = append(m.buf, b...)
		m.given += m.split(m.buf[m.given:], at)
	}
}

// keep adds to what waits.
func (m *messages) keep(b []byte) { m.buf = append(m.buf, b...) }

// sync looks whether a message begins with b, or with the few octets before it:
// some servers send the length alone. If not, it keeps b if that is as short.
func (m *messages) sync(b []byte) bool {
	waiting := m.buf[m.given:]
	var head [2 * (prefix + headerSize)]byte
	n := copy(head[:], waiting)
	n += copy(head[n:], b)
	switch {
	case begins(head[:n]):
		m.synced = true
	case begins(b):
		m.given = len(m.buf)
		m.synced = true
	case n < prefix+headerSize:
		m.keep(b)
	default:
		m.given = len(m.buf)
		if len(b) < prefix+headerSize {
			m.keep(b)
		}
	}
	return m.synced
}

// split gives out the messages in b and returns how long they are in all.
func (m *messages) split(b []byte, at time.Time) int {
	n := 0
	for len(b)-n >= prefix {
		size := int(binary.BigEndian.Uint16(b[n:]))
		if size < headerSize { // no message is so short
			m.to.lose()
			m.synced = false
			return len(b)
		}
		end := n + prefix + size
		if end > len(b) {
			break
		}
		m.to.give(b[n+prefix:end:end], at)
		n = end
	}
	return n
}

// shortest is a header and a question about the root.
const shortest = headerSize + 5

// begins reports whether b looks like the length and the header of a response to
// one question, with no more records than fit into it.
func begins(b []byte) bool {
	if len(b) < prefix+headerSize {
		return false
	}
	size, h := int(binary.BigEndian.Uint16(b)), b[prefix:]
	const opcode = 0x78
	if size < shortest || h[flagsAt]&responseBit == 0 || h[flagsAt]&opcode != 0 {
		return false
	}
	const shortestRecord = 11
	questions, records := binary.BigEndian.Uint16(h[4:]), 0
	for at := 6; at < headerSize; at += 2 {
		records += int(binary.BigEndian.Uint16(h[at:]))
	}
	return questions == 1 && records*shortestRecord <= size-shortest
}
