package pdnsquery

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/coredns/coredns/request"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// An exchange is one query and the message that answers it.
type exchange struct {
	h     *Handler
	state *request.Request
	r     *dns.Msg
	m     *dns.Msg
	zone  string
	apex  []byte // the zone's canonical name
	name  []byte // what was asked, canonical, relative to the zone; nil if it is no name

	src  store.Source // unbounded; nil until it is opened
	feed *feedName    // what was asked, below a feed

	size    int // octets of the answer section
	outcome string
	rcode   int // for the server: what is left to it to answer, or success
	err     error
}

func newExchange(h *Handler, state *request.Request, zone string) *exchange {
	x := &exchange{h: h, state: state, r: state.Req, m: new(dns.Msg), zone: zone, outcome: outcomeAnswered}
	x.m.SetReply(x.r)
	x.m.Authoritative = true
	x.m.Compress = true
	name, err := rrset.ParseName(state.Name())
	apex, zoneErr := rrset.ParseName(zone)
	if err == nil && zoneErr == nil && rrset.Encloses(apex, name) {
		x.apex = apex
		x.name = append(name[:len(name)-len(apex)], 0)
	}
	return x
}

func (x *exchange) qname() string { return x.r.Question[0].Name }
func (x *exchange) qtype() uint16 { return x.r.Question[0].Qtype }

// below returns the absolute presentation form of a name relative to the zone;
// it is empty if the name is nil or would be too long.
func (x *exchange) below(relative []byte) string {
	if relative == nil {
		return ""
	}
	name := append(relative[:len(relative)-1:len(relative)-1], x.apex...)
	if rrset.CheckName(name) != nil {
		return ""
	}
	return rrset.NameString(name)
}

// leave has the server answer with an error and nothing else.
func (x *exchange) leave(rcode int) bool {
	x.rcode, x.outcome = rcode, outcomeRefused
	return true
}

// write sends the message. CoreDNS is told of success whatever the rcode: it
// would answer once more. What went wrong with sending is counted only: the error
// has the client's address in it, and CoreDNS logs what it is returned.
func (x *exchange) write(ctx context.Context) {
	if err := x.state.W.WriteMsg(x.m); err != nil {
		x.unsent(ctx)
	}
	x.rcode = dns.RcodeSuccess
}

// explain adds an extended DNS error (RFC 8914), if the client knows EDNS.
func (x *exchange) explain(code uint16, text string) {
	if x.r.IsEdns0() == nil {
		return
	}
	if x.m.IsEdns0() == nil {
		x.m.SetEdns0(dns.DefaultMsgSize, false)
	}
	opt := x.m.IsEdns0()
	opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: code, ExtraText: x.h.clip(text)})
}

// clip makes a text one line for clients, and no longer than an EDE should be in a
// small UDP message.
func (h *Handler) clip(text string) string {
	const most = 200
	text = strings.ReplaceAll(h.unplaced.Replace(text), "\n", "; ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most-3], "") + "..."
	}
	return text
}

// fail turns the message into an error with a text.
func (x *exchange) fail(outcome string, rcode int, code uint16, text string) {
	x.m.Answer = nil
	x.m.Rcode = rcode
	x.outcome = outcome
	x.explain(code, text)
}

// incomplete tells of a search that ended early, or never began, and reports
// whether what it has found may still be given.
func (x *exchange) incomplete(err error, found bool) bool {
	switch {
	case err == nil:
		return true
	case errors.Is(err, errBusy):
		x.fail(outcomeBusy, dns.RcodeServerFailure, dns.ExtendedErrorCodeOther, err.Error())
		return false
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("incomplete: the search was stopped after %s; ask for a type, a window or a smaller subject, or for a transfer (AXFR)", x.h.timeout)
	case errors.Is(err, store.ErrIncomplete):
	default:
		x.err = err
		x.fail(outcomeFailed, dns.RcodeServerFailure, dns.ExtendedErrorCodeOther, err.Error())
		return false
	}
	if !found {
		// Nothing was found, which is not to say that there is nothing.
		x.fail(outcomeFailed, dns.RcodeServerFailure, dns.ExtendedErrorCodeOther, err.Error())
		return false
	}
	x.outcome = outcomeIncomplete
	x.explain(dns.ExtendedErrorCodeOther, err.Error())
	return true
}
