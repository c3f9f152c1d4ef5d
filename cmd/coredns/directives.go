package main

import (
	"fmt"
	"slices"
)

// ours says where this project's directives stand among upstream's: each right
// above another. A query goes through the plugins in this order.
var ours = []struct{ directive, above string }{
	// Below cache, and above nothing but forward: what it sees are the answers of
	// other servers, as often as the cache asks for them.
	{"pdnscollect", "forward"},
	// Below what decides who may ask and how (acl, tsig, rewrite, cache, header),
	// and above all that makes answers, of which template is the first: no other
	// plugin can answer for the query zone.
	{"pdnsquery", "template"},
}

// insertOurs returns upstream's directives with this project's among them.
func insertOurs(upstream []string) ([]string, error) {
	all := slices.Clone(upstream)
	for _, o := range ours {
		at := slices.Index(all, o.above)
		if at < 0 {
			return nil, fmt.Errorf("no directive %q to put %q above", o.above, o.directive)
		}
		all = slices.Insert(all, at, o.directive)
	}
	return all, nil
}
