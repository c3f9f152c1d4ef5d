package dnsdb

import (
	"net/http"
	"net/url"

	"example.org/pdns/plugin/pkg/flex"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/store"
)

// parseLookup reads what is looked up, from the path behind lookup and from
// parameters.
func parseLookup(x *dialect.Exchange, path []string) (*ask.Query, form, *dialect.Fault) {
	q, fault := parsePath(path)
	if fault != nil {
		return nil, form{}, fault
	}
	p := parameters{dialect.Parameters{X: x}}
	q.Fences = p.fences()
	q.Slices = !p.Flag("aggr", true)
	q.Offset, q.Limit = p.Page()
	return q, p.form(), p.Fault
}

// parseSummary is parseLookup for a summary, which ends when it has counted most
// observations; 0 is no end. It is of everything unless a limit is given.
func parseSummary(x *dialect.Exchange, path []string) (q *ask.Query, f form, most uint64, fault *dialect.Fault) {
	if q, fault = parsePath(path); fault != nil {
		return nil, f, 0, fault
	}
	p := parameters{dialect.Parameters{X: x}}
	q.Fences = p.fences()
	q.Slices = !p.Flag("aggr", true)
	q.Limit = p.Number("limit", 0, 0)
	if p.Number("offset", 0, 0) > 0 {
		p.Note(dialect.Refusal(http.StatusRequestedRangeNotSatisfiable, "offset: a summary is of all results"))
	}
	most = uint64(p.Number("max_count", 0, 0))
	return q, p.form(), most, p.Fault
}

// parsePath reads rrset or rdata, how the value is written, the value, and where
// they are given type and bailiwick.
func parsePath(path []string) (*ask.Query, *dialect.Fault) {
	if len(path) < 3 || path[2] == "" {
		return nil, dialect.Bad("path: want rrset or rdata, name, ip or raw, and a value, as in rrset/name/www.example.com")
	}
	side, kind, value := path[0], path[1], path[2]
	rest := append(path[3:len(path):len(path)], "", "")
	if len(path) > 5 || side+"/"+kind != "rrset/name" && rest[1] != "" {
		return nil, dialect.Bad("path: want at most a type behind the value, and behind that of rrset/name a bailiwick")
	}
	types, fault := parseType(rest[0])
	if fault != nil {
		return nil, fault
	}
	q := &ask.Query{}
	switch side + "/" + kind {
	case "rrset/name":
		fault = setOwner(q, value, types, rest[1])
	case "rrset/raw":
		fault = setRawOwner(q, value, types)
	case "rdata/name":
		fault = setTarget(q, value, types)
	case "rdata/ip":
		fault = setAddresses(q, value, types)
	case "rdata/raw":
		fault = setRaw(q, value, types)
	default:
		return nil, dialect.Bad("path %s: want rrset/name, rrset/raw, rdata/name, rdata/ip or rdata/raw", dialect.Show(side+"/"+kind))
	}
	return q, fault
}

// parseSearch reads a request for flexible search, from the path behind regex or
// glob and from parameters.
func parseSearch(x *dialect.Exchange, kind flex.Kind, path []string) (*searching, *dialect.Fault) {
	sides := map[string]flex.Side{"rrnames": flex.Names, "rdata": flex.Rdata}
	if len(path) < 2 || len(path) > 3 {
		return nil, dialect.Bad("path: want rrnames or rdata, an expression, and perhaps a type, as in rrnames/mail/A")
	}
	side, ok := sides[path[0]]
	if !ok {
		return nil, dialect.Bad("path %s: want rrnames or rdata", dialect.Show(path[0]))
	}
	types, fault := parseType(append(path[2:len(path):len(path)], "")[0])
	if fault != nil {
		return nil, fault
	}
	s := &searching{}
	expr := path[1]
	if twice, err := url.PathUnescape(expr); err == nil {
		expr = twice // go-dnsdb escapes twice; in names there is no % to look for
	}
	var err error
	if s.Search, err = flex.Compile(kind, side, expr, x.Values.Get("exclude"), types.wanted); err != nil {
		return nil, dialect.Bad("%v", err)
	}
	p := parameters{dialect.Parameters{X: x}}
	s.base = store.Query{Fences: p.fences()}
	s.offset, s.limit = p.Page()
	s.form = p.form()
	return s, p.Fault
}

// searching is a flexible search and what of its results is given.
type searching struct {
	*flex.Search
	base          store.Query
	offset, limit int
	form          form
}
