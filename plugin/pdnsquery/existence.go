package pdnsquery

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// malformed answers a name that is no question. It is NXDOMAIN where no name
// below it can be one either: whoever mistyped an operator shall not take an empty
// answer for the history. It is NODATA where one can, since NXDOMAIN denies the
// names below too (RFC 8020), and resolvers that minimise names (RFC 9156) ask
// for _json before they ask for www.example.com._json.
//
// FORMERR would say that the message is broken: to that, forwarders ask again
// without EDNS, and the text is lost.
func (x *exchange) malformed(err error) {
	if errors.Is(err, question.ErrAncestor) {
		x.unfit(err)
		return
	}
	x.negative(dns.RcodeNameError)
	x.outcome = outcomeMalformed
	x.explain(dns.ExtendedErrorCodeOther, err.Error())
}

// unfit answers where another type, or a name below, can be asked: NODATA.
func (x *exchange) unfit(err error) {
	x.negative(dns.RcodeSuccess)
	x.outcome = outcomeMalformed
	x.explain(dns.ExtendedErrorCodeOther, err.Error())
}

// negative answers that there is nothing: NXDOMAIN, or NODATA with success.
func (x *exchange) negative(rcode int) {
	x.m.Rcode = rcode
	x.m.Ns = []dns.RR{x.soa()}
	x.outcome = outcomeEmpty
}

// nothing answers a search without a result. NXDOMAIN denies all types of the
// name and all names below, whoever asks; so it says that nothing was ever seen
// there, whatever the question's own type, times and bailiwick, and that the name is
// none of those that were recorded as one. Else it is NODATA.
func (x *exchange) nothing(ctx context.Context, q *question.Question) {
	tree := q.Subtree()
	if tree == nil {
		x.negative(dns.RcodeSuccess)
		return
	}
	for _, s := range tree {
		r, err := first(ctx, bounded{x.src, x.h.bounds.search}, s, slices.Contains(q.Query.Types, rrset.TypeNXDOMAIN))
		switch {
		case !x.incomplete(err, false):
			return
		case r == nil:
			continue
		}
		x.negative(dns.RcodeSuccess)
		if q.Owner != nil && !bytes.Equal(r.Owner, q.Owner) {
			x.explain(dns.ExtendedErrorCodeOther, "nothing at the name, but below it: ask *."+show(x.qname()))
		}
		return
	}
	if !x.amongNothing(ctx, q) {
		x.negative(dns.RcodeNameError)
	}
}

// first is the first RRset of a subject, nil if there is none. That a name did
// not exist is no reason to say that it does, but for those who ask for that.
func first(ctx context.Context, src store.Source, s store.Subject, nxdomain bool) (*rrset.RRset, error) {
	for r, err := range src.Find(ctx, store.Query{Subject: s, Negative: true}) {
		if err != nil {
			return nil, err
		}
		if nxdomain || r.Type != rrset.TypeNXDOMAIN {
			return r.Clone(), nil
		}
	}
	return nil, nil
}

// show bounds a name inside an extended error.
func show(name string) string {
	if len(name) > 100 {
		return name[:97] + "..."
	}
	return name
}
