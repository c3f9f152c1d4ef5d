package question

import (
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A Value is a name or addresses that somebody asks about without saying whether
// they are an owner or in rdata.
type Value struct {
	Name  []byte // canonical wire name; nil for addresses and for www.example.*
	Below bool   // *.example.com: names below Name too

	owner, rdata *store.Subject // nil: makes no sense
}

// ParseValue reads a value in any form that ParseSubject takes.
func ParseValue(text string) (Value, error) {
	subject, err := ParseSubject(text, false)
	if err != nil {
		return Value{}, err
	}
	s := host(defanged.Replace(strings.TrimSpace(text)))
	if looksLikeAddress(s) {
		return Value{rdata: &subject}, nil
	}
	v := Value{owner: &subject}
	if v.Name, err = parseHost(s); err != nil {
		return Value{}, err
	}
	switch ls := labels(v.Name); {
	case len(ls) > 0 && string(ls[0]) == "*":
		v.Name, v.Below = rrset.Parent(v.Name), true
	case len(ls) > 0 && string(ls[len(ls)-1]) == "*":
		v.Name = nil
		return v, nil
	}
	held, err := ParseSubject(text, true)
	v.rdata = &held
	return v, err
}

// Addresses reports whether it is an address, a network or a range.
func (v *Value) Addresses() bool { return v.owner == nil }

// Owner is the subject of what was seen at the value. It is false for addresses:
// they are no owners.
func (v *Value) Owner() (store.Subject, bool) { return dereference(v.owner) }

// Rdata is the subject of what holds the value. It is false for www.example.*,
// which rdata is not searched for.
func (v *Value) Rdata() (store.Subject, bool) { return dereference(v.rdata) }

func dereference(s *store.Subject) (store.Subject, bool) {
	if s == nil {
		return store.Subject{}, false
	}
	return *s, true
}

// Covers reports whether an owner is the value, or one of those that it stands
// for. It is false for addresses and for www.example.*.
func (v *Value) Covers(owner []byte) bool {
	if v.Name == nil {
		return false
	}
	return rrset.Encloses(v.Name, owner) && (v.Below || len(owner) == len(v.Name))
}
