package own

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"time"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// newlyObserved answers with what was first seen since a time: registered domains,
// hostnames or RRsets. For the first two all names are read, since a single older
// RRset makes one of them known.
func newlyObserved(p *parameters) error {
	what := p.text("what")
	below := p.owners("below")
	var since int64
	if p.required("since", "a time") {
		since = p.time("since", false)
	}
	q := ask.Query{Query: store.Query{Subject: below}}
	switch what {
	case "", "domain":
		p.wholeDomains(below.Name())
		return p.newGroups(&q, &grouping{since: since, of: registered, key: "domain"})
	case "host":
		return p.newGroups(&q, &grouping{since: since, of: hostname, key: "rrname"})
	case "rrset":
		q.FirstAfter = since
		q.Offset, q.Limit = p.Page()
		if p.Fault != nil {
			return p.Fault
		}
		l := newLines(p.X)
		o := p.X.Find(&q, func(r *rrset.RRset) error {
			return l.add(func(dst []byte) []byte { return cof.Append(dst, r) })
		})
		return l.end(o, q.Offset, p.beginning(since))
	}
	p.Note(dialect.Bad("what=%s: want domain, host or rrset", dialect.Show(what)))
	return p.Fault
}

// owners reads a name, or *.name, or nothing: all names.
func (p *parameters) owners(name string) store.Subject {
	text := p.text(name)
	if text == "" {
		return store.All()
	}
	v, err := question.ParseValue(text)
	if err != nil || v.Name == nil {
		p.Note(dialect.Bad("%s=%s: want a domain name or *.name", name, dialect.Show(text)))
		return store.All()
	}
	if name == "below" {
		return store.Below(v.Name)
	}
	s, _ := v.Owner()
	return s
}

// wholeDomains refuses a name inside a registered domain: the rest of the domain,
// which may be older, would not be seen.
func (p *parameters) wholeDomains(below []byte) {
	if n := dialect.SuffixLabels(below); rrset.CountLabels(below) > n+1 {
		p.Note(dialect.Bad("below=%s lies inside a registered domain: want %s or a name above it, or what=host",
			dialect.Show(p.text("below")), rrset.NameString(rrset.Suffix(below, n+1))))
	}
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

func registered(owner []byte) []byte { return rrset.Suffix(owner, dialect.SuffixLabels(owner)+1) }

func hostname(owner []byte) []byte { return owner }

// A grouping puts the RRsets of a domain, or of a host, together. They come ordered
// by reversed owner, so that a domain is over with the first owner outside of it;
// a domain may lie below another where a public suffix does.
type grouping struct {
	since int64
	of    func(owner []byte) []byte // what an owner belongs to; nil: nothing
	key   string                    // of what in objects
	give  func(*group) error

	owner []byte // the last one,
	at    int    // and which of the open groups it belongs to; -1: none
	open  []group
}

type group struct {
	name   []byte
	rrsets int
	rrset.Figures
}

// newGroups answers with the groups of which all was first seen since a time.
func (p *parameters) newGroups(q *ask.Query, g *grouping) error {
	offset, limit := p.Page()
	if p.Fault != nil {
		return p.Fault
	}
	var o ask.Outcome
	l, skip := newLines(p.X), offset
	g.give = func(found *group) error {
		switch {
		case skip > 0:
			skip--
			return nil
		case limit > 0 && o.Given == limit:
			return dialect.ErrEnough
		}
		o.Given++
		return l.add(func(dst []byte) []byte { return found.append(dst, g.key) })
	}
	o.Err = p.X.Find(q, g.add).Err
	if o.Err == nil || errors.Is(o.Err, store.ErrIncomplete) {
		o.Err = errors.Join(o.Err, g.close(nil))
	}
	if o.More = errors.Is(o.Err, dialect.ErrEnough); o.More {
		o.Err = nil
	}
	return l.end(o, offset, p.beginning(g.since))
}

func (g *grouping) add(r *rrset.RRset) error {
	if !bytes.Equal(g.owner, r.Owner) {
		if err := g.enter(r); err != nil {
			return err
		}
	}
	if g.at >= 0 {
		g.open[g.at].take(&r.Figures)
	}
	return nil
}

// enter goes on to another owner.
func (g *grouping) enter(r *rrset.RRset) error {
	g.owner = append(g.owner[:0], r.Owner...)
	if err := g.close(r.Owner); err != nil {
		return err
	}
	name := g.of(r.Owner)
	g.at = slices.IndexFunc(g.open, func(o group) bool { return bytes.Equal(o.name, name) })
	if g.at < 0 && name != nil {
		g.at = len(g.open)
		g.open = append(g.open, group{name: bytes.Clone(name), Figures: rrset.Figures{First: r.First, Last: r.Last}})
	}
	return nil
}

func (g *group) take(f *rrset.Figures) {
	g.rrsets++
	g.Add(f)
}

// close gives the groups that an owner is not in; nil: all.
func (g *grouping) close(owner []byte) error {
	for n := len(g.open) - 1; n >= 0 && !(owner != nil && rrset.Encloses(g.open[n].name, owner)); n-- {
		over := g.open[n]
		g.open = g.open[:n]
		if over.First >= g.since {
			if err := g.give(&over); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *group) append(dst []byte, key string) []byte {
	dst = append(cof.AppendString(append(dst, '{'), key), ':')
	dst = appendTimes(append(cof.AppendName(dst, g.name), ','), &g.Figures)
	return append(strconv.AppendInt(append(dst, `,"rrsets":`...), int64(g.rrsets), 10), '}')
}
