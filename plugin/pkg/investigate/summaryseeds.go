package investigate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"example.org/pdns/plugin/pkg/analysis"
)

// saySeed says what the only seed was, and with whom.
func (w *walker) saySeed(s Seed, say func(string, ...any)) {
	name := Plain(s.ID)
	if s.Type == "address" {
		for _, n := range w.out.Neighbours {
			if n.Target == s.ID && n.State != analysis.Shared {
				say("At %s %s of %s were seen from %s to %s, %s.", name, counted(n.Names, "name"), counted(n.Domains, "registered domain"),
					Day(s.First), Day(s.Last), times(s.Count))
			}
		}
		return
	}
	say("%s was first seen on %s and last on %s, %s.", name, Day(s.First), Day(s.Last), times(s.Count))
	if day := w.unbornSeed(s); day > 0 {
		say("On %s it was asked for and did not exist yet.", Day(day))
	}
	if f := w.fluxOf(s); f != nil {
		say("It looks like %s: %s.", f.Verdict, f.Because)
	}
	h := w.home(s)
	var stood []string
	for _, n := range h.some(mostStood) {
		with := "which many share"
		if n.State != analysis.Shared {
			with = "with " + counted(n.Names, "name")
		}
		text := fmt.Sprintf("%s (%s to %s)", Plain(n.Target), Day(n.First), Day(n.Last))
		if n.State == analysis.Shared {
			text += ","
		}
		stood = append(stood, text+" "+with)
	}
	if more := len(h.addresses) - len(stood); more > 0 {
		stood = append(stood, fmt.Sprintf("and %s more", humanize.Comma(int64(more))))
	}
	if len(stood) > 0 {
		say("It stood on %s: %s.", counted(len(h.addresses), "address"), strings.Join(stood, "; "))
	}
	if h.others > 0 {
		text := fmt.Sprintf("%s of %s stood there at the same time", counted(h.others, "other name"), counted(h.domains, "registered domain"))
		if h.crowded > 0 {
			text += ", not counting where many do"
		}
		say("%s.", text)
	}
}

// sayEachSeed says a line of each seed.
func (w *walker) sayEachSeed(say func(string, ...any)) {
	for _, s := range w.walked[:min(mostLines, len(w.walked))] {
		text := fmt.Sprintf("%s: seen from %s to %s, %s", Plain(s.ID), Day(s.First), Day(s.Last), times(s.Count))
		if day := w.unbornSeed(s); day > 0 {
			text += fmt.Sprintf("; did not exist on %s", Day(day))
		}
		if f := w.fluxOf(s); f != nil {
			text += fmt.Sprintf("; looks like %s", f.Verdict)
		}
		h := w.home(s)
		if s.Type == "address" && h.crowded == 0 {
			text += fmt.Sprintf("; %s of %s there", counted(h.others, "name"), counted(h.domains, "registered domain"))
		} else if s.Type == "name" && len(h.addresses) > 0 {
			if text += "; on " + Plain(h.some(1)[0].Target); len(h.addresses) > 1 {
				text += " and " + counted(len(h.addresses)-1, "more address")
			}
			text += " with " + counted(h.others, "other name")
		}
		switch {
		case h.crowded > 0 && s.Type == "address":
			text += "; many share it"
		case h.crowded > 0:
			text += fmt.Sprintf(", not counting those at %s that many share", counted(h.crowded, "address"))
		}
		say("%s.", text)
	}
	if more := len(w.walked) - mostLines; more > 0 {
		say("%s walked from: the report tells of each.", counted(more, "more seed")+verb(more))
	}
}

const (
	mostStood = 3  // addresses of a seed that the summary tells
	mostLines = 10 // seeds that have a line there
)

func (w *walker) unbornSeed(s Seed) int64 {
	for _, l := range w.out.Timelines {
		if l.Name == s.ID {
			return l.Unborn
		}
	}
	return 0
}

// fluxOf is the verdict on a seed if it is one of flux or of a CDN.
func (w *walker) fluxOf(s Seed) *analysis.FluxReport {
	for _, f := range w.out.Flux {
		if f.Name == s.ID && (f.Verdict == analysis.IsFlux || f.Verdict == analysis.IsDoubleFlux || f.Verdict == analysis.IsCDN) {
			return f
		}
	}
	return nil
}

// A home is where a seed stood, and with how many others.
type home struct {
	addresses       []Neighbours
	crowded         int // of these, that many share
	others, domains int // who stood on the rest of them
}

func (w *walker) home(s Seed) (h home) {
	others, domains := map[string]bool{}, map[string]bool{}
	for _, n := range w.out.Neighbours {
		if n.Seed != s.ID || n.Owner != s.ID || n.Kind != analysis.HasAddress {
			continue
		}
		h.addresses = append(h.addresses, n)
		if n.State == analysis.Shared {
			h.crowded++
			continue
		}
		for _, t := range n.With {
			others[t.Name], domains[t.Domain] = true, true
		}
	}
	h.others, h.domains = len(others), len(domains)
	return h
}

// some are the addresses if they are few, else those with most other names.
func (h home) some(most int) []Neighbours {
	if len(h.addresses) <= most {
		return h.addresses
	}
	all := slices.Clone(h.addresses)
	slices.SortStableFunc(all, func(a, b Neighbours) int { return cmp.Compare(len(b.With), len(a.With)) })
	return all[:most]
}

// saySeeds says which seeds lead nowhere.
func (w *walker) saySeeds(say func(string, ...any)) {
	var unseen []string
	left := 0
	for _, s := range w.out.Seeds {
		switch s.State {
		case Unseen:
			unseen = append(unseen, Plain(s.ID))
		case Left:
			left++
		}
	}
	if len(unseen) > 0 {
		say("Not in the history: %s.", listed(unseen, 3))
	}
	if left > 0 {
		say("%s not walked: the others are stronger.", counted(left, "seed")+verb(left))
	}
}

func verb(n int) string {
	if n == 1 {
		return " was"
	}
	return " were"
}
