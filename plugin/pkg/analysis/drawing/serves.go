package drawing

import (
	"example.org/pdns/plugin/pkg/analysis"
)

// Serves is what a node serves, for people, as "12 domains": registered domains, or
// names where it is these that make a registered domain shared, or no domain was counted
// before the counting ended. Empty if that is nothing.
func Serves(n *analysis.Node) string {
	if n.Domains > 0 && !(n.State == analysis.Shared && n.ID == n.Domain) {
		return counted(n.Domains, "domain", n.More)
	}
	return counted(n.Names, "name", n.More)
}

// counted is how many there are of what, or more than that; empty if nobody knows more
// than that there are some.
func counted(count int, what string, more bool) string {
	switch {
	case count == 0:
		return ""
	case more:
		return "more than " + plural(count, what)
	}
	return plural(count, what)
}

// figure is a number of a node in a table. With more there are more, so that 0 would say
// what is wrong.
func figure(count int, more bool) string {
	switch {
	case !more:
		return comma(count)
	case count == 0:
		return "some"
	}
	return "more than " + comma(count)
}
