// Package passivetotal speaks the part of RiskIQ's PassiveTotal API v2 that is
// passive DNS, for scripts that its end has left without a server, and for its
// command pt-client.
//
//	GET /v2/dns/passive?query=VALUE&start=TIME&end=TIME
//	GET /v2/dns/passive/unique?query=VALUE&start=TIME&end=TIME
//	GET /v2/dns/search/keyword?query=TEXT
//
// VALUE is a name, *.example.com or www.example.*, of which the records at these
// names are given, or an address, a network or a range, of which the names are that
// had them. start and end keep what was seen at some time between them, in any form
// of question.ParseTime: 2019-08-01 10:11:12. sources and timeout are accepted and
// change nothing. A keyword is found anywhere in names, in any letter case.
//
// Results leave as they are found, in the order of the store, with totalRecords,
// firstSeen and lastSeen behind them. Unique ones are held until all are known, at
// most 100,000; their frequency is how often they were seen. An answer that is not
// all there is, since the key may have no more, ends in "limited":true. A result is
// one record: resolve is an address, a host without its final dot, of MX, SRV and
// SOA that alone, or else the rdata, and resolveType ip, domain or text. recordHash
// is of value, recordType and resolve.
//
// The user of Basic authentication is the name of the key, the password its secret.
// What is wrong is told as {"message":...,"developerMessage":...}, both the same.
package passivetotal

import (
	"net/http"
	"strings"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
)

// New returns the dialect.
func New() dialect.Dialect {
	return dialect.Dialect{
		Name:      "passivetotal",
		Prefixes:  []string{"/v2/dns/", "/pt/v2/dns/"},
		Secret:    dialect.Basic,
		Challenge: `Basic realm="passive DNS"`,
		Serve:     serve,
		Refuse:    refuse,
	}
}

func refuse(x *dialect.Exchange, f *dialect.Fault) {
	x.JSON(f.Status, struct {
		Message          string `json:"message"`
		DeveloperMessage string `json:"developerMessage"`
	}{f.Text, f.Text})
}

func serve(x *dialect.Exchange) error {
	ways := map[string]func(*dialect.Exchange) error{"passive": passive, "passive/unique": unique, "search/keyword": keyword}
	way := ways[strings.Join(x.Path, "/")]
	if way == nil {
		return dialect.Refusal(http.StatusNotFound, "want %spassive, passive/unique or search/keyword", x.Prefix)
	}
	if x.Values.Get("query") == "" {
		return dialect.Bad("query: want a name, an address or a keyword")
	}
	return way(x)
}

// read reads what is asked about, and when it was seen.
func read(x *dialect.Exchange) (v question.Value, q store.Query, err error) {
	if v, err = question.ParseValue(x.Values.Get("query")); err != nil {
		return v, q, dialect.Bad("query: %v", err)
	}
	var times [2]int64
	for i, name := range []string{"start", "end"} {
		s := x.Values.Get(name)
		if s == "" {
			continue
		}
		if times[i], err = question.ParseTime(s, x.Now, name == "end"); err != nil {
			return v, q, dialect.Bad("%s: %v", name, err)
		}
	}
	if times[1] != 0 && times[0] > times[1] {
		return v, q, dialect.Bad("start: %s is later than end, %s", dialect.Show(x.Values.Get("start")), dialect.Show(x.Values.Get("end")))
	}
	q.Fences = question.Window(times[0], times[1])
	return v, q, nil
}
