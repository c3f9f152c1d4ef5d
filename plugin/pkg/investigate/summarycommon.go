package investigate

import (
	"cmp"
	"fmt"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
)

// A tie is what several seeds had, or one had that is a seed itself.
type tie struct {
	target string
	kind   analysis.Kind
	seeds  []string
	itself bool // the target is a seed
	within analysis.Seen
	apart  bool // some had it when others had not
}

// tieWords say what a tie is to those who have it.
var tieWords = map[analysis.Kind]string{
	analysis.HasAddress: "had the address",
	analysis.HasServer:  "had the name server",
	analysis.HasMail:    "had the mail exchange",
	analysis.IsAlias:    "led as alias to",
	analysis.HasService: "had the service target",
	analysis.InDomain:   "lay in the domain",
}

// ties finds what the seeds had in common and do not share with too many: what most of
// them had first, addresses and targets before servers and domains.
func (w *walker) ties() (all []tie) {
	itself := map[string]bool{}
	for _, s := range w.walked {
		itself[s.ID] = true
	}
	at := map[string]int{}
	for _, n := range w.out.Neighbours {
		if n.State == analysis.Shared || n.Seed == n.Target {
			continue
		}
		key := string(n.Kind) + "\n" + n.Target
		i, ok := at[key]
		if !ok {
			i = len(all)
			at[key] = i
			all = append(all, tie{target: n.Target, kind: n.Kind, itself: itself[n.Target], within: n.Seen})
		}
		t := &all[i]
		if slices.Contains(t.seeds, n.Seed) {
			continue
		}
		t.seeds = append(t.seeds, n.Seed)
		t.within.First, t.within.Last = max(t.within.First, n.First), min(t.within.Last, n.Last)
		t.apart = t.within.First > t.within.Last
	}
	all = slices.DeleteFunc(all, func(t tie) bool { return len(t.seeds) < 2 && !t.itself })
	weak := func(t tie) int {
		return 1 + slices.Index(analysis.Kinds(), t.kind) - 10*min(1, 1+slices.Index(binding, t.kind))
	}
	slices.SortStableFunc(all, func(a, b tie) int {
		return cmp.Or(cmp.Compare(len(b.seeds), len(a.seeds)), cmp.Compare(weak(a), weak(b)), cmp.Compare(a.target, b.target))
	})
	return all
}

// mostTies is how many of these the summary tells.
const mostTies = 3

// sayCommon says what makes one scheme of several seeds.
func (w *walker) sayCommon(say func(string, ...any)) {
	all := w.ties()
	if len(all) == 0 {
		say("No two of the %d seeds had an address, a target, a server or a domain in common that few others have.", len(w.walked))
	}
	for _, t := range all[:min(mostTies, len(all))] {
		seeds := make([]string, len(t.seeds))
		for i, id := range t.seeds {
			seeds[i] = Plain(id)
		}
		what := fmt.Sprintf("%s %s", tieWords[t.kind], Plain(t.target))
		if t.itself {
			what += ", a seed itself"
		}
		if t.apart {
			what += ", not all at the same time"
		}
		say("%d of the %d seeds %s: %s.", len(seeds), len(w.walked), what, listed(seeds, 3))
	}
	if more := len(all) - mostTies; more > 0 {
		say("The seeds have %s in common.", counted(more, "more thing"))
	}
}
