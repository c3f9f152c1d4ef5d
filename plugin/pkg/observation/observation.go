// Package observation turns a DNS response into what passive DNS remembers of
// it. It is the only package that sees a message, and what leaves it has no
// field that could hold a client: address, port, transport, EDNS options, query
// id, flags and the letter case of the question end here.
//
// # What is recorded
//
// A response counts if it answers one question of class IN with NOERROR or
// NXDOMAIN, and is not truncated. Of it are recorded
//
//   - in the answer section, the RRsets on the chain of CNAME and DNAME records
//     that begins at the question, in whatever order they stand;
//   - in the authority section, NS and SOA at or above a name on that chain;
//   - in the additional section, addresses of the name servers just recorded,
//     if it is known for which zone the server answered;
//   - that the last name on the chain does not exist, or has no records of the
//     type asked for.
//
// All else is dropped, and each message or RRset dropped is counted with its
// reason. What a message holds beyond 64 RRsets in the answer and 32 in each of
// the other sections, more than any resolver makes use of, is not looked at, and
// counted by the record.
//
// # What that protects from
//
// The zone that the server answered for, the bailiwick, is known where a resolver
// tells it with each answer of an authoritative server. Nothing outside of it is
// recorded then: the server does not speak for it.
//
// Where it is not known, as of an answer that a server forwards, whoever gave the
// answer is believed about every name on the chain and every zone above one. What
// was not asked for is dropped all the same, and so is all additional data. But a
// server that may begin a chain may lead it to names of others and say what is
// there: that it does not is up to the resolver behind the answer.
//
// # Two forms of a message
//
// A message comes unpacked, where a plugin of this process writes it, or as it was
// on the wire, from dnstap and captures. One set of rules holds for both: a pass
// works on where records lie and what their canonical form is (form.go), which it
// reads from the wire itself (wire.go), at a third of the cost of unpacking. A
// fuzz test has the library that unpacks as its oracle.
package observation

import (
	"sync"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// A Message is a response and what is known about it. It is only read.
type Message struct {
	// The response, in one of two forms: unpacked, or as it was on the wire.
	Response *dns.Msg
	Wire     []byte

	Time   time.Time
	Source rrset.Marks // FromForward, FromDnstap or FromImport

	// Asked is the question that was put, if the query was seen too.
	Asked *dns.Question

	// Zone is the canonical name of the zone that the server was asked for, if
	// a resolver named it, as in dnstap's query_zone; nil if not. The root zone of
	// a server that offers recursion is that of a forwarder, and as good as none.
	Zone []byte
}

// A Sink takes what is observed. Its calls come from within Observe.
type Sink interface {
	// Observe takes one observation, which is valid during the call only.
	Observe(*rrset.RRset)
	// Drop counts one message, or one RRset of a message, that is left out.
	Drop(Reason)
}

// Options of an Observer.
type Options struct {
	Exclude    [][]byte // zones left out besides LocalZones, canonical names
	DNSSEC     bool     // record the types that only serve DNSSEC too
	ECS        bool     // record answers tailored to a client's network (RFC 7871)
	NoNegative bool     // do not record what did not exist
	// Now, if set, is the clock that messages must not be ahead of by more than an
	// hour, nor behind by more than Keep, if that is set too.
	Now  func() time.Time
	Keep time.Duration
}

// An Observer turns messages into observations. It is safe for concurrent use
// and allocates nothing once its buffers have grown to the messages at hand.
type Observer struct {
	Options
	exclude zones
	passes  sync.Pool
}

// New returns an Observer.
func New(o Options) *Observer {
	return &Observer{
		Options: o,
		exclude: newZones(LocalZones, o.Exclude),
		passes:  sync.Pool{New: func() any { return new(pass) }},
	}
}

// Observe gives to sink what passive DNS remembers of m.
func (o *Observer) Observe(m Message, sink Sink) {
	p := o.passes.Get().(*pass)
	p.Message, p.o, p.sink = m, o, sink
	if why := p.run(); why != kept {
		sink.Drop(why)
	}
	if p.reset() {
		o.passes.Put(p)
	}
}

// dawn is when DNS was specified first (RFC 882): no message is older.
var dawn = time.Date(1983, time.November, 1, 0, 0, 0, 0, time.UTC)

// ahead is how much a sender's clock may be ahead of ours.
const ahead = time.Hour

// credible reports whether a message may have come at t.
func (o *Observer) credible(t time.Time) bool {
	if o.Now == nil {
		return !t.Before(dawn)
	}
	age := o.Now().Sub(t)
	return !t.Before(dawn) && age >= -ahead && (o.Keep == 0 || age <= o.Keep)
}
