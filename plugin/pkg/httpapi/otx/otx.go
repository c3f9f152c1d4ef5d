// Package otx speaks the part of AlienVault's OTX API that is passive DNS.
//
//	GET /api/v1/indicators/domain/NAME/passive_dns      records at a name and below
//	GET /api/v1/indicators/hostname/NAME/passive_dns    records at a name
//	GET /api/v1/indicators/IPv4/ADDRESS/passive_dns     names that had an address
//	GET /api/v1/indicators/IPv6/ADDRESS/passive_dns
//
// An element of passive_dns is one record. Its address is what the record leads to:
// an address, a host without its final dot, of MX, SRV and SOA that alone, or else
// the rdata. Times are in UTC. They leave as they are found, in the order of the
// store, with count behind them, and "limited":true where the key may have no more
// than what was given. What nobody knows here, asn and the flag of a country, is
// empty.
//
// The key is sent as X-OTX-API-KEY. What is wrong is told as {"detail":...}.
package otx

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// New returns the dialect.
func New() dialect.Dialect {
	return dialect.Dialect{
		Name:     "otx",
		Prefixes: []string{"/api/v1/indicators/"},
		Secret:   func(r *http.Request) string { return r.Header.Get("X-OTX-API-KEY") },
		Serve:    serve,
		Refuse: func(x *dialect.Exchange, f *dialect.Fault) {
			x.JSON(f.Status, map[string]string{"detail": f.Text})
		},
	}
}

func serve(x *dialect.Exchange) error {
	if len(x.Path) != 3 || x.Path[2] != "passive_dns" {
		return dialect.Refusal(http.StatusNotFound, "want %sTYPE/INDICATOR/passive_dns, TYPE being domain, hostname, IPv4 or IPv6", x.Prefix)
	}
	v, fault := indicator(x.Path[0], x.Path[1])
	if fault != nil {
		return fault
	}
	w := writer{addresses: v.Addresses(), asked: x.Path[1]}
	a := x.Array(`{"passive_dns":[`)
	o := x.FindRecords(&v, store.Query{}, x.Limit(0), func(r *rrset.RRset) error {
		w.record = r
		return a.Add(w.append)
	})
	return a.End(o.Err, func(dst []byte) []byte {
		dst = strconv.AppendInt(append(dst, `],"count":`...), int64(o.Given), 10)
		if o.More {
			dst = append(dst, `,"limited":true`...)
		}
		return append(dst, "}\n"...)
	})
}

// indicator is what is asked about.
func indicator(kind, text string) (question.Value, *dialect.Fault) {
	switch kind {
	case "domain", "hostname":
		pattern := text
		if kind == "domain" {
			pattern = "*." + text
		}
		v, err := question.ParseValue(pattern)
		if err != nil || len(v.Name) < 2 || v.Below != (kind == "domain") {
			return v, dialect.Bad("%s: want the name of a host or domain", dialect.Show(text))
		}
		return v, nil
	case "IPv4", "IPv6":
		a, err := netip.ParseAddr(text)
		v, wrong := question.ParseValue(text)
		if err != nil || wrong != nil || a.Is4() != (kind == "IPv4") {
			return v, dialect.Bad("%s: want an %s address", dialect.Show(text), kind)
		}
		return v, nil
	}
	return question.Value{}, dialect.Bad("type %s: want domain, hostname, IPv4 or IPv6", dialect.Show(kind))
}

// A writer writes records as elements.
type writer struct {
	asked     string
	addresses bool // are what was asked about
	record    *rrset.RRset
}

func (w *writer) append(dst []byte) []byte {
	r := w.record
	dst = append(dst, `{"address":`...)
	if w.addresses {
		dst = dialect.AppendAddress(dst, r, w.asked)
	} else {
		dst, _ = dialect.AppendTarget(dst, r.Type, r.Rdata[0])
	}
	dst = appendTime(append(dst, `,"first":`...), r.First)
	dst = appendTime(append(dst, `,"last":`...), r.Last)
	dst = dialect.AppendHost(append(dst, `,"hostname":`...), r.Owner)
	dst = cof.AppendString(append(dst, `,"record_type":`...), rrset.TypeString(r.Type))
	kind := "hostname"
	if registered.Is(r.Owner) {
		kind = "domain"
	}
	dst = append(append(append(dst, `,"indicator_link":"/indicator/`...), kind...), '/')
	from := len(dst)
	dst = dialect.AppendHost(dst, r.Owner)
	dst = append(dst[:from], dst[from+1:]...) // its first quote
	dst = append(dst, `,"flag_url":"","flag_title":"","asset_type":"`...)
	return append(append(dst, kind...), `","asn":""}`...)
}

// appendTime appends a Unix time as text.
func appendTime(dst []byte, at int64) []byte {
	return time.Unix(at, 0).UTC().AppendFormat(dst, `"2006-01-02T15:04:05"`)
}
