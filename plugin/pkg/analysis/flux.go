package analysis

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"time"

	"example.org/pdns/plugin/pkg/asn"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A FluxQuery says which name is to be judged. Zero values are defaults.
type FluxQuery struct {
	Name []byte // canonical wire name

	// Window bounds what counts. What became known after Until counts for nothing,
	// not even of who else had the addresses, so that a name can be judged as it could
	// have been then.
	Window

	// Origins, if not nil, tells autonomous systems. Without it a network stands for
	// one: the /16 of an IPv4 address, the /32 of an IPv6 address. That is a proxy: an
	// autonomous system may have hundreds of these.
	Origins Origins
	// Ranges, if not nil, are networks of CDNs and hosters: evidence against flux.
	Ranges *Ranges

	FluxBounds
}

// Origins tells which autonomous system announces an address, as asn.Database does. It
// must be safe for concurrent use as far as queries are made concurrently.
type Origins interface {
	Lookup(netip.Addr) (o asn.Origin, found bool, err error)
}

// FluxBounds keep the work for one name finite. Zero values are defaults.
type FluxBounds struct {
	Records int           // members of RRsets by slice that are read of the name, its aliases and its servers; 500,000
	Aliases int           // targets of CNAME records that are followed; 32
	Servers int           // name servers whose addresses are read; 32
	Sample  int           // addresses of which is read who else had them; 64
	Count   int           // records that are read of one of these, or of the operator of an alias; 2000
	Time    time.Duration // 30 s
}

func (b FluxBounds) withDefaults() FluxBounds {
	b.Records, b.Count = cmp.Or(max(0, b.Records), 500_000), cmp.Or(max(0, b.Count), 2000)
	b.Aliases, b.Servers = cmp.Or(max(0, b.Aliases), 32), cmp.Or(max(0, b.Servers), 32)
	b.Sample = cmp.Or(max(0, b.Sample), 64)
	b.Time = cmp.Or(max(0, b.Time), 30*time.Second)
	return b
}

// Flux judges whether a name is a fast-flux network, a CDN, or neither: see
// FluxReport. It can be called concurrently.
//
// What its bounds leave out the report says in Cut. An error that matches
// store.ErrIncomplete comes beside a report of what could be read; with any other
// there is none: the query makes no sense, ctx has ended, the source or the database
// of origins cannot be read.
func Flux(ctx context.Context, src store.Source, q FluxQuery) (*FluxReport, error) {
	q.FluxBounds = q.FluxBounds.withDefaults()
	if err := rrset.CheckName(q.Name); err != nil {
		return nil, err
	}
	if q.Until != 0 && q.Until < q.Since {
		return nil, errBackwards
	}
	limited, cancel := context.WithTimeoutCause(ctx, q.Time, errTime)
	defer cancel()
	f := &fluxer{reader: reader{src: src, window: q.Window}, q: &q, left: q.Records}
	if err := f.gather(limited); err != nil {
		return nil, err
	}
	return f.report(), f.damage
}

// A fluxer judges one name.
type fluxer struct {
	reader
	q    *FluxQuery
	left int  // members that may still be read
	late bool // the time is over
	cuts cuts

	own       *trail // addresses of the name, by its aliases too
	servers   *trail // addresses of its name servers
	aliases   []FluxAlias
	named     fluxServers
	all       Seen  // of the name
	born      int64 // when the name was first seen, in the window or before
	began     int64 // when the history began; 0 if nobody knows
	origins   map[netip.Addr]asn.Origin
	neighbour []fluxNeighbour // one for each address of the sample
}

// gather reads what a name is judged by. Where a bound ends one part, the others go on.
func (f *fluxer) gather(ctx context.Context) error {
	self := NameKey(f.q.Name)
	f.own, f.servers = newTrail(), newTrail()
	for _, part := range []func(context.Context) error{
		f.readBegin, f.readServers, f.readName, f.readBirth, f.findOrigins, f.readOperators, f.readNeighbours,
	} {
		err := part(ctx)
		if err != nil && context.Cause(ctx) == errTime {
			if !f.late {
				f.late = true
				f.cuts.part("time", f.q.Time.Milliseconds(), &node{key: self})
			}
			continue
		}
		if err != nil && !errors.Is(err, errSpent) {
			return err
		}
	}
	return nil
}

// readBegin finds when the history began.
func (f *fluxer) readBegin(context.Context) (err error) {
	f.began, _, err = Reach(f.src)
	return err
}

// findOrigins asks for the autonomous systems of all addresses.
func (f *fluxer) findOrigins(ctx context.Context) error {
	f.origins = map[netip.Addr]asn.Origin{}
	if f.q.Origins == nil {
		return nil
	}
	for _, t := range []*trail{f.own, f.servers} {
		for i := range t.addrs {
			if err := ctx.Err(); err != nil {
				return err
			}
			o, found, err := f.q.Origins.Lookup(t.addrs[i].addr)
			if err != nil {
				return err
			}
			if found {
				f.origins[t.addrs[i].addr] = o
			}
		}
	}
	return nil
}
