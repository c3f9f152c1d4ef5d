package question

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A subject is what the labels left of the operators ask about.
type subject struct {
	store.Subject
	owner []byte          // of a question about exactly one name
	tree  []store.Subject // see Subtree
}

// Subtree returns subjects that together hold all that this name, or any name
// below it, could find: if none of them finds anything, no name below is worth
// asking either. It is nil where the names below have too little in common to be
// looked for, as with www.example.* below example.*.
func (q *Question) Subtree() []store.Subject { return q.tree }

// readSubject turns the labels left of the operators into the query's subject.
func (p *parser) readSubject() error {
	q := p.q
	s, err := p.subject(string(bytes.Join(q.subject, []byte("."))))
	q.Query.Subject, q.Owner, q.tree = s.Subject, s.owner, s.tree
	return err
}

// subject reads the labels, which are given joined too.
func (p *parser) subject(joined string) (subject, error) {
	ls := p.q.subject
	switch {
	case p.raw:
		prefix, err := rawSubject(ls)
		return subject{Subject: prefix}, ancestor(err)
	case p.q.named:
		return nameItself(wire(ls), p.rdata), nil
	case looksLikeAddress(joined) && p.rdata:
		addresses, err := parseAddresses(joined)
		return subject{Subject: addresses, tree: []store.Subject{addresses, store.TargetBelow(wire(ls))}}, ancestor(err)
	case looksLikeAddress(joined):
		return subject{}, ancestor(fmt.Errorf("%s is an address: want _rdata behind it, or _name if it is a name", show(joined)))
	}
	s, err := nameSubject(ls, p.rdata)
	if p.rdata && endsAddress(joined) {
		s.tree = nil
	}
	return s, err
}

// nameItself is the subject of a name of which no label is special.
func nameItself(name []byte, rdata bool) subject {
	if rdata {
		return subject{Subject: store.Target(name), tree: []store.Subject{store.TargetBelow(name)}}
	}
	return subject{Subject: store.Owner(name), owner: name, tree: []store.Subject{store.Below(name)}}
}

func wildcardError(label []byte) error {
	return fmt.Errorf("%s: want a wildcard as the whole first label (*.example.com) or the whole last (www.example.*)", show(label))
}

// nameSubject is the subject of labels among which "*" is a wildcard.
func nameSubject(ls [][]byte, rdata bool) (subject, error) {
	if len(ls) == 1 && string(ls[0]) == "." {
		ls = nil
	}
	stars, at := 0, 0
	for i, l := range ls {
		if n := bytes.Count(l, []byte("*")); n > 0 {
			stars += n
			at = i
		}
	}
	switch {
	case stars == 0:
		return nameItself(wire(ls), rdata), nil
	case stars > 1 || len(ls[at]) != 1:
		return subject{}, wildcardError(ls[at])
	case at == 0 && rdata:
		below := store.TargetBelow(wire(ls[1:]))
		return subject{Subject: below, tree: []store.Subject{below}}, nil
	case at == 0:
		below := store.Below(wire(ls[1:]))
		return subject{Subject: below, tree: []store.Subject{below}}, nil
	case at == len(ls)-1 && rdata:
		return subject{}, errors.New(`a right-hand wildcard is about owners: want a name or *.name to look for in rdata`)
	case at == len(ls)-1:
		return subject{Subject: store.Leading(ls[:at]...)}, nil
	}
	return subject{}, wildcardError(ls[at])
}

// rawSubject is the subject of hexadecimal labels.
func rawSubject(ls [][]byte) (store.Subject, error) {
	prefix, err := hex.DecodeString(string(bytes.Join(ls, nil)))
	if err != nil {
		return store.Subject{}, fmt.Errorf("%s: want octets in hexadecimal, two digits each, left of _raw", show(ls[0]))
	}
	return store.Raw(prefix), nil
}

// wire is the name that labels make; nil for one that is too long.
func wire(ls [][]byte) []byte {
	var name []byte
	for _, l := range ls {
		name = append(append(name, byte(len(l))), l...)
	}
	name = append(name, 0)
	if rrset.CheckName(name) != nil {
		return nil
	}
	return name
}
