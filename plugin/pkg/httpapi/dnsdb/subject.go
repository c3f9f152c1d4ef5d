package dnsdb

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// setTypes has a query give the types wanted.
func setTypes(q *ask.Query, t types) {
	if q.Types = t.wanted; t.wanted == nil {
		q.Keep = func(r *rrset.RRset) bool { return !rrset.IsDNSSEC(r.Type) }
	}
}

func setOwner(q *ask.Query, text string, t types, bailiwick string) *dialect.Fault {
	p, fault := parsePattern(text)
	if fault != nil {
		return fault
	}
	switch p.wildcard {
	case left:
		q.Subject = store.Below(p.name)
	case right:
		q.Subject = store.Leading(p.labels()...)
	default:
		q.Subject = store.Owner(p.name)
	}
	setTypes(q, t)
	if bailiwick != "" {
		if q.Bailiwick, fault = parseName(bailiwick); fault != nil {
			return fault
		}
	}
	return nil
}

func setRawOwner(q *ask.Query, text string, t types) *dialect.Fault {
	name, err := hex.DecodeString(text)
	if err != nil || rrset.Canonicalize(name) != nil {
		return dialect.Bad("name %s: want a whole name as on the wire, in hexadecimal, as in 03777777076578616d706c6500", dialect.Show(text))
	}
	q.Subject = store.Owner(name)
	setTypes(q, t)
	return nil
}

// setTarget looks for a name in rdata: the first of those that it holds, which is
// the target or exchange, the mname of SOA, the mailbox of RP.
func setTarget(q *ask.Query, text string, t types) *dialect.Fault {
	p, fault := parsePattern(text)
	if fault != nil {
		return fault
	}
	q.Records = true
	switch {
	case t.wanted == nil:
		q.Types = named
	case t.dnssec:
		q.Types = namedDNSSEC
	default:
		q.Types = t.wanted
	}
	switch p.wildcard {
	case left:
		q.Subject = store.TargetBelow(p.name)
	case right:
		// There is no index by how a name in rdata begins: that by names is walked.
		q.Subject = store.TargetBelow([]byte{0})
		q.Sift = p.sift()
	default:
		q.Subject = store.Target(p.name)
	}
	q.Keep = func(r *rrset.RRset) bool { return p.matches(firstName(r)) }
	return nil
}

// firstName is the first name in the rdata of a single record; nil if there is none.
func firstName(r *rrset.RRset) (first []byte) {
	// Rdata that is malformed behind the name may have it all the same.
	_ = rrset.RdataNames(r.Type, r.Rdata[0], func(name []byte) {
		if first == nil {
			first = name
		}
	})
	return first
}

func setAddresses(q *ask.Query, text string, t types) *dialect.Fault {
	q.Records, q.Types = true, []uint16{dns.TypeA, dns.TypeAAAA}
	for _, w := range t.wanted {
		if !slices.Contains(q.Types, w) {
			return dialect.Bad("type %s: want A, AAAA or ANY for addresses", rrset.TypeString(w))
		}
	}
	var ok bool
	if q.Subject, ok = parseAddresses(text); !ok {
		return dialect.Bad("address %s: want an address, ADDRESS,LENGTH for a network, or LOWEST-HIGHEST of one family", dialect.Show(text))
	}
	return nil
}

// parseAddresses reads an address, a network whose bits behind its length do not
// matter, or a range.
func parseAddresses(text string) (store.Subject, bool) {
	if text = strings.Replace(text, ",", "/", 1); strings.Contains(text, "/") {
		network, err := netip.ParsePrefix(text)
		if err != nil || network.Addr().Is4In6() {
			return store.Subject{}, false
		}
		return store.Network(network), true
	}
	v, err := question.ParseValue(text)
	addresses, _ := v.Rdata()
	return addresses, err == nil && v.Addresses()
}

func setRaw(q *ask.Query, text string, t types) *dialect.Fault {
	prefix, err := hex.DecodeString(text)
	if err != nil {
		return dialect.Bad("rdata %s: want the octets that it begins with, in hexadecimal, two digits each", dialect.Show(text))
	}
	q.Subject, q.Records = store.Raw(prefix), true
	setTypes(q, t)
	return nil
}
