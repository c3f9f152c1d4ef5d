package own

import (
	"maps"
	"slices"
	"strconv"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// lookup answers with RRsets, or with single records.
func lookup(p *parameters) error {
	q := p.query()
	q.Fences = p.fences()
	return p.answer(&q)
}

// at answers with what stood at a time.
func at(p *parameters) error {
	q := p.query()
	if p.required("at", "a time") {
		q.At = p.time("at", true)
	}
	return p.answer(&q)
}

// negative answers with what a name, or those below it, did not have.
func negative(p *parameters) error {
	q := ask.Query{Query: store.Query{Types: []uint16{rrset.TypeNXDOMAIN, rrset.TypeNODATA}, Fences: p.window()}}
	if p.required("name", "a domain name or *.name") {
		q.Subject = p.owners("name")
	}
	return p.answer(&q)
}

// answer streams the page of a query.
func (p *parameters) answer(q *ask.Query) error {
	q.Offset, q.Limit = p.Page()
	if p.Fault != nil {
		return p.Fault
	}
	l := newLines(p.X)
	o := p.X.Find(q, func(r *rrset.RRset) error {
		return l.add(func(dst []byte) []byte { return cof.Append(dst, r) })
	})
	return l.end(o, q.Offset, "")
}

// summary answers with the figures of a whole result.
func summary(p *parameters) error {
	q := p.query()
	q.Fences = p.fences()
	if p.Fault != nil {
		return p.Fault
	}
	var sum rrset.Figures
	types := map[uint16]int64{}
	o := p.X.Find(&q, func(r *rrset.RRset) error {
		if len(types) == 0 {
			sum = r.Figures
		} else {
			sum.Add(&r.Figures)
		}
		types[r.Type]++
		return nil
	})
	reason := shortfall(o.Err)
	if o.Err != nil && reason == "" {
		return o.Err
	}
	p.X.Count(1)
	return p.X.Object(func(dst []byte) []byte {
		dst = strconv.AppendInt(append(dst, `{"rrsets":`...), int64(o.Given), 10)
		if o.Given > 0 {
			dst = appendTimes(append(dst, ','), &sum)
		}
		dst = append(appendTypes(append(dst, `,"types":{`...), types), '}')
		return appendComplete(dst, reason)
	})
}

// appendTypes appends how many RRsets of each type there are.
func appendTypes(dst []byte, types map[uint16]int64) []byte {
	for i, t := range slices.Sorted(maps.Keys(types)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(cof.AppendString(dst, rrset.TypeString(t)), ':')
		dst = strconv.AppendInt(dst, types[t], 10)
	}
	return dst
}

// appendTimes appends when and how often something was seen, as three keys.
func appendTimes(dst []byte, f *rrset.Figures) []byte {
	dst = strconv.AppendInt(append(dst, `"time_first":`...), f.First, 10)
	dst = strconv.AppendInt(append(dst, `,"time_last":`...), f.Last, 10)
	return strconv.AppendUint(append(dst, `,"count":`...), f.Count, 10)
}
