package own

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/period"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const defaultGap = 24 * 3600 // seconds

// timeline answers with the periods of what a name had.
func timeline(p *parameters) error {
	name := p.name("name")
	q := ask.Query{Query: store.Query{Subject: store.Owner(name), Types: p.types(), Negative: true, Slices: true, Fences: p.window()}}
	if len(q.Types) > 0 {
		q.Types = append(q.Types, rrset.TypeNXDOMAIN)
	}
	c := period.Collector{Gap: int64(p.Number("gap", defaultGap, 0))}
	offset, limit := p.Page()
	if p.Fault != nil {
		return p.Fault
	}
	o := p.X.Find(&q, c.Add)
	reason := shortfall(o.Err)
	if errors.Is(o.Err, period.ErrTooMany) {
		reason = period.ErrTooMany.Error() + ": periods found until then are given"
	}
	if o.Err != nil && reason == "" {
		return o.Err
	}
	return p.periods(name, c.Periods(), c.Gap, offset, limit, reason)
}

// periods answers with a page of periods, the newest first.
func (p *parameters) periods(name []byte, ps []period.Period, gap int64, offset, limit int, reason string) error {
	head := append(cof.AppendName([]byte(`{"rrname":`), name), `,"periods":[`...)
	a := p.X.Array(string(head))
	unseen := unseenSince(ps, gap)
	first := min(offset, len(ps))
	last := len(ps)
	if limit > 0 && limit < last-first {
		last = first + limit
	}
	for i := first; i < last; i++ {
		if err := a.Add(func(dst []byte) []byte { return appendPeriod(dst, &ps[i], unseen[i]) }); err != nil {
			return err
		}
	}
	return a.End(nil, func(dst []byte) []byte {
		dst = strconv.AppendInt(append(dst, `],"total":`...), int64(len(ps)), 10)
		return append(appendComplete(appendBirth(dst, ps), reason), '\n')
	})
}

func appendPeriod(dst []byte, p *period.Period, unseen int64) []byte {
	dst = cof.AppendString(append(dst, `{"rrtype":`...), rrset.TypeString(p.Type))
	dst = append(dst, `,"rdata":[`...)
	for i, rdata := range p.Rdata {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = cof.AppendRdata(dst, p.Type, rdata)
	}
	dst = appendTimes(append(dst, `],`...), &p.Figures)
	dst = strconv.AppendInt(append(dst, `,"slices":`...), int64(p.Slices), 10)
	if unseen != 0 {
		dst = strconv.AppendInt(append(dst, `,"unseen_since":`...), unseen, 10)
	}
	return append(cof.AppendExtras(dst, &p.Figures), '}')
}

// unseenSince is of each period since when no set of its type had been seen; 0 where
// that is no longer than gap, and for the first of a type.
func unseenSince(ps []period.Period, gap int64) []int64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(ps[a].Type, ps[b].Type), cmp.Compare(ps[a].First, ps[b].First))
	})
	since := make([]int64, len(ps))
	var last int64
	for n, i := range order {
		if n == 0 || ps[order[n-1]].Type != ps[i].Type {
			last = ps[i].Last
			continue
		}
		if ps[i].First-last > gap {
			since[i] = last
		}
		last = max(last, ps[i].Last)
	}
	return since
}

// appendBirth appends since when the name has existed, and the last period before
// that began in which it did not.
func appendBirth(dst []byte, ps []period.Period) []byte {
	var born, before *period.Period
	for i := range ps {
		if p := &ps[i]; !rrset.IsNegative(p.Type) && (born == nil || p.First < born.First) {
			born = p
		}
	}
	if born == nil {
		return dst
	}
	dst = strconv.AppendInt(append(dst, `,"born":{"time_first":`...), born.First, 10)
	for i := range ps {
		p := &ps[i]
		if p.Type == rrset.TypeNXDOMAIN && p.First < born.First && (before == nil || p.First > before.First) {
			before = p
		}
	}
	if before != nil {
		dst = append(appendTimes(append(dst, `,"nxdomain_before":{`...), &before.Figures), '}')
	}
	return append(dst, '}')
}
