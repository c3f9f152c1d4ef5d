// Package own is this project's own API, /api/v1: what the other dialects cannot
// say. openapi.json beside this file, which is served too, describes it.
//
// Results that may be many come as objects of the Common Output Format, one a line
// (see package cof), and behind them a line that says how the answer ended; what
// has no such line was cut. Answers that are one object say in it whether they are
// complete. Errors are problems as in RFC 9457.
package own

import (
	"bytes"
	"cmp"
	_ "embed"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

//go:embed openapi.json
var openapi []byte

// New returns the dialect. Status tells the version of the program; the document
// lists the other dialects that are spoken.
func New(version string, others []dialect.Dialect) dialect.Dialect {
	document := describe(others)
	following := newFollowers()
	return dialect.Dialect{
		Name:      "own",
		Prefixes:  []string{"/api/v1/"},
		Secret:    secret,
		Challenge: "Bearer",
		Open:      func(x *dialect.Exchange) bool { return describes(x.Path) },
		Free:      func(x *dialect.Exchange) bool { return len(x.Path) == 1 && x.Path[0] == "status" },
		Serve: func(x *dialect.Exchange) error {
			if describes(x.Path) {
				x.W.Header().Set("Content-Type", "application/json")
				_, err := x.W.Write(document)
				return err
			}
			return serve(x, version, following)
		},
		Refuse: refuse,
	}
}

// describe is the document with the other dialects in it.
func describe(others []dialect.Dialect) []byte {
	list := []byte(`"x-dialects": [`)
	for i, d := range others {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(cof.AppendString(append(list, "\n    {\"name\": "...), d.Name), `, "prefixes": [`...)
		for j, p := range d.Prefixes {
			if j > 0 {
				list = append(list, ", "...)
			}
			list = cof.AppendString(list, p)
		}
		list = append(list, "]}"...)
	}
	return bytes.Replace(openapi, []byte(`"x-dialects": [`), list, 1)
}

// describes reports whether a path is that of the document.
func describes(path []string) bool { return len(path) == 1 && path[0] == "openapi.json" }

// secret takes the key of Authorization: Bearer, or that of X-API-Key.
func secret(r *http.Request) string {
	return cmp.Or(dialect.Bearer(r), r.Header.Get("X-Api-Key"))
}

// An endpoint is what a path answers.
type endpoint struct {
	takes []string // parameters
	serve func(p *parameters) error
}

var endpoints = map[string]endpoint{
	"lookup":         {slices.Concat(selecting, window, []string{"negative", "slices", "records"}, paging), lookup},
	"at":             {slices.Concat(selecting, []string{"at", "negative", "records"}, paging), at},
	"summary":        {slices.Concat(selecting, window, []string{"negative", "slices", "records"}), summary},
	"negative":       {slices.Concat([]string{"name", "since", "until"}, paging), negative},
	"timeline":       {slices.Concat([]string{"name", "type", "since", "until", "gap"}, paging), timeline},
	"new":            {slices.Concat([]string{"kind", "since", "below"}, paging), firstSeen},
	"newly-observed": {slices.Concat([]string{"kind", "since", "after", "below", "nxdomain", "follow"}, paging), newlyObserved},
	"map":            {[]string{"seed", "depth", "since", "until", "kinds", "any_time", "expand", "expand_shared", "nodes"}, graph},
}

func serve(x *dialect.Exchange, version string, following *followers) error {
	name := strings.Join(x.Path, "/")
	if name == "status" {
		if fault := check(x, nil); fault != nil {
			return fault
		}
		return status(x, version)
	}
	e, ok := endpoints[name]
	if !ok {
		return dialect.Refusal(http.StatusNotFound,
			"%s: want at, lookup, map, negative, new, newly-observed, openapi.json, status, summary or timeline behind /api/v1/", dialect.Show(name))
	}
	if fault := check(x, e.takes); fault != nil {
		return fault
	}
	return e.serve(&parameters{dialect.Parameters{X: x}, following})
}

// refuse answers with a problem as in RFC 9457.
func refuse(x *dialect.Exchange, f *dialect.Fault) {
	body := cof.AppendString([]byte(`{"type":"about:blank","title":`), http.StatusText(f.Status))
	body = strconv.AppendInt(append(body, `,"status":`...), int64(f.Status), 10)
	body = append(cof.AppendText(append(body, `,"detail":`...), f.Text), "}\n"...)
	x.W.Header().Set("Content-Type", "application/problem+json")
	x.W.WriteHeader(f.Status)
	x.W.Write(body)
}
