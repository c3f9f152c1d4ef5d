package report

import (
	"fmt"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/investigate"
)

const (
	mostBlocks = 50 // things that seeds shared with others that have a block of their own
	mostNamed  = 10 // of those that they shared with nobody that are named
)

// company is with whom seeds shared what they had.
type company struct {
	Blocks []investigate.Neighbours // what others had too, or many
	More   int                      // of these, without a block
	Alone  []string                 // what nobody else had at the time, a sentence for all of one kind
}

// companyOf sorts out what nobody else had: a name with hundreds of addresses of its own
// would have a block of each. If there are too many blocks, those with most names stay.
func companyOf(all []investigate.Neighbours) (out company) {
	type lot struct {
		first    investigate.Neighbours
		targets  []string
		at, more int // where others were at other times, and not all was looked at
	}
	var alone []*lot
	for _, n := range all {
		if n.State == analysis.Shared || len(n.With) > 0 || n.Seed == n.Target {
			out.Blocks = append(out.Blocks, n)
			continue
		}
		i := slices.IndexFunc(alone, func(l *lot) bool { return l.first.Owner == n.Owner && l.first.Seed == n.Seed && l.first.Kind == n.Kind })
		if i < 0 {
			i = len(alone)
			alone = append(alone, &lot{first: n})
		}
		alone[i].targets = append(alone[i].targets, investigate.Plain(n.Target))
		if n.Other > 0 {
			alone[i].at++
		}
		if n.More {
			alone[i].more++
		}
	}
	if out.More = max(0, len(out.Blocks)-mostBlocks); out.More > 0 {
		least := slices.Clone(out.Blocks)
		slices.SortStableFunc(least, func(a, b investigate.Neighbours) int { return len(b.With) - len(a.With) })
		out.Blocks = least[:mostBlocks]
	}
	for _, l := range alone {
		owner := investigate.Plain(l.first.Owner)
		if l.first.Owner != l.first.Seed {
			owner += ", the registered domain of " + investigate.Plain(l.first.Seed) + ","
		}
		text := fmt.Sprintf("Nobody else was seen at the time at %s that %s had: %s.", count(len(l.targets), kindWords[l.first.Kind]), owner, some(l.targets))
		if l.first.Kind == analysis.InDomain {
			text = fmt.Sprintf("No other name was seen in the domain of %s, %s.", owner, some(l.targets))
		}
		if l.at > 0 {
			text += fmt.Sprintf(" Others were there at other times, at %s, and do not count.", number(l.at))
		}
		if l.more > 0 {
			text += fmt.Sprintf(" Not all that was there was looked at, at %s.", number(l.more))
		}
		out.Alone = append(out.Alone, text)
	}
	return out
}

// kindWords are what things of a kind are called.
var kindWords = map[analysis.Kind]string{
	analysis.HasAddress: "address", analysis.HasServer: "name server", analysis.HasMail: "mail exchange",
	analysis.IsAlias: "target of an alias", analysis.HasService: "target of a service", analysis.InDomain: "registered domain",
}

func some(all []string) string {
	if len(all) <= mostNamed {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %s more", strings.Join(all[:mostNamed], ", "), number(len(all)-mostNamed))
}
