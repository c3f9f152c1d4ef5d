package flex

import (
	"bytes"

	"example.org/pdns/plugin/pkg/rrset"
)

// names puts RRsets together that have owner and type in common; they follow each
// other.
type names struct {
	search *Search
	page   *page
	owner  []byte // looked at last,
	wanted bool   // and whether it matches
	result Result // gathered; its type 0: none
	text   []byte
}

func (n *names) add(r *rrset.RRset) error {
	same := bytes.Equal(n.owner, r.Owner)
	if same && !n.wanted || n.search.types == nil && rrset.IsDNSSEC(r.Type) {
		return nil
	}
	if same && n.result.Type == r.Type {
		n.result.Figures.Add(&r.Figures)
		return nil
	}
	if err := n.end(); err != nil {
		return err
	}
	if !same {
		n.owner = append(n.owner[:0], r.Owner...)
		n.text = rrset.AppendNameString(n.text[:0], r.Owner)
		if n.wanted = n.search.accepts(n.text); !n.wanted {
			return nil
		}
	}
	n.result = Result{Name: n.owner, Type: r.Type, Figures: r.Figures}
	return nil
}

// end gives what was gathered.
func (n *names) end() error {
	if n.result.Type == 0 {
		return nil
	}
	r := n.result
	n.result.Type = 0
	return n.page.add(r)
}
