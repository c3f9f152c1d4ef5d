package dnsdb

import (
	"errors"

	"example.org/pdns/plugin/pkg/flex"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/rrset"
)

func lookup(x *dialect.Exchange, path []string, a *answer) error {
	defer a.stop()
	q, f, fault := parseLookup(x, path)
	if fault != nil {
		return fault
	}
	write := f.appendSet
	if q.Records {
		write = f.appendRecord
	}
	o := x.Find(q, func(r *rrset.RRset) error {
		x.Count(1)
		return a.object(func(dst []byte) []byte { return write(dst, r) })
	})
	return a.end(o)
}

func summarize(x *dialect.Exchange, path []string, a *answer) error {
	defer a.stop()
	q, f, most, fault := parseSummary(x, path)
	if fault != nil {
		return fault
	}
	var sum summary
	o := x.Find(q, func(r *rrset.RRset) error {
		sum.add(&r.Figures)
		if most > 0 && sum.Count >= most {
			return dialect.ErrEnough
		}
		return nil
	})
	if errors.Is(o.Err, dialect.ErrEnough) {
		o.Err = nil
	}
	if partial(o.Err) && (!a.bare || o.Err == nil && o.Given > 0) {
		x.Count(1)
		if err := a.object(func(dst []byte) []byte { return f.appendSummary(dst, &sum) }); err != nil {
			return err
		}
	}
	return a.end(o)
}

// search is flexible search.
func search(x *dialect.Exchange, kind flex.Kind, path []string) error {
	a := newAnswer(x)
	defer a.stop()
	s, fault := parseSearch(x, kind, path)
	if fault != nil {
		return fault
	}
	o := s.Run(x.Find, s.base, s.offset, s.limit, func(r flex.Result) error {
		x.Count(1)
		return a.object(func(dst []byte) []byte { return s.form.appendResult(dst, &r) })
	})
	return a.end(o)
}
