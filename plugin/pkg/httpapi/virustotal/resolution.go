package virustotal

import (
	"bytes"
	"cmp"
	"net/http"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A resolution is one of a list: what the others of the list do not share, an
// address or a name, and the Unix time when it was last seen.
type resolution struct {
	date  int64
	other string
}

// compare puts the newest first.
func compare(a, b resolution) int {
	return cmp.Or(cmp.Compare(b.date, a.date), cmp.Compare(a.other, b.other))
}

// A list is all resolutions of a name or of an address.
type list struct {
	value question.Value
	other func(r *rrset.RRset) string
	pair  func(other string) (host, address string)
}

var addressTypes = []uint16{dns.TypeA, dns.TypeAAAA}

func newOfName(v question.Value) *list {
	host := hostName(v.Name)
	return &list{
		value: v,
		other: func(r *rrset.RRset) string { return rrset.RdataString(r.Type, r.Rdata[0]) },
		pair:  func(other string) (string, string) { return host, other },
	}
}

func newOfAddress(v question.Value, address string) *list {
	return &list{
		value: v,
		other: func(r *rrset.RRset) string { return hostName(r.Owner) },
		pair:  func(other string) (string, string) { return other, address },
	}
}

// newest finds the newest resolutions behind a cursor, at most n.
func (l *list) newest(x *dialect.Exchange, after *resolution, n int) (page []resolution, err error) {
	o := x.FindRecords(&l.value, store.Query{Types: addressTypes}, 0, func(r *rrset.RRset) error {
		if len(page) == n && r.Last < page[n-1].date {
			return nil
		}
		found := resolution{r.Last, l.other(r)}
		if after == nil || compare(found, *after) > 0 {
			page = insert(page, found, n)
		}
		return nil
	})
	return page, o.Err
}

// insert puts a resolution in its place of a page of at most n.
func insert(page []resolution, r resolution, n int) []resolution {
	at, _ := slices.BinarySearchFunc(page, r, compare)
	return slices.Insert(page, at, r)[:min(len(page)+1, n)]
}

// one answers with the resolution that an identifier names: the address with the
// name behind it. Where the one ends is not written, so all ways are tried.
func one(x *dialect.Exchange, id string) error {
	var found *resolution
	var host string
	for at := 1; at < len(id) && found == nil; at++ {
		a, err := netip.ParseAddr(id[:at])
		name, wrong := rrset.ParseName(id[at:])
		if err != nil || wrong != nil || a.Zone() != "" {
			continue
		}
		o := x.Find(&ask.Query{Query: store.Query{Subject: store.Owner(name), Types: addressTypes}}, func(r *rrset.RRset) error {
			_, holds := slices.BinarySearchFunc(r.Rdata, a.AsSlice(), bytes.Compare)
			if holds && (found == nil || found.date < r.Last) {
				found = &resolution{r.Last, a.String()}
			}
			return nil
		})
		if o.Err != nil {
			return o.Err
		}
		host = hostName(name)
	}
	if found == nil {
		return dialect.Refusal(http.StatusNotFound, "%s: no resolution of an address and a name that were seen", dialect.Show(id))
	}
	x.Count(1)
	return x.Object(func(dst []byte) []byte {
		dst = append(dst, `{"data":`...)
		return append(appendResolution(dst, x, found.date, host, found.other), '}')
	})
}
