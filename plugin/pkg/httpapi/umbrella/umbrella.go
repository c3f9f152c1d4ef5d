// Package umbrella speaks the part of the API of Cisco Umbrella Investigate, in the
// form with single tokens, that is passive DNS.
//
//	GET /dnsdb/ip/TYPE/ADDRESS.json    a, aaaa: names that had an address;
//	                                   ns, mx: names served by a host that had it
//	GET /dnsdb/name/TYPE/NAME.json     what a name had, and when
//
// .json may be left out. Both tell what was seen in the 90 days before now. A ttl is
// the highest that was seen, 0 where none is known. "limited":true stands in an
// answer that is not all there is, since the key may have no more.
//
// Of an address, rrs leave as they are found. features count names: ld2 are those
// that somebody has registered, as the public suffix list has it, ld3 those of one
// label more, ld2_1 and ld2_2 the same without the public suffix. Up to 65,536
// different names are counted exactly, more by a sample, off by about half a percent.
//
// Of a name, rrs_tf are periods in which a set of records was seen, newest first.
// age is days since the first of them began; rips_stability is 1 by the changes
// between them. Nothing here knows countries, places and routes: these features are
// empty, prefixes are networks of 24 and 48 bits, and ff_candidate is false.
//
// The key is a bearer token. What is wrong is told as {"errorMessage":...}.
package umbrella

import (
	"net/http"
	"net/netip"
	"strings"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
)

const day = 24 * 3600

// New returns the dialect.
func New() dialect.Dialect {
	return dialect.Dialect{
		Name:      "umbrella",
		Prefixes:  []string{"/dnsdb/ip/", "/dnsdb/name/"},
		Secret:    dialect.Bearer,
		Challenge: "Bearer",
		Serve:     serve,
		Refuse:    refuse,
	}
}

func refuse(x *dialect.Exchange, f *dialect.Fault) {
	x.JSON(f.Status, map[string]string{"errorMessage": f.Text})
}

func serve(x *dialect.Exchange) error {
	if len(x.Path) != 2 {
		return dialect.Refusal(http.StatusNotFound, "want /dnsdb/ip/TYPE/ADDRESS or /dnsdb/name/TYPE/NAME")
	}
	rtype, text := strings.ToLower(x.Path[0]), strings.TrimSuffix(x.Path[1], ".json")
	if x.Prefix == "/dnsdb/ip/" {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return dialect.Bad("%s: want an address", dialect.Show(text))
		}
		return ofAddress(x, rtype, a.Unmap())
	}
	v, err := question.ParseValue(text)
	if err != nil || v.Name == nil || v.Below {
		return dialect.Bad("%s: want a domain name", dialect.Show(text))
	}
	types, fault := dialect.Types(rtype)
	if fault != nil {
		return fault
	}
	return ofName(x, v.Name, types)
}

// window is what was seen in the days that are told of.
func window(x *dialect.Exchange) store.Fences {
	return question.Window(x.Now.Unix()-90*day, 0)
}
