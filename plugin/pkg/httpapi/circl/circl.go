// Package circl speaks what CIRCL's passive DNS and D4's server speak: objects of
// the Common Output Format, one a line, about a value of which the server finds
// out what it is.
//
//	GET /pdns/query/VALUE    CIRCL
//	GET /query/VALUE         D4, and
//	GET /fquery/VALUE        the same
//	GET /info                D4: what answers, and how many observations it has taken in
//
// VALUE is a name, *.example.com, www.example.*, an address, a network or a range,
// the slash of a network as it is, escaped or as a comma. The answer is all that
// was seen at a name, whole RRsets, and after that, one record an object, what
// holds the name or the addresses, except what was given before. No object at all
// is an answer: status 200. Each object has count, and origin, which some clients
// demand: where the server was not told whose it is, it is the URL by which the
// client has found it. Names have their final dot, and a type without a mnemonic is
// TYPE and its number. Nothing is resolved to answer, so that the header field
// dribble-disable-active-query is fulfilled in any case.
//
// Without paging an answer leaves as it is found; one with more objects than the
// key may have, and one whose search fails, is cut, so that nobody takes it for the
// whole. With dribble-paginate-count or dribble-paginate-cursor it is a page, whose
// header field x-dribble-cursor says what to send for the next one, as long as there
// is one. A cursor is how many objects came before: their order does not change,
// but what was seen since can shift it, and a page far behind takes as long to find
// as all pages before it. dribble-filter-rrtype is types, joined by commas.
// x-dribble-errors is an object with a text about what is wrong, error.
//
// The user of Basic authentication is the name of the key, the password its secret;
// a key can also be sent whole as Authorization, with or without Bearer before it.
package circl

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
)

const ndjson = "application/x-ndjson"

// New returns the dialect of a program of a version.
func New(version string) dialect.Dialect {
	return dialect.Dialect{
		Name:      "circl",
		Prefixes:  []string{"/pdns/query/", "/query/", "/fquery/", "/info"},
		Secret:    secret,
		Challenge: `Basic realm="passive DNS"`,
		Serve: func(x *dialect.Exchange) error {
			if x.Prefix == "/info" {
				return info(x, version)
			}
			return query(x)
		},
		Refuse: refuse,
	}
}

func secret(r *http.Request) string {
	return cmp.Or(dialect.Basic(r), dialect.Bearer(r), r.Header.Get("Authorization"))
}

// refuse answers with a line of text, of which clients show the first, and with the
// header field for errors.
func refuse(x *dialect.Exchange, f *dialect.Fault) {
	setError(x, f.Text)
	x.Text(f.Status, "Error: "+f.Text)
}

// setError says what is wrong; the text is ASCII.
func setError(x *dialect.Exchange, text string) {
	b, _ := json.Marshal(map[string]string{"error": text}) // strings always can be
	x.W.Header().Set("x-dribble-errors", string(b))
}

func info(x *dialect.Exchange, version string) error {
	if len(x.Path) > 0 {
		return dialect.Refusal(http.StatusNotFound, "want /info and nothing behind it")
	}
	src, err := x.Engine().Source()
	if err != nil {
		return err
	}
	known, err := src.Coverage()
	if err != nil {
		return err
	}
	return x.JSON(http.StatusOK, struct {
		Version  string   `json:"version"`
		Software string   `json:"software"`
		Stats    uint64   `json:"stats"`
		Sensors  []string `json:"sensors"`
	}{version, "pdns", known.Recorded, []string{}})
}

func query(x *dialect.Exchange) error {
	v, err := question.ParseValue(value(x.Path))
	if err != nil {
		return &dialect.Fault{Status: http.StatusBadRequest, Text: err.Error()}
	}
	types, fault := dialect.Types(x.Request.Header.Get("dribble-filter-rrtype"))
	if fault != nil {
		return fault
	}
	p, fault := paging(x)
	if fault != nil {
		return fault
	}
	queries := dialect.Both(&v, store.Query{Types: types})
	if p == nil {
		return stream(x, queries)
	}
	return p.answer(x, queries)
}

// value is what is asked about: the rest of the path, in which a network may have a
// slash, or, where clients put it so, a comma.
func value(path []string) string {
	text := strings.Join(path, "/")
	if a, bits, ok := strings.Cut(text, ","); ok {
		if _, err := netip.ParseAddr(a); err == nil {
			return a + "/" + bits
		}
	}
	return text
}
