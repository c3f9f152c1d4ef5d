package question

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// readSubject turns the labels left of the operators into the query's subject.
func (p *parser) readSubject() error {
	q := p.q
	joined := string(bytes.Join(q.subject, []byte(".")))
	var err error
	switch {
	case p.raw:
		q.Query.Subject, err = rawSubject(q.subject)
	case q.named:
		q.Query.Subject, q.Owner = nameItself(wire(q.subject), p.rdata)
	case looksLikeAddress(joined) && p.rdata:
		q.Query.Subject, err = parseAddresses(joined)
	case looksLikeAddress(joined):
		err = fmt.Errorf("%s is an address: want _rdata behind it, or _name if it is a name", show(joined))
	default:
		q.Query.Subject, q.Owner, err = nameSubject(q.subject, p.rdata)
	}
	return err
}

// nameItself is the subject of a name of which no label is special.
func nameItself(name []byte, rdata bool) (s store.Subject, owner []byte) {
	if rdata {
		return store.Target(name), nil
	}
	return store.Owner(name), name
}

func wildcardError(label []byte) error {
	return fmt.Errorf("%s: want a wildcard as the whole first label (*.example.com) or the whole last (www.example.*)", show(label))
}

// nameSubject is the subject of labels among which "*" is a wildcard. The owner
// is nil if there was one, or if the name is looked for in rdata.
func nameSubject(ls [][]byte, rdata bool) (s store.Subject, owner []byte, err error) {
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
		s, owner = nameItself(wire(ls), rdata)
		return s, owner, nil
	case stars > 1 || len(ls[at]) != 1:
		return s, nil, wildcardError(ls[at])
	case at == 0 && rdata:
		return store.TargetBelow(wire(ls[1:])), nil, nil
	case at == 0:
		return store.Below(wire(ls[1:])), nil, nil
	case at == len(ls)-1 && rdata:
		return s, nil, errors.New(`a right-hand wildcard is about owners: want a name or *.name with _rdata`)
	case at == len(ls)-1:
		return store.Leading(ls[:at]...), nil, nil
	}
	return s, nil, wildcardError(ls[at])
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
