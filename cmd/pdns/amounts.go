package main

import (
	"cmp"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/capture"
	"example.org/pdns/plugin/pkg/observation"
)

// An amount is a number and what it is of.
type amount struct {
	what string
	n    uint64
}

// enumerate lists amounts.
func enumerate(amounts []amount) string {
	var texts []string
	for _, a := range amounts {
		texts = append(texts, number(a.n)+" "+a.what)
	}
	return strings.Join(texts, ", ")
}

// list says how many there were of each, the most first; nothing if there were none.
func (p *program) list(what string, amounts []amount) {
	amounts = slices.DeleteFunc(amounts, func(a amount) bool { return a.n == 0 })
	slices.SortStableFunc(amounts, func(a, b amount) int { return cmp.Compare(b.n, a.n) })
	if len(amounts) > 0 {
		p.say("%s: %s", what, enumerate(amounts))
	}
}

// byReason is what was left out.
func byReason(dropped [observation.Reasons]uint64) (amounts []amount) {
	for why := range observation.AllReasons() {
		amounts = append(amounts, amount{why.String(), dropped[why]})
	}
	return amounts
}

// outcomes say in words what became of packets, and of what waited for more.
var outcomes = map[capture.Outcome]string{
	capture.DNS:           "with responses, or parts of them",
	capture.Query:         "with queries",
	capture.NotDNS:        "not DNS",
	capture.Fragment:      "fragments of others",
	capture.Unasked:       "with responses to no query that was seen",
	capture.Malformed:     "malformed",
	capture.Cut:           "not captured to their end",
	capture.UnknownLink:   "of an unknown link layer",
	capture.Panicked:      "that met a defect",
	capture.LostFragments: "datagrams without some fragment",
	capture.Gap:           "gaps in TCP streams",
}

// listPackets says what became of packets, and what is missing of what was in
// several.
func (p *program) listPackets(s capture.Stats) {
	var packets, missing []amount
	for o := range capture.Outcomes() {
		a := amount{cmp.Or(outcomes[o], o.String()), s.By[o]}
		if o == capture.LostFragments || o == capture.Gap {
			missing = append(missing, a)
		} else {
			packets = append(packets, a)
		}
	}
	p.list("packets", packets)
	p.list("missing", missing)
}
