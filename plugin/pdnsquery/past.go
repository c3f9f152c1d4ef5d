package pdnsquery

import (
	"cmp"
	"context"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// maxChain bounds the CNAMEs that one answer follows.
const maxChain = 8

// past answers a type other than TXT as a resolver would have: with the newest
// known RRset of that type, or the one that stood at a time. Where the name was
// an alias the CNAME is given, its target moved under the zone, and the chain
// goes on there: whoever follows it stays in the past and asks nobody else.
func (x *exchange) past(ctx context.Context, q *question.Question) {
	owner, name := q.Owner, x.qname()
	for range maxChain {
		r, gone, err := x.newest(ctx, q, owner)
		switch {
		case !x.incomplete(err, r != nil || len(x.m.Answer) > 0):
			return
		case gone != nil && len(x.m.Answer) == 0:
			x.negative(dns.RcodeSuccess) // TXT has what the name was before
			x.explain(dns.ExtendedErrorCodeOther, "NXDOMAIN seen from "+timeString(gone.First)+" to "+timeString(gone.Last)+
				", last RRset at "+timeString(r.Last))
			return
		case gone != nil:
			return // an alias whose target did not exist
		case r == nil && len(x.m.Answer) == 0:
			x.nothing(ctx, q)
			return
		case r == nil:
			return // an alias whose target was never seen
		case r.Type != dns.TypeCNAME || len(r.Rdata) == 0 || rrset.CheckName(r.Rdata[0]) != nil:
			x.addPast(r, name)
			return
		}
		target := x.below(q.About(r.Rdata[0]))
		if target == "" {
			x.explain(dns.ExtendedErrorCodeOther, "alias of "+show(rrset.NameString(r.Rdata[0]))+", which is too long a name below the zone")
			return
		}
		h := x.header(dns.TypeCNAME)
		h.Name = name
		x.add(&dns.CNAME{Hdr: h, Target: target})
		if x.qtype() == dns.TypeCNAME {
			return
		}
		owner, name = r.Rdata[0], target
	}
}

// addPast adds the records of r, their owner moved under the zone.
func (x *exchange) addPast(r *rrset.RRset, name string) {
	var bad error
	for _, rdata := range r.Rdata {
		rr, err := rrset.ToRR(r.Owner, r.Type, x.h.ttl, rdata)
		if err != nil {
			bad = err
			continue
		}
		rr.Header().Name = name
		x.add(rr)
	}
	if bad != nil {
		x.explain(dns.ExtendedErrorCodeOther, "left out: "+bad.Error())
	}
}

// newest finds the RRset that answers for an owner; nil if there is none. It
// also returns the NXDOMAIN of a name that was known not to exist at the time,
// though it had once had that RRset.
func (x *exchange) newest(ctx context.Context, q *question.Question, owner []byte) (best, gone *rrset.RRset, err error) {
	query := q.Query
	query.Subject = store.Owner(owner)
	query.Types = []uint16{x.qtype(), dns.TypeCNAME}
	if query.At != 0 {
		query.Types = append(query.Types, rrset.TypeNXDOMAIN)
	}
	var nxdomain *rrset.RRset
	for r, err := range x.source(q).Find(ctx, query) {
		switch {
		case err != nil:
			return best, nil, err
		case r.Type == rrset.TypeNXDOMAIN:
			if nxdomain == nil || r.Last > nxdomain.Last {
				nxdomain = r.Clone()
			}
		case best == nil || better(r, best, query.At):
			best = r.Clone()
		}
	}
	if best != nil && nxdomain != nil && !stood(best, query.At) && nxdomain.Last > best.Last {
		gone = nxdomain
	}
	return best, gone, nil
}

func stood(r *rrset.RRset, at int64) bool { return r.First <= at && at <= r.Last }

// better reports whether a answers before b: without a time the one seen last;
// at a time one that stood then, of several that which had come last, or else
// the one seen last before.
func better(a, b *rrset.RRset, at int64) bool {
	byFirst, byLast := cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last)
	switch aStood, bStood := stood(a, at), stood(b, at); {
	case at != 0 && aStood != bStood:
		return aStood
	case at != 0 && aStood:
		return cmp.Or(byFirst, byLast) > 0
	}
	return cmp.Or(byLast, byFirst) > 0
}
