package investigate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"example.org/pdns/plugin/pkg/analysis"
)

// summary says in sentences what was found, each with its figures.
func (w *walker) summary() (says []string) {
	say := func(format string, args ...any) { says = append(says, fmt.Sprintf(format, args...)) }
	for _, s := range w.walked {
		w.saySeed(s, say)
	}
	w.saySeeds(say)
	w.sayStages(say)
	w.sayShared(say)
	w.sayServers(say)
	w.sayNames(say)
	w.sayLoose(say)
	return says
}

// saySeed says what one seed was, and with whom.
func (w *walker) saySeed(s Seed, say func(string, ...any)) {
	name := Plain(s.ID)
	it, asked := "It", "it"
	if len(w.walked) > 1 {
		it, asked = name, name
	}
	if s.Type == "address" {
		for _, n := range w.out.Neighbours {
			if n.Target == s.ID && n.State != analysis.Shared {
				say("At %s %s of %s were seen from %s to %s, %s.", name, counted(n.Names, "name"), counted(n.Domains, "registered domain"),
					Day(s.First), Day(s.Last), times(s.Count))
			}
		}
	} else {
		say("%s was first seen on %s and last on %s, %s.", name, Day(s.First), Day(s.Last), times(s.Count))
	}
	for _, l := range w.out.Timelines {
		if l.Name == s.ID && l.Unborn > 0 {
			say("On %s %s was asked for and did not exist yet.", Day(l.Unborn), asked)
		}
	}
	for _, f := range w.out.Flux {
		if f.Name == s.ID && (f.Verdict == analysis.IsFlux || f.Verdict == analysis.IsDoubleFlux || f.Verdict == analysis.IsCDN) {
			say("%s looks like %s: %s.", it, f.Verdict, f.Because)
		}
	}
	var stood []string
	crowded := false
	others, domains := map[string]bool{}, map[string]bool{}
	for _, n := range w.out.Neighbours {
		if n.Seed != s.ID || n.Owner != s.ID || n.Kind != analysis.HasAddress {
			continue
		}
		if n.State == analysis.Shared {
			crowded = true
			stood = append(stood, fmt.Sprintf("%s (%s to %s), which many share", Plain(n.Target), Day(n.First), Day(n.Last)))
			continue
		}
		stood = append(stood, fmt.Sprintf("%s (%s to %s) with %s", Plain(n.Target), Day(n.First), Day(n.Last), counted(n.Names, "name")))
		for _, t := range n.With {
			others[t.Name], domains[t.Domain] = true, true
		}
	}
	if s.Type == "name" && len(stood) > 0 {
		say("%s stood on %s: %s.", it, counted(len(stood), "address"), strings.Join(stood, "; "))
	}
	if len(others) > 0 && s.Type == "name" {
		text := fmt.Sprintf("%s of %s stood there at the same time", counted(len(others), "other name"), counted(len(domains), "registered domain"))
		if crowded {
			text += ", not counting where many do"
		}
		say("%s.", text)
	}
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

// listed is the first of some, and how many more there are.
func listed(some []string, most int) string {
	if len(some) <= most {
		return strings.Join(some, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(some[:most], ", "), len(some)-most)
}

// mostSaid is how many stages the summary tells.
const mostSaid = 3

func (w *walker) sayStages(say func(string, ...any)) {
	said := 0
	for _, s := range w.out.Stages {
		if s.Shared {
			continue
		}
		if said++; said > mostSaid {
			say("They had %s more.", counted(len(w.out.Stages)-mostSaid, "address"))
			break
		}
		text := fmt.Sprintf("%s of the neighbours had %s too, where %s of %s stood from %s to %s", counted(len(s.Led), "name"), Plain(s.Address),
			counted(s.Names, "name"), counted(s.Domains, "registered domain"), Day(s.First), Day(s.Last))
		if s.More {
			text += ", and more"
		}
		if len(s.Tenants) > 0 {
			text += fmt.Sprintf("; the first there was %s", Plain(s.Tenants[0].Name))
		}
		if t := telltale(s.Tenants); len(t) > 0 {
			text += "; money or passwords are in the words of " + listed(t, 3)
		}
		say("%s.", text)
	}
}

// telltale are the names that speak of money or signing in.
func telltale(all []Tenant) (names []string) {
	for _, t := range all {
		if len(t.Speaks) > 0 {
			names = append(names, Plain(t.Name))
		}
	}
	return names
}

func (w *walker) sayShared(say func(string, ...any)) {
	var texts []string
	for _, n := range w.out.Shared {
		text := Plain(n.ID)
		if n.Range != "" {
			text += " in " + n.Range
		}
		if n.Domains > 0 {
			text += fmt.Sprintf(" with %s", counted(n.Domains, "domain"))
			if n.More {
				text += " and more"
			}
		}
		texts = append(texts, text)
	}
	if len(texts) > 0 {
		say("Shared by too many to say anything, and not followed: %s.", listed(texts, 3))
	}
}

func (w *walker) sayServers(say func(string, ...any)) {
	for _, s := range w.out.Servers[:min(1, len(w.out.Servers))] {
		text := fmt.Sprintf("The most frequent name server is %s, of %s of %s", Plain(s.Name), humanize.Comma(int64(s.Domains)), counted(s.Of, "registered domain"))
		switch {
		case s.More:
			text += fmt.Sprintf("; it serves more than %s in all", humanize.Comma(int64(w.q.Domains)))
		case s.All >= 0:
			text += fmt.Sprintf("; it serves %s in all", humanize.Comma(int64(s.All)))
		}
		say("%s.", text)
	}
}

func (w *walker) sayNames(say func(string, ...any)) {
	if len(w.out.Names) == 0 {
		if len(w.walked) > 0 {
			say("No other name shared anything with it that would say they belong together.")
		}
		return
	}
	say("The scheme has %s of %s besides the seeds, seen from %s to %s.", counted(len(w.out.Names), "name"),
		counted(w.out.Domains, "registered domain"), Day(w.out.First), Day(w.out.Last))
	fresh, unborn := 0, 0
	for _, n := range w.out.Names {
		if n.New {
			fresh++
		}
		if n.Unborn > 0 {
			unborn++
		}
	}
	if fresh > 0 {
		say("%s first seen since %s.", counted(fresh, "name")+verb(fresh), Day(w.out.Lately))
	}
	if unborn > 0 {
		say("%s found not to exist before.", counted(unborn, "name")+verb(unborn))
	}
	strong := slices.Clone(w.out.Names[:min(5, len(w.out.Names))])
	var names []string
	for _, n := range strong {
		names = append(names, Plain(n.Name))
	}
	say("Bound to the seeds most: %s.", strings.Join(names, ", "))
}

func (w *walker) sayLoose(say func(string, ...any)) {
	if n := len(w.out.Loose); n == 1 {
		say("1 other name hangs together with the seeds by domain, mail or name servers only, and is not counted with the scheme.")
	} else if n > 1 {
		say("%s hang together with the seeds by domain, mail or name servers only, and are not counted with the scheme.", counted(n, "other name"))
	}
}

func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return humanize.Comma(int64(min(n, math.MaxInt64))) + " times"
}
