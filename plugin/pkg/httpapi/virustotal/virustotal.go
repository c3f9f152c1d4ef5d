// Package virustotal speaks the part of VirusTotal's API v3 that is passive DNS:
// which addresses a name had, which names an address.
//
//	GET /api/v3/domains/NAME/resolutions?limit=N&cursor=C
//	GET /api/v3/ip_addresses/ADDRESS/resolutions?limit=N&cursor=C
//	GET /api/v3/resolutions/ID
//
// A resolution is a name, an address and the date when it was last seen, newest
// first, of records of types A and AAAA at the name itself. To give them in that
// order the whole history of the name or address is read for each page, while one
// page is held in memory, and of a name what FindRecords holds. A cursor is the last
// resolution that was given: what was seen anew since then is not given again.
//
// What nobody knows here stays empty: analysis statistics, and the resolver
// unless the server was told whose it is.
package virustotal

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
)

const (
	defaultLimit = 10
	maxLimit     = 40
)

// New returns the dialect.
func New() dialect.Dialect {
	return dialect.Dialect{
		Name:     "virustotal",
		Prefixes: []string{"/api/v3/"},
		Secret:   func(r *http.Request) string { return r.Header.Get("X-Apikey") },
		Serve:    serve,
		Refuse:   refuse,
	}
}

func serve(x *dialect.Exchange) error {
	switch p := x.Path; {
	case len(p) == 3 && p[0] == "domains" && p[2] == "resolutions":
		v, err := question.ParseValue(p[1])
		if err != nil || v.Name == nil || v.Below {
			return dialect.Bad("%s: want a domain name", dialect.Show(p[1]))
		}
		return page(x, newOfName(v))
	case len(p) == 3 && p[0] == "ip_addresses" && p[2] == "resolutions":
		v, err := question.ParseValue(p[1])
		a, wrong := netip.ParseAddr(p[1])
		if err != nil || wrong != nil {
			return dialect.Bad("%s: want an IPv4 or IPv6 address", dialect.Show(p[1]))
		}
		return page(x, newOfAddress(v, a.Unmap().String()))
	case len(p) == 2 && p[0] == "resolutions":
		return one(x, p[1])
	}
	return dialect.Refusal(http.StatusNotFound, "want /api/v3/domains/NAME/resolutions, "+
		"/api/v3/ip_addresses/ADDRESS/resolutions or /api/v3/resolutions/ID")
}

// hostName is a name as this API has it: without the final dot.
func hostName(wire []byte) string { return strings.TrimSuffix(rrset.NameString(wire), ".") }

// refuse answers {"error":{"code":...,"message":...}}.
func refuse(x *dialect.Exchange, f *dialect.Fault) {
	status := f.Status
	if errors.Is(f.Err, ask.ErrTimeout) {
		status = http.StatusGatewayTimeout
	}
	type fault struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	x.JSON(status, map[string]fault{"error": {code(x, status, f), f.Text}})
}

// code is the word for a fault in this API.
func code(x *dialect.Exchange, status int, f *dialect.Fault) string {
	switch status {
	case http.StatusUnauthorized:
		if x.Request.Header.Get("X-Apikey") == "" {
			return "AuthenticationRequiredError"
		}
		return "WrongCredentialsError"
	case http.StatusForbidden:
		return "ForbiddenError"
	case http.StatusNotFound:
		return "NotFoundError"
	case http.StatusTooManyRequests:
		if errors.Is(f.Err, keys.ErrQuota) {
			return "QuotaExceededError"
		}
		return "TooManyRequestsError"
	case http.StatusServiceUnavailable:
		return "TransientError"
	case http.StatusGatewayTimeout:
		return "DeadlineExceededError"
	}
	return "BadRequestError"
}
