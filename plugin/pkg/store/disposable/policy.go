package disposable

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
)

// A Mode says what becomes of names that collapse would take in.
type Mode string

// The modes.
const (
	Off      Mode = "off"      // they are not looked for
	Count    Mode = "count"    // they are recorded as any other, and counted; the default
	Collapse Mode = "collapse" // one record stands for many of them
)

var modes = []Mode{Off, Count, Collapse}

// ParseMode reads the name of a mode.
func ParseMode(s string) (Mode, error) {
	if !slices.Contains(modes, Mode(s)) {
		return "", fmt.Errorf("mode %q: want off, count or collapse", s)
	}
	return Mode(s), nil
}

// Defaults of a Policy.
const (
	DefaultChildren     = 1000
	DefaultCombinations = 1000
)

// flood times Children names that do not exist are too many in every mode.
const flood = 10

// A Policy says how many are too many. Zero values are defaults.
type Policy struct {
	Mode Mode
	// Children is how many names of one shape below one owner are recorded by
	// themselves.
	Children int
	// Combinations is how many RRsets of one owner and type are recorded as they
	// were seen, in every mode.
	Combinations int
	// Exempt are canonical names at or below which nothing collapses but floods.
	Exempt [][]byte
}

// WithDefaults fills in what is zero.
func (p Policy) WithDefaults() Policy {
	p.Mode = cmp.Or(p.Mode, Count)
	p.Children = cmp.Or(p.Children, DefaultChildren)
	p.Combinations = cmp.Or(p.Combinations, DefaultCombinations)
	return p
}

// Equal reports whether two policies say the same.
func (p Policy) Equal(q Policy) bool {
	p, q = p.WithDefaults(), q.WithDefaults()
	return p.Mode == q.Mode && p.Children == q.Children && p.Combinations == q.Combinations &&
		slices.EqualFunc(p.Exempt, q.Exempt, bytes.Equal)
}

// String is the policy in one line, as ParsePolicy reads it.
func (p Policy) String() string {
	p = p.WithDefaults()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %d", p.Mode, p.Children, p.Combinations)
	for _, zone := range p.Exempt {
		b.WriteString(" " + rrset.NameString(zone))
	}
	return b.String()
}

// ParsePolicy is the inverse of String.
func ParsePolicy(s string) (Policy, error) {
	f := strings.Fields(s)
	if len(f) < 3 {
		return Policy{}, fmt.Errorf("policy %.80q: want mode, children, combinations and exempt names", s)
	}
	mode, err := ParseMode(f[0])
	if err != nil {
		return Policy{}, err
	}
	p := Policy{Mode: mode}
	if _, err := fmt.Sscan(f[1]+" "+f[2], &p.Children, &p.Combinations); err != nil || p.Children < 1 || p.Combinations < 1 {
		return Policy{}, fmt.Errorf("policy %.80q: want numbers above zero behind the mode", s)
	}
	for _, text := range f[3:] {
		zone, err := rrset.ParseName(text)
		if err != nil {
			return Policy{}, err
		}
		p.Exempt = append(p.Exempt, zone)
	}
	return p, nil
}

func (p *Policy) exempts(owner []byte) bool {
	return slices.ContainsFunc(p.Exempt, func(zone []byte) bool { return rrset.Encloses(zone, owner) })
}
