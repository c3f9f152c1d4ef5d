package own

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// firstSeen answers with what was first seen since a time, by all of the history:
// registered domains, hostnames or RRsets. newlyObserved has the last days at hand.
func firstSeen(p *parameters) error {
	kind := novelty.Kind(p.text("kind"))
	if kind == "" {
		kind = novelty.Domain
	}
	q := analysis.NewQuery{Kinds: []novelty.Kind{kind}, Name: p.below()}
	if p.required("since", "a time") {
		q.Since = p.time("since", false)
	}
	if !slices.Contains([]novelty.Kind{novelty.Domain, novelty.Host, novelty.RRset}, kind) {
		p.Note(dialect.Bad("kind=%s: want domain, host or rrset", dialect.Show(p.text("kind"))))
	}
	if whole := q.Inside(); whole != nil {
		p.Note(dialect.Bad("below=%s lies inside a registered domain: want %s or a name above it, or kind=host",
			dialect.Show(p.text("below")), rrset.NameString(whole)))
	}
	offset, limit := p.Page()
	if p.Fault != nil {
		return p.Fault
	}
	if kind == novelty.RRset {
		return p.newRRsets(&q, offset, limit)
	}
	return p.newNames(&q, offset, limit)
}

// below is a name that what is asked for is at or below, given as it is or as *.name; nil
// is any.
func (p *parameters) below() []byte {
	text := p.text("below")
	if text == "" {
		return nil
	}
	v, err := question.ParseValue(text)
	if err != nil || v.Name == nil {
		p.Note(dialect.Bad("below=%s: want a domain name or *.name", dialect.Show(text)))
		return nil
	}
	return v.Name
}

// beginning warns where the history is no older than what counts as new.
func (p *parameters) beginning(since int64) string {
	src, err := p.X.Engine().Source()
	if err != nil {
		return ""
	}
	c, err := src.Coverage()
	if err != nil || c.Since.IsZero() || c.Since.Unix() < since {
		return ""
	}
	return "the history begins at " + c.Since.UTC().Format(time.RFC3339) + ": what was there before looks new"
}

func (p *parameters) newRRsets(q *analysis.NewQuery, offset, limit int) error {
	l := newLines(p.X)
	search := ask.Query{
		Query: analysis.NewBirths(*q, nil).Query(), Offset: offset, Limit: limit,
		Keep: func(r *rrset.RRset) bool { return novelty.CanBeNew(novelty.RRset, r.Owner) },
	}
	o := p.X.Find(&search, func(r *rrset.RRset) error {
		return l.add(func(dst []byte) []byte { return cof.Append(dst, r) })
	})
	return l.end(o, offset, p.beginning(q.Since))
}

func (p *parameters) newNames(q *analysis.NewQuery, offset, limit int) error {
	var o ask.Outcome
	l, skip := newLines(p.X), offset
	births := analysis.NewBirths(*q, func(n *analysis.Newborn) error {
		switch {
		case skip > 0:
			skip--
			return nil
		case limit > 0 && o.Given == limit:
			return dialect.ErrEnough
		}
		o.Given++
		return l.add(func(dst []byte) []byte { return appendNewborn(dst, n) })
	})
	o.Err = p.X.Find(&ask.Query{Query: births.Query()}, births.Add).Err
	if o.Err == nil || errors.Is(o.Err, store.ErrIncomplete) {
		o.Err = errors.Join(o.Err, births.Close())
	}
	if o.More = errors.Is(o.Err, dialect.ErrEnough); o.More {
		o.Err = nil
	}
	return l.end(o, offset, p.beginning(q.Since))
}

func appendNewborn(dst []byte, n *analysis.Newborn) []byte {
	key := "domain"
	if n.Kind == novelty.Host {
		key = "rrname"
	}
	dst = append(cof.AppendString(append(dst, '{'), key), ':')
	dst = appendTimes(append(cof.AppendName(dst, n.Name), ','), &n.Seen)
	return append(strconv.AppendInt(append(dst, `,"rrsets":`...), int64(n.RRsets), 10), '}')
}
