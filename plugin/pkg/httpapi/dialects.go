package httpapi

import (
	"net/http"
	"strings"

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

// nowhere is the dialect of paths that belong to none of these.
func nowhere(dialects []dialect.Dialect) dialect.Dialect {
	var prefixes []string
	for _, d := range dialects {
		prefixes = append(prefixes, d.Prefixes...)
	}
	text := "nothing is served here: want a path of " + strings.Join(prefixes, " ")
	return refusing(func(*dialect.Exchange) error { return dialect.Refusal(http.StatusNotFound, "%s", text) })
}

// refusing is a dialect in which nothing is answered, whoever asks.
func refusing(why func(*dialect.Exchange) error) dialect.Dialect {
	return dialect.Dialect{
		Name:   "none",
		Open:   func(*dialect.Exchange) bool { return true },
		Secret: func(*http.Request) string { return "" },
		Serve:  why,
		Refuse: func(x *dialect.Exchange, f *dialect.Fault) { x.Text(f.Status, "Error: "+f.Text) },
	}
}
