package report

import (
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/investigate"
)

// Indicators are what to look for elsewhere, a line each.
type indicators struct {
	Defanged  string
	Names     string
	Addresses string
	Count     int
}

// collect takes the seeds and the names of the scheme, and the addresses that are not
// shared with everybody.
func collect(r *investigate.Result) (out indicators) {
	var names, addresses []string
	add := func(list *[]string, id string) {
		if text := investigate.Plain(id); !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	for _, s := range r.Seeds {
		if s.State == investigate.Walked && s.Type == "address" {
			add(&addresses, s.ID)
		} else if s.State == investigate.Walked {
			add(&names, s.ID)
		}
	}
	for _, n := range r.Names { // each once
		names = append(names, investigate.Plain(n.Name))
	}
	for _, n := range r.Neighbours {
		if n.Kind == analysis.HasAddress && n.Owner == n.Seed && n.State != analysis.Shared {
			add(&addresses, n.Target)
		}
	}
	for _, s := range r.Stages {
		if !s.Shared {
			add(&addresses, s.Address)
		}
	}
	out.Names, out.Addresses = lines(names), lines(addresses)
	out.Defanged = Defang(out.Names + out.Addresses)
	out.Count = len(names) + len(addresses)
	return out
}

func lines(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, "\n") + "\n"
}

// Defang makes of names and addresses what no program takes for a link.
func Defang(text string) string { return strings.NewReplacer(".", "[.]", ":", "[:]").Replace(text) }
