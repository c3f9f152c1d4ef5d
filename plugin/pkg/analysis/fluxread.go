package analysis

import (
	"bytes"
	"context"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// mostChain bounds how many CNAME records are followed one behind the other.
const mostChain = 8

// readName reads the addresses of the name and, where it was an alias, those of its
// targets while it was that.
func (f *fluxer) readName(ctx context.Context) error {
	type leg struct {
		name   []byte
		within period
		led    int64
		depth  int
	}
	f.aliases = []FluxAlias{}
	defer func() {
		f.own.sort()
		f.all.Add(f.own.all())
	}()
	followed := map[string]bool{string(f.q.Name): true}
	for todo := []leg{{f.q.Name, f.window.ever(), 0, 0}}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		targets := map[string]Seen{}
		err := f.slices(ctx, at.name, []uint16{dns.TypeCNAME}, at.within, func(s *rrset.RRset) {
			for _, rd := range s.Rdata {
				to := targets[string(rd)]
				to.Add(seen(&s.Figures))
				targets[string(rd)] = to
				if at.depth == 0 {
					f.all.Add(seen(&s.Figures))
				}
			}
		})
		if err != nil {
			return err
		}
		for _, to := range byTime(targets) {
			if followed[to] || at.depth == mostChain {
				continue
			}
			if len(f.aliases) >= f.q.Aliases {
				f.cuts.part("aliases", int64(f.q.Aliases), &node{key: NameKey(at.name)})
				break
			}
			followed[to] = true
			s := targets[to]
			f.aliases = append(f.aliases, FluxAlias{Name: rrset.NameString([]byte(to)), Seen: s, wire: []byte(to)})
			todo = append(todo, leg{[]byte(to), period{s.First, s.Last}, s.First, at.depth + 1})
		}
		if err := f.addresses(ctx, f.own, at.name, at.within, at.led); err != nil {
			return err
		}
	}
	return nil
}

// byTime are the keys of what was seen, those first that were seen first.
func byTime(all map[string]Seen) []string {
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := all[a].First - all[b].First; d != 0 {
			return int(max(-1, min(1, d)))
		}
		return bytes.Compare([]byte(a), []byte(b))
	})
	return names
}

// fluxServers are the name servers of the zone that a name is in.
type fluxServers struct {
	zone  []byte // nil if none was seen
	names map[string]Seen
	sets  map[string]struct{}
	read  int // of which addresses were looked for
}

// readServers reads the name servers of the nearest zone of which any were seen, up to
// the registered domain, and their addresses.
func (f *fluxer) readServers(ctx context.Context) error {
	defer f.servers.sort()
	n := &f.named
	n.names, n.sets = map[string]Seen{}, map[string]struct{}{}
	for zone, top := f.q.Name, registered.Domain(f.q.Name); ; zone = rrset.Parent(zone) {
		err := f.slices(ctx, zone, []uint16{dns.TypeNS}, f.window.ever(), func(s *rrset.RRset) {
			for _, rd := range s.Rdata {
				to := n.names[string(rd)]
				to.Add(seen(&s.Figures))
				n.names[string(rd)] = to
			}
			n.sets[string(bytes.Join(s.Rdata, nil))] = struct{}{}
		})
		if err != nil {
			return err
		}
		if len(n.names) > 0 {
			n.zone = zone
			break
		}
		if rrset.CountLabels(zone) <= rrset.CountLabels(top) {
			return nil
		}
	}
	for _, server := range byTime(n.names) {
		if n.read == f.q.Servers {
			f.cuts.part("servers", int64(f.q.Servers), &node{key: NameKey(n.zone)})
			break
		}
		n.read++
		s := n.names[server]
		// Their addresses are often told days before or after the servers.
		within := period{max(s.First-7*86400, f.window.Since), min(s.Last+7*86400, f.window.ever().last)}
		if err := f.addresses(ctx, f.servers, []byte(server), within, s.First); err != nil {
			return err
		}
	}
	return nil
}

// readBirth finds when the name was first seen, be it before the window.
func (f *fluxer) readBirth(ctx context.Context) error {
	f.born = f.all.First
	if f.window.Since == 0 || f.all.Count == 0 {
		return nil
	}
	q := store.Query{Subject: store.Owner(f.q.Name), Types: []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME},
		Fences: store.Fences{FirstBefore: f.window.Since}}
	for s, err := range f.find(ctx, q) {
		if err != nil {
			return err
		}
		f.born = min(f.born, s.First)
		if f.left -= max(1, len(s.Rdata)); f.left < 0 {
			f.cuts.part("records", int64(f.q.Records), &node{key: NameKey(f.q.Name)})
			return errSpent
		}
	}
	return nil
}
