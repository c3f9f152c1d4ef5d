// Package flex searches the history by regular expressions and globs: which names
// there were, and which rdata, whose text matches. DNSDB calls it flexible search.
//
// Expressions are matched by Go's engine, whose time grows with the text times the
// expression and no more; both are bounded, so that of a text of more than 16 KiB
// only its beginning is looked at. Where an expression says how names end or
// begin, only these are read; else it is all of the history, in order.
package flex

import (
	"errors"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// Kind is how an expression is written.
type Kind int

// A Regex is a regular expression of Go's (RE2), to be found anywhere in the
// text. A Glob is of the whole text: * is any octets, [ab] and [a-z] one of some,
// [!ab] or [^ab] none of these.
const (
	Regex Kind = iota
	Glob
)

// Side is what an expression is about.
type Side int

// Names are owners, with their final dot. Rdata is its presentation form.
const (
	Names Side = iota
	Rdata
)

// A Search is an expression made ready. It is safe for concurrent use.
type Search struct {
	side           Side
	types          []uint16
	match, exclude *matcher // exclude may be nil
	subject        store.Subject
	prefix         []byte // of the posting keys that subject walks
}

// A Result is one name or one rdata, with its type and the figures of all RRsets
// that have it. It is valid until the receiver returns.
type Result struct {
	Name  []byte // canonical wire name, of a search for names
	Rdata []byte // canonical wire rdata, of a search for rdata
	Type  uint16
	rrset.Figures
}

// rdataTypes are those whose rdata is searched: the others hold no text that
// people look for.
var rdataTypes = []uint16{dns.TypeCNAME, dns.TypeDNAME, dns.TypeHINFO, dns.TypeMX, dns.TypeNAPTR, dns.TypeNS, dns.TypePTR, dns.TypeRP,
	dns.TypeSOA, dns.TypeSPF, dns.TypeSRV, dns.TypeTXT}

// RdataTypes are the types whose rdata can be searched.
func RdataTypes() []uint16 { return slices.Clone(rdataTypes) }

// errEnough ends a search that has given what was asked for.
var errEnough = errors.New("enough")

// Compile makes an expression ready, and another that takes away of what it
// matches; empty: none. types are those wanted; none is all but those of DNSSEC,
// and for rdata those of RdataTypes. The error is about the expression, or says
// which type has no rdata to be searched.
func Compile(kind Kind, on Side, expr, exclude string, types []uint16) (*Search, error) {
	s := &Search{side: on, types: types}
	var err error
	if s.match, err = newMatcher(kind, expr); err != nil {
		return nil, err
	}
	if exclude != "" {
		if s.exclude, err = newMatcher(kind, exclude); err != nil {
			return nil, err
		}
	}
	if on == Names {
		s.subject = s.match.names()
		return s, nil
	}
	return s, s.compileRdata()
}

// accepts reports whether a text is one of those wanted.
func (s *Search) accepts(text []byte) bool {
	return s.match.match(text) && (s.exclude == nil || !s.exclude.match(text))
}

// Run finds what matches, by means of find, which carries out a query. Types,
// bailiwick and fences are those of base, the fences on the figures of results. It
// skips offset results and gives no more than limit, 0 being as many as there are.
func (s *Search) Run(find func(*ask.Query, func(*rrset.RRset) error) ask.Outcome, base store.Query, offset, limit int, give func(Result) error) ask.Outcome {
	p := &page{offset: offset, limit: limit, fences: base.Fences, give: give}
	base.Fences = store.Fences{}
	base.Subject, base.Types = s.subject, s.types
	var g interface {
		add(r *rrset.RRset) error
		end() error
	} = &names{search: s, page: p}
	if s.side == Rdata {
		base.Records, base.Sift = true, s.sift()
		g = newContents(s, p)
	}
	o := find(&ask.Query{Query: base}, g.add)
	if err := g.end(); err != nil && o.Err == nil {
		o.Err = err
	}
	o.Given, o.More = p.given, p.more
	if errors.Is(o.Err, errEnough) {
		o.Err = nil
	}
	return o
}

// A page gives the results that are in it.
type page struct {
	offset, limit int
	fences        store.Fences
	give          func(Result) error
	given         int
	more          bool
}

func (p *page) add(r Result) error {
	switch {
	case !p.fences.Match(&r.Figures):
		return nil
	case p.offset > 0:
		p.offset--
		return nil
	case p.limit > 0 && p.given == p.limit:
		p.more = true
		return errEnough
	}
	p.given++
	return p.give(r)
}
