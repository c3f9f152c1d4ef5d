package dialect

import "net/http"

// defaultLimit is how many results a page has where nobody says how many.
const defaultLimit = 10_000

// Parameters reads those of a request, and keeps what is wrong with the first that
// is wrong. Those behind it are read as if they had not been given.
type Parameters struct {
	X     *Exchange
	Fault *Fault // nil: nothing is wrong
}

// Note keeps what is wrong, if it is the first; nil is nothing.
func (p *Parameters) Note(fault *Fault) {
	if p.Fault == nil {
		p.Fault = fault
	}
}

// Number is Exchange.Int.
func (p *Parameters) Number(name string, otherwise, least int) int {
	n, fault := p.X.Int(name, otherwise, least)
	p.Note(fault)
	return n
}

// Flag is Exchange.Bool.
func (p *Parameters) Flag(name string, otherwise bool) bool {
	b, fault := p.X.Bool(name, otherwise)
	p.Note(fault)
	return b
}

// Page is how many results to skip and to give, by the parameters offset and limit.
func (p *Parameters) Page() (offset, limit int) {
	offset = p.Number("offset", 0, 0)
	if most := p.X.Grant.Offset; most > 0 && offset > most {
		p.Note(Refusal(http.StatusRequestedRangeNotSatisfiable, "offset=%d: want at most %d", offset, most))
	}
	return offset, p.X.Limit(p.Number("limit", defaultLimit, 0))
}
