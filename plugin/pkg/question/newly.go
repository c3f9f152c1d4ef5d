package question

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// wantKinds are the kinds that _new- takes.
const wantKinds = "kinds, of domain, host, again and rrset: _new-domain-again"

// newly reads what kinds of what was newly observed are asked for.
func (p *parser) newly(arg string) error {
	p.q.New = &novelty.Selection{}
	if arg == "" {
		return nil
	}
	kinds, err := novelty.ParseKinds(arg, "-")
	if err != nil {
		return errors.New("want " + wantKinds)
	}
	p.q.New.Kinds = kinds
	return nil
}

// fitNew are the operators that go with _new; NXDOMAIN is the type.
var fitNew = []string{"new", "since", "until", "NXDOMAIN", "limit", "offset", "json", "name"}

// readNew reads the rest of a question about what was newly observed. Its subject, which
// may be none, is the name that the news are about, or those that they are below.
func (p *parser) readNew() error {
	for _, op := range slices.Sorted(maps.Keys(p.given)) {
		if !slices.Contains(fitNew, op) {
			return fmt.Errorf("_new goes with no _%s: want _since-, _until-, _nxdomain, _limit-, _offset-, _json or none of them", strings.ToLower(op))
		}
	}
	q := p.q
	q.New.Denied, q.New.Until = p.given["NXDOMAIN"], p.until
	q.Query.Types = nil
	if p.since > 0 {
		q.New.Since = p.since - 1 // what was logged at the time belongs to it
	}
	if len(q.subject) == 0 {
		return nil
	}
	s, err := p.subject(string(bytes.Join(q.subject, []byte("."))))
	switch {
	case err != nil:
		return err
	case s.owner != nil:
		q.New.Name, q.New.Exact = s.owner, true
	case string(q.subject[0]) == "*":
		q.New.Name = wire(q.subject[1:])
	default:
		return fmt.Errorf("%s: want a name, *.name or nothing left of _new", show(rrset.NameString(wire(q.subject))))
	}
	return nil
}
