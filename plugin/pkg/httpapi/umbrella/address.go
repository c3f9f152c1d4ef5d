package umbrella

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strconv"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// maxHosts bounds of how many names of an address it is found out what they serve.
const maxHosts = 10_000

// ofAddress answers with names that had an address, or are served by one that had.
func ofAddress(x *dialect.Exchange, rtype string, a netip.Addr) error {
	queries, err := queriesOf(x, rtype, a)
	if err != nil {
		return err
	}
	var record *rrset.RRset
	var f features
	name := a.String()
	array := x.Array(`{"rrs":[`)
	write := func(dst []byte) []byte { return appendRecord(dst, record, name) }
	o := x.FindEach(queries, 0, x.Limit(0), func(r *rrset.RRset) error {
		record = r
		f.take(r.Owner)
		return array.Add(write)
	})
	return array.End(o.Err, func(dst []byte) []byte { return appendFeatures(append(dst, ']'), f.counts(), o.More) })
}

func queriesOf(x *dialect.Exchange, rtype string, a netip.Addr) ([]ask.Query, error) {
	q := store.Query{Subject: store.Address(a), Types: []uint16{dns.TypeAAAA}, Fences: window(x), Records: true}
	if a.Is4() {
		q.Types[0] = dns.TypeA
	}
	served := map[string]uint16{"ns": dns.TypeNS, "mx": dns.TypeMX}[rtype]
	switch {
	case rtype == "a" || rtype == "aaaa":
		return []ask.Query{{Query: q}}, nil
	case served == 0:
		return nil, dialect.Bad("type %s: want a, aaaa, ns or mx", dialect.Show(rtype))
	}
	var hosts [][]byte
	o := x.Find(&ask.Query{Query: q, Limit: maxHosts}, func(r *rrset.RRset) error {
		hosts = append(hosts, bytes.Clone(r.Owner))
		return nil
	})
	switch {
	case o.Err != nil:
		return nil, o.Err
	case o.More:
		return nil, dialect.Bad("%s had more than %d names: want an address of fewer, to find what each serves", a, maxHosts)
	}
	var queries []ask.Query
	for _, host := range hosts {
		q.Subject, q.Types = store.Target(host), []uint16{served}
		queries = append(queries, ask.Query{Query: q})
	}
	return queries, nil
}

// appendRecord appends a record of which the client knows only that it belongs to
// what it has asked about.
func appendRecord(dst []byte, r *rrset.RRset, asked string) []byte {
	dst = cof.AppendName(append(dst, `{"rr":`...), r.Owner)
	dst = strconv.AppendUint(append(dst, `,"ttl":`...), uint64(r.TTLMax), 10)
	dst = cof.AppendString(append(dst, `,"class":"IN","type":`...), rrset.TypeString(r.Type))
	return append(cof.AppendString(append(dst, `,"name":`...), asked), '}')
}

// appendFeatures appends the end of an answer.
func appendFeatures(dst []byte, features any, limited bool) []byte {
	b, _ := json.Marshal(features) // counts, finite numbers and text always can be
	dst = append(append(dst, `,"features":`...), b...)
	if limited {
		dst = append(dst, `,"limited":true`...)
	}
	return append(dst, "}\n"...)
}

// features count the names of an address.
type features struct {
	records                    int
	ld2, ld3, bareLD2, bareLD3 distinct
}

func (f *features) take(owner []byte) {
	f.records++
	n, all := registered.SuffixLabels(owner), rrset.CountLabels(owner)
	suffix := len(rrset.Suffix(owner, n))
	ld2, ld3 := rrset.Suffix(owner, min(n+1, all)), rrset.Suffix(owner, min(n+2, all))
	f.ld2.add(ld2)
	f.ld3.add(ld3)
	f.bareLD2.add(ld2[:len(ld2)-suffix])
	f.bareLD3.add(ld3[:len(ld3)-suffix])
}

// counts are features as they are told: div is by records.
type counts struct {
	Records    int     `json:"rr_count"`
	LD2        int     `json:"ld2_count"`
	LD3        int     `json:"ld3_count"`
	BareLD2    int     `json:"ld2_1_count"`
	BareLD3    int     `json:"ld2_2_count"`
	DivLD2     float64 `json:"div_ld2"`
	DivLD3     float64 `json:"div_ld3"`
	DivBareLD2 float64 `json:"div_ld2_1"`
	DivBareLD3 float64 `json:"div_ld2_2"`
}

func (f *features) counts() counts {
	c := counts{Records: f.records, LD2: f.ld2.count(), LD3: f.ld3.count(), BareLD2: f.bareLD2.count(), BareLD3: f.bareLD3.count()}
	c.DivLD2, c.DivLD3 = ratio(c.LD2, c.Records), ratio(c.LD3, c.Records)
	c.DivBareLD2, c.DivBareLD3 = ratio(c.BareLD2, c.Records), ratio(c.BareLD3, c.Records)
	return c
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
