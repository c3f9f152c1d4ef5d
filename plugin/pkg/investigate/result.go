package investigate

import (
	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/mail"
)

// A Result is what a walk found. As JSON it is one object with the keys below; times are
// Unix seconds, ids are those of analysis.Key.String.
type Result struct {
	// Summary is what was found in plain sentences, for people.
	Summary []string `json:"summary"`

	Made  int64 `json:"made"` // when the walk was made
	Since int64 `json:"since,omitempty"`
	Until int64 `json:"until,omitempty"`

	// KnownSince and KnownUntil are what the history covers.
	KnownSince int64 `json:"known_since"`
	KnownUntil int64 `json:"known_until"`

	analysis.Seen // of the scheme: seeds, names and addresses that are its own

	Mail    *Mail  `json:"mail,omitempty"`
	Seeds   []Seed `json:"seeds"`             // the strongest first
	Ignored int    `json:"ignored,omitempty"` // seeds and names that Query.Ignore left out

	Timelines  []*analysis.Timeline   `json:"timelines"` // of the seeds that were walked
	Flux       []*analysis.FluxReport `json:"flux"`
	Neighbours []Neighbours           `json:"neighbours"`
	Stages     []Stage                `json:"stages"`
	Servers    []Server               `json:"servers"`
	Shared     []analysis.Node        `json:"shared"` // what serves too many to be followed

	// Map is the map from the seeds, with the names at the addresses of Stages.
	Map *analysis.Graph `json:"map"`

	// Names are those of the scheme but for the seeds, the strongest first: each shared an
	// address, or the target of an alias or a service, with a seed or with another of them.
	Names   []Name `json:"names"`
	Domains int    `json:"domains"` // registered domains that Names make
	// Loose are names that hang together with the seeds by registered domains, mail
	// exchanges or name servers only: they may be anybody's.
	Loose  []Name `json:"loose"`
	Lately int64  `json:"lately"` // what was first seen since then counts as new

	Cuts []string `json:"cuts"` // what bounds left out, in sentences
	// Incomplete, if not empty, says which part of the history could not be read.
	Incomplete string `json:"incomplete,omitempty"`
}

// Found reports whether anything was seen of a seed.
func (r *Result) Found() bool {
	for _, s := range r.Seeds {
		if s.State == Walked {
			return true
		}
	}
	return false
}

// Mail is what a mail was made of: nothing of whom it was sent to.
type Mail struct {
	Parts    int           `json:"parts"`
	Links    int           `json:"links"` // different hosts, by kind and part
	Hosts    int           `json:"hosts"` // different ones: each is a seed
	Unread   []mail.Unread `json:"unread"`
	Personal int           `json:"personal"` // links whose host named a recipient
	Problems []string      `json:"problems"`
	Cuts     []string      `json:"cuts"`
}

// NewMail is what a result says of a mail.
func NewMail(m *mail.Message) *Mail {
	hosts := map[string]bool{}
	for _, l := range m.Links {
		hosts[l.Host] = true
	}
	return &Mail{Parts: m.Parts, Links: len(m.Links), Hosts: len(hosts), Personal: m.Personal, // lists, though empty
		Unread: append([]mail.Unread{}, m.Unread...), Problems: append([]string{}, m.Problems...), Cuts: append([]string{}, m.Cuts...)}
}

// Neighbours are the names that had, at the same time, what a seed had.
type Neighbours struct {
	Seed          string        `json:"seed"`
	Owner         string        `json:"owner"`  // what had it: the seed or its registered domain
	Target        string        `json:"target"` // what both had: an address, a server, a target; the seed itself if that is one
	Kind          analysis.Kind `json:"kind"`
	analysis.Seen               // of the seed there

	State   analysis.State `json:"state"`
	Range   string         `json:"range,omitempty"` // of a CDN or hoster
	Names   int            `json:"names"`           // that had it at the same time, the seed included
	Domains int            `json:"domains"`         // registered domains that these make
	More    bool           `json:"more,omitempty"`  // there are more than were counted
	// Other is how many more names had it at other times; -1 if that was not counted.
	Other int      `json:"other"`
	With  []Tenant `json:"with"` // without the seed; in the order in which they came
}

// A Tenant is a name that had something.
type Tenant struct {
	Name          string `json:"name"`
	Domain        string `json:"domain"`
	analysis.Seen        // there
	// From and To are when both had it; zero if there is nothing to compare with.
	From int64 `json:"together_first,omitempty"`
	To   int64 `json:"together_last,omitempty"`
	// Speaks are words of the name that tell of money or of signing in.
	Speaks []string `json:"speaks,omitempty"`
}

// A Stage is an address to which names that shared something with the seeds went, and
// that the seeds did not have: where a scheme goes on, and takes the money perhaps.
type Stage struct {
	Address string `json:"address"`
	analysis.Seen
	Led     []string `json:"led"`     // names of the map that had it
	Names   int      `json:"names"`   // that had it at the same time as these
	Domains int      `json:"domains"` // registered domains that these make
	More    bool     `json:"more,omitempty"`
	Tenants []Tenant `json:"tenants"` // in the order in which they came; none if it is shared
	// Shared: it serves too many to say anything.
	Shared bool    `json:"shared,omitempty"`
	Score  float64 `json:"score"` // see analysis.Node
}

// A Server is a name server of registered domains of the scheme.
type Server struct {
	Name          string `json:"name"`
	Domains       int    `json:"domains"` // of the scheme
	Of            int    `json:"of"`      // domains of the scheme whose name servers were looked for
	analysis.Seen        // as server of these
	// All is how many registered domains it has in the whole history; -1 if that was not
	// counted.
	All  int  `json:"all"`
	More bool `json:"more,omitempty"`
}

// A Name is one of the scheme.
type Name struct {
	Name   string   `json:"name"`
	Domain string   `json:"domain"`
	Score  float64  `json:"score"` // see analysis.Node
	Depth  int      `json:"depth"`
	Via    []string `json:"via"`
	analysis.Seen
	New    bool     `json:"new,omitempty"` // first seen lately: see Result.Lately
	Speaks []string `json:"speaks,omitempty"`
	// Unborn is when the name was found not to exist, if that was before it was first
	// seen; 0 if not, or if nobody looked.
	Unborn int64 `json:"nxdomain_before_birth,omitempty"`
}
