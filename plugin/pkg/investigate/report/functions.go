package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"golang.org/x/net/idna"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/investigate"
)

// functions are what the page calls.
var functions = template.FuncMap{
	"plain":  investigate.Plain,
	"spoken": spoken,
	"day":    investigate.Day,
	"minute": investigate.Minute,
	"number": number,
	"count":  count,

	"company": companyOf,
	"hosting": hosting,

	"sightings": sightings,
	"uncounted": uncounted,

	"bar":     bar,
	"join":    func(some []string) string { return strings.Join(some, ", ") },
	"names":   joinPlain,
	"score":   func(f float64) string { return fmt.Sprintf("%.3f", f) },
	"days":    func(seconds int64) int64 { return seconds / 86400 },
	"life":    life,
	"origins": origins,
	"state":   state,
	"table":   newTable,
	"first":   func(n int, tenants []investigate.Tenant) []investigate.Tenant { return tenants[:min(n, len(tenants))] },
	"rest": func(n int, tenants []investigate.Tenant) []investigate.Tenant {
		return tenants[min(n, len(tenants)):min(mostRows, len(tenants))]
	},
	"firstNames": func(n int, all []investigate.Name) []investigate.Name { return all[:min(n, len(all))] },
	"restNames": func(n int, all []investigate.Name) []investigate.Name {
		return all[min(n, len(all)):min(mostRows, len(all))]
	},
	"more": func(n int) int { return max(0, n-mostRows) },
}

// mostRows bounds the rows of one table; the indicators have all names.
const mostRows = 2000

func joinPlain(some []string) string {
	plains := make([]string, len(some))
	for i, s := range some {
		plains[i] = investigate.Plain(s)
	}
	return strings.Join(plains, ", ")
}

var forDisplay = idna.New(idna.MapForLookup(), idna.BidiRule())

// spoken is a name in Unicode, if it is an internationalized one that is well formed;
// else nothing.
func spoken(id string) string {
	name := investigate.Plain(id)
	if !strings.Contains(name, "xn--") {
		return ""
	}
	text, err := forDisplay.ToUnicode(name)
	if err != nil || text == name || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return text
}

func number(v any) string {
	switch n := v.(type) {
	case int:
		return humanize.Comma(int64(n))
	case int64:
		return humanize.Comma(n)
	case uint64:
		return humanize.CommafWithDigits(float64(n), 0)
	}
	return fmt.Sprint(v)
}

// count is how many there are of what.
func count(n any, what string) string {
	text := number(n)
	if text == "1" {
		return "1 " + what
	}
	first, rest, _ := strings.Cut(what, " of ")
	if rest != "" {
		rest = " of " + rest
	}
	return text + " " + english.PluralWord(2, first, "") + rest
}

// hosting is the verdict on a name in words of its own: shared is what a walk calls what
// it does not follow, which is another thing.
func hosting(v analysis.Verdict) string {
	switch v {
	case analysis.IsShared:
		return "No: it is hosted together with others"
	case analysis.IsCDN:
		return "No: it looks like a CDN"
	case analysis.IsStable:
		return "No: it is stable"
	case analysis.IsUnclear:
		return "It cannot be told"
	case analysis.IsFlux:
		return "Yes: it looks like flux"
	case analysis.IsDoubleFlux:
		return "Yes: it looks like double flux"
	}
	return string(v)
}

// sightings is how often something was seen in a period, a dash for one in which it
// stood although no slice of the store begins there: none would look as if it had not
// been seen.
func sightings(n uint64) string {
	if n == 0 {
		return "–"
	}
	return number(n)
}

// uncounted reports whether there are such periods.
func uncounted(types []analysis.TypeHistory) bool {
	return slices.ContainsFunc(types, func(h analysis.TypeHistory) bool {
		return slices.ContainsFunc(h.Periods, func(p analysis.Period) bool { return p.Count == 0 })
	})
}

// bar is where a time lies in another one: the style of a bar in its track.
func bar(all, part analysis.Seen) template.CSS {
	span := float64(max(1, all.Last-all.First))
	left := min(1, max(0, float64(part.First-all.First)/span))
	width := min(1-left, max(0, float64(part.Last-part.First)/span))
	return template.CSS(fmt.Sprintf("margin-left:%.2f%%;width:%.2f%%", left*99, width*99+1))
}

// life is the time that a timeline spans, from when the name was found not to exist.
func life(l *analysis.Timeline) analysis.Seen {
	all := l.Seen
	if l.Unborn > 0 && l.Unborn < all.First {
		all.First = l.Unborn
	}
	return all
}

// origins says where a seed comes from.
func origins(s investigate.Seed) (says []string) {
	for _, from := range s.From {
		if from.Kind == investigate.Given {
			says = append(says, "as asked")
			continue
		}
		text := string(from.Kind) + " in " + from.Part
		if from.Count > 1 {
			text += fmt.Sprintf(", %d times", from.Count)
		}
		if len(from.Through) > 0 {
			text += ", behind " + strings.Join(from.Through, ", ")
		}
		says = append(says, text)
	}
	return says
}

// state says what became of a seed.
func state(s investigate.Seed) string {
	switch s.State {
	case investigate.Walked:
		return "walked from"
	case investigate.Unseen:
		return "not in the history"
	}
	return "left out: stronger ones were walked"
}

// A table is rows of tenants with what they are compared by.
type table struct {
	All     analysis.Seen // what bars lie in
	Tenants []investigate.Tenant
	Caption string
}

func newTable(all analysis.Seen, caption string, tenants []investigate.Tenant) table {
	return table{all, tenants, caption}
}
