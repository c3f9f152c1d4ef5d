package compare

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"slices"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/plugin/pkg/store/run"
)

// maxWalk is how many records below one domain are read to learn whether, and when, it
// was seen. One of which so many say nothing is taken for known.
const maxWalk = 100_000

// past is what the runs hold. What it is asked for comes in order.
type past struct {
	runs []pastRun // that with the newest records first

	likely []byte // www below a domain, reversed
	member member
	errs   []error
}

type pastRun struct {
	*run.Run
	cursor *run.RecordCursor
	on     bool   // the cursor is on a record
	low    []byte // nothing lies from here to that record
	failed bool
	likely bool // it may hold a name of the domain that is looked for
}

func newPast(runs []*run.Run) past {
	var p past
	for _, r := range runs {
		p.runs = append(p.runs, pastRun{Run: r})
	}
	slices.SortStableFunc(p.runs, func(a, b pastRun) int { return cmp.Compare(b.Info().Last, a.Info().Last) })
	return p
}

func (p *past) close() error {
	for i := range p.runs {
		if c := p.runs[i].cursor; c != nil {
			c.Close()
		}
	}
	return errors.Join(p.errs...)
}

// walk calls visit with the records whose keys begin with prefix, from the first at or
// behind key, until it returns false. It is false if the run could not be read.
func (p *past) walk(r *pastRun, key, prefix []byte, visit func(key []byte, f *rrset.Figures) bool) bool {
	if r.failed {
		return false
	}
	if r.cursor == nil {
		r.cursor = r.Records()
	}
	c := r.cursor
	for r.reach(key); r.on && bytes.HasPrefix(c.Key, prefix); r.next() {
		if !visit(c.Key, c.Figures()) {
			break
		}
	}
	if err := c.Err(); err != nil {
		r.failed = true
		p.errs = append(p.errs, err)
	}
	return !r.failed
}

// reach moves to the first record at or behind key. Most are in the block that the
// cursor is in.
func (r *pastRun) reach(key []byte) {
	c := r.cursor
	if r.on && bytes.Compare(key, c.Key) <= 0 && bytes.Compare(r.low, key) <= 0 {
		return
	}
	if !r.on || bytes.Compare(key, c.Key) < 0 || !c.Ahead(key) {
		c.Seek(key)
		r.on = c.Next()
	}
	r.low = append(r.low[:0], key...)
}

func (r *pastRun) next() {
	r.low = append(append(r.low[:0], r.cursor.Key...), 0)
	r.on = r.cursor.Next()
}

// A sight is what the runs know of a domain.
type sight struct {
	last   int64 // of any RRset at or below it; 0: there is none
	denied int64 // first time that a name in it was said not to exist; 0: never
}

// unsaid is the sight of what could not be found out: nothing is told of it.
var unsaid = sight{last: math.MaxInt64}

// domain looks for a domain, no further than to a sight of it since quiet. Most domains
// are in few runs, and most of these say by their filters that they hold the owner at
// hand, the domain's own name or www below it: they come first.
func (p *past) domain(reversed, owner []byte, quiet int64) (s sight) {
	p.likely = append(append(p.likely[:0], reversed[:len(reversed)-1]...), "www\x00\x00"...)
	steps := 0
	for _, likely := range []bool{true, false} {
		for i := range p.runs {
			r := &p.runs[i]
			if likely {
				r.likely = r.MayHoldOwner(owner) || r.MayHoldOwner(reversed) || r.MayHoldOwner(p.likely)
			}
			if r.likely != likely {
				continue
			}
			if !p.domainIn(r, reversed, quiet, &steps, &s) {
				return unsaid
			}
			if s.last >= quiet {
				return s
			}
		}
	}
	return s
}

// domainIn adds to the sight of a domain what a run knows of it; false if that could not
// be found out.
func (p *past) domainIn(r *pastRun, reversed []byte, quiet int64, steps *int, s *sight) bool {
	below := reversed[:len(reversed)-1]
	ok := p.walk(r, below, below, func(key []byte, f *rrset.Figures) bool {
		*steps++
		n := record.OwnerLen(key)
		switch t := record.Type(key, n); {
		case !p.member.of(reversed, key[:n]):
		case t == rrset.TypeNXDOMAIN:
			s.denied = earliest(s.denied, f.First)
		case rrset.IsPseudo(t):
		default:
			s.last = max(s.last, f.Last)
		}
		return s.last < quiet && *steps < maxWalk
	})
	return ok && *steps < maxWalk
}

// A member tells whether names below a domain are in it. They come in order.
type member struct {
	last   []byte // that was asked about, reversed
	asked  []byte // the domain, reversed
	owner  []byte
	domain []byte // reversed
	is     bool
}

func (m *member) of(domain, reversed []byte) bool {
	if bytes.Equal(reversed, m.last) && bytes.Equal(domain, m.asked) {
		return m.is
	}
	m.last, m.asked = append(m.last[:0], reversed...), append(m.asked[:0], domain...)
	m.is = false
	owner, _, err := rrset.AppendUnreversed(m.owner[:0], reversed)
	if err == nil {
		m.owner = owner
		m.domain = rrset.AppendReversed(m.domain[:0], registered.Domain(owner))
		m.is = bytes.Equal(m.domain, domain)
	}
	return m.is
}

// host looks for RRsets of an owner, and for when it was first said not to exist.
func (p *past) host(reversed []byte) (found bool, denied int64) {
	for i := range p.runs {
		r := &p.runs[i]
		if !r.MayHoldOwner(reversed) {
			continue
		}
		ok := p.walk(r, reversed, reversed, func(key []byte, f *rrset.Figures) bool {
			switch t := record.Type(key, len(reversed)); {
			case t == rrset.TypeNXDOMAIN:
				denied = earliest(denied, f.First)
			case !rrset.IsPseudo(t):
				found = true
			}
			return !found
		})
		if !ok || found {
			return true, 0
		}
	}
	return false, denied
}

// holds reports whether a run holds a record; n is the length of its owner.
func (p *past) holds(key []byte, n int) (found bool) {
	for i := range p.runs {
		r := &p.runs[i]
		if !r.MayHoldOwner(key[:n]) {
			continue
		}
		ok := p.walk(r, key, key, func(k []byte, _ *rrset.Figures) bool {
			found = len(k) == len(key)
			return false
		})
		if !ok || found {
			return true
		}
	}
	return false
}
