package own

import (
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// Parameters that several paths take.
var (
	selecting = []string{"subject", "rdata", "raw", "type", "bailiwick", "ttl_from", "ttl_to"}
	window    = []string{"since", "until", "time_first_after", "time_first_before", "time_last_after", "time_last_before"}
	paging    = []string{"limit", "offset"}
)

// many are those that may be given more than once.
var many = []string{"type", "seed", "expand"}

// check finds parameters that are not taken, and those that are given twice.
func check(x *dialect.Exchange, takes []string) *dialect.Fault {
	for _, name := range slices.Sorted(maps.Keys(x.Values)) {
		switch {
		case len(takes) == 0:
			return dialect.Bad("%s: want no parameters", dialect.Show(name))
		case !slices.Contains(takes, name):
			return dialect.Bad("%s: no such parameter, want one of %s", dialect.Show(name), strings.Join(takes, ", "))
		case len(x.Values[name]) > 1 && !slices.Contains(many, name):
			return dialect.Bad("%s: given twice, want it once", name)
		}
	}
	return nil
}

// parameters reads those of a request.
type parameters struct {
	dialect.Parameters
	followers *followers
}

func (p *parameters) text(name string) string { return p.X.Values.Get(name) }

// time reads a time as the query zone does; a date is its last second with end.
func (p *parameters) time(name string, end bool) int64 {
	s := p.text(name)
	if s == "" {
		return 0
	}
	t, err := question.ParseTime(s, p.X.Now, end)
	if err != nil {
		p.Note(dialect.Bad("%s: %v", name, err))
	}
	return t
}

// required reports whether a parameter is there.
func (p *parameters) required(name, want string) bool {
	if p.text(name) == "" {
		p.Note(dialect.Bad("%s is missing: want %s", name, want))
		return false
	}
	return true
}

// name reads a name that is one owner.
func (p *parameters) name(name string) []byte {
	if !p.required(name, "a domain name") {
		return nil
	}
	v, err := question.ParseValue(p.text(name))
	if err != nil || v.Name == nil || v.Below {
		p.Note(dialect.Bad("%s=%s: want a domain name", name, dialect.Show(p.text(name))))
		return nil
	}
	return v.Name
}

// owners reads a name or *.name.
func (p *parameters) owners(name string) store.Subject {
	text := p.text(name)
	v, err := question.ParseValue(text)
	if err != nil || v.Name == nil {
		p.Note(dialect.Bad("%s=%s: want a domain name or *.name", name, dialect.Show(text)))
		return store.All()
	}
	s, _ := v.Owner()
	return s
}

func (p *parameters) types() (types []uint16) {
	for _, list := range p.X.Values["type"] {
		for _, s := range strings.Split(list, ",") {
			t, err := rrset.ParseType(strings.TrimSpace(s))
			switch {
			case err != nil:
				p.Note(dialect.Bad("type: %s", err))
			case rrset.IsMeta(t):
				p.Note(dialect.Bad("type=%s: no type of data: leave it out to ask for every type", dialect.Show(s)))
			}
			types = append(types, t)
		}
	}
	return types
}

// subject reads what is asked about, and whether it is looked for in rdata.
func (p *parameters) subject() (s store.Subject, byRdata bool) {
	text, octets, rdata := p.text("subject"), p.text("raw"), p.Flag("rdata", false)
	switch {
	case text != "" && octets != "" || text == "" && octets == "":
		p.Note(dialect.Bad("want either subject=, a name, *.name, name.*, an address, a network or a range, or raw=, octets in hexadecimal"))
		return s, false
	case octets != "":
		prefix, err := hex.DecodeString(octets)
		if err != nil {
			p.Note(dialect.Bad("raw=%s: want octets in hexadecimal, two digits each", dialect.Show(octets)))
		}
		return store.Raw(prefix), true
	}
	s, err := question.ParseSubject(text, rdata)
	if err != nil {
		p.Note(dialect.Bad("subject: %v", err))
		return s, false
	}
	v, err := question.ParseValue(text)
	return s, rdata || err == nil && v.Addresses()
}

// query reads what selects RRsets, but for times.
func (p *parameters) query() (q ask.Query) {
	subject, byRdata := p.subject()
	q.Query = store.Query{Subject: subject, Types: p.types(), Negative: p.Flag("negative", false), Slices: p.Flag("slices", false), Records: p.Flag("records", false)}
	if q.Records && !byRdata {
		p.Note(dialect.Bad("records=true: single records are found by rdata: want an address, raw= or rdata=true"))
	}
	if s := p.text("bailiwick"); s != "" {
		name, err := rrset.ParseName(s)
		if err != nil {
			p.Note(dialect.Bad("bailiwick=%s: want the name of a zone", dialect.Show(s)))
		}
		q.Bailiwick = name
	}
	q.Keep = p.ttl()
	return q
}

// ttl keeps what was seen with a TTL in a range; nil if none is given.
func (p *parameters) ttl() func(*rrset.RRset) bool {
	from, to := p.Number("ttl_from", 0, 0), p.Number("ttl_to", math.MaxUint32, 0)
	if p.text("ttl_from") == "" && p.text("ttl_to") == "" {
		return nil
	}
	if from > to {
		p.Note(dialect.Bad("ttl_from=%d is more than ttl_to=%d", from, to))
	}
	return func(r *rrset.RRset) bool {
		return r.Marks&rrset.HasTTL != 0 && int(r.TTLMax) >= from && int(r.TTLMin) <= to
	}
}

// window is the fences of what was seen at some time from since to until.
func (p *parameters) window() store.Fences {
	since, until := p.time("since", false), p.time("until", true)
	if since != 0 && until != 0 && since > until {
		p.Note(dialect.Bad("since=%s is later than until=%s", dialect.Show(p.text("since")), dialect.Show(p.text("until"))))
	}
	return question.Window(since, until)
}

// fences are the window and the four bounds, whichever are narrower.
func (p *parameters) fences() store.Fences {
	f := p.window()
	f.LastAfter = max(f.LastAfter, p.time("time_last_after", false))
	f.FirstAfter = p.time("time_first_after", false)
	f.LastBefore = p.time("time_last_before", true)
	if before := p.time("time_first_before", true); before != 0 && (f.FirstBefore == 0 || before < f.FirstBefore) {
		f.FirstBefore = before
	}
	return f
}
