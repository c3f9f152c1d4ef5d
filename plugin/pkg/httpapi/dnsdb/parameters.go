package dnsdb

import (
	"net/http"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/store"
)

// defaultLimit is how many results are given where nobody says how many.
const defaultLimit = 10000

// parameters reads those of a request, and keeps what is wrong with the first that
// is wrong. Those behind it are read as if they had not been given.
type parameters struct {
	x     *dialect.Exchange
	fault *dialect.Fault
}

func (p *parameters) number(name string, otherwise int) int {
	n, fault := p.x.Int(name, otherwise, 0)
	p.note(fault)
	return n
}

func (p *parameters) flag(name string, otherwise bool) bool {
	b, fault := p.x.Bool(name, otherwise)
	p.note(fault)
	return b
}

func (p *parameters) time(name string) int64 {
	t, fault := p.x.Time(name)
	p.note(fault)
	return t
}

func (p *parameters) note(fault *dialect.Fault) {
	if p.fault == nil {
		p.fault = fault
	}
}

func (p *parameters) fences() store.Fences {
	return store.Fences{
		FirstBefore: p.time("time_first_before"),
		FirstAfter:  p.time("time_first_after"),
		LastBefore:  p.time("time_last_before"),
		LastAfter:   p.time("time_last_after"),
	}
}

// page is how many results to skip and to give.
func (p *parameters) page() (offset, limit int) {
	offset = p.number("offset", 0)
	if most := p.x.Grant.Offset; most > 0 && offset > most {
		p.note(dialect.Refusal(http.StatusRequestedRangeNotSatisfiable, "offset=%d: want at most %d", offset, most))
	}
	return offset, p.x.Limit(p.number("limit", defaultLimit))
}

func (p *parameters) form() form {
	return form{
		human: p.flag("humantime", false),
		extra: p.flag("extra", false),
		brief: !p.flag("verbose", true),
	}
}
