// Package pdnsquery is the CoreDNS plugin that answers from passive DNS
// history: a zone below which every name is a question about the past.
//
// A query goes through an exchange, which checks the client, parses the name
// (package question), asks the source and writes one message: history.go for
// TXT, past.go for every other type, status.go for the coverage, newly.go for what
// was newly observed, zone.go for the apex, axfr.go for whole results. Below the
// feeds of newly observed names (package feed) it is feedzone.go and feedtransfer.go.
package pdnsquery

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/transfer"
	"github.com/coredns/coredns/request"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const (
	defaultZone    = "_pdns.local."
	defaultTTL     = 10 // seconds: a flush may bring news at any time
	maxTTL         = 86400
	defaultTimeout = 4 * time.Second // dig waits 5 s for the first answer
	maxTimeout     = time.Minute
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// Handler answers the query zones of one server block.
type Handler struct {
	Next plugin.Handler

	zones    []string // fully qualified, lower case
	allow    []netip.Prefix
	ttl      uint32 // seconds
	timeout  time.Duration
	source   func() store.Source // nil source: not open
	transfer *transfer.Transfer  // of the same server block, if any
	bounds   bounds
	unplaced *strings.Replacer
	http     *service // nil: none
	feeds    *feeds   // nil: none
}

// newHandler is a handler with the defaults of the Corefile and without a source.
func newHandler(zones []string) *Handler {
	return &Handler{zones: zones, allow: loopback, ttl: defaultTTL, timeout: defaultTimeout, bounds: newBounds(), unplaced: strings.NewReplacer()}
}

// newUnplaced replaces, in what clients are told, where the store at a path lies:
// the name of a file in it says enough, and the log has the rest.
func newUnplaced(path string) *strings.Replacer {
	return strings.NewReplacer(path+string(filepath.Separator), "", path, filepath.Base(path))
}

// Name implements plugin.Handler.
func (*Handler) Name() string { return pluginName }

// Ready implements ready.Readiness: the store or snapshot is open.
func (h *Handler) Ready() bool { return h.source() != nil }

// CacheBypassZones keeps cache from storing answers that the next flush changes.
func (h *Handler) CacheBypassZones() []string { return slices.Clone(h.zones) }

// ServeDNS implements plugin.Handler. A name in a query zone is answered here,
// whatever the answer is; it never goes on to another plugin.
func (h *Handler) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	state := request.Request{W: w, Req: r}
	zone := plugin.Zones(h.zones).Matches(state.Name())
	if zone == "" {
		return plugin.NextOrFailure(pluginName, h.Next, ctx, w, r)
	}
	start := time.Now()
	x := newExchange(h, &state, zone)
	written := x.serve(ctx)
	x.count(ctx, time.Since(start)) // first: who has the answer finds it counted
	if !written {
		x.write(ctx)
	}
	return x.rcode, x.err
}

// serve finds the answer. It reports whether that was written already, or is
// left to the server.
func (x *exchange) serve(ctx context.Context) bool {
	switch {
	case x.name == nil:
		return x.leave(dns.RcodeFormatError)
	case x.r.Opcode != dns.OpcodeQuery:
		return x.leave(dns.RcodeNotImplemented)
	case x.state.QClass() != dns.ClassINET:
		return x.leave(dns.RcodeRefused)
	case !x.allowed():
		x.fail(outcomeRefused, dns.RcodeRefused, dns.ExtendedErrorCodeProhibited, "this address may not ask here")
	case x.enterFeed():
		return x.serveFeed(ctx)
	case isTransfer(x.qtype()):
		return x.serveTransfer(ctx)
	default:
		ctx, cancel := context.WithTimeout(ctx, x.h.timeout)
		defer cancel()
		x.answer(ctx)
	}
	return false
}

// allowed reports whether the address that the query came from may ask.
func (x *exchange) allowed() bool {
	a, err := netip.ParseAddr(x.state.IP())
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(x.h.allow, func(p netip.Prefix) bool { return p.Contains(a) })
}

// answer fills in the answer to anything but a transfer.
func (x *exchange) answer(ctx context.Context) {
	if len(x.name) == 1 {
		x.answerApex()
		return
	}
	if !x.open() {
		return
	}
	q, err := question.Parse(x.name, clock.Now())
	if err != nil {
		x.malformed(err)
		return
	}
	qtype := x.qtype()
	if err := fits(q, qtype); err != nil {
		x.unfit(err)
		return
	}
	switch text := qtype == dns.TypeTXT || qtype == dns.TypeANY; {
	case !text:
		x.past(ctx, q)
	case q.Status:
		x.status(q)
	case q.New != nil:
		x.newly(ctx, q)
	case q.Summary:
		x.summary(ctx, q)
	default:
		x.history(ctx, q)
	}
}

// open finds the source, or answers that there is none.
func (x *exchange) open() bool {
	x.src = x.h.source()
	if x.src == nil {
		x.fail(outcomeFailed, dns.RcodeServerFailure, dns.ExtendedErrorCodeNotReady, "the store is not open")
	}
	return x.src != nil
}

// source is where the RRsets of a question are looked for.
func (x *exchange) source(q *question.Question) store.Source {
	if q.Owner != nil {
		return bounded{x.src, x.h.bounds.exact}
	}
	return bounded{x.src, x.h.bounds.search}
}

// fits says why a question cannot be asked with this type.
func fits(q *question.Question, qtype uint16) error {
	shaped := q.Status || q.New != nil || q.Summary || q.Offset != 0 || q.Limit != question.DefaultLimit
	switch {
	case isTransfer(qtype) && shaped:
		return errors.New("_status, _new, _summary, _limit- and _offset- shape TXT answers: want type TXT, or a transfer without them")
	case isTransfer(qtype), qtype == dns.TypeTXT, qtype == dns.TypeANY:
		return nil
	case rrset.IsMeta(qtype), rrset.IsPseudo(qtype):
		return errors.New(rrset.TypeString(qtype) + " is no type of data: want type TXT, or one that the name had")
	case q.Owner == nil:
		return errors.New("only TXT answers about wildcards, rdata, status and what is new: want type TXT, or one name")
	case shaped, q.JSON, q.Query.Slices, len(q.Query.Types) > 0:
		return errors.New("types, _slices, _json and what else shapes TXT answers: want type TXT, or only times and a bailiwick")
	}
	return nil
}
