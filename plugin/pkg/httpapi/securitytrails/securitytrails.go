// Package securitytrails speaks the part of SecurityTrails' API v1 that is the
// history of a name.
//
//	GET /v1/history/NAME/dns/a|aaaa|mx|ns|soa|txt?page=N
//
// A record is a period: a set of values that were seen together, and the days when
// it was first and last seen. Observations of one set make one period if no more
// than a day lies between them, or if no other set was seen in between. Periods of
// different sets overlap where they did: those of a name that answers now with one
// set, now with another. The newest come first, a hundred a page.
//
// What nobody knows here is empty: organizations, and the count beside a value, of
// how many names have it too, which is null. To count them would take a search as
// large as the largest shared host for each value of a page; /api/v1/summary counts
// those of one.
package securitytrails

import (
	"errors"
	"net/http"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/period"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
)

const (
	pageSize = 100
	gap      = 24 * 3600 // seconds that are too few to end a period
)

// New returns the dialect.
func New() dialect.Dialect {
	return dialect.Dialect{
		Name:     "securitytrails",
		Prefixes: []string{"/v1/history/"},
		Secret:   func(r *http.Request) string { return r.Header.Get("Apikey") },
		Serve:    serve,
		Refuse:   refuse,
	}
}

// refuse answers {"message":...}.
func refuse(x *dialect.Exchange, f *dialect.Fault) {
	x.JSON(f.Status, map[string]string{"message": f.Text})
}

// kinds are the types that a history can be of, and what each is called in full.
var kinds = map[string]struct {
	rtype uint16
	full  string
}{
	"a":    {dns.TypeA, "a/ipv4"},
	"aaaa": {dns.TypeAAAA, "aaaa/ipv6"},
	"mx":   {dns.TypeMX, "mx"},
	"ns":   {dns.TypeNS, "ns"},
	"soa":  {dns.TypeSOA, "soa"},
	"txt":  {dns.TypeTXT, "txt"},
}

func serve(x *dialect.Exchange) error {
	if len(x.Path) != 3 || x.Path[1] != "dns" {
		return dialect.Refusal(http.StatusNotFound, "want /v1/history/NAME/dns/TYPE")
	}
	v, err := question.ParseValue(x.Path[0])
	if err != nil || v.Name == nil || v.Below {
		return dialect.Bad("%s: want a domain name", dialect.Show(x.Path[0]))
	}
	kind, ok := kinds[strings.ToLower(x.Path[2])]
	if !ok {
		return dialect.Bad("%s: want a, aaaa, mx, ns, soa or txt", dialect.Show(x.Path[2]))
	}
	number, fault := x.Int("page", 1, 1)
	if fault != nil {
		return fault
	}
	c := period.Collector{Gap: gap}
	o := x.Find(&ask.Query{Query: store.Query{Subject: store.Owner(v.Name), Types: []uint16{kind.rtype}, Slices: true}}, c.Add)
	switch {
	case errors.Is(o.Err, period.ErrTooMany):
		return dialect.Bad("%v: ask /api/v1/lookup for single RRsets", period.ErrTooMany)
	case o.Err != nil:
		return o.Err
	}
	return answer(x, kind.full, period.Join(c.Periods()), number)
}
