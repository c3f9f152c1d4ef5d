// Package dnstap turns dnstap, which resolvers send about what they do, into
// messages for package observation (https://dnstap.info, dnstap.proto).
//
// # From the outside in
//
// A Stream splits the octets of a socket or a file into frames; a frame holds an
// Event; a Taker observes the events that count. What an event says about the
// client that asked is not read: Event has no field for it, and an event that
// this package writes has none on the wire.
package dnstap

import (
	"errors"
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// An Event is what a frame says about a response.
type Event struct {
	Type     Type
	Time     time.Time // when the response came, or else when the query left; zero if not told
	Zone     []byte    // query_zone: wire name of the zone that the server was asked for; nil if not told
	Identity []byte    // of the sender
	Response []byte    // wire form; nil if not told
	Policy   bool      // a response policy zone had its say
}

// ErrFrame is wrapped by errors about a frame that is no dnstap.
var ErrFrame = errors.New("malformed dnstap frame")

// Numbers of fields (dnstap.proto).
const (
	fieldIdentity = 1
	fieldMessage  = 14
	fieldKind     = 15

	fieldType         = 1
	fieldQuerySec     = 8
	fieldQueryNsec    = 9
	fieldZone         = 11
	fieldResponseSec  = 12
	fieldResponseNsec = 13
	fieldResponse     = 14
	fieldPolicy       = 15
)

// kindMessage is the only kind of dnstap that there is.
const kindMessage = 1

// Parse reads a frame into e, whose slices are parts of it. It walks the encoding
// itself, since a resolver sends many: the generated decoder makes 18 objects of
// each. Fields that it does not know are skipped.
func Parse(frame []byte, e *Event) error {
	*e = Event{}
	p := parser{Event: e}
	err := walk(frame, p.frameField)
	switch {
	case err != nil:
		return err
	case p.err != nil:
		return p.err
	case p.kind != kindMessage:
		return fmt.Errorf("%w: type %d, want 1 (message)", ErrFrame, p.kind)
	case p.number == 0:
		return fmt.Errorf("%w: no message with a type in it", ErrFrame)
	}
	e.Type = Type(min(p.number, math.MaxUint8))
	if e.Time = p.response.time(); e.Time.IsZero() {
		e.Time = p.query.time()
	}
	return nil
}

// A parser is the work on one frame.
type parser struct {
	*Event
	kind, number    uint32 // types of frame and message
	query, response times
	err             error // of a message in the frame
}

// times are as in the frame.
type times struct{ sec, nsec uint64 }

// lastSecond is the end of year 9999; no clock shows more.
const lastSecond = 253402300799

func (t times) time() time.Time {
	if t.sec == 0 || t.sec > lastSecond || t.nsec >= 1e9 {
		return time.Time{}
	}
	return time.Unix(int64(t.sec), int64(t.nsec))
}

func (p *parser) frameField(num protowire.Number, v value) {
	switch {
	case num == fieldIdentity && v.octets != nil:
		p.Identity = v.octets
	case num == fieldMessage && v.octets != nil:
		if err := walk(v.octets, p.messageField); err != nil {
			p.err = err
		}
	case num == fieldKind && v.octets == nil:
		p.kind = uint32(v.number)
	}
}

func (p *parser) messageField(num protowire.Number, v value) {
	if v.octets != nil {
		p.octets(num, v.octets)
		return
	}
	switch num {
	case fieldType:
		p.number = uint32(v.number)
	case fieldQuerySec:
		p.query.sec = v.number
	case fieldQueryNsec:
		p.query.nsec = v.number
	case fieldResponseSec:
		p.response.sec = v.number
	case fieldResponseNsec:
		p.response.nsec = v.number
	}
}

func (e *Event) octets(num protowire.Number, b []byte) {
	switch num {
	case fieldZone:
		e.Zone = b
	case fieldResponse:
		e.Response = b
	case fieldPolicy:
		e.Policy = true
	}
}

// A value of a field: octets, or else a number.
type value struct {
	number uint64
	octets []byte // not nil for a field of octets
}

// walk calls yield with each field of an encoded protobuf message.
func walk(b []byte, yield func(protowire.Number, value)) error {
	for len(b) > 0 {
		num, wire, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrFrame, protowire.ParseError(n))
		}
		b = b[n:]
		var v value
		switch wire {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var u uint32
			u, n = protowire.ConsumeFixed32(b)
			v.number = uint64(u)
		case protowire.BytesType:
			v.octets, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, wire, b)
			num = 0
		}
		if n < 0 {
			return fmt.Errorf("%w: field %d: %w", ErrFrame, num, protowire.ParseError(n))
		}
		b = b[n:]
		yield(num, v)
	}
	return nil
}

// Append appends the frame of an event: its type, time, zone, identity and
// response, and nothing about a client.
func Append(dst []byte, e *Event) []byte {
	if e.Identity != nil {
		dst = protowire.AppendTag(dst, fieldIdentity, protowire.BytesType)
		dst = protowire.AppendBytes(dst, e.Identity)
	}
	var buf [512]byte
	dst = protowire.AppendTag(dst, fieldMessage, protowire.BytesType)
	dst = protowire.AppendBytes(dst, e.appendMessage(buf[:0]))
	dst = protowire.AppendTag(dst, fieldKind, protowire.VarintType)
	return protowire.AppendVarint(dst, kindMessage)
}

func (e *Event) appendMessage(dst []byte) []byte {
	dst = protowire.AppendTag(dst, fieldType, protowire.VarintType)
	dst = protowire.AppendVarint(dst, uint64(e.Type))
	if e.Zone != nil {
		dst = protowire.AppendTag(dst, fieldZone, protowire.BytesType)
		dst = protowire.AppendBytes(dst, e.Zone)
	}
	if !e.Time.IsZero() {
		dst = protowire.AppendTag(dst, fieldResponseSec, protowire.VarintType)
		dst = protowire.AppendVarint(dst, uint64(e.Time.Unix()))
		dst = protowire.AppendTag(dst, fieldResponseNsec, protowire.Fixed32Type)
		dst = protowire.AppendFixed32(dst, uint32(e.Time.Nanosecond()))
	}
	if e.Response != nil {
		dst = protowire.AppendTag(dst, fieldResponse, protowire.BytesType)
		dst = protowire.AppendBytes(dst, e.Response)
	}
	return dst
}
