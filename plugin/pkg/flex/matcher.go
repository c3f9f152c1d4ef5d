package flex

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const (
	// maxExpression bounds what is compiled, in octets,
	maxExpression = 1024
	// maxSteps what it comes to when its repeats are written out, in steps that the
	// engine may have to try at each octet of a text,
	maxSteps = 2000
	// and maxText how much of a text is looked at, in octets.
	maxText = 16 << 10
)

// A matcher is a compiled expression, without regard to letter case.
type matcher struct {
	expr         *regexp.Regexp
	begins, ends string // what all texts that it matches begin and end with
}

func newMatcher(kind Kind, expr string) (*matcher, error) {
	switch {
	case expr == "":
		return nil, errors.New("an empty expression: want one that says something about the text")
	case len(expr) > maxExpression:
		return nil, fmt.Errorf("an expression of %d octets: want at most %d", len(expr), maxExpression)
	}
	if kind == Glob {
		var err error
		if expr, err = globToRegex(expr); err != nil {
			return nil, err
		}
	}
	// The second parse is the engine's own.
	tree, err := syntax.Parse("(?is)"+expr, syntax.Perl)
	if err != nil {
		return nil, malformed(err)
	}
	if n := steps(tree); n > maxSteps {
		return nil, fmt.Errorf("an expression of %d steps with its repeats written out: want at most %d", n, maxSteps)
	}
	compiled, err := regexp.Compile("(?is)" + expr)
	if err != nil {
		return nil, malformed(err)
	}
	m := &matcher{expr: compiled}
	m.begins, m.ends = fixed(tree.Simplify())
	return m, nil
}

func malformed(err error) error {
	var s *syntax.Error
	if errors.As(err, &s) {
		return fmt.Errorf("not a regular expression: %s: `%s`", s.Code, strings.TrimPrefix(s.Expr, "(?is)"))
	}
	return err
}

// steps is about how many instructions an expression comes to.
func steps(tree *syntax.Regexp) int {
	n := 1
	if tree.Op == syntax.OpLiteral {
		n = len(tree.Rune)
	}
	for _, sub := range tree.Sub {
		n += steps(sub)
	}
	if tree.Op == syntax.OpRepeat {
		n *= max(tree.Min, tree.Max, 1)
	}
	return min(n, 1<<30)
}

func (m *matcher) match(text []byte) bool { return m.expr.Match(text[:min(len(text), maxText)]) }

// fixed returns what every text that an expression matches begins and ends with,
// in lower case; empty where it does not say.
func fixed(tree *syntax.Regexp) (begins, ends string) {
	parts := []*syntax.Regexp{tree}
	for len(parts) == 1 && (parts[0].Op == syntax.OpConcat || parts[0].Op == syntax.OpCapture) {
		parts = parts[0].Sub
	}
	n := len(parts)
	if n >= 2 && parts[0].Op == syntax.OpBeginText {
		begins = literal(parts[1])
	}
	if n >= 2 && parts[n-1].Op == syntax.OpEndText {
		ends = literal(parts[n-2])
	}
	return begins, ends
}

func literal(part *syntax.Regexp) string {
	if part.Op != syntax.OpLiteral {
		return ""
	}
	return strings.ToLower(string(part.Rune))
}

// names is which owners an expression can match.
func (m *matcher) names() store.Subject {
	if zone := zoneAtEnd(m.ends); zone != nil {
		return store.Below(zone)
	}
	if labels := labelsAtStart(m.begins); labels != nil {
		return store.Leading(labels...)
	}
	return store.All()
}

// zoneAtEnd is the name that all names with an end are below, or are: its last
// whole labels. A dot in it is one between labels. Nil if there are none.
func zoneAtEnd(end string) []byte {
	if !plain(end) || !strings.HasSuffix(end, ".") {
		return nil
	}
	_, labels, ok := strings.Cut(end, ".")
	if !ok || labels == "" {
		return nil
	}
	zone, err := rrset.ParseName(labels)
	if err != nil {
		return nil
	}
	return zone
}

// labelsAtStart are the first whole labels of all names with a beginning, if names
// have more labels than these.
func labelsAtStart(start string) (labels [][]byte) {
	if !plain(start) {
		return nil
	}
	parts := strings.Split(start, ".")
	last := len(parts) - 1
	if parts[last] == "" { // the name may end here
		last--
	}
	for _, label := range parts[:max(last, 0)] {
		if label == "" || len(label) > 63 {
			return nil
		}
		labels = append(labels, []byte(label))
	}
	return labels
}

// plain reports whether a text of names stands for itself: no octet of it is, or
// is part of, an escape.
func plain(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}
