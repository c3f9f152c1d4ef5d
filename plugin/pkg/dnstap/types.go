package dnstap

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Type is which message of a resolution an event is about (dnstap.proto,
// Message.Type). Numbers that it does not name are valid: a sender may be newer.
type Type uint8

// The types that hold a response.
const (
	AuthResponse      Type = 2
	ResolverResponse  Type = 4
	ClientResponse    Type = 6
	ForwarderResponse Type = 8
	StubResponse      Type = 10
	ToolResponse      Type = 12
	UpdateResponse    Type = 14
)

var typeNames = []string{
	1: "AUTH_QUERY", "AUTH_RESPONSE", "RESOLVER_QUERY", "RESOLVER_RESPONSE", "CLIENT_QUERY", "CLIENT_RESPONSE",
	"FORWARDER_QUERY", "FORWARDER_RESPONSE", "STUB_QUERY", "STUB_RESPONSE", "TOOL_QUERY", "TOOL_RESPONSE",
	"UPDATE_QUERY", "UPDATE_RESPONSE",
}

// String is the name of t in the protocol.
func (t Type) String() string {
	if int(t) < len(typeNames) && t > 0 {
		return typeNames[t]
	}
	return fmt.Sprintf("TYPE_%d", uint8(t))
}

// Types is a set of types.
type Types uint32

// DefaultTypes are those that a resolver receives from others. Its answers to
// clients tell the same once more, from the cache: taking both sides of one
// resolution would count it twice.
var DefaultTypes = NewTypes(ResolverResponse, ForwarderResponse)

// AllTypes are the responses that can tell what names resolve to. Answers to
// updates cannot.
var AllTypes = NewTypes(AuthResponse, ResolverResponse, ClientResponse, ForwarderResponse, StubResponse, ToolResponse)

// NewTypes returns the set of some types.
func NewTypes(types ...Type) Types {
	var s Types
	for _, t := range types {
		s |= 1 << t
	}
	return s
}

// Has reports whether t is in the set.
func (s Types) Has(t Type) bool { return t < 32 && s>>t&1 == 1 }

// String lists the names of the types in the set.
func (s Types) String() string {
	var names []string
	for t := range Type(32) {
		if s.Has(t) {
			names = append(names, t.String())
		}
	}
	return strings.Join(names, ",")
}

// ParseTypes reads names of types that hold a response, in either letter case,
// or all of them as "all".
func ParseTypes(names []string) (Types, error) {
	var s Types
	for _, name := range names {
		if strings.EqualFold(name, "all") {
			s |= AllTypes
			continue
		}
		i := slices.Index(typeNames, strings.ToUpper(name))
		if i <= 0 || !AllTypes.Has(Type(i)) {
			return 0, fmt.Errorf("unknown type %q: want %s or all", name, strings.ReplaceAll(AllTypes.String(), ",", ", "))
		}
		s |= NewTypes(Type(i))
	}
	if s == 0 {
		return 0, errors.New("no type: want at least one")
	}
	return s, nil
}
