package lab

import (
	"crypto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Sign returns the zone with DNSKEY, NSEC and a signature of every RRset, as a
// zone file, and the trust anchor of its key (RFC 4034).
func Sign(t testing.TB, text string) (zone, anchor string) {
	t.Helper()
	rrs := ParseZone(t, text)
	origin := rrs[0].Header().Name
	k := &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: origin, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 600},
		Flags: 257, Protocol: 3, Algorithm: dns.ED25519,
	}
	private, err := k.Generate(256)
	if err != nil {
		t.Fatal(err)
	}
	rrs = append(rrs, k)
	rrs = append(rrs, denial(rrs)...)
	var out strings.Builder
	for _, set := range sets(rrs) {
		for _, rr := range append(set, signature(t, k, private.(crypto.Signer), set)) {
			out.WriteString(rr.String() + "\n")
		}
	}
	return out.String(), k.ToDS(dns.SHA256).String()
}

func signature(t testing.TB, k *dns.DNSKEY, private crypto.Signer, set []dns.RR) dns.RR {
	t.Helper()
	now := time.Now()
	sig := &dns.RRSIG{
		Hdr:        dns.RR_Header{Ttl: set[0].Header().Ttl},
		KeyTag:     k.KeyTag(),
		SignerName: k.Hdr.Name,
		Algorithm:  k.Algorithm,
		Inception:  uint32(now.Add(-time.Hour).Unix()),
		Expiration: uint32(now.Add(24 * time.Hour).Unix()),
	}
	if err := sig.Sign(private, set); err != nil {
		t.Fatal(err)
	}
	return sig
}

// sets groups the records of a zone into RRsets, in canonical order.
func sets(rrs []dns.RR) [][]dns.RR {
	rrs = slices.Clone(rrs)
	slices.SortStableFunc(rrs, func(a, b dns.RR) int {
		if c := canonicalOrder(a.Header().Name, b.Header().Name); c != 0 {
			return c
		}
		return int(a.Header().Rrtype) - int(b.Header().Rrtype)
	})
	var out [][]dns.RR
	for i, rr := range rrs {
		if i > 0 && dns.IsRRset([]dns.RR{rrs[i-1], rr}) {
			out[len(out)-1] = append(out[len(out)-1], rr)
		} else {
			out = append(out, []dns.RR{rr})
		}
	}
	// The parser of zone files wants the SOA first.
	soa := slices.IndexFunc(out, func(s []dns.RR) bool { return s[0].Header().Rrtype == dns.TypeSOA })
	first := out[soa]
	return append([][]dns.RR{first}, slices.Delete(out, soa, soa+1)...)
}

func canonicalOrder(a, b string) int {
	la, lb := dns.SplitDomainName(a), dns.SplitDomainName(b)
	slices.Reverse(la)
	slices.Reverse(lb)
	return slices.Compare(la, lb)
}

// denial is the NSEC chain.
func denial(rrs []dns.RR) []dns.RR {
	types := map[string][]uint16{}
	for _, rr := range rrs {
		h := rr.Header()
		if !slices.Contains(types[h.Name], h.Rrtype) {
			types[h.Name] = append(types[h.Name], h.Rrtype)
		}
	}
	var names []string
	for name := range types {
		names = append(names, name)
	}
	slices.SortFunc(names, canonicalOrder)
	var out []dns.RR
	for i, name := range names {
		bitmap := append(types[name], dns.TypeNSEC, dns.TypeRRSIG)
		slices.Sort(bitmap)
		out = append(out, &dns.NSEC{
			Hdr:        dns.RR_Header{Name: name, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: 300},
			NextDomain: names[(i+1)%len(names)],
			TypeBitMap: bitmap,
		})
	}
	return out
}
