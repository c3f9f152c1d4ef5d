// Package workload makes up the observations that a passive DNS store is measured
// with. It is deterministic and keeps nothing of what it has made: each observation
// follows from the seed and its number alone, so that fifty million different RRsets
// or billions of observations take no more memory than the lists of names do, and
// any part of them can be made by itself.
//
// # What is made
//
// Names are real where lists of them are given (ReadNames), and else made up. Below
// popular domains there are many; their popularity follows Zipf's law. RRsets are of
// the types, the sizes and the TTLs that a resolver sees: one to thirteen members,
// and now and then up to four thousand. Addresses are shared as hosting shares them.
// Names of a content network answer with changing parts of a pool. Some names and
// some types do not exist. A part of the RRsets has a bailiwick that the resolver
// named, a part one that was estimated, a part none.
//
// Most RRsets of a day have a name that is used once, below one of a few hundred
// trackers, each with a shape of its own: hashes, base32, UUIDs, addresses at a block
// list, random letters, ids of a content network ("DNS Noise", DSN 2014: over 60% of
// the distinct RRsets of a day).
//
// # Modes
//
// In mode New nearly every observation is of an RRset that was not there before:
// three in five of the names are used once. It measures the intake of new RRsets.
//
// In mode Observations over days some 300 observations fall on one RRset ("A Decade
// of Passive DNS": 322 in ten years), and again three in five of a day's RRsets have
// names used once. That leaves few names that last: one for 3,100 observations a
// day, so a small day has few, and of its types some more and some less than the field.
// They move to other addresses and give way to new ones as days pass.
//
// # Time
//
// Observations are spread evenly over days, PerDay on each, so that ten times as
// many take a store through ten times as many windows.
package workload

import (
	"time"

	"example.org/pdns/plugin/pkg/rrset"
)

// A Mode says how often an RRset comes back.
type Mode string

// The modes; see the package documentation.
const (
	New          Mode = "new"
	Observations Mode = "observations"
)

// Config says which observations are made. Zero values are defaults.
type Config struct {
	Seed   uint64
	Mode   Mode      // default New
	Total  uint64    // how many observations; default no end
	PerDay uint64    // how many a simulated day; default 10 million
	Start  time.Time // of the first; default 2024-01-01, UTC
	Names  *Names    // default MadeUpNames
}

// Start is the default time of the first observation: that of a year, a month and
// a day.
var Start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	defaultPerDay = 10_000_000
	daySeconds    = 86400
)

// blockSize is how many observations in a row belong to one part.
const blockSize = 1024

// A Generator makes the observations of a Config, or a part of them. It is not safe
// for concurrent use; parts are independent of each other.
type Generator struct {
	Config
	people     law     // names of a day, in mode Observations
	of         uint64  // parts
	number     uint64  // of the next observation, among all parts
	share      float64 // of observations of names used once
	dice       dice
	nameDice   dice
	name       lasting
	owner      []byte // what set.Owner is made in
	disposable uint64 // how many RRsets with a name used once were made
	set        rrset.RRset
	rdata      []byte // what set.Rdata is made of
}

// NewGenerator returns the generator of all observations that c describes.
func NewGenerator(c Config) *Generator { return Parts(c, 1)[0] }

// Parts returns n generators that together make the observations that c describes,
// whatever n is, each in the order of time.
func Parts(c Config, n int) []*Generator {
	if c.Mode == "" {
		c.Mode = New
	}
	if c.PerDay == 0 {
		c.PerDay = defaultPerDay
	}
	if c.Start.IsZero() {
		c.Start = Start
	}
	if c.Names == nil {
		c.Names = MadeUpNames()
	}
	parts := make([]*Generator, n)
	for i := range parts {
		parts[i] = &Generator{
			Config: c, of: uint64(n), number: uint64(i) * blockSize,
			people: newLaw(max(fewestNames, c.PerDay/observationsPerName), flatNames),
			share:  disposableShare[c.Mode],
		}
	}
	return parts
}

// Next returns the next observation; nil after the last. It is valid until the next
// call.
func (g *Generator) Next() *rrset.RRset {
	n := g.number
	if g.Total > 0 && n >= g.Total {
		return nil
	}
	if g.number++; g.number%blockSize == 0 {
		g.number += (g.of - 1) * blockSize
	}
	g.set = rrset.RRset{Rdata: g.set.Rdata[:0]}
	g.rdata = g.rdata[:0]
	g.dice.roll(g.Seed, forObservation, n)
	age := g.dice.below(1000)
	if g.dice.unit() < g.share {
		g.disposable++
		g.makeDisposable()
	} else {
		g.makeLasting(n)
	}
	g.finish(n, age)
	return &g.set
}

// Disposable is how many of the RRsets made so far have a name that is used once.
func (g *Generator) Disposable() uint64 { return g.disposable }

// finish completes the RRset of the observation with number n. One in ten comes from
// a cache and has lost a part of its TTL: age, in hundredths.
func (g *Generator) finish(n, age uint64) {
	s := &g.set
	s.Rdata = rrset.SortRdata(s.Rdata)
	s.First = g.Start.Unix() + g.second(n)
	s.Last, s.Count = s.First, 1
	s.Marks |= rrset.HasTTL | rrset.FromDnstap
	if age < 100 {
		s.TTLMin -= s.TTLMin * uint32(age) / 100
	}
	s.TTLMax = s.TTLMin
}

// second is how long after Start the observation with number n is made.
func (g *Generator) second(n uint64) int64 {
	return int64(n/g.PerDay*daySeconds + n%g.PerDay*daySeconds/g.PerDay)
}
