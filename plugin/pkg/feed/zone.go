package feed

import (
	"fmt"
	"time"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// A Kind is a kind of feed, under the name that such feeds go by.
type Kind string

// The kinds of feeds.
const (
	NOD Kind = "nod" // newly observed domains: registered ones that were never seen before
	NOH Kind = "noh" // newly observed hosts: names that were never seen before
	NAD Kind = "nad" // newly active domains: seen again after a long silence
)

// Kinds are all kinds.
var Kinds = []Kind{NOD, NOH, NAD}

// ParseKind reads the name of a kind.
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds {
		if s == string(k) {
			return k, nil
		}
	}
	return "", fmt.Errorf("feed %q: want nod, noh or nad", s)
}

// Below reports whether a listed name stands for what is below it too: a registered
// domain does. A host does not: who never asked for example.com itself before has known
// www.example.com for years.
func (k Kind) Below() bool { return k != NOH }

// StandsForBelow reports whether a name that the zone lists, canonical and in wire form,
// stands for what is below it too: not where names right below it are other registered
// domains, as they are below kobe.jp and github.io.
func (z Zone) StandsForBelow(name string) bool {
	if !z.Kind.Below() {
		return false
	}
	child := []byte("\x01x" + name)
	return len(child) > MaxOctets || len(registered.Domain(child)) < len(child)
}

// kindOf is the feed that an event belongs to; none for an RRset.
func kindOf(k novelty.Kind) Kind {
	switch k {
	case novelty.Domain:
		return NOD
	case novelty.Host:
		return NOH
	case novelty.Again:
		return NAD
	}
	return ""
}

// An Age is how long ago what a feed holds was logged at most, in seconds.
type Age int64

// Ages are all ages, the shortest first.
var Ages = []Age{5 * minute, 10 * minute, 30 * minute, hour, 3 * hour, 12 * hour, 24 * hour}

const (
	minute = 60
	hour   = 60 * minute
)

func (a Age) String() string {
	if a%hour == 0 {
		return fmt.Sprintf("%dh", a/hour)
	}
	return fmt.Sprintf("%dm", a/minute)
}

// Duration is the age as a duration.
func (a Age) Duration() time.Duration { return time.Duration(a) * time.Second }

// ParseAge reads one of Ages as String writes it.
func ParseAge(s string) (Age, error) {
	for _, a := range Ages {
		if s == a.String() {
			return a, nil
		}
	}
	return 0, fmt.Errorf("age %q: want 5m, 10m, 30m, 1h, 3h, 12h or 24h", s)
}

// A Zone is the names of a kind that were logged within an age.
type Zone struct {
	Kind Kind
	Age  Age
}

// String is the zone as the labels that stand before the query zone: 1h._nod.
func (z Zone) String() string { return z.Age.String() + "._" + string(z.Kind) }
