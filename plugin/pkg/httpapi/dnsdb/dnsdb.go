// Package dnsdb speaks DNSDB's API, version 2 with flexible search and version 1,
// so that dnsdbq, the vendor's SDKs and the tools built on them work unchanged.
//
// # Version 2, below /dnsdb/v2
//
//	/lookup/rrset/name/OWNER[/TYPE[/BAILIWICK]]     OWNER: NAME, *.NAME, NAME.*
//	/lookup/rrset/raw/HEX[/TYPE]                    a whole wire name
//	/lookup/rdata/name/NAME[/TYPE]                  NAME, *.NAME, NAME.*
//	/lookup/rdata/ip/ADDR|ADDR,LENGTH|LOW-HIGH[/TYPE]
//	/lookup/rdata/raw/HEX[/TYPE]                    octets that rdata begins with
//	/summarize/...                                  as lookup: one object of sums
//	/regex|glob/rrnames|rdata/EXPRESSION[/TYPE]     see package flex
//	/rate_limit                                     what is left; costs nothing
//	/ping                                           needs no key
//
// Lookups of rrset give RRsets, rdata as an array; lookups of rdata give single
// records, rdata as a string. Parameters are limit, offset, time_first_before,
// time_first_after, time_last_before, time_last_after, aggr, humantime, max_count,
// and of flexible search exclude and verbose. Those of other names are ignored. The
// one addition is extra=1: ttl_min, ttl_max, bailiwick_known and sources as in
// package cof. Without it objects have the keys that DNSDB's have and no others,
// since some clients stop at any they do not know.
//
// # Version 1, at /lookup and /summarize
//
// The same lookups and parameters, /lookup/rate_limit, and bare objects without an
// envelope. Nothing found is 404. What cannot be finished is cut, since nothing in
// the answer could say so; and nothing says that there was more than the limit.
//
// # Differences from DNSDB
//
//   - NAME.* is names of more labels than NAME, which itself is not among them.
//   - The root is no name to look for in rdata: a null MX, say, is not found.
//   - ANY leaves out SIG, KEY and NXT too, which ANY-DNSSEC has.
//   - Whatever a client says it accepts, it is sent JSON.
//   - An RRset is one line, however many records it has: it cannot be split without
//     making two RRsets of it that nobody has seen. A client that reads lines of at
//     most 64 KiB, such as go-dnsdb, stops at one of some 4,000 addresses.
package dnsdb

import (
	"net/http"

	"example.org/pdns/plugin/pkg/flex"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// New is version 2.
func New() dialect.Dialect {
	return dialect.Dialect{
		Name:     "dnsdb",
		Prefixes: []string{"/dnsdb/v2/"},
		Secret:   secret,
		Unknown:  http.StatusForbidden,
		Open:     func(x *dialect.Exchange) bool { return len(x.Path) == 1 && x.Path[0] == "ping" },
		Free:     func(x *dialect.Exchange) bool { return len(x.Path) == 1 && x.Path[0] == "rate_limit" },
		Serve:    serve,
		Refuse:   refuse,
	}
}

// NewV1 is version 1.
func NewV1() dialect.Dialect {
	return dialect.Dialect{
		Name:     "dnsdb1",
		Prefixes: []string{"/lookup/", "/summarize/"},
		Secret:   secret,
		Unknown:  http.StatusForbidden,
		Free:     func(x *dialect.Exchange) bool { return len(x.Path) == 1 && x.Path[0] == "rate_limit" },
		Serve:    serveV1,
		Refuse:   refuse,
	}
}

func secret(r *http.Request) string { return r.Header.Get("X-Api-Key") }

// refuse answers with text, as DNSDB does.
func refuse(x *dialect.Exchange, f *dialect.Fault) {
	if f.Status == http.StatusTooManyRequests {
		setQuota(x)
	}
	x.Text(f.Status, "Error: "+f.Text)
}

func serve(x *dialect.Exchange) error {
	verb, rest := "", x.Path
	if len(rest) > 0 {
		verb, rest = rest[0], rest[1:]
	}
	if verb == "ping" && len(rest) == 0 {
		return x.JSON(http.StatusOK, map[string]string{"ping": "ok"})
	}
	setQuota(x)
	switch {
	case verb == "rate_limit" && len(rest) == 0:
		return rateLimit(x)
	case verb == "lookup":
		return lookup(x, rest, newAnswer(x))
	case verb == "summarize":
		return summarize(x, rest, newAnswer(x))
	case verb == "regex":
		return search(x, flex.Regex, rest)
	case verb == "glob":
		return search(x, flex.Glob, rest)
	}
	return dialect.Refusal(http.StatusNotFound,
		"%s: want lookup, summarize, regex, glob, rate_limit or ping behind /dnsdb/v2/", dialect.Show(verb))
}

func serveV1(x *dialect.Exchange) error {
	setQuota(x)
	switch {
	case x.Prefix == "/summarize/":
		return summarize(x, x.Path, newBareAnswer(x))
	case len(x.Path) == 1 && x.Path[0] == "rate_limit":
		return rateLimit(x)
	}
	return lookup(x, x.Path, newBareAnswer(x))
}
