package pdnsquery

import (
	"context"
	"errors"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/feed"
	"example.org/pdns/plugin/pkg/rrset"
)

// What a feed is as a response policy zone (draft-vixie-dnsop-dns-rpz): a CNAME of the
// root is answered with NXDOMAIN.
const (
	feedTTL   = 60 // seconds: a name is new for minutes
	feedHost  = "localhost."
	wildcard  = "*."
	minExpire = 600 // seconds: a restart of this server
)

// serveFeed finds the answer to what is asked of a feed. It reports whether that was
// written already.
func (x *exchange) serveFeed(ctx context.Context) bool {
	switch {
	case x.feed.err != nil && isTransfer(x.qtype()):
		x.fail(outcomeMalformed, dns.RcodeRefused, dns.ExtendedErrorCodeOther, x.feed.err.Error())
		return false
	case x.feed.err != nil:
		x.malformed(x.feed.err)
		return false
	case x.feed.name == nil:
		x.unfit(errors.New("a feed has an age before its kind: " + feed.Ages[0].String() + "._" + string(x.feed.zone.Kind)))
		return false
	}
	s := x.h.feeds.follower.State(x.feed.zone)
	if s == nil {
		x.fail(outcomeFailed, dns.RcodeServerFailure, dns.ExtendedErrorCodeNotReady, "the log of what is new is being read")
		return false
	}
	if isTransfer(x.qtype()) {
		return x.serveFeedTransfer(ctx, s)
	}
	x.answerFeed(s)
	return false
}

// answerFeed fills in the answer to anything but a transfer.
func (x *exchange) answerFeed(s *feed.State) {
	soa := x.feed.soa(s)
	switch atApex, qtype := len(x.feed.name) == 1, x.qtype(); {
	case atApex && (qtype == dns.TypeSOA || qtype == dns.TypeANY):
		x.add(soa)
	case atApex && qtype == dns.TypeNS:
		x.add(x.feed.ns())
	case !atApex && x.h.feeds.follower.Lists(x.feed.zone, x.feed.name):
		x.add(blocked(x.qname()))
		return
	default:
		// A name with names below it exists: that it does not would deny those (RFC 8020).
		if !atApex && !x.h.feeds.follower.ListsBelow(x.feed.zone, x.feed.name) {
			x.m.Rcode = dns.RcodeNameError
		}
		x.m.Ns = []dns.RR{soa}
		x.outcome = outcomeEmpty
		return
	}
	x.m.Answer[0].Header().Name = x.qname()
}

// soa is the SOA of a feed at a serial. A secondary that cannot reach this server any
// more holds what it has for the age of the feed, as it was new then, and through a
// restart of this server where that may take longer.
func (f *feedName) soa(s *feed.State) *dns.SOA {
	return &dns.SOA{
		Hdr: feedHeader(f.apex, dns.TypeSOA), Ns: feedHost, Mbox: "nobody.invalid.", Serial: s.Serial,
		Refresh: 60, Retry: 60, Expire: max(uint32(f.zone.Age), minExpire), Minttl: feedTTL,
	}
}

func (f *feedName) ns() *dns.NS {
	return &dns.NS{Hdr: feedHeader(f.apex, dns.TypeNS), Ns: feedHost}
}

// entries appends what a name is in a feed.
func (f *feedName) entries(rrs []dns.RR, name string) []dns.RR {
	owner := strings.TrimSuffix(rrset.NameString([]byte(name)), ".") + "." + f.apex
	rrs = append(rrs, blocked(owner))
	if f.zone.StandsForBelow(name) {
		rrs = append(rrs, blocked(wildcard+owner))
	}
	return rrs
}

func blocked(owner string) dns.RR {
	return &dns.CNAME{Hdr: feedHeader(owner, dns.TypeCNAME), Target: "."}
}

func feedHeader(owner string, t uint16) dns.RR_Header {
	return dns.RR_Header{Name: owner, Rrtype: t, Class: dns.ClassINET, Ttl: feedTTL}
}
