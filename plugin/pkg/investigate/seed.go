package investigate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/mail"
	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
)

// A Seed is where a walk begins.
type Seed struct {
	ID   string   `json:"id"`   // as analysis.Key.String
	Type string   `json:"type"` // name or address
	From []Origin `json:"from"`

	Domain string `json:"domain,omitempty"` // the registered domain of a name, seen or not

	// State and Seen are known after the walk: of all that the history has of a name in
	// the window, or of the names at an address.
	State SeedState `json:"state"`
	analysis.Seen

	Key analysis.Key `json:"-"`
}

// An Origin says where a seed comes from.
type Origin struct {
	Kind    mail.Kind `json:"kind"`              // Given, or how a mail leads there
	Part    string    `json:"part,omitempty"`    // of the mail: see mail.Link
	Count   int       `json:"count,omitempty"`   // how often there
	Through []string  `json:"through,omitempty"` // gateways that had wrapped the link
}

// Given is the origin of a seed that somebody named.
const Given mail.Kind = "given"

// A SeedState says what a walk did about a seed.
type SeedState string

// The states of seeds.
const (
	Walked SeedState = "walked"
	Unseen SeedState = "unseen" // nothing was seen of it in the window
	Left   SeedState = "left"   // stronger ones were walked: see Query.Walk
)

// ParseSeed reads a name, an address or a URL, defanged or not. Of a URL only the host is
// kept.
func ParseSeed(text string) (Seed, error) {
	if host, err := mail.Host(text); err == nil {
		return seedOf(host, Origin{Kind: Given, Count: 1})
	} else if strings.Contains(text, "://") || strings.HasPrefix(text, "//") {
		return Seed{}, fmt.Errorf("%q: %w", withoutSecrets(text), err)
	}
	k, err := analysis.ParseKey(text)
	if err != nil {
		if told := withoutSecrets(text); told != text {
			return Seed{}, fmt.Errorf("%q: no name, address or URL", told)
		}
		return Seed{}, err
	}
	if k.Type() == "network" {
		return Seed{}, fmt.Errorf("%q is a network, want a name, an address or a URL", text)
	}
	return newSeed(k, Origin{Kind: Given, Count: 1}), nil
}

// withoutSecrets is what a message may quote of a URL: neither account nor path nor
// query.
func withoutSecrets(text string) string {
	scheme, rest := "", text
	if i := strings.Index(text, "//"); i >= 0 {
		scheme, rest = text[:i+2], text[i+2:]
	}
	more := ""
	if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
		rest, more = rest[:i], "/..."
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = "..." + rest[at:]
	}
	return scheme + rest + more
}

func newSeed(k analysis.Key, from Origin) Seed {
	s := Seed{ID: k.String(), Type: k.Type(), Key: k, From: []Origin{from}}
	if k.Name() != nil {
		s.Domain = rrset.NameString(registered.Domain(k.Name()))
	}
	return s
}

func seedOf(host string, from Origin) (Seed, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return newSeed(analysis.AddressKey(a), from), nil
	}
	wire, err := rrset.ParseName(host)
	if err != nil {
		return Seed{}, err
	}
	return newSeed(analysis.NameKey(wire), from), nil
}

// MailSeeds are the seeds that a mail holds, each once.
func MailSeeds(m *mail.Message) (seeds []Seed) {
	at := map[analysis.Key]int{}
	for _, l := range m.Links {
		s, err := seedOf(l.Host, Origin{Kind: l.Kind, Part: l.Part, Count: l.Count, Through: l.Through})
		if err != nil { // no host that package mail gives
			continue
		}
		if i, ok := at[s.Key]; ok {
			seeds[i].From = append(seeds[i].From, s.From...)
			continue
		}
		at[s.Key] = len(seeds)
		seeds = append(seeds, s)
	}
	return seeds
}

// tier is how much the origin of a seed says: 0 is most. What somebody named, and what a
// mail makes people follow, stands before pictures, and these before senders, who are
// whom they please to be.
func (s *Seed) tier() int {
	best := 3
	for _, from := range s.From {
		switch from.Kind {
		case Given:
			best = min(best, 0)
		case mail.Form, mail.Refresh, mail.Anchor, mail.Text:
			best = min(best, 1)
		case mail.Embed, mail.Image:
			best = min(best, 2)
		}
	}
	return best
}

// strongest orders seeds: by tier, those that were seen first, of these the youngest.
func strongest(seeds []Seed) {
	slices.SortStableFunc(seeds, func(a, b Seed) int {
		if d := a.tier() - b.tier(); d != 0 {
			return d
		}
		switch {
		case a.Count == 0 && b.Count == 0:
			return 0
		case a.Count == 0:
			return 1
		case b.Count == 0:
			return -1
		}
		return int(min(1, max(-1, b.First-a.First)))
	})
}
