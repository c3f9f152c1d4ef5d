package investigate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
)

// summary says in sentences what was found, each with its figures. Of one seed its own
// story comes first; of more, what makes one scheme of them.
func (w *walker) summary() (says []string) {
	say := func(format string, args ...any) { says = append(says, fmt.Sprintf(format, args...)) }
	if len(w.walked) < 2 {
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
	w.sayNames(say)
	w.sayCommon(say)
	w.sayStages(say)
	w.sayShared(say)
	w.sayServers(say)
	w.sayLoose(say)
	w.sayEachSeed(say)
	w.saySeeds(say)
	return says
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
			it := "it"
			if len(w.walked) > 1 {
				it = "the seeds"
			}
			say("No other name shared anything with %s that would say they belong together.", it)
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
