package novelty

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// DefaultKinds are those that are meant where none is named: a new RRset at a known
// name is news to few, and there are most of them.
var DefaultKinds = []Kind{Domain, Host, Again}

// ParseKinds reads the names of kinds, joined by a separator, each once.
func ParseKinds(text, separator string) ([]Kind, error) {
	var kinds []Kind
	for _, name := range strings.Split(text, separator) {
		k, err := ParseKind(name)
		switch {
		case err != nil:
			return nil, err
		case slices.Contains(kinds, k):
			return nil, fmt.Errorf("kind %q: given twice", name)
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

// A Selection says which events are wanted.
type Selection struct {
	Kinds []Kind // none: DefaultKinds
	Name  []byte // what they are about is this name or below it, canonical; nil: any
	Exact bool   // the name alone

	// Denied leaves those whose name, or one in whose domain, was said not to exist
	// before.
	Denied bool

	// Logged behind the one time and not behind the other, Unix seconds; 0 is no bound.
	Since, Until int64
}

func (s *Selection) kinds() []Kind {
	if len(s.Kinds) == 0 {
		return DefaultKinds
	}
	return s.Kinds
}

// stems are the kinds of files that hold what is wanted.
func (s *Selection) stems() []stem {
	switch kinds := s.kinds(); {
	case !slices.Contains(kinds, RRset):
		return []stem{names}
	case len(kinds) == 1:
		return []stem{rrsets}
	}
	return []stem{names, rrsets}
}

// Has reports whether an event is wanted.
func (s *Selection) Has(e *Event) bool {
	switch {
	case !slices.Contains(s.kinds(), e.Kind), s.Denied && e.Denied == 0:
		return false
	case e.Logged <= s.Since, s.Until != 0 && e.Logged > s.Until:
		return false
	case s.Name == nil:
		return true
	case s.Exact:
		return bytes.Equal(s.Name, e.Name)
	}
	return rrset.Encloses(s.Name, e.Name)
}

// A sieve says of lines whether they may be wanted, before they are read as events.
type sieve struct {
	others [][]byte // how lines of other kinds begin
	marks  [][]byte // octets that each line of a wanted event has
}

func (s *Selection) sieve() (v sieve) {
	for _, k := range Kinds {
		if !slices.Contains(s.kinds(), k) {
			v.others = append(v.others, []byte(`{"kind":"`+k+`","name":`))
		}
	}
	if s.Denied {
		v.marks = append(v.marks, []byte(`"nxdomain_first":`))
	}
	if len(s.Name) > 1 {
		v.marks = append(v.marks, cof.AppendName(nil, s.Name)[1:])
	}
	return v
}

func (v *sieve) passes(line []byte) bool {
	for _, o := range v.others {
		if bytes.HasPrefix(line, o) {
			return false
		}
	}
	for _, m := range v.marks {
		if !bytes.Contains(line, m) {
			return false
		}
	}
	return true
}

// arpa: names below it are made of addresses, and not registered by anybody.
var arpa = rrset.MustName("arpa.")

// CanBeNew reports whether what was seen at an owner can make something of a kind new.
// Names that are made of addresses are news of no kind, and those that stand for many,
// which see store.CollapsedSet, only of the domain that they are in.
func CanBeNew(kind Kind, owner []byte) bool {
	return !rrset.Encloses(arpa, owner) && (kind == Domain || kind == Again || !disposable.IsOwner(owner))
}

// NoLog says why nothing may be found where there is no log, for people.
const NoLog = "nothing was logged yet: it is looked for what is new where the collector says so (new), " +
	"once the history reaches back far enough to know (learn)"

// Settled is until when all that was logged in a directory can be read, Unix seconds; 0 if
// there is no log. The newest batch is behind it: of that one kind of files may lack
// what the other one has.
func Settled(dir string) (int64, error) {
	last, err := lastLogged(dir)
	return max(last-1, 0), err
}

// Begins is when the oldest batch of what is selected may have been logged that the log
// in a directory still has, Unix seconds; 0 if there is no log.
func Begins(dir string, s Selection) (int64, error) {
	var begins int64
	for _, st := range s.stems() {
		found, err := segments(dir, st)
		if err != nil {
			return 0, err
		}
		if len(found) > 0 && (begins == 0 || found[0].begin < begins) {
			begins = found[0].begin
		}
	}
	return begins, nil
}
