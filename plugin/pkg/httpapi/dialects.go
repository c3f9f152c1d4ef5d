package httpapi

import (
	"net/http"

	"example.org/pdns/plugin/pkg/httpapi/circl"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/dnsdb"
	"example.org/pdns/plugin/pkg/httpapi/otx"
	"example.org/pdns/plugin/pkg/httpapi/own"
	"example.org/pdns/plugin/pkg/httpapi/passivetotal"
	"example.org/pdns/plugin/pkg/httpapi/securitytrails"
	"example.org/pdns/plugin/pkg/httpapi/umbrella"
	"example.org/pdns/plugin/pkg/httpapi/virustotal"
)

// dialects are all that are spoken.
func dialects(c *Config) []dialect.Dialect {
	others := []dialect.Dialect{
		dnsdb.New(),
		dnsdb.NewV1(),
		circl.New(c.Version),
		otx.New(),
		passivetotal.New(),
		securitytrails.New(),
		umbrella.New(),
		virustotal.New(),
	}
	return append(others, own.New(c.Version, others))
}

// nowhere is the dialect of paths that belong to none.
var nowhere = dialect.Dialect{
	Name:   "none",
	Open:   func(*dialect.Exchange) bool { return true },
	Secret: func(*http.Request) string { return "" },
	Serve: func(*dialect.Exchange) error {
		return dialect.Refusal(http.StatusNotFound, "nothing is served here: see /api/v1/openapi.json")
	},
	Refuse: func(x *dialect.Exchange, f *dialect.Fault) { x.Text(f.Status, "Error: "+f.Text) },
}
